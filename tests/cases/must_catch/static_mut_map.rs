//! A global registry without any lock, filled by several threads at once.
//! EXPECT concurrent-writes: SITE-A, SITE-A
#![allow(static_mut_refs)]

use mapwatch::collections::HashMap;

static mut REGISTRY: Option<HashMap<u64, u64>> = None;

fn main() {
    // SAFETY: none. The missing lock is the bug.
    unsafe { REGISTRY = Some(HashMap::new()) };
    std::thread::scope(|scope| {
        for thread in 0..4u64 {
            scope.spawn(move || {
                for key in 0..50_000 {
                    // SAFETY: none, as above.
                    let registry = unsafe { REGISTRY.as_mut() }.expect("made above");
                    registry.insert(thread * 1_000_000 + key, key); // SITE-A
                }
            });
        }
    });
}
