//! NEGATIVE: 64
//! A miss, and an async fn that looks again under the write lock. MAP: tokio RwLock<HashMap>
use std::collections::HashMap; // MAP-IMPORT
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::sync::RwLock; // MAP-IMPORT

fn meet(c: &AtomicUsize, n: usize) {
    c.fetch_add(1, SeqCst);
    let t = Instant::now();
    while c.load(SeqCst) < n && t.elapsed() < Duration::from_secs(2) {
        std::thread::yield_now();
    }
}

#[derive(Clone, Default)]
struct Cache(Arc<RwLock<HashMap<u64, u64>>>);
impl Cache {
    async fn find(&self, k: u64) -> Option<u64> {
        self.0.read().await.get(&k).copied()
    }
    async fn fill(&self, k: u64) -> u64 {
        let mut m = self.0.write().await;
        if let Some(v) = m.get(&k) {
            return *v;
        }
        tokio::task::yield_now().await;
        m.insert(k, k);
        k
    }
    async fn get(self, k: u64) -> u64 {
        if let Some(v) = self.find(k).await {
            return v;
        }
        tokio::task::yield_now().await;
        self.fill(k).await
    }
}
pub async fn case() {
    let cache = Cache::default();
    let mut t = Vec::new();
    for i in 0..400u64 {
        t.push(tokio::spawn(cache.clone().get(i % 40)));
    }
    for t in t {
        t.await.unwrap();
    }
}
#[tokio::main(flavor = "multi_thread", worker_threads = 2)]
async fn main() {
    case().await;
}
