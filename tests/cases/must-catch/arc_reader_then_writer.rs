//! CLASS: b   MAP: parking_lot RwLock<HashMap>, `read_arc`   DETERMINISTIC: yes
//! PATTERN: a snapshot that is a read guard is still there when the cache is filled, in a thread.
//! EXPECT-CATEGORY: self-deadlock
//! EXPECT-SITES: SITE-A (read_arc) + SITE-B (write)
use parking_lot::RwLock; // MAP-IMPORT
use std::collections::HashMap; // MAP-IMPORT
use std::sync::Arc;

type Cache = Arc<RwLock<HashMap<u32, String>>>;

fn store(cache: &Cache, id: u32) {
    cache.write().insert(id, format!("user {id}")); // SITE-B
}

fn name(cache: &Cache, id: u32) -> String {
    let snapshot = cache.read_arc(); // SITE-A
    if !snapshot.contains_key(&id) {
        store(cache, id);
    }
    snapshot.get(&id).cloned().unwrap_or_default()
}

fn main() {
    let cache = Cache::default();
    let asked = std::thread::spawn(move || name(&cache, 3)).join();
    println!("NO-SYMPTOM {asked:?}");
}
