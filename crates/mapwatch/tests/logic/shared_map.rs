//! `SharedMap`, which is used in turns here.

use crate::findings::{caught, elsewhere, listen, silent};
use mapwatch::SharedMap;
use std::sync::Barrier;

/// A map that two threads have been to.
fn map(name: &'static str) -> SharedMap<&'static str, u32> {
    listen();
    let map = SharedMap::new().named(name);
    map.len();
    elsewhere(|| map.len());
    map
}

/// Two threads go through one piece of code, the second between the first one's look and act.
fn in_between(look: impl Fn() + Sync, act: impl Fn() + Sync) {
    let (looked, acted) = (Barrier::new(2), Barrier::new(2));
    std::thread::scope(|scope| {
        scope.spawn(|| {
            look();
            looked.wait();
            acted.wait();
            act();
        });
        scope.spawn(|| {
            looked.wait();
            look();
            act();
            acted.wait();
        });
    });
}

#[test]
fn two_see_nothing_and_both_store() {
    let jobs = map("two_see_nothing_and_both_store");
    let (looked, acted) = (Barrier::new(2), Barrier::new(2));
    let claim = |first: bool| {
        if !first {
            looked.wait();
        }
        if !jobs.contains_key("job") {
            if first {
                looked.wait();
                acted.wait();
            }
            jobs.insert("job", 1);
        }
        if !first {
            acted.wait();
        }
    };
    std::thread::scope(|scope| {
        scope.spawn(|| claim(true));
        scope.spawn(|| claim(false));
    });
    caught("two_see_nothing_and_both_store", "check-then-act", ["contains_key", "insert", "insert"]);
}

#[test]
fn a_copy_is_stored_over_anothers_update() {
    let sessions = map("a_copy_is_stored_over_anothers_update");
    sessions.insert("kim", 0);
    elsewhere(|| {
        let seen = sessions.get_cloned("kim").unwrap();
        elsewhere(|| *sessions.entry("kim").or_insert(0) += 1);
        elsewhere(|| sessions.insert("kim", 7));
        sessions.insert("kim", seen + 1);
    });
    caught("a_copy_is_stored_over_anothers_update", "lost-update", ["get", "insert", "insert"]);
}

#[test]
fn what_is_allowed_is_not_told() {
    let pages = map("pages");
    mapwatch::allow(mapwatch::Category::CheckThenAct, "pages");
    elsewhere(|| {
        if pages.get_cloned("a").is_none() {
            elsewhere(|| pages.insert("a", 1));
            pages.insert("a", 1);
        }
    });
    silent("pages");
}

#[test]
fn a_collected_key_was_reused() {
    let tasks = map("a_collected_key_was_reused");
    tasks.insert("one", 0);
    elsewhere(|| {
        let done: Vec<_> = tasks.iter().filter(|task| *task.value() == 0).map(|task| *task.key()).collect();
        elsewhere(|| tasks.insert("one", 1));
        for task in done {
            tasks.remove(task);
        }
    });
    caught("a_collected_key_was_reused", "check-then-act", ["iter", "insert", "remove"]);
}

#[test]
fn another_value_is_removed_than_the_one_that_was_seen() {
    let peers = map("another_value_is_removed");
    peers.insert("a", 0);
    elsewhere(|| {
        if peers.get_cloned("a") == Some(0) {
            elsewhere(|| peers.remove("a"));
            elsewhere(|| peers.insert("a", 1));
            peers.remove("a");
        }
    });
    caught("another_value_is_removed", "check-then-act", ["get", "insert", "remove"]);
}

#[test]
fn compound_operations_rely_on_nothing() {
    let counts = map("compound_operations");
    in_between(
        || assert!(counts.get_cloned("a") < Some(9)),
        || {
            *counts.entry("a").or_insert(0) += 1;
            counts.retain(|_, count| *count > 0);
            if let Some(mut count) = counts.get_mut("a") {
                *count += 1;
            }
        },
    );
    silent("compound_operations");
}

/// Stores, whatever it saw; some callers have it look.
#[inline(never)]
fn put(
    store: &SharedMap<&'static str, u32>,
    key: &'static str,
    value: u32,
    looks: bool,
    then: &(dyn Fn() + Sync),
) {
    if looks {
        let _ = store.get_cloned(key);
    }
    then();
    // Optimised as the last call of the function, it would leave no frame of it.
    std::hint::black_box(store.insert(key, value));
}

#[test]
fn a_put_that_serves_everybody_decides_nothing() {
    let store = map("a_put_that_serves_everybody");
    let blind = |key, value| elsewhere(|| put(&store, key, value, false, &|| ()));
    blind("a", 1);
    blind("a", 2);
    elsewhere(|| {
        put(&store, "b", 2, true, &|| blind("b", 1));
        put(&store, "a", 4, true, &|| blind("a", 3));
    });
    silent("a_put_that_serves_everybody");
}

#[test]
fn a_second_look_is_a_fresh_one() {
    let cache = map("a_second_look");
    in_between(
        || assert!(cache.get_cloned("a") < Some(9)),
        || {
            if cache.get_cloned("a").is_none() {
                cache.insert("a", 1);
            }
        },
    );
    silent("a_second_look");
}

#[test]
fn own_keys_are_nobody_elses_business() {
    let table = map("own_keys");
    let turn = std::sync::Mutex::new(());
    std::thread::scope(|scope| {
        for key in ["a", "b", "c", "d"] {
            let (table, turn) = (&table, &turn);
            scope.spawn(move || {
                for value in 0..100 {
                    let _turn = turn.lock().unwrap();
                    let last = table.get_cloned(key).unwrap_or(0);
                    table.insert(key, last + value);
                }
            });
        }
    });
    silent("own_keys");
}

#[test]
fn a_walk_that_collects_and_removes_what_is_still_there() {
    let table = map("collects_and_removes");
    table.insert("a", 1);
    table.insert("b", 2);
    elsewhere(|| {
        let old: Vec<_> = table.keys().map(|key| *key).collect();
        elsewhere(|| table.insert("c", 3));
        elsewhere(|| table.remove("a"));
        for key in old {
            table.remove(key);
        }
        table.remove("c");
    });
    silent("collects_and_removes");
}
