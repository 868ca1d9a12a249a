//! Maps that change by entries alone: each ends with 300 entries of 400.

use mapwatch::{BTreeMap, HashMap, Named, SharedMap};

fn main() {
    let shared: SharedMap<u64, u64> = (0..100).map(|key| (key, 0)).collect();
    let shared = shared.named("shared");
    let mut hashed: HashMap<u64, u64> = HashMap::new().named("hashed");
    let mut tree: BTreeMap<u64, u64> = BTreeMap::new().named("tree");
    let collected: SharedMap<u64, u64> = (0..300).map(|key| (key, 0)).collect();
    let collected = collected.named("collected");
    for key in 0..400 {
        *hashed.entry(key).or_default() += 1;
        tree.entry(key).or_insert(0);
        if key < 300 {
            *shared.entry(key).or_insert(0) += 1;
            *collected.entry(key).or_insert(0) += 1;
        }
    }
    for key in 300..400 {
        if let mapwatch::collections::hash_map::Entry::Occupied(entry) = hashed.entry(key) {
            entry.remove();
        }
        if let mapwatch::collections::btree_map::Entry::Occupied(entry) = tree.entry(key) {
            entry.remove_entry();
        }
    }
}
