//! CLASS: e   MAP: *mut HashMap   DETERMINISTIC: yes
//! PATTERN: a vacant entry is held while the value is computed, and the computation inserts into the same map.
//! EXPECT-CATEGORY: concurrent-writes
//! EXPECT-SITES: SITE-A (entry) + SITE-B (insert)
use std::collections::hash_map::Entry; // MAP-IMPORT
use std::collections::HashMap; // MAP-IMPORT

fn compute(map: *mut HashMap<u32, u32>, key: u32) -> u32 {
    unsafe { (*map).insert(key + 1, 0) }; // SITE-B
    key
}

fn main() {
    let mut map: HashMap<u32, u32> = HashMap::new();
    let shared: *mut HashMap<u32, u32> = &mut map;
    let entry = unsafe { (*shared).entry(1) }; // SITE-A
    if let Entry::Vacant(vacant) = entry {
        vacant.insert(compute(shared, 1));
    }
}
