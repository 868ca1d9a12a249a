//! CLASS: b   MAP: parking_lot RwLock<VecDeque>   DETERMINISTIC: yes
//! PATTERN: `while let` keeps its write guard over the body, which calls the queue's own `retry`.
//! EXPECT-CATEGORY: self-deadlock
//! EXPECT-SITES: SITE-A (write) + SITE-B (write)
use parking_lot::RwLock; // MAP-IMPORT
use std::collections::VecDeque;
use std::sync::Arc;

#[derive(Default)]
struct Queue(RwLock<VecDeque<u32>>);

impl Queue {
    fn retry(&self, job: u32) {
        let mut jobs = self.0.write(); // SITE-B
        jobs.push_back(job + 1);
    }
}

fn main() {
    let queue = Arc::new(Queue::default());
    queue.retry(0);
    let worker = std::thread::spawn(move || {
        let mut done = 0;
        while let Some(job) = queue.0.write().pop_front() { // SITE-A
            if job < 3 {
                queue.retry(job);
            }
            done += 1;
        }
        done
    });
    println!("NO-SYMPTOM {:?}", worker.join());
}
