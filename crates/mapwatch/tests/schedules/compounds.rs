//! Atomic compounds, and looks beside them: nobody decides on what it saw before, so nobody is suspected.

use super::{baton, told};
#[cfg(feature = "arc-swap")]
use mapwatch::arc_swap::checked::ArcSwap;
use mapwatch::collections::checked::HashMap;
use mapwatch::collections::checked::hash_map;
#[cfg(feature = "dashmap")]
use mapwatch::dashmap::checked::{DashMap, Entry};
use mapwatch::sync::checked::RwLock;
use mapwatch::{SharedMap, shared_map};
use proptest::prelude::*;
use std::ops::{Deref, DerefMut};
#[cfg(feature = "arc-swap")]
use std::sync::Arc;
use std::sync::PoisonError;

const ACTORS: usize = 5;

/// What an actor does in one step, to a key.
#[derive(Clone, Copy, Debug)]
enum Step {
    Has(u8),
    Get(u8),
    Walk,
    OrInsert(u8),
    Count(u8),
    Change(u8),
    InsertIfNone(u8),
    ReadAndStore(u8),
    RemoveIf(u8),
    Retain(u8),
    CollectAndRemove,
    Flip(u8),
    TakeAndPutBack(u8),
}

fn schedules() -> impl Strategy<Value = Vec<(usize, Step)>> {
    // Few keys: everybody meets everybody.
    let key = 0_u8..3;
    let step = prop_oneof![
        3 => key.clone().prop_map(Step::Has),
        3 => key.clone().prop_map(Step::Get),
        1 => Just(Step::Walk),
        2 => key.clone().prop_map(Step::OrInsert),
        2 => key.clone().prop_map(Step::Count),
        2 => key.clone().prop_map(Step::Change),
        2 => key.clone().prop_map(Step::InsertIfNone),
        2 => key.clone().prop_map(Step::ReadAndStore),
        2 => key.clone().prop_map(Step::RemoveIf),
        1 => key.clone().prop_map(Step::Retain),
        1 => Just(Step::CollectAndRemove),
        2 => key.clone().prop_map(Step::Flip),
        1 => key.prop_map(Step::TakeAndPutBack),
    ];
    proptest::collection::vec((0..ACTORS, step), 10..80)
}

/// No schedule makes `perform` a suspect, on a new map each time.
#[track_caller]
fn never_suspected<M: Sync>(new: impl Fn() -> M, perform: impl Fn(&M, Step) + Sync) {
    let _alone = told::alone();
    told::take();
    baton::try_all(48, &schedules(), |steps| {
        let map = new();
        baton::play(ACTORS, &steps, |_, step| perform(&map, *step));
        assert_eq!(told::take(), []);
    });
}

type Map = HashMap<u8, u32>;

/// A lock around a map.
trait Lock: Sync {
    fn reading(&self) -> impl Deref<Target = Map>;
    fn writing(&self) -> impl DerefMut<Target = Map>;
}

impl Lock for RwLock<Map> {
    fn reading(&self) -> impl Deref<Target = Map> {
        self.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn writing(&self) -> impl DerefMut<Target = Map> {
        self.write().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(feature = "parking_lot")]
impl Lock for mapwatch::parking_lot::checked::Mutex<Map> {
    fn reading(&self) -> impl Deref<Target = Map> {
        self.lock()
    }

    fn writing(&self) -> impl DerefMut<Target = Map> {
        self.lock()
    }
}

/// Each step under the lock from its beginning to its end.
fn under_a_lock(lock: &impl Lock, step: Step) {
    match step {
        Step::Has(key) => _ = lock.reading().contains_key(&key),
        Step::Get(key) => _ = lock.reading().get(&key).copied(),
        Step::Walk => _ = lock.reading().iter().count(),
        Step::OrInsert(key) => _ = lock.writing().entry(key).or_insert(0),
        Step::Count(key) => *lock.writing().entry(key).and_modify(|value| *value += 1).or_insert(1) += 1,
        Step::Change(key) => {
            if let Some(value) = lock.writing().get_mut(&key) {
                *value += 1;
            }
        }
        Step::InsertIfNone(key) => {
            let mut map = lock.writing();
            if !map.contains_key(&key) {
                map.insert(key, 1);
            }
        }
        Step::ReadAndStore(key) => {
            let mut map = lock.writing();
            let value = map.get(&key).copied().unwrap_or(0);
            map.insert(key, value + 1);
        }
        Step::RemoveIf(key) => {
            let mut map = lock.writing();
            if map.get(&key).is_some_and(|value| *value > 2) {
                map.remove(&key);
            }
        }
        Step::Retain(part) => lock.writing().retain(|key, _| *key != part),
        Step::CollectAndRemove => {
            let mut map = lock.writing();
            let many: Vec<u8> = map.iter().filter(|(_, value)| **value > 3).map(|(key, _)| *key).collect();
            for key in many {
                map.remove(&key);
            }
        }
        Step::Flip(key) => match lock.writing().entry(key) {
            hash_map::Entry::Occupied(entry) => _ = entry.remove(),
            hash_map::Entry::Vacant(entry) => _ = entry.insert(1),
        },
        Step::TakeAndPutBack(key) => {
            let mut map = lock.writing();
            if let Some(value) = map.remove(&key) {
                map.insert(key, value + 1);
            }
        }
    }
}

#[test]
fn under_a_lock_of_std() {
    never_suspected(|| RwLock::new(Map::new()), under_a_lock);
}

#[cfg(feature = "parking_lot")]
#[test]
fn under_a_lock_of_parking_lot() {
    never_suspected(|| mapwatch::parking_lot::checked::Mutex::new(Map::new()), under_a_lock);
}

/// Each step in one call, or under one entry.
#[cfg(feature = "dashmap")]
fn by_shards(map: &DashMap<u8, u32>, step: Step) {
    match step {
        Step::Has(key) => _ = map.contains_key(&key),
        Step::Get(key) => _ = map.get(&key).map(|value| *value),
        Step::Walk => _ = map.iter().count(),
        Step::OrInsert(key) => _ = map.entry(key).or_insert(0),
        Step::Count(key) => *map.entry(key).and_modify(|value| *value += 1).or_insert(1) += 1,
        Step::Change(key) => {
            if let Some(mut value) = map.get_mut(&key) {
                *value += 1;
            }
        }
        Step::InsertIfNone(key) => _ = map.entry(key).or_insert_with(|| 1),
        Step::ReadAndStore(key) => match map.entry(key) {
            Entry::Occupied(mut entry) => {
                let value = *entry.get();
                entry.insert(value + 1);
            }
            Entry::Vacant(entry) => _ = entry.insert(1),
        },
        Step::RemoveIf(key) => _ = map.remove_if(&key, |_, value| *value > 2),
        Step::Retain(part) => map.retain(|key, _| *key != part),
        Step::CollectAndRemove => map.alter_all(|_, value| value + 1),
        Step::Flip(key) => match map.entry(key) {
            Entry::Occupied(entry) => _ = entry.remove(),
            Entry::Vacant(entry) => _ = entry.insert(1),
        },
        Step::TakeAndPutBack(key) => map.alter(&key, |_, value| value + 1),
    }
}

#[cfg(feature = "dashmap")]
#[test]
fn on_a_map_that_locks_by_itself() {
    never_suspected(DashMap::new, by_shards);
}

/// Each step in one call, or under one guard.
fn unsynchronised(map: &SharedMap<u8, u32>, step: Step) {
    match step {
        Step::Has(key) => _ = map.contains_key(&key),
        Step::Get(key) => _ = map.get_cloned(&key),
        Step::Walk => _ = map.iter().count(),
        Step::OrInsert(key) => _ = map.entry(key).or_insert(0),
        Step::Count(key) => *map.entry(key).and_modify(|value| *value += 1).or_insert(1) += 1,
        Step::Change(key) => {
            if let Some(mut value) = map.get_mut(&key) {
                *value += 1;
            }
        }
        Step::InsertIfNone(key) => _ = map.entry(key).or_insert_with(|| 1),
        Step::ReadAndStore(key) | Step::Flip(key) => match map.entry(key) {
            shared_map::Entry::Occupied(mut entry) => {
                let value = *entry.get();
                entry.insert(value + 1);
            }
            shared_map::Entry::Vacant(entry) => _ = entry.insert(1),
        },
        Step::RemoveIf(part) => map.retain(|key, value| *key != part || *value < 2),
        Step::Retain(part) => map.retain(|key, _| *key != part),
        Step::CollectAndRemove => map.clear(),
        Step::TakeAndPutBack(key) => _ = map.view(&key, |_, value| *value),
    }
}

#[test]
fn on_a_map_that_does_not_lock() {
    never_suspected(SharedMap::new, unsynchronised);
}

/// Each step from one snapshot to the next one.
#[cfg(feature = "arc-swap")]
fn by_snapshots(map: &ArcSwap<std::collections::HashMap<u8, u32>>, step: Step) {
    let with = |map: &std::collections::HashMap<u8, u32>, key, value| {
        let mut map = map.clone();
        map.insert(key, value);
        map
    };
    match step {
        Step::Has(key) | Step::OrInsert(key) => _ = map.load().contains_key(&key),
        Step::Get(key) => _ = map.load_full().get(&key).copied(),
        Step::Walk | Step::CollectAndRemove => _ = map.load().len(),
        Step::Count(key) | Step::Change(key) | Step::InsertIfNone(key) => {
            map.rcu(|map| with(map, key, map.get(&key).map_or(0, |value| value + 1)));
        }
        Step::ReadAndStore(key) | Step::TakeAndPutBack(key) | Step::Retain(key) => loop {
            let seen = map.load();
            let was = map.compare_and_swap(&seen, Arc::new(with(&seen, key, 1)));
            if Arc::ptr_eq(&was, &seen) {
                break;
            }
        },
        Step::RemoveIf(key) | Step::Flip(key) => {
            map.rcu(|map| {
                let mut map = std::collections::HashMap::clone(map);
                map.remove(&key);
                map
            });
        }
    }
}

#[cfg(feature = "arc-swap")]
#[test]
fn on_snapshots() {
    never_suspected(|| ArcSwap::from_pointee(std::collections::HashMap::new()), by_snapshots);
}
