//! NEGATIVE: 63
//! Workers run what they are handed: a look and a store of two jobs are no decision. MAP: DashMap 6
use dashmap::DashMap; // MAP-IMPORT
use std::collections::VecDeque;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::sync::{Arc, Mutex};
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
type Job = Box<dyn FnOnce(&DashMap<u64, u64>) + Send>;
pub fn case() {
    let ctx = (DashMap::<u64, u64>::new(), Mutex::new(VecDeque::<Job>::new()));
    let mut d = dice(std::process::id() as u64);
    for _ in 0..1500 {
        let k = d(4);
        let v = d(100);
        let job: Job = match d(3) {
            0 => Box::new(move |m| {
                std::hint::black_box(m.get(&k).map(|v| *v));
            }),
            1 => Box::new(move |m| {
                m.insert(k, v);
            }),
            _ => Box::new(move |m| {
                m.remove(&k);
            }),
        };
        ctx.1.lock().unwrap().push_back(job);
    }
    std::thread::scope(|s| {
        for who in 0..6u64 {
            let ctx = &ctx;
            s.spawn(move || {
                let _ = who;
                loop {
                    let job = ctx.1.lock().unwrap().pop_front();
                    match job {
                        Some(job) => job(&ctx.0),
                        None => break,
                    }
                }
            });
        }
    });
}

fn main() {
    case();
}
