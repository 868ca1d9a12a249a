//! PATTERN: only one refresh of a key at a time; whoever refreshes is timed out, and nobody refreshes that key again.
//! EXPECT-CATEGORY: leaked-entry
use std::collections::HashSet; // MAP-IMPORT
use parking_lot::Mutex; // MAP-IMPORT
use std::sync::Arc;
use std::time::Duration;

#[derive(Default)]
struct Cache {
    refreshing: Mutex<HashSet<u32>>,
}

impl Cache {
    async fn refresh(&self, key: u32) {
        if !self.refreshing.lock().insert(key) { // SITE-A
            return;
        }
        tokio::time::sleep(Duration::from_secs(u64::from(key))).await;
        self.refreshing.lock().remove(&key); // SITE-B
    }
}

#[tokio::main(flavor = "multi_thread", worker_threads = 2)]
async fn main() {
    let cache = Arc::new(Cache::default());
    let mut requests = Vec::new();
    for key in [0, 60] {
        let cache = cache.clone();
        requests.push(tokio::spawn(async move {
            let _ = tokio::time::timeout(Duration::from_millis(5), cache.refresh(key)).await;
            cache.refresh(key).await;
        }));
    }
    for request in requests {
        request.await.unwrap();
    }
    println!("refreshing: {:?}", cache.refreshing.lock());
}
