//! TRAP: both orders, but the second lock is only tried for; who fails lets go of the first.
use dashmap::DashMap; // MAP-IMPORT
use std::cell::RefCell; // MAP-IMPORT
use std::sync::{Mutex, RwLock}; // MAP-IMPORT

fn both(one: &Mutex<u32>, other: &Mutex<u32>) {
    loop {
        let mut first = one.lock().unwrap();
        if let Ok(mut second) = other.try_lock() {
            *first += 1;
            *second += 1;
            return;
        }
        drop(first);
        std::thread::yield_now();
    }
}

fn main() {
    let (a, b, stats) = (Mutex::new(0), Mutex::new(0), RwLock::new(0));
    let map: DashMap<u32, u32> = (0..8).map(|n| (n, n)).collect();
    std::thread::scope(|scope| {
        for thread in 0..4 {
            let (a, b, stats, map) = (&a, &b, &stats, &map);
            scope.spawn(move || {
                for turn in 0..100 {
                    if thread % 2 == 0 { both(a, b) } else { both(b, a) }
                    let mine = map.get_mut(&(turn % 8)).map(|mut count| {
                        *count += 1;
                        map.try_get(&((turn + 1) % 8)).try_unwrap().map_or(0, |other| *other)
                    });
                    if let Ok(mut stats) = stats.try_write() {
                        *stats += mine.unwrap_or(0) % 2;
                    }
                }
            });
        }
    });
    let cell = RefCell::new(vec![1]);
    let kept = cell.borrow();
    assert!(cell.try_borrow_mut().is_err());
    drop(kept);
    cell.borrow_mut().push(2);
}
