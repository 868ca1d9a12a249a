//! CLASS: c   MAP: std Mutex<HashMap> in a static   DETERMINISTIC: yes
//! PATTERN: memoisation whose closure calls the function again, below the lock.
//! EXPECT-CATEGORY: self-deadlock
//! EXPECT-SITES: SITE-A (the guard, and the call that waits for it)
use std::collections::HashMap; // MAP-IMPORT
use std::sync::{LazyLock, Mutex}; // MAP-IMPORT

static MEMO: LazyLock<Mutex<HashMap<u64, u64>>> = LazyLock::new(Default::default);

fn paths(steps: u64) -> u64 {
    if steps < 2 {
        return 1;
    }
    let mut memo = MEMO.lock().unwrap(); // SITE-A
    *memo.entry(steps).or_insert_with(|| paths(steps - 1) + paths(steps - 2))
}

fn main() {
    println!("{}", paths(20));
    println!("NO-SYMPTOM");
}
