//! NEGATIVE: 76
//! Sweepers that collect what is old, and look again where they remove: `remove_if`, one lock, an entry; and requests
//! that renew in place. MAP: DashMap 6, std RwLock<HashMap>, std Mutex<BTreeMap>
use dashmap::mapref::entry::Entry; // MAP-IMPORT
use dashmap::DashMap; // MAP-IMPORT
use std::collections::{BTreeMap, HashMap}; // MAP-IMPORT
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, RwLock}; // MAP-IMPORT

#[derive(Default)]
struct Tables {
    clock: AtomicU64,
    sessions: DashMap<u64, u64>,
    leases: RwLock<HashMap<u64, u64>>,
    timers: Mutex<BTreeMap<u64, u64>>,
}

impl Tables {
    fn now(&self) -> u64 {
        self.clock.fetch_add(1, Ordering::Relaxed)
    }

    fn renew(&self, id: u64) {
        let now = self.now();
        match self.sessions.get_mut(&id) {
            Some(mut session) => *session = now,
            None => drop(self.sessions.entry(id).or_insert(now)),
        }
        *self.leases.write().unwrap().entry(id).or_insert(0) = now;
        self.timers.lock().unwrap().insert(id, now);
    }

    fn sweep_sessions(&self) {
        let now = self.now();
        let old: Vec<u64> = self.sessions.iter().filter(|s| *s.value() + 50 < now).map(|s| *s.key()).collect();
        for id in old {
            self.sessions.remove_if(&id, |_, at| *at + 50 < now);
        }
        if self.sessions.get(&0).is_some_and(|at| *at + 50 < now) {
            if let Entry::Occupied(session) = self.sessions.entry(0) {
                if *session.get() + 50 < now {
                    session.remove();
                }
            }
        }
    }

    fn sweep_leases(&self) {
        let now = self.now();
        let old: Vec<u64> = {
            let leases = self.leases.read().unwrap();
            leases.iter().filter(|(_, at)| **at + 50 < now).map(|(id, _)| *id).collect()
        };
        let mut leases = self.leases.write().unwrap();
        for id in old {
            if leases.get(&id).is_some_and(|at| *at + 50 < now) {
                leases.remove(&id);
            }
        }
    }

    fn fire_timers(&self) -> usize {
        let now = self.now();
        let mut timers = self.timers.lock().unwrap();
        let due: Vec<u64> = timers.iter().filter(|(_, at)| **at + 20 < now).map(|(id, _)| *id).collect();
        for id in &due {
            timers.remove(id);
        }
        due.len()
    }
}

fn main() {
    let tables = Tables::default();
    std::thread::scope(|scope| {
        for who in 0..3u64 {
            let tables = &tables;
            scope.spawn(move || (0..400).for_each(|n| tables.renew((n + who) % 6)));
        }
        for _ in 0..2 {
            scope.spawn(|| {
                for _ in 0..150 {
                    tables.sweep_sessions();
                    tables.sweep_leases();
                    tables.fire_timers();
                }
            });
        }
    });
    println!("OK {}", tables.leases.read().unwrap().len());
}
