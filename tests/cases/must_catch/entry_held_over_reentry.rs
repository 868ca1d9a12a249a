//! A vacant entry is held while the value is computed, and the computation inserts into the same map.
//! EXPECT concurrent-writes: SITE-A, SITE-B

use mapwatch::collections::HashMap;
use mapwatch::collections::hash_map::Entry;

fn compute(map: *mut HashMap<u32, u32>, key: u32) -> u32 {
    // SAFETY: none. The caller holds an entry of the same map: that is the bug.
    unsafe { (*map).insert(key + 1, 0) }; // SITE-B
    key
}

fn main() {
    let mut map: HashMap<u32, u32> = HashMap::new();
    let shared: *mut HashMap<u32, u32> = &mut map;
    // SAFETY: none, as above.
    let entry = unsafe { (*shared).entry(1) }; // SITE-A
    if let Entry::Vacant(vacant) = entry {
        vacant.insert(compute(shared, 1));
    }
}
