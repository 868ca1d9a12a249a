//! TRAP: a destructor locks the registry that its value was in; the old value is dropped once the registry is free.
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
        let mut sessions = self.registry.lock().unwrap();
        if sessions.get(&self.id).is_some_and(|now| now.generation == self.generation) {
            let own = sessions.remove(&self.id);
            drop(sessions);
            std::mem::forget(own);
        }
    }
}

fn log_in(registry: &Registry, id: u32, generation: u32) {
    let session = Session { id, generation, registry: Arc::clone(registry) };
    let old = registry.lock().unwrap().insert(id, session);
    drop(old);
}

fn main() {
    let registry = Registry::default();
    std::thread::scope(|scope| {
        for thread in 0..4 {
            let registry = &registry;
            scope.spawn(move || (0..50).for_each(|turn| log_in(registry, turn % 5, thread * 100 + turn)));
        }
    });
    println!("NO-SYMPTOM");
}
