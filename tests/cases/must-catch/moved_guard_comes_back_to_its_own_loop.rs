//! CLASS: a   MAP: DashMap 6   DETERMINISTIC: yes
//! PATTERN: guards are collected in a `Vec` for a batch, and the batch is settled by a call into the map.
//! EXPECT-CATEGORY: self-deadlock
//! EXPECT-SITES: SITE-A (get_mut) + SITE-B (insert)
use dashmap::mapref::one::RefMut; // MAP-IMPORT
use dashmap::DashMap; // MAP-IMPORT

struct Batch<'a> {
    rows: Vec<RefMut<'a, &'static str, u32>>,
}

impl Batch<'_> {
    fn settle(self, into: &DashMap<&'static str, u32>) -> u32 {
        let sum = self.rows.iter().map(|row| *row.value()).sum();
        into.insert("a", sum); // SITE-B
        sum
    }
}

fn main() {
    let map: DashMap<&'static str, u32> = [("a", 1)].into_iter().collect();
    let mut batch = Batch { rows: Vec::new() };
    batch.rows.extend(map.get_mut("a")); // SITE-A
    println!("NO-SYMPTOM {}", batch.settle(&map));
}
