//! CLASS: c   MAP: std RwLock<Vec>   DETERMINISTIC: yes
//! PATTERN: a guard in an argument lives until the call has come back.
//! EXPECT-CATEGORY: self-deadlock
//! EXPECT-SITES: SITE-A (read) + SITE-B (write)
use std::sync::RwLock; // MAP-IMPORT

fn push(list: &RwLock<Vec<u32>>, last: &u32) {
    list.write().unwrap().push(last + 1); // SITE-B
}

fn main() {
    let list = RwLock::new(vec![1]);
    push(&list, list.read().unwrap().last().unwrap_or(&0)); // SITE-A
    println!("NO-SYMPTOM");
}
