//! Correct programs, each a trap for a rule that sees coincidences: none of them is told anything.

use crate::findings::{listen, silent};
use mapwatch::collections::HashMap;
use mapwatch::sync::{Condvar, Mutex, RwLock};
use mapwatch::{Named, SharedMap};
use std::sync::atomic::{AtomicU64, Ordering::SeqCst};
use std::sync::mpsc::channel;
use std::sync::{Arc, Barrier, Mutex as Unwatched};

const THREADS: u64 = 6;

fn locked(name: &'static str) -> Mutex<HashMap<u64, u64>> {
    listen();
    Mutex::new(HashMap::new().named(name))
}

fn shared(name: &'static str) -> RwLock<HashMap<u64, u64>> {
    listen();
    RwLock::new(HashMap::new().named(name))
}

fn crowd(work: impl Fn(u64) + Sync) {
    std::thread::scope(|scope| {
        for who in 0..THREADS {
            let work = &work;
            scope.spawn(move || work(who));
        }
    });
}

/// Dice of which each thread has its own.
fn dice(seed: u64) -> impl FnMut(u64) -> u64 {
    let mut state = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
    move |sides| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state % sides
    }
}

#[test]
fn double_checked_locking() {
    let cache = shared("double_checked");
    crowd(|_| {
        for key in 0..200 {
            let hit = cache.read().unwrap().get(&key).copied();
            if hit.is_none() {
                let mut cache = cache.write().unwrap();
                if !cache.contains_key(&key) {
                    cache.insert(key, key);
                }
            }
        }
    });
    silent("double_checked");
}

#[test]
fn a_miss_and_then_an_entry() {
    let cache = shared("miss_then_entry");
    crowd(|_| {
        for key in 0..200 {
            let hit = cache.read().unwrap().get(&key).copied();
            let value = hit.unwrap_or_else(|| *cache.write().unwrap().entry(key).or_insert(key));
            assert_eq!(value, key);
        }
    });
    silent("miss_then_entry");
}

#[test]
fn read_and_stored_under_one_lock() {
    let counts = locked("under_one_lock");
    crowd(|_| {
        for step in 0..300 {
            let mut counts = counts.lock().unwrap();
            let seen = counts.get(&(step % 7)).copied().unwrap_or(0);
            counts.insert(step % 7, seen + 1);
        }
    });
    assert_eq!(counts.lock().unwrap().values().sum::<u64>(), 300 * THREADS);
    silent("under_one_lock");
}

#[test]
fn the_last_heartbeat_counts() {
    let seen = locked("heartbeats");
    crowd(|who| {
        for step in 0..300 {
            seen.lock().unwrap().insert(step % 3, who);
            let _ = seen.lock().unwrap().get(&(step % 3)).copied();
        }
    });
    silent("heartbeats");
}

#[test]
fn a_server_does_as_it_is_told() {
    let store = locked("a_server");
    crowd(|who| {
        let mut dice = dice(who + 1);
        for _ in 0..500 {
            let key = dice(4);
            match dice(4) {
                0 => drop(store.lock().unwrap().get(&key).copied()),
                1 => drop(store.lock().unwrap().contains_key(&key)),
                2 => drop(store.lock().unwrap().insert(key, who)),
                _ => drop(store.lock().unwrap().remove(&key)),
            }
        }
    });
    silent("a_server");
}

/// A store whose methods serve whoever calls.
struct Store(Mutex<HashMap<u64, u64>>);

impl Store {
    fn get(&self, key: u64) -> Option<u64> {
        self.0.lock().unwrap().get(&key).copied()
    }

    fn put(&self, key: u64, value: u64) {
        self.0.lock().unwrap().insert(key, value);
    }

    fn delete(&self, key: u64) {
        self.0.lock().unwrap().remove(&key);
    }
}

#[test]
fn a_pool_of_workers_serves_requests() {
    let store = Store(locked("a_pool"));
    crowd(|who| {
        let mut dice = dice(who + 77);
        for _ in 0..500 {
            let key = dice(3);
            match dice(3) {
                0 => drop(store.get(key)),
                1 => store.put(key, who),
                _ => store.delete(key),
            }
        }
    });
    silent("a_pool");
}

#[test]
fn who_registers_also_leaves() {
    let peers = locked("registers_and_leaves");
    crowd(|who| {
        for _ in 0..200 {
            if !peers.lock().unwrap().contains_key(&who) {
                peers.lock().unwrap().insert(who, who);
            }
            let _ = peers.lock().unwrap().len();
            peers.lock().unwrap().remove(&who);
        }
    });
    silent("registers_and_leaves");
}

#[test]
fn a_sweeper_looks_and_removes_under_one_lock() {
    let table = locked("a_sweeper");
    crowd(|who| {
        for step in 0..200 {
            table.lock().unwrap().insert(step % 10, step);
            if who == 0 {
                let mut table = table.lock().unwrap();
                let old: Vec<u64> = table.iter().filter(|(_, at)| **at < 5).map(|(key, _)| *key).collect();
                for key in old {
                    table.remove(&key);
                }
            }
        }
    });
    silent("a_sweeper");
}

#[test]
fn a_sweeper_looks_again() {
    let table = locked("looks_again");
    crowd(|who| {
        for step in 0..100 {
            table.lock().unwrap().insert(step % 10, step);
            if who == 0 {
                let old: Vec<u64> = table.lock().unwrap().keys().copied().collect();
                for key in old {
                    let mut table = table.lock().unwrap();
                    if table.get(&key).is_some_and(|at| *at < 50) {
                        table.remove(&key);
                    }
                }
            }
        }
    });
    silent("looks_again");
}

#[test]
fn slots_are_handed_over_with_a_condvar() {
    let (slots, changed) = (locked("slots"), Condvar::new());
    std::thread::scope(|scope| {
        scope.spawn(|| {
            for item in 0..200 {
                let mut slots =
                    changed.wait_while(slots.lock().unwrap(), |slots| slots.contains_key(&0)).unwrap();
                slots.insert(0, item);
                changed.notify_all();
            }
        });
        scope.spawn(|| {
            for item in 0..200 {
                let mut slots =
                    changed.wait_while(slots.lock().unwrap(), |slots| !slots.contains_key(&0)).unwrap();
                assert_eq!(slots.remove(&0), Some(item));
                changed.notify_all();
            }
        });
    });
    silent("slots");
}

#[test]
fn a_lock_for_each_key() {
    let (table, locks) = (locked("lock_for_each_key"), [const { Unwatched::new(()) }; 4]);
    crowd(|who| {
        let mut dice = dice(who + 9);
        for _ in 0..300 {
            let key = dice(4);
            let _turn = locks[key as usize].lock().unwrap();
            let seen = table.lock().unwrap().get(&key).copied().unwrap_or(0);
            table.lock().unwrap().insert(key, seen + 1);
        }
    });
    assert_eq!(table.lock().unwrap().values().sum::<u64>(), 300 * THREADS);
    silent("lock_for_each_key");
}

#[test]
fn phases_between_barriers() {
    let (cells, barrier) = (shared("phases"), Barrier::new(THREADS as usize));
    crowd(|who| {
        for round in 0..50 {
            let all: u64 = (0..THREADS).filter_map(|cell| cells.read().unwrap().get(&cell).copied()).sum();
            barrier.wait();
            cells.write().unwrap().insert((who + round) % THREADS, all % 1000 + 1);
            barrier.wait();
        }
    });
    silent("phases");
}

#[test]
fn filled_first_and_read_by_all() {
    listen();
    let table: HashMap<u64, u64> = (0..100).map(|key| (key, key)).collect();
    let table = Arc::new(table.named("read_by_all"));
    crowd(|_| {
        for key in 0..100 {
            assert_eq!(table.get(&key), Some(&key));
        }
    });
    silent("read_by_all");
}

#[test]
fn told_through_a_channel_and_looked_at_again() {
    let table = locked("through_a_channel");
    let (ask, asked) = channel();
    let (tell, told) = channel();
    std::thread::scope(|scope| {
        let table = &table;
        scope.spawn(move || {
            for key in asked {
                table.lock().unwrap().insert(key, 1);
                tell.send(key).unwrap();
            }
        });
        scope.spawn(move || {
            for key in 0..100 {
                assert!(!table.lock().unwrap().contains_key(&key));
                ask.send(key).unwrap();
                assert_eq!(told.recv().unwrap(), key);
                if table.lock().unwrap().contains_key(&key) {
                    table.lock().unwrap().insert(key, 2);
                }
            }
        });
    });
    silent("through_a_channel");
}

#[test]
fn jobs_are_taken_once() {
    let (jobs, done) = (locked("jobs"), locked("done"));
    jobs.lock().unwrap().extend((0..300).map(|job| (job, job)));
    crowd(|who| {
        loop {
            let next = jobs.lock().unwrap().keys().next().copied();
            let Some(job) = next else { break };
            if jobs.lock().unwrap().remove(&job).is_some() {
                done.lock().unwrap().insert(job, who);
            }
        }
    });
    assert_eq!(done.lock().unwrap().len(), 300);
    silent("jobs");
    silent("done");
}

#[test]
fn progress_is_written_into_what_will_be_removed() {
    let (jobs, turn) = (locked("progress"), Barrier::new(2));
    std::thread::scope(|scope| {
        scope.spawn(|| {
            for job in 0..50 {
                jobs.lock().unwrap().insert(job, 0);
                turn.wait();
                let seen = jobs.lock().unwrap().get(&job).copied();
                turn.wait();
                assert!(seen.is_some() && jobs.lock().unwrap().remove(&job).is_some());
            }
        });
        scope.spawn(|| {
            for job in 0..50 {
                turn.wait();
                if let Some(progress) = jobs.lock().unwrap().get_mut(&job) {
                    *progress += 50;
                }
                turn.wait();
            }
        });
    });
    silent("progress");
}

#[test]
fn cleared_and_filled_again() {
    let table = locked("cleared");
    crowd(|who| {
        for round in 0..100 {
            let mut table = table.lock().unwrap();
            if table.len() > 50 {
                table.clear();
                table.extend((0..10).map(|key| (key, who)));
            }
            table.insert(round, who);
        }
    });
    silent("cleared");
}

/// Random schedules of steps that look and change at once, by many threads: never a suspect.
#[test]
fn compound_operations_in_any_order() {
    listen();
    for seed in 0..20 {
        let (map, turn) = (SharedMap::new().named("any_order"), Unwatched::new(()));
        let sum = AtomicU64::new(0);
        crowd(|who| {
            let mut dice = dice(seed * 100 + who);
            for _ in 0..100 {
                let key = dice(5);
                let _turn = turn.lock().unwrap();
                match dice(5) {
                    0 => *map.entry(key).or_insert(0) += 1,
                    1 => drop(map.entry(key).and_modify(|value| *value += 1).or_insert(1)),
                    2 => map.retain(|kept, value: &mut u64| *kept != key || *value < 9),
                    3 => drop(sum.fetch_add(map.get_cloned(&key).unwrap_or(0), SeqCst)),
                    _ => {
                        if let Some(mut value) = map.get_mut(&key) {
                            *value += 1;
                        }
                    }
                }
            }
        });
    }
    silent("any_order");
}
