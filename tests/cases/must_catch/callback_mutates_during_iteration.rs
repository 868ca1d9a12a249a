//! The host iterates and calls out; the callback comes back in and inserts.
//! EXPECT concurrent-iteration-write: SITE-A, SITE-B

use mapwatch::collections::HashMap;

extern "C" fn on_item(map: *mut HashMap<u32, u32>, key: u32) {
    for part in 1..20 {
        // SAFETY: none. The caller is iterating: that is the bug.
        unsafe { (*map).insert(key + 1000 * part, 0) }; // SITE-B
    }
}

fn main() {
    let mut map: HashMap<u32, u32> = (0..14).map(|key| (key, key)).collect();
    let shared: *mut HashMap<u32, u32> = &mut map;
    // SAFETY: none, as above.
    let walk = unsafe { (*shared).iter() }; // SITE-A
    for (key, _) in walk {
        on_item(shared, *key);
    }
}
