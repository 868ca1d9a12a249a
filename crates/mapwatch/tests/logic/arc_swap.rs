//! `ArcSwap`: snapshots that are loaded, changed and stored.

use crate::findings::{caught, elsewhere, listen, silent};
use mapwatch::Named;
use mapwatch::arc_swap::{ArcSwap, Cache};
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
