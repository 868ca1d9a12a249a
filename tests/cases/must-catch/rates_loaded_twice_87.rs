//! CLASS: d   MAP: std HashMap in an RwLock   DETERMINISTIC: yes here
//! PATTERN: a table that is empty is loaded and put in its place as a whole; a second one saw it empty, too, and throws
//!   away what was added since.
//! EXPECT-CATEGORY: init-race
//! EXPECT-SITES: SITE-A (seen empty) + SITE-B (put in place); SITE-C is where the other one did, before it added more
use std::collections::HashMap; // MAP-IMPORT
use std::sync::{Barrier, RwLock}; // MAP-IMPORT

static RATES: std::sync::LazyLock<RwLock<HashMap<&'static str, f64>>> = std::sync::LazyLock::new(RwLock::default);

fn load() -> HashMap<&'static str, f64> {
    HashMap::from([("EUR", 1.0), ("USD", 1.1)])
}

fn ensure_loaded(seen: &Barrier, turn: Option<&Barrier>) {
    let is_empty = RATES.read().unwrap().is_empty(); // SITE-A
    seen.wait();
    if is_empty {
        let rates = load();
        if let Some(turn) = turn {
            turn.wait();
        }
        let mut table = RATES.write().unwrap(); // SITE-B
        *table = rates;
    }
}

fn ensure_and_add(seen: &Barrier, turn: &Barrier) {
    let is_empty = RATES.read().unwrap().is_empty();
    seen.wait();
    if is_empty {
        *RATES.write().unwrap() = load(); // SITE-C
    }
    RATES.write().unwrap().insert("CHF", 0.9);
    turn.wait();
}

fn main() {
    let (seen, turn) = (Barrier::new(2), Barrier::new(2));
    std::thread::scope(|scope| {
        scope.spawn(|| ensure_loaded(&seen, Some(&turn)));
        scope.spawn(|| ensure_and_add(&seen, &turn));
    });
    let has = RATES.read().unwrap().contains_key("CHF");
    println!("{}", if has { "NO-SYMPTOM" } else { "SYMPTOM CHF is lost" });
}
