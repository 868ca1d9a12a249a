//! Random programs give the same answers as with the original.

use mapwatch::dashmap::{checked, original};
use proptest::prelude::*;
use std::collections::BTreeMap;

#[derive(Clone, Debug)]
enum Step {
    Insert(u8, u16),
    Remove(u8),
    Add(u8, u16),
    Alter(u8),
    Change(u8, u16),
    RemoveIfOdd(u8),
    Retain(u16),
    Walk,
    WalkAndChange(u16),
    Clear,
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let step = prop_oneof![
        6 => (any::<u8>(), any::<u16>()).prop_map(|(key, value)| Step::Insert(key, value)),
        3 => any::<u8>().prop_map(Step::Remove),
        4 => (any::<u8>(), any::<u16>()).prop_map(|(key, value)| Step::Add(key, value)),
        2 => any::<u8>().prop_map(Step::Alter),
        2 => (any::<u8>(), any::<u16>()).prop_map(|(key, value)| Step::Change(key, value)),
        2 => any::<u8>().prop_map(Step::RemoveIfOdd),
        1 => any::<u16>().prop_map(Step::Retain),
        2 => Just(Step::Walk),
        1 => any::<u16>().prop_map(Step::WalkAndChange),
        1 => Just(Step::Clear),
    ];
    proptest::collection::vec(step, 1..300)
}

macro_rules! program {
    ($name:ident, $map:ty) => {
        fn $name(steps: &[Step]) -> (Vec<String>, BTreeMap<u8, u16>) {
            let map = <$map>::with_shard_amount(4);
            let mut said = Vec::new();
            for step in steps {
                said.push(match *step {
                    Step::Insert(key, value) => format!("{:?}", map.insert(key, value)),
                    Step::Remove(key) => format!("{:?}", map.remove(&key)),
                    Step::Add(key, value) => {
                        let mut place = map.entry(key).or_insert(1);
                        *place = place.wrapping_add(value);
                        format!("{}", *place)
                    }
                    Step::Alter(key) => {
                        map.alter(&key, |_, value| value.rotate_left(3));
                        format!("{:?}", map.view(&key, |key, value| (*key, *value)))
                    }
                    Step::Change(key, value) => match map.get_mut(&key) {
                        Some(mut old) => {
                            *old ^= value;
                            format!("{:?}", old.pair())
                        }
                        None => format!("{}", map.contains_key(&key)),
                    },
                    Step::RemoveIfOdd(key) => {
                        format!("{:?}", map.remove_if(&key, |_, value| value % 2 == 1))
                    }
                    Step::Retain(least) => {
                        map.retain(|_, value| *value >= least);
                        format!("{}", map.len())
                    }
                    Step::Walk => {
                        let all: BTreeMap<u8, u16> = map.iter().map(|item| (*item.key(), *item)).collect();
                        format!("{all:?}")
                    }
                    Step::WalkAndChange(value) => {
                        map.iter_mut().for_each(|mut item| *item = item.wrapping_mul(value));
                        format!("{}", map.len())
                    }
                    Step::Clear => {
                        map.clear();
                        format!("{}", map.is_empty())
                    }
                });
            }
            (said, map.into_iter().collect())
        }
    };
}

program!(watched, checked::DashMap<u8, u16>);
program!(plain, original::DashMap<u8, u16>);

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn answers_are_the_originals(steps in steps()) {
        prop_assert_eq!(watched(&steps), plain(&steps));
    }
}
