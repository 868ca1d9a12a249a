//! TRAP: a `DashMap` guard is sent to another thread, and its first owner then waits for the same shard.
use dashmap::mapref::one::RefMut; // MAP-IMPORT
use dashmap::DashMap; // MAP-IMPORT
use std::sync::mpsc;
use std::time::Duration;

fn main() {
    let map: DashMap<u32, Vec<u32>> = DashMap::new();
    map.insert(1, Vec::new());
    std::thread::scope(|scope| {
        let (sender, receiver) = mpsc::channel::<RefMut<'_, u32, Vec<u32>>>();
        scope.spawn(move || {
            for guard in receiver {
                std::thread::sleep(Duration::from_millis(30));
                drop(guard);
            }
        });
        for turn in 0..4 {
            let mut guard = map.get_mut(&1).unwrap();
            guard.push(turn);
            sender.send(guard).unwrap();
            map.entry(1).or_default().push(10 + turn);
        }
        drop(sender);
    });
    assert_eq!(map.get(&1).unwrap().len(), 8);
}
