//! `ArcSwap`: snapshots that are loaded, changed and stored.

use crate::findings::{caught, elsewhere, listen, silent};
use mapwatch::Named;
use mapwatch::arc_swap::checked::{ArcSwap, Cache};
use mapwatch::collections::checked::HashMap as Watched;
#[cfg(feature = "dashmap")]
use mapwatch::dashmap::checked::DashMap;
use std::collections::HashMap;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::sync::{Arc, Barrier};

type Keys = HashMap<u32, u32>;

fn keys(name: &'static str) -> ArcSwap<Keys> {
    listen();
    ArcSwap::from_pointee(Keys::new()).named(name)
}

/// A copy of the snapshot with one more entry.
fn with(old: &Keys, key: u32) -> Keys {
    let mut next = old.clone();
    next.insert(key, key);
    next
}

#[test]
fn two_begin_with_one_snapshot() {
    for turn in 0..20 {
        let name: &'static str = format!("two_begin_{turn}").leak();
        let (keys, both) = (keys(name), Barrier::new(2));
        std::thread::scope(|scope| {
            for key in 0..2 {
                let (keys, both) = (&keys, &both);
                scope.spawn(move || {
                    let next = with(&keys.load(), key);
                    both.wait();
                    keys.store(Arc::new(next));
                });
            }
        });
        // Findings at one pair of sites are told a few times only.
        if turn < 5 {
            caught(name, "stale-snapshot", ["load", "store", "store"]);
        }
    }
}

#[test]
fn steps_that_see_what_they_replace() {
    let keys = keys("steps");
    let made = AtomicUsize::new(0);
    std::thread::scope(|scope| {
        for thread in 0..6 {
            let (keys, made) = (&keys, &made);
            scope.spawn(move || {
                let old = keys.load_full();
                for step in 0..50 {
                    keys.rcu(|now| with(now, thread * 100 + step));
                    let seen = keys.load();
                    let next = Arc::new(with(&seen, thread * 100 + 50 + step));
                    let was = keys.compare_and_swap(&seen, next);
                    made.fetch_add(usize::from(Arc::ptr_eq(&was, &seen)), SeqCst);
                }
                assert!(old.len() <= 600);
            });
        }
    });
    assert_eq!(keys.load().len(), 300 + made.load(SeqCst));
    silent("steps");
}

#[test]
fn one_writer_and_readers_that_keep_their_snapshots() {
    let keys = keys("one_writer");
    std::thread::scope(|scope| {
        scope.spawn(|| (0..200).for_each(|key| keys.store(Arc::new(with(&keys.load(), key)))));
        for _ in 0..4 {
            scope.spawn(|| {
                let mut cache = Cache::new(&keys);
                let first = keys.load_full();
                assert!((0..200).all(|_| cache.load().len() >= first.len()));
            });
        }
    });
    assert_eq!(keys.load().len(), 200);
    silent("one_writer");
}

#[test]
fn a_new_snapshot_owes_nothing_to_the_old_one() {
    let keys = keys("published_whole");
    let publish = |key| keys.store(Arc::new(with(&Keys::new(), key)));
    elsewhere(|| publish(1));
    elsewhere(|| {
        assert_eq!(keys.load().len(), 1);
        elsewhere(|| publish(2));
        publish(3);
    });
    silent("published_whole");
}

#[test]
fn a_swap_is_a_store_that_gives_back_what_it_replaced() {
    let keys = keys("swapped");
    elsewhere(|| {
        let seen = keys.load_full();
        elsewhere(|| keys.rcu(|now| with(now, 1)));
        keys.swap(Arc::new(with(&seen, 2)));
    });
    caught("swapped", "stale-snapshot", ["load", "store", "store"]);
}

#[cfg(feature = "dashmap")]
type Alive = ArcSwap<Watched<u32, ()>>;

/// Removes from `table` what is not alive; `join` happens while it decides.
#[cfg(feature = "dashmap")]
fn sweep(alive: &Alive, table: &DashMap<u32, u32>, join: impl FnOnce(), again: bool) {
    let seen = alive.load_full();
    join();
    let gone: Vec<u32> = table.iter().map(|row| *row.key()).filter(|key| !seen.contains_key(key)).collect();
    for key in gone {
        if !again || !alive.load().contains_key(&key) {
            table.remove(&key);
        }
    }
}

#[cfg(feature = "dashmap")]
fn members(name: &'static str) -> (Alive, DashMap<u32, u32>) {
    listen();
    let table = DashMap::new().named(name);
    table.insert(1, 0);
    table.insert(9, 0);
    (ArcSwap::from_pointee(Watched::from([(1, ())])), table)
}

#[cfg(feature = "dashmap")]
fn join(alive: &Alive, table: &DashMap<u32, u32>) {
    table.insert(2, 0);
    alive.rcu(|now| now.keys().map(|key| (*key, ())).chain([(2, ())]).collect::<Watched<u32, ()>>());
}

#[cfg(feature = "dashmap")]
#[test]
fn an_old_snapshot_does_not_list_who_has_joined_since() {
    let (alive, table) = members("joined_since");
    sweep(&alive, &table, || elsewhere(|| join(&alive, &table)), false);
    caught("joined_since", "stale-snapshot", ["load", "store", "remove"]);
    assert!(table.contains_key(&1) && !table.contains_key(&2) && !table.contains_key(&9));
}

#[cfg(feature = "dashmap")]
#[test]
fn an_old_snapshot_is_old_whoever_replaced_it() {
    let (alive, table) = members("whoever_replaced_it");
    let seen = alive.load_full();
    alive.store(Arc::new(Watched::from([(1, ()), (2, ())])));
    table.insert(2, 0);
    if !seen.contains_key(&2) {
        table.remove(&2);
    }
    let found = crate::findings::of("whoever_replaced_it");
    assert_eq!(found.iter().map(|found| found.category.code()).collect::<Vec<_>>(), ["stale-snapshot"]);
}

#[cfg(feature = "dashmap")]
#[test]
fn a_look_into_the_newest_snapshot_decides() {
    let (alive, table) = members("newest_decides");
    sweep(&alive, &table, || elsewhere(|| join(&alive, &table)), true);
    assert!(table.contains_key(&2) && !table.contains_key(&9));
    silent("newest_decides");
}

#[cfg(feature = "dashmap")]
#[test]
fn who_was_gone_before_the_snapshot_is_gone() {
    let (alive, table) = members("gone_before");
    // Whoever joins is not looked at; who is removed was there before the snapshot was taken.
    sweep(&alive, &table, || elsewhere(|| drop(alive.rcu(|now| Watched::clone(now)))), false);
    assert!(table.contains_key(&1) && !table.contains_key(&9));
    silent("gone_before");
}
