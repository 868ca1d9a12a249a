//! One `SharedMap` and one plain map, each behind a lock of the program's own: threads take turns, guards and
//! owners move between threads, and nothing overlaps.

use mapwatch::SharedMap;
use std::collections::HashMap; // MAP-IMPORT
use std::sync::{Mutex, mpsc};

fn main() {
    let shared: SharedMap<u64, u64> = SharedMap::new();
    let turn = Mutex::new(HashMap::<u64, u64>::new());
    std::thread::scope(|scope| {
        for thread in 0..6u64 {
            let (shared, turn) = (&shared, &turn);
            scope.spawn(move || {
                for key in 0..500 {
                    let mut plain = turn.lock().expect("nobody panics");
                    shared.insert(key, thread);
                    *shared.entry(key).or_insert(0) += 1;
                    assert!(shared.iter().count() > 0 && shared.get(&key).is_some());
                    *plain.entry(key).or_insert(0) += 1;
                }
            });
        }
    });
    let (send, receive) = mpsc::channel();
    std::thread::scope(|scope| {
        scope.spawn(|| send.send(shared.get(&1)).expect("the other side waits"));
        drop(receive.recv().expect("one guard"));
    });
    shared.clear();
    println!("OK {}", shared.len());
}
