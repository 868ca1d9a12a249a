//! CASE: 76
//! CLASS: d   MAP: std RwLock<HashMap>   DETERMINISTIC: yes (barriers)
//! SOURCE: written for this project
//! PATTERN: idle keys are collected under the read lock and removed under the write lock; one of them was used meanwhile.
//! EXPECT-CATEGORY: check-then-act
//! EXPECT-SITES: SITE-A (the walk) + SITE-B (the remove); SITE-C came between
use std::collections::HashMap; // MAP-IMPORT
use std::sync::{Arc, Barrier};
use std::sync::RwLock; // MAP-IMPORT

struct Connection {
    last_used: u64,
}

#[derive(Clone)]
struct Pool {
    connections: Arc<RwLock<HashMap<u64, Connection>>>,
}

impl Pool {
    fn touch(&self, id: u64, now: u64) {
        if let Some(connection) = self.connections.write().unwrap().get_mut(&id) { // SITE-C
            connection.last_used = now;
        }
    }

    fn evict_idle(&self, older_than: u64, window: &Barrier) -> usize {
        let idle: Vec<u64> = self
            .connections
            .read()
            .unwrap()
            .iter() // SITE-A
            .filter(|(_, connection)| connection.last_used < older_than)
            .map(|(id, _)| *id)
            .collect();
        window.wait();
        window.wait();
        let mut connections = self.connections.write().unwrap();
        for id in &idle {
            connections.remove(id); // SITE-B
        }
        idle.len()
    }
}

fn main() {
    let pool = Pool { connections: Arc::new(RwLock::new(HashMap::new())) };
    for id in 0..4 {
        pool.connections.write().unwrap().insert(id, Connection { last_used: id });
    }
    let window = Arc::new(Barrier::new(2));
    let user = {
        let (pool, window) = (pool.clone(), window.clone());
        std::thread::spawn(move || {
            window.wait();
            pool.touch(1, 100);
            window.wait();
        })
    };
    println!("{} evicted", pool.evict_idle(3, &window));
    user.join().unwrap();
}
