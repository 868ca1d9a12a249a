//! CASE: 66
//! CLASS: d   MAP: DashMap 6   DETERMINISTIC: yes here
//! PATTERN: the same behind a trait object.
//! EXPECT-CATEGORY: check-then-act
//! EXPECT-SITES: the marked lines, which stand in functions of their own
use dashmap::DashMap; // MAP-IMPORT
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::sync::Arc;
use std::time::{Duration, Instant};

fn meet(c: &AtomicUsize, n: usize) {
    c.fetch_add(1, SeqCst);
    let t = Instant::now();
    while c.load(SeqCst) < n && t.elapsed() < Duration::from_secs(2) {
        std::thread::yield_now();
    }
}

trait Repo: Send + Sync {
    fn find(&self, id: u32) -> Option<usize>;
    fn save(&self, id: u32, v: usize);
}
struct Mem(DashMap<u32, usize>);
impl Repo for Mem {
    fn find(&self, id: u32) -> Option<usize> {
        self.0.get(&id).map(|v| *v) // SITE-A
    }
    fn save(&self, id: u32, v: usize) {
        self.0.insert(id, v); // SITE-B
    }
}
struct Service {
    repo: Arc<dyn Repo>,
}
impl Service {
    fn sign_up(&self, id: u32, who: usize, both: &AtomicUsize) -> bool {
        if self.repo.find(id).is_some() {
            return false;
        }
        meet(both, 2);
        self.repo.save(id, who);
        true
    }
}
pub fn case() {
    let service = Service { repo: Arc::new(Mem(DashMap::new())) };
    let both = AtomicUsize::new(0);
    std::thread::scope(|s| {
        for who in 0..2 {
            let (service, both) = (&service, &both);
            s.spawn(move || service.sign_up(1, who, both));
        }
    });
}

fn main() {
    case();
}
