//! CLASS: a   MAP: DashMap 6   DETERMINISTIC: yes
//! PATTERN: `retain` drops a value whose `Drop` takes it off the same map.
//! EXPECT-CATEGORY: self-deadlock
//! EXPECT-SITES: SITE-A (retain) + SITE-B (remove)
use dashmap::DashMap; // MAP-IMPORT
use std::sync::{Arc, Weak};

type Registry = DashMap<u32, Connection>;

struct Connection {
    id: u32,
    home: Weak<Registry>,
}

impl Drop for Connection {
    fn drop(&mut self) {
        if let Some(home) = self.home.upgrade() {
            home.remove(&self.id); // SITE-B
        }
    }
}

fn main() {
    let registry: Arc<Registry> = Arc::default();
    for id in 0..4 {
        let connection = Connection { id, home: Arc::downgrade(&registry) };
        registry.insert(id, connection);
    }
    registry.retain(|id, _| id % 2 == 0); // SITE-A
    println!("NO-SYMPTOM {}", registry.len());
}
