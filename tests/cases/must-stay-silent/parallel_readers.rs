//! Many threads look at one map at once, walk over it, leave loops early; the writer waits for all of them.

use std::collections::{BTreeMap, HashMap}; // MAP-IMPORT

fn main() {
    let mut map: HashMap<u32, u32> = HashMap::new();
    let mut tree: BTreeMap<u32, u32> = BTreeMap::new();
    for round in 0..50 {
        map.extend((0..40).map(|key| (round * 100 + key, key)));
        tree.extend((0..40).map(|key| (round * 100 + key, key)));
        std::thread::scope(|scope| {
            for thread in 0..4 {
                let (map, tree) = (&map, &tree);
                scope.spawn(move || {
                    assert!(map.iter().any(|(_, value)| *value == thread));
                    assert!(map.values().take(3).count() == 3);
                    assert!(tree.range(round * 100..).next_back().is_some());
                    assert_eq!(map.len(), tree.len());
                });
            }
        });
    }
    println!("OK {}", map.len());
}
