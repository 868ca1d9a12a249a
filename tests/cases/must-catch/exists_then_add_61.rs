//! CASE: 61
//! CLASS: d   MAP: DashMap 6   DETERMINISTIC: yes here
//! PATTERN: a method asks, another one adds; a third calls both.
//! EXPECT-CATEGORY: check-then-act
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

struct Registry {
    jobs: DashMap<u32, usize>,
}
impl Registry {
    fn exists(&self, id: u32) -> bool {
        self.jobs.contains_key(&id) // SITE-A
    }
    fn add(&self, id: u32, who: usize) {
        self.jobs.insert(id, who); // SITE-B
    }
    fn register(&self, id: u32, who: usize, both: &AtomicUsize) {
        if !self.exists(id) {
            meet(both, 2);
            self.add(id, who);
        }
    }
}
pub fn case() {
    let r = Registry { jobs: DashMap::new() };
    let both = AtomicUsize::new(0);
    std::thread::scope(|s| {
        for who in 0..2 {
            let (r, both) = (&r, &both);
            s.spawn(move || r.register(7, who, both));
        }
    });
}

fn main() {
    case();
}
