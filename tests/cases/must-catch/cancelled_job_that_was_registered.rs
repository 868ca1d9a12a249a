//! PATTERN: a job is registered under a number that it is given, and unregistered at its end; it loses a select.
//! EXPECT-CATEGORY: leaked-entry
use std::collections::BTreeMap; // MAP-IMPORT
use parking_lot::Mutex; // MAP-IMPORT
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::Arc;
use std::time::Duration;

#[derive(Default)]
struct Jobs {
    next: AtomicU64,
    table: Mutex<BTreeMap<u64, &'static str>>,
}

impl Jobs {
    fn register(&self, what: &'static str) -> u64 {
        let id = self.next.fetch_add(1, Ordering::Relaxed);
        self.table.lock().insert(id, what); // SITE-A
        id
    }

    fn unregister(&self, id: u64) {
        self.table.lock().remove(&id); // SITE-B
    }
}

async fn job(jobs: Arc<Jobs>, what: &'static str) {
    let id = jobs.register(what);
    tokio::time::sleep(Duration::from_secs(3)).await;
    jobs.unregister(id);
}

#[tokio::main]
async fn main() {
    let jobs = Arc::new(Jobs::default());
    tokio::select! {
        biased;
        _ = job(jobs.clone(), "index") => {}
        _ = tokio::time::sleep(Duration::from_millis(4)) => println!("interrupted"),
    }
    println!("{} jobs", jobs.table.lock().len());
}
