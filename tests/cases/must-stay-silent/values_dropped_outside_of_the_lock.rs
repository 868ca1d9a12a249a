//! TRAP: destructors, `Display` and `Eq` that use the map, called where no guard is alive.
use dashmap::DashMap; // MAP-IMPORT
use std::fmt;
use std::sync::Arc;
use std::sync::Mutex; // MAP-IMPORT

#[derive(Default)]
struct Hub {
    clients: DashMap<u32, Client>,
    gone: Mutex<Vec<u32>>,
}

struct Client {
    id: u32,
    hub: Arc<Hub>,
}

impl Drop for Client {
    fn drop(&mut self) {
        self.hub.clients.remove(&(self.id + 1000));
        self.hub.gone.lock().unwrap().push(self.id);
    }
}

impl fmt::Display for Hub {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} clients, {} gone", self.clients.len(), self.gone.lock().unwrap().len())
    }
}

fn main() {
    let hub = Arc::new(Hub::default());
    for id in 0..20 {
        hub.clients.insert(id % 7, Client { id, hub: hub.clone() });
        let text = hub.to_string();
        assert!(!text.is_empty());
    }
    let old: Vec<u32> = hub.clients.iter().map(|client| *client.key()).collect();
    for id in old {
        drop(hub.clients.remove(&id));
    }
    assert_eq!(hub.gone.lock().unwrap().len(), 20);
}
