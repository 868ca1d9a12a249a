//! NEGATIVE: 61
//! Requests of clients that know nothing of each other, served in the order in which they come. MAP: std RwLock<HashMap>
use std::collections::HashMap; // MAP-IMPORT
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::sync::RwLock; // MAP-IMPORT
use std::time::{Duration, Instant};

fn meet(c: &AtomicUsize, n: usize) {
    c.fetch_add(1, SeqCst);
    let t = Instant::now();
    while c.load(SeqCst) < n && t.elapsed() < Duration::from_secs(2) {
        std::thread::yield_now();
    }
}

fn dice(seed: u64) -> impl FnMut(u64) -> u64 {
    let mut s = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
    move |n| {
        s ^= s << 13;
        s ^= s >> 7;
        s ^= s << 17;
        s % n
    }
}
enum Request {
    Get(u64),
    Has(u64),
    Put(u64, u64),
    Delete(u64),
}
struct Store(RwLock<HashMap<u64, u64>>);
impl Store {
    fn get(&self, k: u64) -> Option<u64> {
        self.0.read().unwrap().get(&k).copied()
    }
    fn has(&self, k: u64) -> bool {
        self.0.read().unwrap().contains_key(&k)
    }
    fn put(&self, k: u64, v: u64) {
        self.0.write().unwrap().insert(k, v);
    }
    fn delete(&self, k: u64) -> bool {
        self.0.write().unwrap().remove(&k).is_some()
    }
}
fn handle(store: &Store, r: Request) -> u64 {
    match r {
        Request::Get(k) => store.get(k).unwrap_or(0),
        Request::Has(k) => store.has(k) as u64,
        Request::Put(k, v) => {
            store.put(k, v);
            0
        }
        Request::Delete(k) => store.delete(k) as u64,
    }
}
pub fn case() {
    let ctx = Store(RwLock::default());
    std::thread::scope(|s| {
        for who in 0..6u64 {
            let ctx = &ctx;
            s.spawn(move || {
                let mut d = dice(who + std::process::id() as u64);
                for _ in 0..400 {
                    let k = d(3);
                    let r = match d(4) {
                        0 => Request::Get(k),
                        1 => Request::Has(k),
                        2 => Request::Put(k, who),
                        _ => Request::Delete(k),
                    };
                    std::hint::black_box(handle(ctx, r));
                }
            });
        }
    });
}

fn main() {
    case();
}
