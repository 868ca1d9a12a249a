//! CLASS: c   MAP: std Mutex + dashmap 6   DETERMINISTIC: yes
//! PATTERN: one scoped thread goes from the ledger to the map, the other from an entry of the map to the ledger.
//! EXPECT-CATEGORY: deadlock
//! EXPECT-SITES: SITE-A (ledger) + SITE-B (get_mut of the map) + SITE-C (entry) + SITE-D (ledger)
use dashmap::DashMap; // MAP-IMPORT
use std::sync::{Barrier, Mutex}; // MAP-IMPORT

fn main() {
    let ledger = Mutex::new(Vec::new());
    let accounts: DashMap<u32, i64> = DashMap::new();
    accounts.insert(1, 100);
    let both = Barrier::new(2);
    std::thread::scope(|scope| {
        scope.spawn(|| {
            let mut lines = ledger.lock().unwrap(); // SITE-A
            both.wait();
            *accounts.get_mut(&1).unwrap() -= 10; // SITE-B
            lines.push("paid");
        });
        scope.spawn(|| {
            let mut account = accounts.entry(1).or_insert(0); // SITE-C
            both.wait();
            *account += 10;
            ledger.lock().unwrap().push("received"); // SITE-D
        });
    });
    println!("NO-SYMPTOM");
}
