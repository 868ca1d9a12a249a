//! CLASS: b   MAP: parking_lot RwLock, `upgradable_read_arc`   DETERMINISTIC: yes
//! PATTERN: an upgradable guard is upgraded while this thread's snapshot is alive.
//! EXPECT-CATEGORY: self-deadlock
//! EXPECT-SITES: SITE-A (read_arc) + SITE-B (upgrade)
use parking_lot::{ArcRwLockUpgradableReadGuard, RwLock}; // MAP-IMPORT
use std::sync::Arc;

fn main() {
    let table = Arc::new(RwLock::new(vec![1_u32, 2, 3]));
    let before = table.read_arc(); // SITE-A
    let planned = table.upgradable_read_arc();
    if planned.len() == before.len() {
        let mut all = ArcRwLockUpgradableReadGuard::upgrade(planned); // SITE-B
        all.push(4);
    }
    println!("NO-SYMPTOM {}", before.len());
}
