//! Methods and traits of `BTreeSet`.

use super::collections::{BTreeSet, btree_set};
use std::hash::{BuildHasher, BuildHasherDefault, DefaultHasher};

static EMPTY: std::sync::Mutex<BTreeSet<u8>> = std::sync::Mutex::new(BTreeSet::new());

#[test]
fn made_and_changed() {
    assert!(EMPTY.lock().expect("nobody panics in it").is_empty());
    let mut set: BTreeSet<u8> = BTreeSet::default();
    set.extend([1, 2]);
    set.extend(&[3]);
    assert_eq!(set, [1, 2, 3].into());
    assert!(set.insert(4) && !set.insert(4) && set.contains(&4) && set.remove(&4));
    assert_eq!((set.replace(1), set.take(&9), set.get(&1)), (Some(1), None, Some(&1)));
    assert_eq!((set.first(), set.last(), set.len()), (Some(&1), Some(&3), 3));
    assert_eq!((set.pop_first(), set.pop_last(), set.take(&2)), (Some(1), Some(3), Some(2)));
    let mut set: BTreeSet<u8> = (0..10).collect();
    set.retain(|value| *value < 8);
    assert_eq!(set.extract_if(2..6, |value| value % 2 == 1).collect::<Vec<_>>(), [3, 5]);
    assert_eq!(set.range(3..).copied().collect::<Vec<_>>(), [4, 6, 7]);
    let mut high = set.split_off(&6);
    assert_eq!((&set, &high), (&BTreeSet::from([0, 1, 2, 4]), &BTreeSet::from([6, 7])));
    set.append(&mut high);
    assert_eq!((set.len(), high.len()), (6, 0));
    assert_eq!(IntoIterator::into_iter(&set).next_back(), Some(&7));
    assert_eq!(set.iter().max(), Some(&7));
    set.clear();
    use btree_set::{BTreeSet as Same, IntoIter};
    let same: Same<u8> = set;
    let _: IntoIter<u8> = same.into_iter();
}

#[test]
fn two_sets() {
    let set = BTreeSet::from([1, 2, 3]);
    let other = BTreeSet::from([2, 9]);
    assert_eq!(&set & &other, BTreeSet::from([2]));
    assert_eq!(&set | &other, BTreeSet::from([1, 2, 3, 9]));
    assert_eq!(&set ^ &other, BTreeSet::from([1, 3, 9]));
    assert_eq!(&set - &other, BTreeSet::from([1, 3]));
    assert!(set.union(&other).eq([&1, &2, &3, &9]) && set.difference(&other).eq([&1, &3]));
    assert!(set.intersection(&other).eq([&2]) && set.symmetric_difference(&other).eq([&1, &3, &9]));
    assert_eq!((set.union(&other).min(), set.intersection(&other).min()), (Some(&1), Some(&2)));
    assert!(!set.is_subset(&other) && !set.is_superset(&other) && !set.is_disjoint(&other));
    assert!(set.is_subset(&set) && set.is_superset(&set) && set.is_disjoint(&BTreeSet::from([7])));
}

#[test]
fn copied_and_compared() {
    let set = BTreeSet::from([1, 2]);
    let mut copy = set.clone();
    assert!(copy == set && copy <= set && copy.cmp(&set).is_eq());
    copy.insert(3);
    assert!(copy > set);
    copy.clone_from(&set);
    let hash = |set: &BTreeSet<u8>| BuildHasherDefault::<DefaultHasher>::new().hash_one(set);
    assert_eq!(hash(&copy), hash(&set));
    assert_eq!(format!("{set:?}"), "{1, 2}");
}
