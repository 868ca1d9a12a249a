//! One actor looks at a key and acts on it, in noise that others make on other keys and on the same one. It is told if,
//! and only if, another one changed what it relies on in between, and then with the three sites.
//!
//! What is expected follows from what the map answered; the table of the history is far from full.

use super::{baton, told};
#[cfg(feature = "arc-swap")]
use mapwatch::arc_swap::checked::ArcSwap;
use mapwatch::collections::checked::{BTreeMap, HashMap};
#[cfg(feature = "dashmap")]
use mapwatch::dashmap::checked::DashMap;
use mapwatch::sync::checked::RwLock;
use mapwatch::{Category, SharedMap};
use proptest::prelude::*;
use std::panic::Location;
#[cfg(feature = "arc-swap")]
use std::sync::Arc;
use std::sync::{Mutex, PoisonError};

/// Actor 0 has the plan, the others make noise.
const ACTORS: usize = 5;

/// The key that it is about; there are so many others.
const KEY: u8 = 7;
const KEYS: u8 = 40;

/// A map that is shared, call by call.
trait Shared: Sync {
    fn has(&self, key: u8) -> bool;
    fn value(&self, key: u8) -> Option<u32>;
    fn put(&self, key: u8, value: u32) -> bool;
    fn take(&self, key: u8) -> bool;
    fn change(&self, key: u8) -> bool;
}

macro_rules! under_a_lock {
    ($map:ident) => {
        impl Shared for RwLock<$map<u8, u32>> {
            #[track_caller]
            fn has(&self, key: u8) -> bool {
                self.read().unwrap_or_else(PoisonError::into_inner).contains_key(&key)
            }

            #[track_caller]
            fn value(&self, key: u8) -> Option<u32> {
                self.read().unwrap_or_else(PoisonError::into_inner).get(&key).copied()
            }

            #[track_caller]
            fn put(&self, key: u8, value: u32) -> bool {
                self.write().unwrap_or_else(PoisonError::into_inner).insert(key, value).is_some()
            }

            #[track_caller]
            fn take(&self, key: u8) -> bool {
                self.write().unwrap_or_else(PoisonError::into_inner).remove(&key).is_some()
            }

            #[track_caller]
            fn change(&self, key: u8) -> bool {
                let mut map = self.write().unwrap_or_else(PoisonError::into_inner);
                map.get_mut(&key).map(|value| *value += 1).is_some()
            }
        }
    };
}

under_a_lock!(HashMap);
under_a_lock!(BTreeMap);

#[cfg(feature = "parking_lot")]
impl Shared for mapwatch::parking_lot::checked::Mutex<HashMap<u8, u32>> {
    #[track_caller]
    fn has(&self, key: u8) -> bool {
        self.lock().contains_key(&key)
    }

    #[track_caller]
    fn value(&self, key: u8) -> Option<u32> {
        self.lock().get(&key).copied()
    }

    #[track_caller]
    fn put(&self, key: u8, value: u32) -> bool {
        self.lock().insert(key, value).is_some()
    }

    #[track_caller]
    fn take(&self, key: u8) -> bool {
        self.lock().remove(&key).is_some()
    }

    #[track_caller]
    fn change(&self, key: u8) -> bool {
        self.lock().get_mut(&key).map(|value| *value += 1).is_some()
    }
}

#[cfg(feature = "dashmap")]
impl Shared for DashMap<u8, u32> {
    #[track_caller]
    fn has(&self, key: u8) -> bool {
        self.contains_key(&key)
    }

    #[track_caller]
    fn value(&self, key: u8) -> Option<u32> {
        self.get(&key).map(|value| *value)
    }

    #[track_caller]
    fn put(&self, key: u8, value: u32) -> bool {
        self.insert(key, value).is_some()
    }

    #[track_caller]
    fn take(&self, key: u8) -> bool {
        self.remove(&key).is_some()
    }

    #[track_caller]
    fn change(&self, key: u8) -> bool {
        self.get_mut(&key).map(|mut value| *value += 1).is_some()
    }
}

impl Shared for SharedMap<u8, u32> {
    #[track_caller]
    fn has(&self, key: u8) -> bool {
        self.contains_key(&key)
    }

    #[track_caller]
    fn value(&self, key: u8) -> Option<u32> {
        self.get_cloned(&key)
    }

    #[track_caller]
    fn put(&self, key: u8, value: u32) -> bool {
        self.insert(key, value).is_some()
    }

    #[track_caller]
    fn take(&self, key: u8) -> bool {
        self.remove(&key).is_some()
    }

    #[track_caller]
    fn change(&self, key: u8) -> bool {
        self.get_mut(&key).map(|mut value| *value += 1).is_some()
    }
}

/// What actor 0 does with what it saw.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Plan {
    /// Stores, if it saw nothing.
    StoreOverNothing,
    /// Stores what it makes of the value that it saw.
    StoreOverValue,
    /// Removes the value that it saw.
    RemoveValue,
}

#[derive(Clone, Copy, Debug)]
enum Step {
    Look(Plan),
    Act(Plan),
    Has(u8),
    Get(u8),
    Put(u8),
    Take(u8),
    Change(u8),
}

/// Noise, and a look and an act somewhere in it.
fn schedules() -> impl Strategy<Value = Vec<(usize, Step)>> {
    let key = || prop_oneof![1 => Just(KEY), 2 => 0..KEYS];
    let step = prop_oneof![
        key().prop_map(Step::Has),
        key().prop_map(Step::Get),
        key().prop_map(Step::Put),
        key().prop_map(Step::Take),
        key().prop_map(Step::Change),
    ];
    let noise = proptest::collection::vec((1..ACTORS, step), 4..80);
    let plan = prop_oneof![Just(Plan::StoreOverNothing), Just(Plan::StoreOverValue), Just(Plan::RemoveValue)];
    (noise, plan, any::<[prop::sample::Index; 2]>()).prop_map(|(noise, plan, places)| {
        let mut steps = noise;
        let mut places = places.map(|place| place.index(steps.len() + 1));
        places.sort_unstable();
        steps.insert(places[1], (0, Step::Act(plan)));
        steps.insert(places[0], (0, Step::Look(plan)));
        // Whoever makes noise puts and takes without having looked; this is known from the beginning on.
        let blind = [Step::Put(KEY), Step::Take(KEY), Step::Put(KEY)].map(|step| (1, step));
        let rest = if plan == Plan::StoreOverNothing { &blind[..2] } else { &blind[..] };
        rest.iter().copied().chain(steps).collect()
    })
}

/// What a step did to the key; where is the line of the call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Done {
    /// It was looked at, and there was an entry or not.
    Look {
        present: bool,
        line: u32,
    },
    Put {
        line: u32,
    },
    Take {
        line: u32,
    },
    Change {
        line: u32,
    },
    Act {
        line: u32,
    },
}

#[track_caller]
fn here() -> u32 {
    Location::caller().line()
}

/// Noise: what it did, if that was to the key.
fn noise(map: &impl Shared, step: Step) -> Option<Done> {
    let (key, done) = match step {
        Step::Has(key) => (key, (map.has(key), None).1),
        Step::Get(key) => (key, (map.value(key), None).1),
        Step::Put(key) => (key, (map.put(key, 0), Some(Done::Put { line: here() })).1),
        Step::Take(key) => (key, map.take(key).then(|| Done::Take { line: here() })),
        Step::Change(key) => (key, map.change(key).then(|| Done::Change { line: here() })),
        Step::Look(_) | Step::Act(_) => unreachable!("only actor 0 has a plan"),
    };
    done.filter(|_| key == KEY)
}

/// The plan, carried out in two steps by one function. `note` is called before whatever may be told.
fn carry_out(map: &impl Shared, step: Step, seen: &mut Option<u32>, note: impl Fn(Done)) {
    match step {
        Step::Look(Plan::StoreOverNothing) => {
            let (present, line) = (map.has(KEY), here());
            *seen = present.then_some(0);
            note(Done::Look { present, line });
        }
        Step::Look(_) => {
            let (value, line) = (map.value(KEY), here());
            *seen = value;
            note(Done::Look { present: value.is_some(), line });
        }
        Step::Act(Plan::StoreOverNothing) if seen.is_none() => {
            note(Done::Act { line: here() + 1 });
            map.put(KEY, 1);
        }
        Step::Act(Plan::StoreOverValue) if seen.is_some() => {
            note(Done::Act { line: here() + 1 });
            map.put(KEY, seen.unwrap() + 1);
        }
        Step::Act(Plan::RemoveValue) if seen.is_some() => {
            note(Done::Act { line: here() + 1 });
            map.take(KEY);
        }
        _ => {}
    }
}

/// The finding that is due: the category, and the lines of look, between and act.
fn due(plan: Plan, done: &[Done]) -> Option<(Category, [u32; 3])> {
    let at = |which: fn(&Done) -> bool| done.iter().position(which);
    let (look, act) =
        (at(|done| matches!(done, Done::Look { .. }))?, at(|done| matches!(done, Done::Act { .. }))?);
    let (Done::Look { line: looked, .. }, Done::Act { line: acted }) = (done[look], done[act]) else {
        return None;
    };
    // Only what is there can be stored over or removed.
    let renewals =
        done[..act].iter().rev().filter(|done| !matches!(done, Done::Change { .. } | Done::Look { .. }));
    let is_there = matches!(renewals.clone().next(), Some(Done::Put { .. }));
    let between = match plan {
        Plan::StoreOverValue => done[look + 1..act].last(),
        _ => done[look + 1..act].iter().rev().find(|done| !matches!(done, Done::Change { .. })),
    };
    let (Done::Put { line } | Done::Take { line } | Done::Change { line }) = *between? else { return None };
    let category = match plan {
        Plan::StoreOverValue => Category::LostUpdate,
        _ => Category::CheckThenAct,
    };
    is_there.then_some((category, [looked, line, acted]))
}

/// On a new map each time, what is due is told, and nothing else.
#[track_caller]
fn told_where_it_is_due<M: Shared>(new: impl Fn() -> M) {
    let _alone = told::alone();
    told::take();
    let found = Mutex::new(0);
    baton::try_all(96, &schedules(), |steps| {
        let map = new();
        let (seen, done) = (Mutex::new(None), Mutex::new(Vec::new()));
        let note = |what| done.lock().unwrap().push(what);
        baton::play(ACTORS, &steps, |actor, step| {
            if actor == 0 {
                let mut seen = seen.lock().unwrap_or_else(PoisonError::into_inner);
                carry_out(&map, *step, &mut seen, note);
            } else if let Some(what) = noise(&map, *step) {
                note(what);
            }
        });
        let plan =
            steps.iter().find_map(|(_, step)| if let Step::Look(plan) = step { Some(*plan) } else { None });
        let due = due(plan.unwrap(), &done.lock().unwrap());
        *found.lock().unwrap() += u32::from(due.is_some());
        let told = told::take();
        let lines =
            |conflict: &mapwatch::Conflict| conflict.sides.iter().map(|side| side.site.line).collect();
        let told: Vec<(Category, Vec<u32>)> = told.iter().map(|told| (told.category, lines(told))).collect();
        let due: Vec<(Category, Vec<u32>)> =
            due.into_iter().map(|(what, lines)| (what, lines.to_vec())).collect();
        assert_eq!(told, due, "{:?}", done.lock().unwrap());
    });
    assert!(*found.lock().unwrap() > 10, "the schedules have races in them");
}

#[test]
fn under_a_lock_of_std_that_is_let_go() {
    told_where_it_is_due(|| RwLock::new(HashMap::new()));
}

#[test]
fn in_a_tree_under_a_lock_that_is_let_go() {
    told_where_it_is_due(|| RwLock::new(BTreeMap::new()));
}

#[cfg(feature = "parking_lot")]
#[test]
fn under_a_lock_of_parking_lot_that_is_let_go() {
    told_where_it_is_due(|| mapwatch::parking_lot::checked::Mutex::new(HashMap::new()));
}

#[cfg(feature = "dashmap")]
#[test]
fn on_a_map_that_locks_by_itself() {
    told_where_it_is_due(DashMap::new);
}

#[test]
fn on_a_map_that_does_not_lock() {
    told_where_it_is_due(SharedMap::new);
}

/// What is done to a snapshot; actor 0 loads and stores.
#[cfg(feature = "arc-swap")]
#[derive(Clone, Copy, Debug)]
enum Snapshot {
    Load,
    Store,
    Look,
    Step,
    Publish,
}

#[cfg(feature = "arc-swap")]
fn snapshots() -> impl Strategy<Value = Vec<(usize, Snapshot)>> {
    let step =
        prop_oneof![3 => Just(Snapshot::Look), 1 => Just(Snapshot::Step), 1 => Just(Snapshot::Publish)];
    let noise = proptest::collection::vec((1..ACTORS, step), 2..16);
    (noise, any::<[prop::sample::Index; 2]>()).prop_map(|(mut steps, places)| {
        let mut places = places.map(|place| place.index(steps.len() + 1));
        places.sort_unstable();
        steps.insert(places[1], (0, Snapshot::Store));
        steps.insert(places[0], (0, Snapshot::Load));
        [(1, Snapshot::Publish)].into_iter().chain(steps).collect()
    })
}

#[cfg(feature = "arc-swap")]
#[test]
fn a_snapshot_that_is_stored_over_a_newer_one() {
    let _alone = told::alone();
    told::take();
    let found = Mutex::new(0);
    baton::try_all(96, &snapshots(), |steps| {
        let map = ArcSwap::from_pointee(vec![0]);
        let (seen, lines) = (Mutex::new(None), Mutex::new(Vec::new()));
        let note = |line: u32| lines.lock().unwrap().push(line);
        baton::play(ACTORS, &steps, |_, step| match step {
            Snapshot::Load => {
                lines.lock().unwrap().clear();
                note(here() + 1);
                *seen.lock().unwrap() = Some(map.load_full());
            }
            Snapshot::Store => {
                note(here() + 1);
                map.store(Arc::new(vec![1]));
            }
            Snapshot::Look => drop(map.load()),
            Snapshot::Step => drop((map.rcu(|old| Vec::clone(old)), note(here()))),
            Snapshot::Publish => _ = (map.store(Arc::new(vec![2])), note(here())),
        });
        let lines = lines.lock().unwrap();
        let store = steps.iter().filter(|(_, step)| !matches!(step, Snapshot::Look));
        let store =
            store.skip_while(|(actor, _)| *actor != 0).position(|(_, step)| matches!(step, Snapshot::Store));
        let due: Vec<Vec<u32>> = match store.unwrap() {
            0 | 1 => Vec::new(),
            act => vec![vec![lines[0], lines[act - 1], lines[act]]],
        };
        *found.lock().unwrap() += due.len();
        let lines =
            |conflict: &mapwatch::Conflict| conflict.sides.iter().map(|side| side.site.line).collect();
        let told = told::take();
        assert!(told.iter().all(|told| told.category == Category::StaleSnapshot), "{told:?}");
        assert_eq!(told.iter().map(lines).collect::<Vec<Vec<u32>>>(), due);
    });
    assert!(*found.lock().unwrap() > 10, "the schedules have races in them");
}
