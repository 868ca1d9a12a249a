//! CLASS: c   MAP: tokio Mutex<Vec>, owned guard in an `Option`   DETERMINISTIC: yes
//! PATTERN: a worker opens its batch when the first line comes, and flushes through the lock with the batch open.
//! EXPECT-CATEGORY: self-deadlock
//! EXPECT-SITES: SITE-A (lock_owned) + SITE-B (lock)
use std::sync::Arc;
use tokio::sync::{Mutex, OwnedMutexGuard}; // MAP-IMPORT

async fn work(lines: Arc<Mutex<Vec<u32>>>) -> usize {
    let mut batch: Option<OwnedMutexGuard<Vec<u32>>> = None;
    for line in 0..4 {
        if batch.is_none() {
            batch = Some(lines.clone().lock_owned().await); // SITE-A
        }
        if let Some(batch) = batch.as_mut() {
            batch.push(line);
        }
        if line == 2 {
            lines.lock().await.clear(); // SITE-B
        }
    }
    batch.map_or(0, |batch| batch.len())
}

#[tokio::main]
async fn main() {
    println!("NO-SYMPTOM {:?}", tokio::spawn(work(Arc::default())).await);
}
