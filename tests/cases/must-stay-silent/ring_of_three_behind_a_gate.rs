//! TRAP: a ring of three orders that a fourth lock keeps apart, and one of readers alone.
use dashmap::DashMap; // MAP-IMPORT
use std::sync::Mutex; // MAP-IMPORT

fn main() {
    let (gate, locks) = (Mutex::new(()), [Mutex::new(1), Mutex::new(2), Mutex::new(3)]);
    let maps: Vec<DashMap<u32, u32>> = (0..3).map(|_| [(1, 1)].into_iter().collect()).collect();
    std::thread::scope(|scope| {
        for start in 0..3 {
            let (gate, locks, maps) = (&gate, &locks, &maps);
            scope.spawn(move || {
                for _ in 0..100 {
                    let _gate = gate.lock().unwrap();
                    let one = locks[start].lock().unwrap();
                    *locks[(start + 1) % 3].lock().unwrap() ^= *one;
                }
            });
            scope.spawn(move || {
                for _ in 0..100 {
                    let one = maps[start].get(&1).unwrap();
                    assert_eq!(*one, *maps[(start + 1) % 3].get(&1).unwrap());
                }
            });
        }
    });
}
