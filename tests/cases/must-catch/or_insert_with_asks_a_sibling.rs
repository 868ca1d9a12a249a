//! CLASS: a   MAP: DashMap 6   DETERMINISTIC: yes
//! PATTERN: the default of an entry is computed by a function that looks the same key up.
//! EXPECT-CATEGORY: self-deadlock
//! EXPECT-SITES: SITE-A (entry) + SITE-B (contains_key)
use dashmap::DashMap; // MAP-IMPORT
use std::sync::Arc;

struct Ids {
    by_name: DashMap<String, u32>,
}

impl Ids {
    fn fresh(&self, name: &str) -> u32 {
        if self.by_name.contains_key(name) { 0 } else { 1 } // SITE-B
    }

    fn id(&self, name: &str) -> u32 {
        *self.by_name.entry(name.to_owned()).or_insert_with(|| self.fresh(name)) // SITE-A
    }
}

fn main() {
    let ids = Arc::new(Ids { by_name: DashMap::new() });
    println!("NO-SYMPTOM {}", ids.id("ann"));
}
