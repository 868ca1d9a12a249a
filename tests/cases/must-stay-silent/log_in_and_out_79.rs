//! NEGATIVE: 79
//! What is read before it is removed, for a log or a farewell, while others touch it in place: nothing is decided by it.
//! Ids come from a counter; lengths are shown, never relied on. MAP: DashMap 6, std Mutex<HashMap>
use dashmap::DashMap; // MAP-IMPORT
use std::collections::HashMap; // MAP-IMPORT
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::Mutex; // MAP-IMPORT

struct Seen {
    name: String,
    requests: u64,
}

#[derive(Default)]
struct Door {
    next: AtomicU64,
    inside: DashMap<u64, Seen>,
    log: Mutex<HashMap<u64, String>>,
}

impl Door {
    fn enter(&self, name: &str) -> u64 {
        let id = self.next.fetch_add(1, Ordering::Relaxed);
        let before = self.inside.len();
        self.inside.insert(id, Seen { name: name.to_string(), requests: 0 });
        self.log.lock().unwrap().insert(id, format!("{name} enters, {before} were inside"));
        id
    }

    fn request(&self, id: u64) {
        if let Some(mut seen) = self.inside.get_mut(&id) {
            seen.requests += 1;
        }
    }

    fn leave(&self, id: u64) {
        if let Some(seen) = self.inside.get(&id) {
            let farewell = format!("{} leaves after {} requests", seen.name, seen.requests);
            drop(seen);
            self.log.lock().unwrap().insert(id, farewell);
        }
        self.inside.remove(&id);
    }
}

fn main() {
    let door = Door::default();
    std::thread::scope(|scope| {
        for who in 0..4 {
            let door = &door;
            scope.spawn(move || {
                for n in 0..150 {
                    let id = door.enter(&format!("guest {who}-{n}"));
                    for other in id.saturating_sub(3)..=id {
                        door.request(other);
                    }
                    std::thread::yield_now();
                    door.leave(id);
                }
            });
        }
    });
    println!("OK {} {}", door.inside.len(), door.log.lock().unwrap().len());
}
