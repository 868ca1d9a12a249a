//! Long random programs give the same answers on watched collections as on std's.

use mapwatch::collections::{checked, original};
use proptest::prelude::*;

/// What may be done to a map; keys are few, so that operations meet.
#[derive(Clone, Debug)]
enum Step {
    Insert(u8, u16),
    Remove(u8),
    Entry(u8, u16),
    InsertEntry(u8, u16),
    RemoveEntry(u8),
    Extend(Vec<(u8, u16)>),
    Retain(u16),
    ExtractIf(u16),
    ChangeAll(u16),
    Clone,
    Clear,
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        8 => any::<(u8, u16)>().prop_map(|(key, value)| Step::Insert(key, value)),
        4 => any::<u8>().prop_map(Step::Remove),
        4 => any::<(u8, u16)>().prop_map(|(key, value)| Step::Entry(key, value)),
        2 => any::<(u8, u16)>().prop_map(|(key, value)| Step::InsertEntry(key, value)),
        2 => any::<u8>().prop_map(Step::RemoveEntry),
        2 => proptest::collection::vec(any::<(u8, u16)>(), 0..40).prop_map(Step::Extend),
        1 => (1_u16..9).prop_map(Step::Retain),
        1 => (1_u16..9).prop_map(Step::ExtractIf),
        1 => any::<u16>().prop_map(Step::ChangeAll),
        1 => Just(Step::Clone),
        1 => Just(Step::Clear),
    ]
}

macro_rules! map_answers {
    ($name:ident, $family:ident :: $map:ident, $module:ident, $($range:tt)*) => {
        /// Everything that can be seen while the program runs.
        fn $name(program: &[Step]) -> Vec<String> {
            use $family::$module::Entry;
            let mut map: $family::$map<u8, u16> = $family::$map::new();
            let mut seen = Vec::new();
            for step in program {
                let answer = match step.clone() {
                    Step::Insert(key, value) => format!("{:?}", map.insert(key, value)),
                    Step::Remove(key) => format!("{:?}", map.remove(&key)),
                    Step::Entry(key, value) => format!("{:?}", map.entry(key).or_insert(value)),
                    Step::InsertEntry(key, value) => format!("{:?}", map.entry(key).insert_entry(value).get()),
                    Step::RemoveEntry(key) => match map.entry(key) {
                        Entry::Occupied(entry) => format!("{:?}", entry.remove_entry()),
                        Entry::Vacant(entry) => format!("{:?}", entry.into_key()),
                    },
                    Step::Extend(entries) => format!("{:?}", map.extend(entries)),
                    Step::Retain(part) => format!("{:?}", map.retain(|_, value| *value % part == 0)),
                    Step::ExtractIf(part) => {
                        let mut out: Vec<_> = map.extract_if($($range)* |_, value| *value % part == 0).collect();
                        out.sort_unstable();
                        format!("{out:?}")
                    }
                    Step::ChangeAll(by) => {
                        format!("{:?}", map.values_mut().for_each(|value| *value = value.wrapping_add(by)))
                    }
                    Step::Clone => {
                        map = map.clone();
                        String::new()
                    }
                    Step::Clear => format!("{:?}", map.clear()),
                };
                let mut entries: Vec<_> = map.iter().map(|(key, value)| (*key, *value)).collect();
                entries.sort_unstable();
                seen.push(format!("{answer} {} {entries:?}", map.len()));
            }
            seen
        }
    };
}

map_answers!(checked_hash_map, checked::HashMap, hash_map,);
map_answers!(original_hash_map, original::HashMap, hash_map,);
map_answers!(checked_tree, checked::BTreeMap, btree_map, ..,);
map_answers!(original_tree, original::BTreeMap, btree_map, ..,);

macro_rules! set_answers {
    ($name:ident, $set:ty) => {
        /// Sets answer for the keys of the same programs; every other step goes to the second set.
        fn $name(program: &[Step]) -> Vec<String> {
            let (mut set, mut other): ($set, $set) = Default::default();
            let mut seen = Vec::new();
            for step in program {
                std::mem::swap(&mut set, &mut other);
                let answer = match step.clone() {
                    Step::Insert(key, _) | Step::Entry(key, _) => format!("{:?}", set.insert(key)),
                    Step::InsertEntry(key, _) => format!("{:?}", set.replace(key)),
                    Step::Remove(key) => format!("{:?}", set.remove(&key)),
                    Step::RemoveEntry(key) => format!("{:?}", set.take(&key)),
                    Step::Extend(entries) => {
                        format!("{:?}", set.extend(entries.into_iter().map(|(key, _)| key)))
                    }
                    Step::Retain(part) => format!("{:?}", set.retain(|key| u16::from(*key) % part == 0)),
                    Step::ExtractIf(_) | Step::ChangeAll(_) => format!("{:?}", set.is_subset(&other)),
                    Step::Clone => {
                        set = &(&set ^ &other) | &(&set - &other);
                        String::new()
                    }
                    Step::Clear => format!("{:?}", set.clear()),
                };
                let mut walks: [Vec<u8>; 4] = [
                    set.union(&other).copied().collect(),
                    set.intersection(&other).copied().collect(),
                    set.difference(&other).copied().collect(),
                    set.symmetric_difference(&other).copied().collect(),
                ];
                walks.iter_mut().for_each(|walk| walk.sort_unstable());
                seen.push(format!("{answer} {walks:?}"));
            }
            seen
        }
    };
}

set_answers!(checked_hash_set, checked::HashSet<u8>);
set_answers!(original_hash_set, original::HashSet<u8>);
set_answers!(checked_tree_set, checked::BTreeSet<u8>);
set_answers!(original_tree_set, original::BTreeSet<u8>);

proptest! {
    #![proptest_config(ProptestConfig { cases: 40, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn all_four_answer_like_std(program in proptest::collection::vec(step(), 1..120)) {
        prop_assert_eq!(checked_hash_map(&program), original_hash_map(&program));
        prop_assert_eq!(checked_tree(&program), original_tree(&program));
        prop_assert_eq!(checked_hash_set(&program), original_hash_set(&program));
        prop_assert_eq!(checked_tree_set(&program), original_tree_set(&program));
    }
}
