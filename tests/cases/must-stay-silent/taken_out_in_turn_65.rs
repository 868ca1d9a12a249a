//! NEGATIVE: 65
//! Values are taken out and put back by whoever has the turn. MAP: DashMap 6
use dashmap::DashMap; // MAP-IMPORT
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::sync::Mutex;
use std::time::{Duration, Instant};

fn meet(c: &AtomicUsize, n: usize) {
    c.fetch_add(1, SeqCst);
    let t = Instant::now();
    while c.load(SeqCst) < n && t.elapsed() < Duration::from_secs(2) {
        std::thread::yield_now();
    }
}

struct Pool {
    m: DashMap<u64, Vec<u64>>,
    turn: Mutex<()>,
}
pub fn case() {
    let ctx = Pool { m: DashMap::new(), turn: Mutex::new(()) };
    for k in 0..4 {
        ctx.m.insert(k, vec![]);
    }
    std::thread::scope(|s| {
        for who in 0..6u64 {
            let ctx = &ctx;
            s.spawn(move || {
                for i in 0..200 {
                    let _t = ctx.turn.lock().unwrap();
                    let (k, mut v) = ctx.m.remove(&(i % 4)).unwrap();
                    v.push(who);
                    ctx.m.insert(k, v);
                }
            });
        }
    });
    assert_eq!(ctx.m.iter().map(|e| e.value().len()).sum::<usize>(), 1200);
}

fn main() {
    case();
}
