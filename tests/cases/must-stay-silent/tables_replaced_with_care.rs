//! CLASS: d   MAP: std HashMap in locks
//! PATTERN: maps that are put in a lock's place as a whole, correctly: looked at again under the write lock; copied and
//!   stored under one guard; writers that take turns behind a lock of their own; a reload that looks at nothing; a
//!   copy that goes elsewhere; one that asks whether it is empty only to say so.
use std::collections::HashMap; // MAP-IMPORT
use std::sync::{Mutex, RwLock}; // MAP-IMPORT

type Table = RwLock<HashMap<u32, u32>>;

fn load(base: u32) -> HashMap<u32, u32> {
    (0..8).map(|key| (key, base + key)).collect()
}

fn look_again(table: &Table) {
    if table.read().unwrap().is_empty() {
        let loaded = load(1);
        let mut table = table.write().unwrap();
        if table.is_empty() {
            *table = loaded;
        }
    }
}

fn under_one_guard(table: &Table, key: u32) {
    let mut guard = table.write().unwrap();
    let mut next = guard.clone();
    next.insert(key, key);
    *guard = next;
}

fn in_turn(table: &Table, turn: &Mutex<()>, key: u32) {
    let _turn = turn.lock().unwrap();
    let mut next = table.read().unwrap().clone();
    next.insert(key, key);
    *table.write().unwrap() = next;
}

fn reload(table: &Table, round: u32) {
    if table.read().unwrap().is_empty() {
        eprintln!("nothing was loaded yet");
    }
    *table.write().unwrap() = load(round);
}

fn report(table: &Table, summary: &Mutex<HashMap<u32, u32>>) {
    let copy = table.read().unwrap().clone();
    let doubled = copy.iter().map(|(key, value)| (*key, value * 2)).collect();
    *summary.lock().unwrap() = doubled;
}

fn main() {
    let [filled, changed, turned, loaded, reported]: [Table; 5] = Default::default();
    loaded.write().unwrap().insert(0, 0);
    let (turn, summary) = (Mutex::new(()), Mutex::new(HashMap::new()));
    std::thread::scope(|scope| {
        for actor in 0..4 {
            let (filled, changed, turned, loaded, reported) = (&filled, &changed, &turned, &loaded, &reported);
            let (turn, summary) = (&turn, &summary);
            scope.spawn(move || {
                for round in 0..50 {
                    let key = actor * 100 + round;
                    look_again(filled);
                    filled.write().unwrap().insert(key, key);
                    under_one_guard(changed, key);
                    in_turn(turned, turn, key);
                    reload(loaded, key);
                    reported.write().unwrap().insert(key, key);
                    report(reported, summary);
                }
            });
        }
    });
    println!("{} {}", changed.read().unwrap().len(), turned.read().unwrap().len());
    println!("NO-SYMPTOM");
}
