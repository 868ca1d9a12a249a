//! CLASS: a   MAP: DashMap 6   DETERMINISTIC: yes
//! PATTERN: `clear` drops the values under its locks; their destructor signs off in the same map.
//! EXPECT-CATEGORY: self-deadlock
//! EXPECT-SITES: SITE-A (clear) + SITE-B (remove)
use dashmap::DashMap; // MAP-IMPORT
use std::sync::Arc;

#[derive(Default)]
struct Hub {
    clients: DashMap<u32, Client>,
}

struct Client {
    id: u32,
    hub: Arc<Hub>,
}

impl Drop for Client {
    fn drop(&mut self) {
        self.hub.clients.remove(&self.id); // SITE-B
    }
}

fn main() {
    let hub = Arc::new(Hub::default());
    for id in 0..3 {
        hub.clients.insert(id, Client { id, hub: hub.clone() });
    }
    hub.clients.clear(); // SITE-A
    println!("NO-SYMPTOM");
}
