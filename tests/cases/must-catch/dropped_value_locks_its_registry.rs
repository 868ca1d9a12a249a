//! CLASS: c   MAP: std Mutex<HashMap>   DETERMINISTIC: yes
//! PATTERN: a session takes itself out of the registry when it is dropped; the registry drops the old one while it is locked.
//! EXPECT-CATEGORY: self-deadlock
//! EXPECT-SITES: SITE-A (the guard of the statement) + SITE-B (the destructor's lock)
use std::collections::HashMap; // MAP-IMPORT
use std::sync::{Arc, Mutex}; // MAP-IMPORT

type Registry = Arc<Mutex<HashMap<u32, Session>>>;

struct Session {
    id: u32,
    generation: u32,
    registry: Registry,
}

impl Drop for Session {
    fn drop(&mut self) {
        let mut sessions = self.registry.lock().unwrap(); // SITE-B
        if sessions.get(&self.id).is_some_and(|now| now.generation == self.generation) {
            sessions.remove(&self.id);
        }
    }
}

fn log_in(registry: &Registry, id: u32, generation: u32) {
    let session = Session { id, generation, registry: Arc::clone(registry) };
    registry.lock().unwrap().insert(id, session); // SITE-A
}

fn main() {
    let registry = Registry::default();
    log_in(&registry, 7, 1);
    log_in(&registry, 7, 2);
    println!("NO-SYMPTOM");
}
