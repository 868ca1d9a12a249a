//! TRAP: upgradable and mapped guards, downgrades and recursive reads of parking_lot, each as it is meant.
use parking_lot::{MappedRwLockReadGuard, RwLock, RwLockReadGuard, RwLockUpgradableReadGuard, RwLockWriteGuard}; // MAP-IMPORT
use std::collections::HashMap; // MAP-IMPORT

type Rates = RwLock<HashMap<u32, u64>>;

fn rate(rates: &Rates, key: u32) -> u64 {
    let known = rates.upgradable_read();
    if let Some(rate) = known.get(&key) {
        return *rate;
    }
    let mut known = RwLockUpgradableReadGuard::upgrade(known);
    *known.entry(key).or_insert(1)
}

fn part(rates: &Rates, key: u32) -> Option<MappedRwLockReadGuard<'_, u64>> {
    RwLockReadGuard::try_map(rates.read(), |rates| rates.get(&key)).ok()
}

fn raise(rates: &Rates, key: u32) -> u64 {
    let mut writer = rates.write();
    *writer.entry(key).or_insert(0) += 1;
    let reader = RwLockWriteGuard::downgrade(writer);
    let again = rates.read_recursive();
    reader[&key].max(again[&key])
}

fn main() {
    let rates = Rates::default();
    std::thread::scope(|scope| {
        for thread in 0..6_u32 {
            let rates = &rates;
            scope.spawn(move || {
                for turn in 0..200 {
                    let key = (thread + turn) % 7;
                    assert!(rate(rates, key) > 0);
                    assert!(raise(rates, key) > 0);
                    assert!(part(rates, key).is_some_and(|rate| *rate > 0));
                }
            });
        }
    });
    println!("NO-SYMPTOM");
}
