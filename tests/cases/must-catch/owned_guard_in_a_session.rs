//! CLASS: c   MAP: tokio Mutex<Vec>, owned guard in a struct   DETERMINISTIC: yes
//! PATTERN: a session owns the guard; while it lives, the same task asks the store for its length.
//! EXPECT-CATEGORY: self-deadlock
//! EXPECT-SITES: SITE-A (lock_owned) + SITE-B (lock)
use std::sync::Arc;
use tokio::sync::{Mutex, OwnedMutexGuard}; // MAP-IMPORT

#[derive(Clone, Default)]
struct Store {
    rows: Arc<Mutex<Vec<String>>>,
}

struct Session {
    rows: OwnedMutexGuard<Vec<String>>,
    written: usize,
}

impl Store {
    async fn begin(&self) -> Session {
        Session { rows: self.rows.clone().lock_owned().await, written: 0 } // SITE-A
    }

    async fn len(&self) -> usize {
        self.rows.lock().await.len() // SITE-B
    }
}

impl Session {
    fn write(&mut self, row: &str) {
        self.rows.push(row.to_owned());
        self.written += 1;
    }
}

#[tokio::main]
async fn main() {
    let store = Store::default();
    let worker = tokio::spawn(async move {
        let mut session = store.begin().await;
        session.write("one");
        let all = store.len().await;
        session.written + all
    });
    println!("NO-SYMPTOM {:?}", worker.await);
}
