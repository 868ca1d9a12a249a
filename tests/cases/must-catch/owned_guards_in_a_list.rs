//! CLASS: c   MAP: tokio Mutex, owned guards in a `Vec`   DETERMINISTIC: yes
//! PATTERN: all locks of a request are taken first, and one of them is named twice.
//! EXPECT-CATEGORY: self-deadlock
//! EXPECT-SITES: SITE-A (lock_owned, both times)
use std::sync::Arc;
use tokio::sync::Mutex; // MAP-IMPORT

async fn move_all(accounts: Vec<Arc<Mutex<i64>>>, path: &[usize]) -> i64 {
    let mut guards = Vec::new();
    for step in path {
        guards.push(accounts[*step].clone().lock_owned().await); // SITE-A
    }
    guards.iter().map(|guard| **guard).sum()
}

#[tokio::main]
async fn main() {
    let accounts: Vec<_> = (0..3).map(|n| Arc::new(Mutex::new(n))).collect();
    let sum = tokio::spawn(async move { move_all(accounts, &[0, 2, 0]).await }).await;
    println!("NO-SYMPTOM {sum:?}");
}
