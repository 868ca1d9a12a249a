//! CLASS: g   MAP: std Mutex<HashMap>   DETERMINISTIC: yes here (the child is let through first)
//! PATTERN: a job is spawned and registered afterwards; a job that is done at once takes nothing out, and its entry
//!   stays.
//! EXPECT-CATEGORY: leaked-entry
//! EXPECT-SITES: SITE-A (removal that found nothing) + SITE-B (registered)
use std::collections::HashMap; // MAP-IMPORT
use std::sync::{Arc, Mutex, Weak}; // MAP-IMPORT
use tokio::task::JoinHandle;

#[derive(Default)]
struct Jobs {
    running: Mutex<HashMap<u64, JoinHandle<()>>>,
}

impl Jobs {
    async fn run(jobs: Weak<Jobs>, id: u64) {
        tokio::task::yield_now().await;
        if let Some(jobs) = jobs.upgrade() {
            jobs.running.lock().unwrap().remove(&id); // SITE-A
        }
    }

    async fn start(self: &Arc<Self>, id: u64, is_busy: bool) {
        let handle = tokio::spawn(Jobs::run(Arc::downgrade(self), id));
        if is_busy {
            // Something else comes first, and the job is done meanwhile.
            for _ in 0..8 {
                tokio::task::yield_now().await;
            }
        }
        self.running.lock().unwrap().insert(id, handle); // SITE-B
    }
}

#[tokio::main(flavor = "current_thread")]
async fn main() {
    let jobs = Arc::new(Jobs::default());
    for id in 0..4 {
        jobs.start(id, id == 2).await;
    }
    for _ in 0..16 {
        tokio::task::yield_now().await;
    }
    let left = jobs.running.lock().unwrap().len();
    println!("{} {left} left", if left == 0 { "NO-SYMPTOM" } else { "SYMPTOM" });
}
