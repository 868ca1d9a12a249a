//! CLASS: c   MAP: std Mutex<Vec>   DETERMINISTIC: yes
//! PATTERN: a guard that is taken when first needed stays in an `Option` over the loop.
//! EXPECT-CATEGORY: self-deadlock
//! EXPECT-SITES: SITE-A (first turn) + SITE-B (flush)
use std::sync::{Mutex, MutexGuard}; // MAP-IMPORT

struct Log {
    lines: Mutex<Vec<String>>,
}

impl Log {
    fn flush(&self) -> usize {
        self.lines.lock().unwrap().drain(..).count() // SITE-B
    }
}

fn main() {
    let log = Log { lines: Mutex::default() };
    let mut open: Option<MutexGuard<'_, Vec<String>>> = None;
    for line in ["a", "b", "flush", "c"] {
        if line == "flush" {
            log.flush();
            continue;
        }
        let lines = open.get_or_insert_with(|| log.lines.lock().unwrap()); // SITE-A
        lines.push(line.to_owned());
    }
    println!("NO-SYMPTOM");
}
