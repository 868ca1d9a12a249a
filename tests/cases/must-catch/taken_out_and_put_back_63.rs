//! CASE: 63
//! CLASS: d   MAP: DashMap 6   DETERMINISTIC: yes here
//! PATTERN: a value is taken out, changed and put back; somebody who saw nothing has begun a new one.
//! EXPECT-CATEGORY: lost-update
//! EXPECT-SITES: the marked lines, which stand in functions of their own
use dashmap::DashMap; // MAP-IMPORT
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::time::{Duration, Instant};

fn meet(c: &AtomicUsize, n: usize) {
    c.fetch_add(1, SeqCst);
    let t = Instant::now();
    while c.load(SeqCst) < n && t.elapsed() < Duration::from_secs(2) {
        std::thread::yield_now();
    }
}

pub fn case() {
    let m: DashMap<u32, Vec<u32>> = DashMap::new();
    m.insert(1, vec![]);
    let (out, put) = (AtomicUsize::new(0), AtomicUsize::new(0));
    std::thread::scope(|s| {
        s.spawn(|| {
            let (_, mut v) = m.remove(&1).unwrap(); // SITE-A
            meet(&out, 2);
            meet(&put, 2);
            v.push(1);
            m.insert(1, v); // SITE-B
        });
        s.spawn(|| {
            meet(&out, 2);
            m.entry(1).or_default().push(2);
            meet(&put, 2);
        });
    });
}

fn main() {
    case();
}
