//! TRAP: `DashMap` guards are moved into threads, in structs and through functions, and guards of parking_lot that own
//! their locks end in time; who took them waits for the same shard or lock.
use dashmap::mapref::one::{Ref, RefMut}; // MAP-IMPORT
use dashmap::DashMap; // MAP-IMPORT
use parking_lot::{ArcRwLockUpgradableReadGuard, Mutex, RwLock}; // MAP-IMPORT
use std::sync::mpsc::{channel, Sender};
use std::sync::Arc;
use std::thread::{Scope, ScopedJoinHandle};
use std::time::Duration;

struct Job<'m> {
    row: RefMut<'m, u32, Vec<u32>>,
    pause: u64,
}

fn run(mut job: Job<'_>) {
    std::thread::sleep(Duration::from_millis(job.pause));
    job.row.push(1);
}

fn queue<'m>(to: &Sender<Job<'m>>, job: Job<'m>) {
    to.send(job).unwrap();
}

fn start<'s, 'm: 's>(scope: &'s Scope<'s, '_>, row: Ref<'m, u32, Vec<u32>>) -> ScopedJoinHandle<'s, usize> {
    scope.spawn(move || {
        std::thread::sleep(Duration::from_millis(20));
        row.len()
    })
}

fn main() {
    let map: DashMap<u32, Vec<u32>> = [(1, Vec::new())].into_iter().collect();
    std::thread::scope(|scope| {
        let (sender, receiver) = channel::<Job<'_>>();
        let worker = scope.spawn(move || receiver.into_iter().for_each(run));
        for turn in 0..4 {
            let job = Job { row: map.get_mut(&1).unwrap(), pause: 5 * turn };
            queue(&sender, job);
            map.entry(1).or_default().push(2);
        }
        drop(sender);
        worker.join().unwrap();
        let started = start(scope, map.get(&1).unwrap());
        map.get_mut(&1).unwrap().push(3);
        started.join().unwrap();
    });
    assert_eq!(map.get(&1).map(|row| row.len()), Some(9));

    let lock = Arc::new(Mutex::new(vec![1]));
    let open = Some(lock.lock_arc());
    let count = open.map_or(0, |rows| rows.len());
    lock.lock().push(count as u32);
    let table = Arc::new(RwLock::new(vec![1]));
    let before = table.read_arc();
    let plan = table.upgradable_read_arc();
    let length = before.len();
    drop(before);
    ArcRwLockUpgradableReadGuard::upgrade(plan).push(length as u32);
    assert_eq!(table.write().len(), 2);
}
