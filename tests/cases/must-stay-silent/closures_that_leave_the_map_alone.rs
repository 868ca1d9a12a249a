//! TRAP: closures, destructors and heads of statements beside a map that they could call back into, and do not.
use dashmap::DashMap; // MAP-IMPORT
use parking_lot::{Condvar, Mutex as FairMutex}; // MAP-IMPORT
use std::collections::VecDeque;
use std::sync::{Arc, Mutex}; // MAP-IMPORT
use std::time::Duration;

struct Connection {
    closed: Arc<Mutex<u32>>,
}

impl Drop for Connection {
    fn drop(&mut self) {
        *self.closed.lock().unwrap() += 1;
    }
}

/// `None` is the last thing that each taker gets.
fn next(queue: &FairMutex<VecDeque<Option<u32>>>, ready: &Condvar) -> Option<u32> {
    let mut queue = queue.lock();
    loop {
        if let Some(job) = queue.pop_front() {
            return job;
        }
        // Looks again after a while, whether somebody called or not.
        ready.wait_for(&mut queue, Duration::from_millis(40));
    }
}

fn main() {
    let closed = Arc::new(Mutex::new(0));
    let map: DashMap<u32, Connection> = DashMap::new();
    let names: DashMap<u32, u32> = DashMap::new();
    std::thread::scope(|scope| {
        for thread in 0..4_u32 {
            let (map, names, closed) = (&map, &names, &closed);
            scope.spawn(move || {
                for turn in 0..50 {
                    let fresh = names.len() as u32;
                    names.entry(turn % 8).and_modify(|n| *n += 1).or_insert_with(|| fresh);
                    map.insert(turn % 16, Connection { closed: closed.clone() });
                    map.alter(&(turn % 16), |_, connection| connection);
                    map.retain(|id, _| id % 4 != thread);
                    let total: u32 = names.iter().map(|name| *name).sum();
                    names.alter_all(|_, name| name.min(total));
                }
            });
        }
    });
    map.clear();
    assert_eq!(*closed.lock().unwrap(), 200);

    let (queue, ready) = (FairMutex::new(VecDeque::new()), Condvar::new());
    std::thread::scope(|scope| {
        let takers: Vec<_> = (0..3).map(|_| scope.spawn(|| std::iter::from_fn(|| next(&queue, &ready)).count())).collect();
        for job in (0..60).map(Some).chain([None; 3]) {
            queue.lock().push_back(job);
            ready.notify_one();
        }
        let done: usize = takers.into_iter().map(|taker| taker.join().unwrap()).sum();
        assert_eq!(done, 60);
    });
    queue.lock().extend((0..3).map(Some));
    loop {
        let Some(job) = queue.lock().pop_front() else { break };
        if let Some(left) = job.and_then(|job| job.checked_sub(1)) {
            queue.lock().push_back(Some(left));
        }
    }
}
