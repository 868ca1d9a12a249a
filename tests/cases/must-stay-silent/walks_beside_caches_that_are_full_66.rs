//! NEGATIVE: 66
//! Windows that slide and a cache that is full put one key in and take another out, time and again, while somebody
//! walks over the map: what goes is another entry than what came. MAP: DashMap 6
use dashmap::DashMap; // MAP-IMPORT
use std::collections::VecDeque;
use std::sync::atomic::{AtomicBool, Ordering::SeqCst};

const WINDOW: u64 = 64;

fn slide(map: &DashMap<u64, u64>, base: u64) {
    for at in 0..2000 {
        map.insert(base + at, at);
        if at >= WINDOW {
            map.remove(&(base + at - WINDOW));
        }
    }
}

struct Cache<'m> {
    map: &'m DashMap<u64, u64>,
    order: VecDeque<u64>,
}

impl Cache<'_> {
    fn put(&mut self, key: u64, value: u64) {
        if self.map.insert(key, value).is_none() {
            self.order.push_back(key);
        }
        if self.order.len() > WINDOW as usize {
            if let Some(oldest) = self.order.pop_front() {
                self.map.remove(&oldest);
            }
        }
    }
}

pub fn case() -> u64 {
    let map: DashMap<u64, u64> = DashMap::new();
    let stop = AtomicBool::new(false);
    std::thread::scope(|s| {
        let slider = s.spawn(|| slide(&map, 1_000_000));
        let other = s.spawn(|| slide(&map, 2_000_000));
        let cache = s.spawn(|| {
            let mut cache = Cache { map: &map, order: VecDeque::new() };
            (0..2000).for_each(|key| cache.put(key, key));
        });
        let walker = s.spawn(|| {
            let mut seen = 0;
            while !stop.load(SeqCst) {
                seen += map.iter().map(|entry| *entry.value() % 2).sum::<u64>();
            }
            seen
        });
        for writer in [slider, other, cache] {
            writer.join().unwrap();
        }
        stop.store(true, SeqCst);
        walker.join().unwrap()
    })
}

fn main() {
    println!("OK {}", case());
}
