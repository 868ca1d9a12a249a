//! CLASS: b   MAP: parking_lot Mutex, `lock_arc`   DETERMINISTIC: yes
//! PATTERN: a worker keeps the guard that owns its lock in its own struct and calls a method that locks.
//! EXPECT-CATEGORY: self-deadlock
//! EXPECT-SITES: SITE-A (lock_arc) + SITE-B (lock)
use parking_lot::{ArcMutexGuard, Mutex, RawMutex}; // MAP-IMPORT
use std::sync::Arc;

struct Writer {
    log: Arc<Mutex<Vec<String>>>,
    open: Option<ArcMutexGuard<RawMutex, Vec<String>>>,
}

impl Writer {
    fn open(&mut self) {
        if self.open.is_none() {
            self.open = Some(self.log.lock_arc()); // SITE-A
        }
    }

    fn line(&mut self, line: &str) {
        self.open();
        self.open.as_mut().unwrap().push(line.to_owned());
    }

    fn count(&self) -> usize {
        self.log.lock().len() // SITE-B
    }
}

fn main() {
    let mut writer = Writer { log: Arc::default(), open: None };
    writer.line("a");
    writer.line("b");
    println!("NO-SYMPTOM {}", writer.count());
}
