//! NEGATIVE: 62
//! A miss in one method, and a method that looks again under the write lock. MAP: parking_lot RwLock<HashMap>
use parking_lot::RwLock; // MAP-IMPORT
use std::collections::HashMap; // MAP-IMPORT
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::time::{Duration, Instant};

fn meet(c: &AtomicUsize, n: usize) {
    c.fetch_add(1, SeqCst);
    let t = Instant::now();
    while c.load(SeqCst) < n && t.elapsed() < Duration::from_secs(2) {
        std::thread::yield_now();
    }
}

struct Topics(RwLock<HashMap<u64, u64>>);
impl Topics {
    fn find(&self, k: u64) -> Option<u64> {
        self.0.read().get(&k).copied()
    }
    fn create(&self, k: u64) -> u64 {
        *self.0.write().entry(k).or_insert(k)
    }
    fn make(&self, k: u64) -> u64 {
        let mut m = self.0.write();
        if let Some(v) = m.get(&k) {
            return *v;
        }
        m.insert(k, k);
        k
    }
    fn topic(&self, k: u64) -> u64 {
        match self.find(k) {
            Some(v) => v,
            None => {
                if k % 2 == 0 {
                    self.create(k)
                } else {
                    self.make(k)
                }
            }
        }
    }
}
pub fn case() {
    let ctx = Topics(RwLock::default());
    std::thread::scope(|s| {
        for who in 0..6u64 {
            let ctx = &ctx;
            s.spawn(move || {
                for k in 0..300 {
                    assert_eq!(ctx.topic(k), k);
                }
                let _ = who;
            });
        }
    });
}

fn main() {
    case();
}
