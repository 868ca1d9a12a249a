//! TRAP: a map of locks: the outer map's guard ends before the inner lock is taken, and all shards are taken in order.
use dashmap::DashMap; // MAP-IMPORT
use std::collections::HashMap; // MAP-IMPORT
use std::sync::Arc;
use std::sync::Mutex; // MAP-IMPORT

struct Sharded([Mutex<HashMap<u32, u32>>; 4]);

impl Sharded {
    fn add(&self, key: u32) {
        *self.0[key as usize % 4].lock().unwrap().entry(key).or_default() += 1;
    }

    fn snapshot(&self) -> u32 {
        let all: Vec<_> = self.0.iter().map(|shard| shard.lock().unwrap()).collect();
        all.iter().map(|shard| shard.values().sum::<u32>()).sum()
    }
}

fn main() {
    let sharded = Sharded(std::array::from_fn(|_| Mutex::default()));
    let rooms: DashMap<u32, Arc<Mutex<Vec<u32>>>> = DashMap::new();
    std::thread::scope(|scope| {
        for thread in 0..4 {
            let (sharded, rooms) = (&sharded, &rooms);
            scope.spawn(move || {
                for turn in 0..100 {
                    sharded.add(turn * 3 + thread);
                    if turn % 10 == 0 {
                        sharded.snapshot();
                    }
                    let room = rooms.entry(turn % 5).or_default().clone();
                    let mut lines = room.lock().unwrap();
                    lines.push(turn);
                    if let Some(other) = rooms.get(&((turn + 1) % 5)).map(|other| other.clone()) {
                        drop(lines);
                        other.lock().unwrap().pop();
                    }
                }
            });
        }
    });
}
