//! CLASS: c   MAP: parking_lot RwLock<BTreeMap>   DETERMINISTIC: yes
//! PATTERN: a writer becomes a reader, and forgets that it still is one.
//! EXPECT-CATEGORY: self-deadlock
//! EXPECT-SITES: SITE-A (write) + SITE-B (write)
use parking_lot::{RwLock, RwLockWriteGuard}; // MAP-IMPORT
use std::collections::BTreeMap; // MAP-IMPORT

fn main() {
    let prices = RwLock::new(BTreeMap::from([("tea", 3)]));
    let mut writer = prices.write(); // SITE-A
    writer.insert("milk", 2);
    let reader = RwLockWriteGuard::downgrade(writer);
    let sum: i32 = reader.values().sum();
    if sum > 4 {
        prices.write().clear(); // SITE-B
    }
    println!("NO-SYMPTOM {}", reader.len());
}
