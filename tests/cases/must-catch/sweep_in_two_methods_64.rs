//! CASE: 64
//! CLASS: d   MAP: std Mutex<HashMap>   DETERMINISTIC: yes here
//! PATTERN: one method collects what is too old, another one evicts it; a lease was renewed in between.
//! EXPECT-CATEGORY: check-then-act
//! EXPECT-SITES: the marked lines, which stand in functions of their own
use std::collections::HashMap; // MAP-IMPORT
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::sync::Mutex; // MAP-IMPORT
use std::time::{Duration, Instant};

fn meet(c: &AtomicUsize, n: usize) {
    c.fetch_add(1, SeqCst);
    let t = Instant::now();
    while c.load(SeqCst) < n && t.elapsed() < Duration::from_secs(2) {
        std::thread::yield_now();
    }
}

struct Leases(Mutex<HashMap<u32, u64>>);
impl Leases {
    fn expired(&self, now: u64) -> Vec<u32> {
        let leases = self.0.lock().unwrap();
        let old = leases.iter().filter(|(_, t)| **t < now); // SITE-A
        old.map(|(k, _)| *k).collect()
    }
    fn evict(&self, keys: &[u32]) {
        let mut leases = self.0.lock().unwrap();
        for k in keys {
            leases.remove(k); // SITE-B
        }
    }
    fn renew(&self, k: u32, t: u64) {
        self.0.lock().unwrap().insert(k, t); // SITE-C
    }
}
pub fn case() {
    let leases = Leases(Mutex::default());
    leases.renew(1, 1);
    leases.renew(2, 1);
    let (p1, p2) = (AtomicUsize::new(0), AtomicUsize::new(0));
    std::thread::scope(|s| {
        s.spawn(|| {
            let gone = leases.expired(10);
            meet(&p1, 2);
            meet(&p2, 2);
            leases.evict(&gone);
        });
        s.spawn(|| {
            meet(&p1, 2);
            leases.renew(1, 100);
            meet(&p2, 2);
        });
    });
}

fn main() {
    case();
}
