//! `DashMap`: each thread has keys of its own, whose every answer is certain, in the shards of everybody's; and all
//! count at a few shared ones, in steps that look and change at once.

use super::together::{said, strictly, together};
use mapwatch::dashmap::{checked, original};
use proptest::prelude::*;
use std::collections::BTreeMap;

#[derive(Clone, Debug)]
enum Step {
    Insert(u8, u16),
    Remove(u8),
    RemoveIfOdd(u8),
    Add(u8, u16),
    Turn(u8),
    Alter(u8),
    Change(u8, u16),
    View(u8),
    Retain(u16),
    Walk,
    WalkAndChange(u16),
    CountAtPlace(u8, u16),
    CountByGuard(u8, u16),
    CountByAlter(u8, u16),
}

type Program = Vec<Step>;

/// Keys that all threads count at.
const SHARED: u32 = 1 << 16;

fn shared(key: u8) -> u32 {
    SHARED + u32::from(key % 4)
}

fn programs() -> impl Strategy<Value = Vec<Program>> {
    let key = 0..24_u8;
    let pair = || (key.clone(), any::<u16>());
    let step = prop_oneof![
        6 => pair().prop_map(|(key, value)| Step::Insert(key, value)),
        3 => key.clone().prop_map(Step::Remove),
        2 => key.clone().prop_map(Step::RemoveIfOdd),
        3 => pair().prop_map(|(key, value)| Step::Add(key, value)),
        3 => key.clone().prop_map(Step::Turn),
        2 => key.clone().prop_map(Step::Alter),
        2 => pair().prop_map(|(key, value)| Step::Change(key, value)),
        3 => key.clone().prop_map(Step::View),
        1 => any::<u16>().prop_map(Step::Retain),
        2 => Just(Step::Walk),
        1 => any::<u16>().prop_map(Step::WalkAndChange),
        4 => pair().prop_map(|(key, value)| Step::CountAtPlace(key, value)),
        4 => pair().prop_map(|(key, value)| Step::CountByGuard(key, value)),
        2 => pair().prop_map(|(key, value)| Step::CountByAlter(key, value)),
    ];
    let program = proptest::collection::vec(step, 20..200);
    proptest::collection::vec(program, 2..=4)
}

/// What the shared keys add up to, whatever the order.
fn counted(programs: &[Program]) -> u64 {
    let count = |step: &Step| match step {
        Step::CountAtPlace(_, by) | Step::CountByGuard(_, by) | Step::CountByAlter(_, by) => u64::from(*by),
        _ => 0,
    };
    programs.iter().flatten().map(count).sum()
}

/// Each thread's answers, and what is in the map at the end.
type Answers = (Vec<Vec<String>>, BTreeMap<u32, u64>);

macro_rules! runner {
    ($name:ident, $family:ident) => {
        fn $name(programs: &[Program]) -> Answers {
            let map = $family::DashMap::<u32, u64>::with_shard_amount(4);
            (0..4).for_each(|key| assert_eq!(map.insert(shared(key), 0), None));
            let answers = together(programs, |thread, program| {
                let own = |key: u8| thread as u32 * 256 + u32::from(key);
                let is_own = |key: u32| key / 256 == thread as u32;
                let answer = |step: &Step| match *step {
                    Step::Insert(key, value) => format!("{:?}", map.insert(own(key), value.into())),
                    Step::Remove(key) => format!("{:?}", map.remove(&own(key))),
                    Step::RemoveIfOdd(key) => {
                        format!("{:?}", map.remove_if(&own(key), |_, value| value % 2 == 1))
                    }
                    Step::Add(key, value) => {
                        let mut place = map.entry(own(key)).or_insert(1);
                        *place += u64::from(value);
                        format!("{:?}", place.pair())
                    }
                    Step::Turn(key) => match map.entry(own(key)) {
                        $family::Entry::Occupied(place) => format!("{:?}", place.remove_entry()),
                        $family::Entry::Vacant(place) => format!("{:?}", *place.insert(7)),
                    },
                    Step::Alter(key) => {
                        map.alter(&own(key), |_, value| value.rotate_left(3));
                        format!("{:?}", map.get(&own(key)).map(|value| *value))
                    }
                    Step::Change(key, value) => match map.get_mut(&own(key)) {
                        Some(mut old) => {
                            *old ^= u64::from(value);
                            format!("{:?}", old.pair())
                        }
                        None => format!("{}", map.contains_key(&own(key))),
                    },
                    Step::View(key) => format!("{:?}", map.view(&own(key), |key, value| (*key, *value))),
                    Step::Retain(least) => {
                        map.retain(|key, value| !is_own(*key) || *value >= u64::from(least));
                        String::new()
                    }
                    Step::Walk => {
                        let mine = map.iter().filter(|item| is_own(*item.key()));
                        format!("{:?}", mine.map(|item| (*item.key(), *item)).collect::<BTreeMap<_, _>>())
                    }
                    Step::WalkAndChange(by) => {
                        let mine = map.iter_mut().filter(|item| is_own(*item.key()));
                        format!("{}", mine.map(|mut item| *item = item.wrapping_mul(u64::from(by))).count())
                    }
                    Step::CountAtPlace(key, by) => {
                        *map.entry(shared(key)).or_insert(0) += u64::from(by);
                        String::new()
                    }
                    Step::CountByGuard(key, by) => {
                        *map.get_mut(&shared(key)).unwrap() += u64::from(by);
                        String::new()
                    }
                    Step::CountByAlter(key, by) => {
                        map.alter(&shared(key), |_, value| value + u64::from(by));
                        String::new()
                    }
                };
                program.iter().map(answer).collect::<Vec<String>>()
            });
            (answers, map.into_iter().collect())
        }
    };
}

runner!(watched, checked);
runner!(plain, original);

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(24) })]

    #[test]
    fn threads_on_one_map_get_the_originals_answers_in_silence(programs in programs()) {
        strictly();
        let watched = watched(&programs);
        let sum: u64 = watched.1.range(SHARED..).map(|(_, value)| value).sum();
        prop_assert_eq!(sum, counted(&programs), "a count was lost");
        prop_assert_eq!(&watched, &plain(&programs));
        prop_assert_eq!(said(), Vec::<String>::new());
    }
}
