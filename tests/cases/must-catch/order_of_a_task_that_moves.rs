//! CLASS: c   MAP: two tokio Mutex   DETERMINISTIC: yes (one task after the other)
//! PATTERN: between its two locks a task goes from thread to thread; its first guard stays on the books of the one
//!   that took it.
//! EXPECT-CATEGORY: lock-order-inversion
//! EXPECT-SITES: SITE-A -> SITE-B, twice
use std::sync::Arc;
use tokio::sync::Mutex; // MAP-IMPORT

type Account = Arc<Mutex<u32>>;

async fn transfer(from: Account, to: Account) {
    let mut from = from.lock().await; // SITE-A
    for _ in 0..20 {
        tokio::task::yield_now().await;
    }
    let mut to = to.lock().await; // SITE-B
    *from -= 1;
    *to += 1;
}

#[tokio::main(flavor = "multi_thread", worker_threads = 2)]
async fn main() {
    let (one, two) = (Arc::new(Mutex::new(9)), Arc::new(Mutex::new(9)));
    tokio::spawn(transfer(one.clone(), two.clone())).await.unwrap();
    tokio::spawn(transfer(two, one)).await.unwrap();
}
