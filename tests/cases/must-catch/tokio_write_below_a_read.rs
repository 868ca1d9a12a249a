//! CLASS: c   MAP: tokio RwLock   DETERMINISTIC: yes
//! PATTERN: a helper asks for the write guard of the lock that its caller reads.
//! EXPECT-CATEGORY: self-deadlock
//! EXPECT-SITES: SITE-A (read) + SITE-B (write)
use std::collections::HashMap; // MAP-IMPORT
use tokio::sync::RwLock; // MAP-IMPORT

type Cache = RwLock<HashMap<u32, String>>;

async fn fill(cache: &Cache, key: u32) -> String {
    cache.write().await.entry(key).or_insert_with(|| format!("page {key}")).clone() // SITE-B
}

async fn page(cache: &Cache, key: u32) -> String {
    match cache.read().await.get(&key) { // SITE-A
        Some(page) => page.clone(),
        None => fill(cache, key).await,
    }
}

fn main() {
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    println!("{}", runtime.block_on(page(&Cache::default(), 3)));
    println!("NO-SYMPTOM");
}
