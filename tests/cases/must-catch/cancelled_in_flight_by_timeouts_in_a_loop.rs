//! PATTERN: one task after the other is timed out between "in flight" and its removal; the loop that calls them goes on
//!   without looking, and the table fills up.
//! EXPECT-CATEGORY: leaked-entry
use dashmap::DashMap; // MAP-IMPORT
use std::sync::Arc;
use std::time::Duration;

struct Client {
    flights: Arc<DashMap<u32, &'static str>>,
}

impl Client {
    async fn fetch(&self, id: u32, answer: impl std::future::Future<Output = ()>) {
        self.flights.insert(id, "in flight"); // SITE-A
        answer.await;
        self.flights.remove(&id); // SITE-B
    }
}

#[tokio::main(flavor = "current_thread")]
async fn main() {
    let client = Client { flights: Arc::default() };
    client.fetch(100, std::future::ready(())).await;
    for id in 0..3 {
        let never = std::future::pending();
        let _ = tokio::time::timeout(Duration::from_millis(1), client.fetch(id, never)).await;
    }
    println!("left: {}", client.flights.len());
}
