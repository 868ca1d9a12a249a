//! CLASS: a   MAP: dashmap 6   DETERMINISTIC: yes
//! PATTERN: the number of a newcomer is the length of the map, asked for below its own entry.
//! EXPECT-CATEGORY: self-deadlock
//! EXPECT-SITES: SITE-A (entry) + SITE-B (len)
use dashmap::DashMap; // MAP-IMPORT

fn number_of(names: &DashMap<String, usize>, name: &str) -> usize {
    let place = names.entry(name.to_owned()); // SITE-A
    *place.or_insert_with(|| names.len()) // SITE-B
}

fn main() {
    let names = DashMap::new();
    println!("{}", number_of(&names, "anna"));
    println!("NO-SYMPTOM");
}
