//! CLASS: c   MAP: parking_lot RwLock   DETERMINISTIC: yes
//! PATTERN: an update validates by a snapshot, three functions further down.
//! EXPECT-CATEGORY: self-deadlock
//! EXPECT-SITES: SITE-A (write) + SITE-B (read)
use parking_lot::RwLock; // MAP-IMPORT
use std::collections::BTreeMap; // MAP-IMPORT

struct Settings {
    values: RwLock<BTreeMap<String, i64>>,
}

impl Settings {
    fn update(&self, key: &str, value: i64) -> Result<(), String> {
        let mut values = self.values.write(); // SITE-A
        self.validate(key, value)?;
        values.insert(key.to_owned(), value);
        Ok(())
    }

    fn validate(&self, key: &str, value: i64) -> Result<(), String> {
        let all = self.snapshot();
        if all.values().sum::<i64>() + value > 100 { Err(key.to_owned()) } else { Ok(()) }
    }

    fn snapshot(&self) -> BTreeMap<String, i64> {
        self.values.read().clone() // SITE-B
    }
}

fn main() {
    let settings = Settings { values: RwLock::default() };
    println!("{:?}", settings.update("width", 3));
    println!("NO-SYMPTOM");
}
