//! CLASS: c   MAP: std Mutex<BTreeMap>   DETERMINISTIC: yes
//! PATTERN: `Debug` of the account locks it; an assertion's message is made while the guard lives.
//! EXPECT-CATEGORY: self-deadlock
//! EXPECT-SITES: SITE-A (deposit) + SITE-B (fmt)
use std::collections::BTreeMap; // MAP-IMPORT
use std::fmt;
use std::sync::Mutex; // MAP-IMPORT

struct Ledger {
    lines: Mutex<BTreeMap<u32, i64>>,
}

impl fmt::Debug for Ledger {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let lines = self.lines.lock().unwrap(); // SITE-B
        f.debug_map().entries(lines.iter()).finish()
    }
}

impl Ledger {
    fn book(&self, line: u32, amount: i64) {
        let mut lines = self.lines.lock().unwrap(); // SITE-A
        let sum = lines.entry(line).or_default();
        *sum += amount;
        if *sum < 0 {
            eprintln!("line {line} below zero in {self:?}");
        }
    }
}

fn main() {
    let ledger = Ledger { lines: Mutex::default() };
    ledger.book(1, 5);
    ledger.book(1, -9);
    println!("NO-SYMPTOM");
}
