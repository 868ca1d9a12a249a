//! TRAP: a read guard ends before the write begins; an upgradable reader upgrades beside plain ones that leave.
use parking_lot::{RwLock, RwLockUpgradableReadGuard}; // MAP-IMPORT
use std::collections::HashMap; // MAP-IMPORT
use std::sync::RwLock as StdLock; // MAP-IMPORT

fn number(names: &StdLock<HashMap<u32, usize>>, name: u32) -> usize {
    if let Some(number) = names.read().unwrap().get(&name).copied() {
        return number;
    }
    let mut names = names.write().unwrap();
    let next = names.len();
    *names.entry(name).or_insert(next)
}

fn upgraded(table: &RwLock<Vec<u32>>, value: u32) {
    let reader = table.upgradable_read();
    if !reader.contains(&value) {
        let mut writer = RwLockUpgradableReadGuard::upgrade(reader);
        writer.push(value);
    }
}

fn main() {
    let (names, table) = (StdLock::default(), RwLock::new(Vec::new()));
    std::thread::scope(|scope| {
        for thread in 0..4 {
            let (names, table) = (&names, &table);
            scope.spawn(move || {
                for turn in 0..200 {
                    number(names, turn % 17 + thread);
                    upgraded(table, turn % 13);
                    assert!(table.read().len() <= 13);
                    let one = table.read_recursive();
                    let other = table.read_recursive();
                    assert_eq!(one.len(), other.len());
                }
            });
        }
    });
}
