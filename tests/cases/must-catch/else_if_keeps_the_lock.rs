//! CLASS: b   MAP: parking_lot Mutex   DETERMINISTIC: yes
//! PATTERN: the guard in the head of an `if let … else if` chain lives into the last branch.
//! EXPECT-CATEGORY: self-deadlock
//! EXPECT-SITES: SITE-A (lock) + SITE-B (lock)
use parking_lot::Mutex; // MAP-IMPORT
use std::collections::VecDeque;

struct Pool {
    idle: Mutex<VecDeque<u32>>,
}

impl Pool {
    fn put(&self, connection: u32) {
        self.idle.lock().push_back(connection); // SITE-B
    }

    fn get(&self, spare: Option<u32>) -> u32 {
        if let Some(connection) = self.idle.lock().pop_front() { // SITE-A
            connection
        } else if let Some(spare) = spare {
            self.put(spare);
            spare
        } else {
            0
        }
    }
}

fn main() {
    let pool = Pool { idle: Mutex::default() };
    println!("NO-SYMPTOM {}", pool.get(Some(3)));
}
