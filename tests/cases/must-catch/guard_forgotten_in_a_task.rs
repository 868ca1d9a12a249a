//! CLASS: c   MAP: tokio Mutex<HashMap>   DETERMINISTIC: yes
//! PATTERN: a task forgets its guard (`mem::forget`), and locks again later.
//! EXPECT-CATEGORY: self-deadlock
//! EXPECT-SITES: SITE-A (lock) + SITE-B (lock)
use std::collections::HashMap; // MAP-IMPORT
use std::sync::Arc;
use tokio::sync::Mutex; // MAP-IMPORT

#[tokio::main]
async fn main() {
    let table: Arc<Mutex<HashMap<u32, u32>>> = Arc::default();
    let worker = tokio::spawn(async move {
        let mut guard = table.lock().await; // SITE-A
        guard.insert(1, 1);
        std::mem::forget(guard);
        tokio::task::yield_now().await;
        table.lock().await.len() // SITE-B
    });
    println!("NO-SYMPTOM {:?}", worker.await);
}
