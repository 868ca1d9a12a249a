//! CLASS: c   MAP: DashMap 6 on a current-thread runtime   DETERMINISTIC: yes
//! PATTERN: a task sleeps with a map's reference, and its neighbour on the one thread writes that key.
//! EXPECT-CATEGORY: guard-across-await
//! EXPECT-SITES: SITE-A (get) + SITE-B (entry)
use dashmap::DashMap; // MAP-IMPORT
use std::sync::Arc;
use std::time::Duration;

async fn poll(jobs: Arc<DashMap<u32, u32>>) -> u32 {
    match jobs.get(&1) { // SITE-A
        Some(job) => {
            tokio::time::sleep(Duration::from_millis(10)).await;
            *job
        }
        None => 0,
    }
}

#[tokio::main(flavor = "current_thread")]
async fn main() {
    let jobs: Arc<DashMap<u32, u32>> = Arc::new([(1, 1)].into_iter().collect());
    let poller = tokio::spawn(poll(jobs.clone()));
    let writer = tokio::spawn(async move {
        tokio::task::yield_now().await;
        *jobs.entry(1).or_insert(0) += 1; // SITE-B
    });
    println!("NO-SYMPTOM {:?} {:?}", poller.await.is_ok(), writer.await.is_ok());
}
