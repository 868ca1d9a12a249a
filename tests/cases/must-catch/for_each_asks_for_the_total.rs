//! CLASS: c   MAP: std Mutex<HashMap>   DETERMINISTIC: yes
//! PATTERN: a chain over a locked map; one of its closures calls a method that locks.
//! EXPECT-CATEGORY: self-deadlock
//! EXPECT-SITES: SITE-A (shares) + SITE-B (total)
use std::collections::HashMap; // MAP-IMPORT
use std::sync::Mutex; // MAP-IMPORT

struct Votes {
    by_party: Mutex<HashMap<&'static str, u32>>,
}

impl Votes {
    fn total(&self) -> u32 {
        self.by_party.lock().unwrap().values().sum() // SITE-B
    }

    fn shares(&self) -> Vec<(&'static str, f64)> {
        self.by_party
            .lock() // SITE-A
            .unwrap()
            .iter()
            .map(|(party, votes)| (*party, f64::from(*votes) / f64::from(self.total())))
            .collect()
    }
}

fn main() {
    let votes = Votes { by_party: Mutex::new(HashMap::new()) };
    votes.by_party.lock().unwrap().insert("a", 3);
    println!("NO-SYMPTOM {:?}", votes.shares());
}
