//! CLASS: a   MAP: DashMap 6   DETERMINISTIC: yes
//! PATTERN: `and_modify` calls the audit trail, which counts into the same map under the same key.
//! EXPECT-CATEGORY: self-deadlock
//! EXPECT-SITES: SITE-A (entry) + SITE-B (get_mut)
use dashmap::DashMap; // MAP-IMPORT

struct Audit<'a>(&'a DashMap<&'static str, Vec<u32>>);

impl Audit<'_> {
    fn note(&self, key: &'static str, value: u32) {
        if let Some(mut seen) = self.0.get_mut(key) { // SITE-B
            seen.push(value);
        }
    }
}

fn main() {
    let map = DashMap::new();
    map.insert("x", vec![1]);
    let audit = Audit(&map);
    map.entry("x").and_modify(|list| { // SITE-A
        list.push(2);
        audit.note("x", 2);
    }).or_default();
    println!("NO-SYMPTOM");
}
