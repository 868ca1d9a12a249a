//! CASE: 62
//! CLASS: d   MAP: tokio RwLock<HashMap>   DETERMINISTIC: yes here
//! PATTERN: one async fn looks, another one stores; the future between them waits.
//! EXPECT-CATEGORY: check-then-act
//! EXPECT-SITES: the marked lines, which stand in functions of their own
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

type Cache = Arc<RwLock<HashMap<u32, String>>>;
async fn find(cache: &Cache, id: u32) -> bool {
    cache.read().await.contains_key(&id) // SITE-A
}
async fn put(cache: &Cache, id: u32, value: String) {
    cache.write().await.insert(id, value); // SITE-B
}
async fn get_or_fetch(cache: Cache, id: u32, who: usize) {
    if !find(&cache, id).await {
        tokio::time::sleep(Duration::from_millis(20)).await;
        put(&cache, id, format!("{who}")).await;
    }
}
pub async fn case() {
    let cache = Cache::default();
    let mut tasks = Vec::new();
    for who in 0..4 {
        tasks.push(tokio::spawn(get_or_fetch(cache.clone(), 3, who)));
    }
    for t in tasks {
        t.await.unwrap();
    }
}

#[tokio::main(flavor = "multi_thread", worker_threads = 2)]
async fn main() {
    case().await;
}
