//! Safe code may forget iterators, drains and entries, and go on with the map.

#![allow(clippy::forget_non_drop, reason = "that forgetting is harmless is what is shown")]

use std::collections::HashMap; // MAP-IMPORT
use std::mem::forget;

fn main() {
    let mut map: HashMap<u32, u32> = (0..100).map(|key| (key, key)).collect();
    for round in 0..100 {
        let mut walk = map.iter();
        walk.next();
        forget(walk);
        map.insert(1000 + round, 1);
        let mut walk = map.iter_mut();
        walk.next();
        forget(walk);
        map.remove(&round);
        forget(map.entry(5));
        map.insert(5, 5);
    }
    let mut drain = map.drain();
    drain.next();
    forget(drain);
    map.insert(1, 1);
    while let Some(key) = map.keys().next().copied() {
        map.remove(&key);
    }
    println!("OK {}", map.len());
}
