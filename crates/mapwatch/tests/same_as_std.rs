//! Long random programs give the same answers on watched collections as on std's.
//!
//! Hash tables get a hasher without secrets, so that even the order of entries and the capacity must agree.

use mapwatch::collections::{checked, original};
use proptest::prelude::*;
use std::hash::{BuildHasherDefault, DefaultHasher};

type Fixed = BuildHasherDefault<DefaultHasher>;

/// What may be done to a map; keys are few, so that operations meet.
#[derive(Clone, Debug)]
enum Step {
    Insert(u8, u16),
    Remove(u8),
    Look(u8),
    Change(u8, u16),
    Entry(u8, u16),
    InsertEntry(u8, u16),
    VacantEntry(u8, u16),
    RemoveEntry(u8),
    Extend(Vec<(u8, u16)>),
    Retain(u16),
    ExtractIf(u16, u8),
    ChangeAll(u16),
    Walk(u8, u8),
    Own(u8, u8),
    Clone(bool),
    Clear,
}

fn step() -> impl Strategy<Value = Step> {
    let entries = proptest::collection::vec(any::<(u8, u16)>(), 0..40);
    prop_oneof![
        8 => any::<(u8, u16)>().prop_map(|(key, value)| Step::Insert(key, value)),
        4 => any::<u8>().prop_map(Step::Remove),
        2 => any::<u8>().prop_map(Step::Look),
        2 => any::<(u8, u16)>().prop_map(|(key, value)| Step::Change(key, value)),
        4 => any::<(u8, u16)>().prop_map(|(key, value)| Step::Entry(key, value)),
        2 => any::<(u8, u16)>().prop_map(|(key, value)| Step::InsertEntry(key, value)),
        2 => any::<(u8, u16)>().prop_map(|(key, value)| Step::VacantEntry(key, value)),
        2 => any::<u8>().prop_map(Step::RemoveEntry),
        2 => entries.prop_map(Step::Extend),
        1 => (1_u16..9).prop_map(Step::Retain),
        1 => (1_u16..9, any::<u8>()).prop_map(|(part, most)| Step::ExtractIf(part, most)),
        1 => any::<u16>().prop_map(Step::ChangeAll),
        3 => any::<(u8, u8)>().prop_map(|(first, second)| Step::Walk(first, second)),
        4 => any::<(u8, u8)>().prop_map(|(first, second)| Step::Own(first, second)),
        1 => any::<bool>().prop_map(Step::Clone),
        1 => Just(Step::Clear),
    ]
}

/// `Debug` of whatever a step answers.
macro_rules! say {
    ($answer:expr) => {
        format!("{:?}", $answer)
    };
}

/// Everything that can be seen of a map while the program runs; `$own` is what only this map can do.
macro_rules! map_answers {
    ($name:ident, $family:ident :: $module:ident, $map:ty, $own:ident!, $($range:tt)*) => {
        fn $name(program: &[Step]) -> Vec<String> {
            use $family::$module::Entry;
            let mut map: $map = Default::default();
            let mut old = map.clone();
            let mut seen = Vec::new();
            for step in program {
                let answer = match step.clone() {
                    Step::Insert(key, value) => say!(map.insert(key, value)),
                    Step::Remove(key) => say!((map.contains_key(&key), map.remove_entry(&key), map.remove(&key))),
                    Step::Look(key) => say!((map.get(&key), map.get_key_value(&key), map.keys().any(|k| *k == key))),
                    Step::Change(key, value) => say!(map.get_mut(&key).map(|old| std::mem::replace(old, value))),
                    Step::Entry(key, value) => {
                        say!(map.entry(key).and_modify(|value| *value ^= 1).or_insert_with_key(|_| value))
                    }
                    Step::InsertEntry(key, value) => {
                        let mut entry = map.entry(key).insert_entry(value);
                        say!((*entry.key(), entry.insert(value ^ 1), *entry.get(), &entry))
                    }
                    Step::VacantEntry(key, value) => match map.entry(key) {
                        Entry::Occupied(mut entry) => say!((*entry.get_mut(), entry.into_mut())),
                        Entry::Vacant(entry) => say!(entry.insert(value)),
                    },
                    Step::RemoveEntry(key) => match map.entry(key) {
                        Entry::Occupied(entry) => say!(entry.remove_entry()),
                        Entry::Vacant(entry) => say!(entry.into_key()),
                    },
                    Step::Extend(entries) => say!(map.extend(entries)),
                    Step::Retain(part) => say!(map.retain(|_, value| *value % part == 0)),
                    Step::ExtractIf(part, most) => {
                        let out = map.extract_if($($range)* |_, value| *value % part == 0);
                        say!(out.take(most.into()).collect::<Vec<_>>())
                    }
                    Step::ChangeAll(by) => say!(map.values_mut().for_each(|value| *value = value.wrapping_add(by))),
                    Step::Walk(first, second) => {
                        let mut walk = map.iter();
                        let begun = (walk.nth(first.into()), walk.len(), walk.clone().last(), walk.clone().count());
                        say!((begun, walk.fold(0, |sum, (_, value)| sum ^ value), map.values().nth(second.into())))
                    }
                    Step::Own(first, second) => $own!(map, first, second),
                    Step::Clone(anew) => {
                        let equal = map == old;
                        if anew { old = map.clone() } else { old.clone_from(&map) }
                        say!((equal, old == map))
                    }
                    Step::Clear => say!(map.clear()),
                };
                seen.push(format!("{answer} {} {map:?}", map.len()));
            }
            seen
        }
    };
}

/// Room, draining, and several values at once.
macro_rules! own_of_hash_maps {
    ($map:ident, $first:ident, $second:ident) => {
        match $first % 4 {
            0 => say!(($map.reserve($second.into()), $map.capacity())),
            1 => {
                say!(($map.shrink_to($second.into()), $map.capacity(), $map.shrink_to_fit(), $map.capacity()))
            }
            2 => say!($map.drain().take($second.into()).collect::<Vec<_>>()),
            _ => say!($map.get_disjoint_mut([&$second, &$second.wrapping_add(1)])),
        }
    };
}

/// Ends and ranges.
macro_rules! own_of_trees {
    ($map:ident, $first:ident, $second:ident) => {{
        let (low, high) = ($first.min($second), $first.max($second));
        match $first % 7 {
            0 => say!(($map.first_key_value(), $map.last_key_value())),
            1 => say!(($map.pop_first(), $map.pop_last())),
            2 => say!($map.first_entry().map(|entry| entry.remove())),
            3 => say!($map.last_entry().map(|mut entry| entry.insert($second.into()))),
            4 => say!((
                $map.range(low..high).rev().collect::<Vec<_>>(),
                $map.range(..=low).max(),
                $map.iter().min()
            )),
            5 => say!($map.range_mut(low..=high).rev().for_each(|(key, value)| *value ^= u16::from(*key))),
            _ => {
                let mut other = $map.split_off(&low);
                let order = other.cmp(&$map);
                other.extend([(high, 7)]);
                $map.append(&mut other);
                say!((order, other))
            }
        }
    }};
}

map_answers!(checked_hash_map, checked::hash_map, checked::HashMap<u8, u16, Fixed>, own_of_hash_maps!,);
map_answers!(original_hash_map, original::hash_map, original::HashMap<u8, u16, Fixed>, own_of_hash_maps!,);
map_answers!(checked_tree, checked::btree_map, checked::BTreeMap<u8, u16>, own_of_trees!, ..200,);
map_answers!(original_tree, original::btree_map, original::BTreeMap<u8, u16>, own_of_trees!, ..200,);

/// Sets answer for the keys of the same programs; every other step goes to the second set.
macro_rules! set_answers {
    ($name:ident, $set:ty, $own:ident!, $($range:tt)*) => {
        fn $name(program: &[Step]) -> Vec<String> {
            let (mut set, mut other): ($set, $set) = Default::default();
            let mut seen = Vec::new();
            for step in program {
                std::mem::swap(&mut set, &mut other);
                let answer = match step.clone() {
                    Step::Insert(key, _) | Step::Entry(key, _) => say!(set.insert(key)),
                    Step::InsertEntry(key, _) | Step::VacantEntry(key, _) => say!(set.replace(key)),
                    Step::Remove(key) => say!(set.remove(&key)),
                    Step::RemoveEntry(key) => say!(set.take(&key)),
                    Step::Look(key) | Step::Change(key, _) => say!((set.get(&key), set.contains(&key))),
                    Step::Extend(entries) => say!(set.extend(entries.into_iter().map(|(key, _)| key))),
                    Step::Retain(part) => say!(set.retain(|key| u16::from(*key) % part == 0)),
                    Step::ExtractIf(part, most) => {
                        let out = set.extract_if($($range)* |key| u16::from(*key) % part == 0);
                        say!(out.take(most.into()).collect::<Vec<_>>())
                    }
                    Step::ChangeAll(_) => {
                        say!((set.is_subset(&other), set.is_superset(&other), set.is_disjoint(&other)))
                    }
                    Step::Walk(first, second) => {
                        let mut walk = set.union(&other);
                        say!((walk.nth(first.into()), walk.clone().last(), set.difference(&other).nth(second.into())))
                    }
                    Step::Own(first, second) => $own!(set, first, second),
                    Step::Clone(anew) => {
                        let equal = set == other;
                        if anew { set = &(&set ^ &other) | &(&set - &other) } else { set = &set & &other.clone() }
                        say!(equal)
                    }
                    Step::Clear => say!(set.clear()),
                };
                let walks: [Vec<u8>; 4] = [
                    set.union(&other).copied().collect(),
                    set.intersection(&other).copied().collect(),
                    set.difference(&other).copied().collect(),
                    set.symmetric_difference(&other).copied().collect(),
                ];
                seen.push(format!("{answer} {} {set:?} {walks:?}", set.len()));
            }
            seen
        }
    };
}

macro_rules! own_of_hash_sets {
    ($set:ident, $first:ident, $second:ident) => {
        match $first % 3 {
            0 => say!(($set.reserve($second.into()), $set.capacity())),
            1 => {
                say!(($set.shrink_to($second.into()), $set.capacity(), $set.shrink_to_fit(), $set.capacity()))
            }
            _ => say!($set.drain().take($second.into()).collect::<Vec<_>>()),
        }
    };
}

macro_rules! own_of_tree_sets {
    ($set:ident, $first:ident, $second:ident) => {{
        let (low, high) = ($first.min($second), $first.max($second));
        match $first % 4 {
            0 => say!(($set.first(), $set.last(), $set.iter().max())),
            1 => say!(($set.pop_first(), $set.pop_last())),
            2 => say!($set.range(low..high).rev().collect::<Vec<_>>()),
            _ => {
                let mut other = $set.split_off(&low);
                let order = other.partial_cmp(&$set);
                other.insert(high);
                $set.append(&mut other);
                say!((order, other))
            }
        }
    }};
}

set_answers!(checked_hash_set, checked::HashSet<u8, Fixed>, own_of_hash_sets!,);
set_answers!(original_hash_set, original::HashSet<u8, Fixed>, own_of_hash_sets!,);
set_answers!(checked_tree_set, checked::BTreeSet<u8>, own_of_tree_sets!, ..200,);
set_answers!(original_tree_set, original::BTreeSet<u8>, own_of_tree_sets!, ..200,);

proptest! {
    #![proptest_config(ProptestConfig { cases: 60, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn hash_maps_answer_like_stds(program in proptest::collection::vec(step(), 1..120)) {
        prop_assert_eq!(checked_hash_map(&program), original_hash_map(&program));
    }

    #[test]
    fn trees_answer_like_stds(program in proptest::collection::vec(step(), 1..120)) {
        prop_assert_eq!(checked_tree(&program), original_tree(&program));
    }

    #[test]
    fn hash_sets_answer_like_stds(program in proptest::collection::vec(step(), 1..120)) {
        prop_assert_eq!(checked_hash_set(&program), original_hash_set(&program));
    }

    #[test]
    fn tree_sets_answer_like_stds(program in proptest::collection::vec(step(), 1..120)) {
        prop_assert_eq!(checked_tree_set(&program), original_tree_set(&program));
    }
}
