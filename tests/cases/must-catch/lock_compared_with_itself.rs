//! CLASS: c   MAP: parking_lot Mutex<BTreeMap>   DETERMINISTIC: yes
//! PATTERN: `PartialEq` locks both sides; a list that is searched contains what is looked for.
//! EXPECT-CATEGORY: self-deadlock
//! EXPECT-SITES: SITE-A SITE-B (both locks are in one line)
use parking_lot::Mutex; // MAP-IMPORT
use std::collections::BTreeMap; // MAP-IMPORT
use std::sync::Arc;

struct Config(Mutex<BTreeMap<&'static str, u32>>);

impl PartialEq for Config {
    fn eq(&self, other: &Config) -> bool {
        *self.0.lock() == *other.0.lock() // SITE-A // SITE-B
    }
}

fn main() {
    let known: Vec<Arc<Config>> = (0..3).map(|n| Arc::new(Config(Mutex::new([("n", n)].into())))).collect();
    let mine = known[0].clone();
    let place = known.iter().position(|config| **config == *mine);
    println!("NO-SYMPTOM {place:?}");
}
