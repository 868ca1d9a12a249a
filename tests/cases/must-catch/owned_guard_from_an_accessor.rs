//! CLASS: c   MAP: tokio Mutex<BTreeMap>, owned guard   DETERMINISTIC: yes
//! PATTERN: a method gives the owned guard out; its caller keeps it and calls another method.
//! EXPECT-CATEGORY: self-deadlock
//! EXPECT-SITES: SITE-A (lock_owned) + SITE-B (lock)
use std::collections::BTreeMap; // MAP-IMPORT
use std::sync::Arc;
use tokio::sync::{Mutex, OwnedMutexGuard}; // MAP-IMPORT

#[derive(Default)]
struct Accounts {
    all: Arc<Mutex<BTreeMap<u32, i64>>>,
}

impl Accounts {
    async fn open(&self) -> OwnedMutexGuard<BTreeMap<u32, i64>> {
        self.all.clone().lock_owned().await // SITE-A
    }

    async fn total(&self) -> i64 {
        let all = self.all.lock().await; // SITE-B
        all.values().sum()
    }
}

#[tokio::main(flavor = "current_thread")]
async fn main() {
    let accounts = Arc::new(Accounts::default());
    let task = tokio::spawn(async move {
        let mut all = accounts.open().await;
        all.insert(1, 100);
        if accounts.total().await < 0 {
            all.clear();
        }
    });
    println!("NO-SYMPTOM {:?}", task.await);
}
