//! PATTERN: a registry with `begin` and `finish`, free functions in pairs, and first flights by a vacant entry, where
//!   nothing is left behind by mistake: guards give back, entries come after the await, parents clean up, and some
//!   entries are to stay.
use dashmap::mapref::entry::Entry; // MAP-IMPORT
use dashmap::DashMap; // MAP-IMPORT
use std::collections::{HashMap, HashSet}; // MAP-IMPORT
use std::sync::Mutex; // MAP-IMPORT
use std::sync::Arc;
use std::time::Duration;
use tokio::time::{sleep, timeout};

const LIMIT: Duration = Duration::from_millis(2);

async fn work() {
    sleep(Duration::from_secs(20)).await;
}

#[derive(Default)]
struct Registry {
    running: DashMap<u64, &'static str>,
    members: Mutex<HashSet<u64>>,
    finished: Mutex<HashMap<u64, u32>>,
}

impl Registry {
    fn begin(&self, id: u64, what: &'static str) {
        self.running.insert(id, what);
    }

    fn finish(&self, id: u64) {
        self.running.remove(&id);
    }

    fn join(&self, id: u64) {
        self.members.lock().unwrap().insert(id);
    }

    fn part(&self, id: u64) {
        self.members.lock().unwrap().remove(&id);
    }

    fn note(&self, id: u64) {
        self.finished.lock().unwrap().insert(id, 1);
    }

    fn forget(&self, id: u64) {
        self.finished.lock().unwrap().remove(&id);
    }
}

struct Running<'a>(&'a Registry, u64);

impl Drop for Running<'_> {
    fn drop(&mut self) {
        self.0.finish(self.1);
    }
}

/// The guard's `finish` runs however it ends.
async fn guarded(registry: Arc<Registry>, id: u64) {
    registry.begin(id, "guarded");
    let _running = Running(&registry, id);
    work().await;
}

/// Whoever started it finishes it when it has given up.
async fn supervised(registry: Arc<Registry>, id: u64) {
    let inner = async {
        registry.begin(id, "supervised");
        work().await;
        registry.finish(id);
    };
    if timeout(LIMIT, inner).await.is_err() {
        registry.finish(id);
    }
}

/// Members stay until they part; only a probe joins and parts in one go, and it is never given up.
async fn membership(registry: Arc<Registry>, id: u64) {
    registry.join(id);
    work().await;
}

async fn probe(registry: Arc<Registry>, id: u64) {
    registry.join(id);
    tokio::task::yield_now().await;
    registry.part(id);
}

/// What is done is noted after the await, and forgotten later.
async fn after_the_await(registry: Arc<Registry>, id: u64) {
    work().await;
    registry.note(id);
    tokio::task::yield_now().await;
    registry.forget(id);
}

/// Whether it goes on is decided by the answer.
async fn only_where_it_failed(registry: Arc<Registry>, id: u64, fails: bool) {
    registry.note(id);
    tokio::task::yield_now().await;
    if fails {
        registry.forget(id);
    }
    work().await;
}

/// A flight whose landing is the guard's affair.
struct Landing(Arc<DashMap<u32, ()>>, u32);

impl Drop for Landing {
    fn drop(&mut self) {
        self.0.remove(&self.1);
    }
}

async fn first_flight(flights: Arc<DashMap<u32, ()>>, id: u32) -> bool {
    match flights.entry(id) {
        Entry::Occupied(_) => return false,
        Entry::Vacant(slot) => {
            slot.insert(());
        }
    }
    let _landing = Landing(flights.clone(), id);
    work().await;
    true
}

/// A cache: what was vacant is filled, and stays.
async fn fill(cache: Arc<DashMap<u32, ()>>, id: u32) {
    if let Entry::Vacant(slot) = cache.entry(id) {
        slot.insert(());
    }
    work().await;
}

async fn evict(cache: Arc<DashMap<u32, ()>>, id: u32) {
    cache.remove(&id);
}

async fn all() {
    let registry = Arc::new(Registry::default());
    let _ = timeout(LIMIT, guarded(registry.clone(), 1)).await;
    supervised(registry.clone(), 2).await;
    let _ = timeout(LIMIT, membership(registry.clone(), 3)).await;
    probe(registry.clone(), 4).await;
    let _ = timeout(LIMIT, after_the_await(registry.clone(), 5)).await;
    let _ = timeout(LIMIT, only_where_it_failed(registry.clone(), 6, false)).await;
    let _ = timeout(LIMIT, only_where_it_failed(registry.clone(), 7, true)).await;
    let flights = Arc::new(DashMap::new());
    for id in [1, 1, 2] {
        let _ = timeout(LIMIT, first_flight(flights.clone(), id)).await;
    }
    let cache = Arc::new(DashMap::new());
    for id in [1, 2] {
        let _ = timeout(LIMIT, fill(cache.clone(), id)).await;
    }
    evict(cache.clone(), 1).await;
    println!("{} running, {} members", registry.running.len(), registry.members.lock().unwrap().len());
    println!("{} flights, {} cached", flights.len(), cache.len());
}

#[tokio::main]
async fn main() {
    all().await;
    tokio::spawn(all()).await.unwrap();
}
