//! PATTERN: the fastest of several replicas answers, and the others are dropped with the set they were polled in.
//! EXPECT-CATEGORY: leaked-entry
use dashmap::DashSet; // MAP-IMPORT
use futures_util::stream::{FuturesUnordered, StreamExt};
use std::time::Duration;

struct Pool {
    asked: DashSet<u32>,
}

impl Pool {
    async fn ask(&self, replica: u32) -> u32 {
        self.asked.insert(replica); // SITE-A
        tokio::time::sleep(Duration::from_millis(2 + 5000 * u64::from(replica))).await;
        self.asked.remove(&replica); // SITE-B
        replica
    }

    async fn fastest(&self) -> Option<u32> {
        let mut all: FuturesUnordered<_> = (0..3).map(|replica| self.ask(replica)).collect();
        all.next().await
    }
}

#[tokio::main(flavor = "current_thread")]
async fn main() {
    let pool = Pool { asked: DashSet::new() };
    println!("{:?} answered", pool.fastest().await);
    println!("still asked: {}", pool.asked.len());
}
