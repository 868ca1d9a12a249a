//! CLASS: a   MAP: DashMap 6   DETERMINISTIC: yes
//! PATTERN: a log line formats the whole service, whose `Display` walks over the map that has a guard.
//! EXPECT-CATEGORY: self-deadlock
//! EXPECT-SITES: SITE-A (get_mut) + SITE-B (iter)
use dashmap::DashMap; // MAP-IMPORT
use std::fmt;

struct Stock(DashMap<String, u32>);

impl fmt::Display for Stock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for item in self.0.iter() { // SITE-B
            write!(f, "{}={} ", item.key(), item.value())?;
        }
        Ok(())
    }
}

impl Stock {
    fn take(&self, name: &str) {
        if let Some(mut count) = self.0.get_mut(name) { // SITE-A
            *count -= 1;
            println!("now {self}");
        }
    }
}

fn main() {
    let stock = Stock(DashMap::new());
    stock.0.insert("nail".into(), 3);
    stock.take("nail");
    println!("NO-SYMPTOM");
}
