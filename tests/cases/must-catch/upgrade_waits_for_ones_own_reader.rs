//! CLASS: c   MAP: parking_lot RwLock   DETERMINISTIC: yes
//! PATTERN: an upgradable reader calls a helper whose read guard it keeps, and upgrades.
//! EXPECT-CATEGORY: self-deadlock
//! EXPECT-SITES: SITE-A (read) + SITE-B (upgrade)
use parking_lot::{RwLock, RwLockUpgradableReadGuard}; // MAP-IMPORT

fn main() {
    let names = RwLock::new(vec!["ann".to_string()]);
    let all = names.upgradable_read();
    let longest = names.read(); // SITE-A
    if longest.len() < 3 {
        let mut all = RwLockUpgradableReadGuard::upgrade(all); // SITE-B
        all.push("bob".into());
    }
    println!("NO-SYMPTOM");
}
