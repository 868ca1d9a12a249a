//! CLASS: c   MAP: parking_lot RwLock   DETERMINISTIC: yes
//! PATTERN: an upgradable guard is kept while a helper locks for writing by itself.
//! EXPECT-CATEGORY: self-deadlock
//! EXPECT-SITES: SITE-A (upgradable read) + SITE-B (write)
use parking_lot::{RwLock, RwLockUpgradableReadGuard}; // MAP-IMPORT
use std::collections::HashMap; // MAP-IMPORT

type Rates = RwLock<HashMap<String, f64>>;

fn store(rates: &Rates, currency: &str, rate: f64) {
    rates.write().insert(currency.to_owned(), rate); // SITE-B
}

fn rate(rates: &Rates, currency: &str) -> f64 {
    let known = rates.upgradable_read(); // SITE-A
    if let Some(rate) = known.get(currency) {
        return *rate;
    }
    store(rates, currency, 1.1);
    let now = RwLockUpgradableReadGuard::upgrade(known);
    now[currency]
}

fn main() {
    println!("{}", rate(&Rates::default(), "EUR"));
    println!("NO-SYMPTOM");
}
