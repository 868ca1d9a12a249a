//! Methods and traits of `HashSet`.

use super::Fixed;
use super::collections::{HashSet, hash_set};

#[test]
fn made_and_filled() {
    assert!(HashSet::<u8>::new().is_empty());
    let mut set: HashSet<u8> = HashSet::with_capacity(3);
    assert!(set.capacity() >= 3);
    static EMPTY: HashSet<u8, Fixed> = HashSet::with_hasher(Fixed::new());
    assert_eq!(EMPTY.clone(), HashSet::with_capacity_and_hasher(4, Fixed::default()));
    let _: &Fixed = EMPTY.hasher();
    set.extend(&[1, 2]);
    set.extend([3]);
    assert_eq!(set, HashSet::from([1, 2, 3]));
    set.reserve(100);
    assert!(set.try_reserve(usize::MAX).is_err() && set.capacity() >= 103);
    set.shrink_to(50);
    assert!((50..100).contains(&set.capacity()));
    set.shrink_to_fit();
    assert!(set.capacity() < 50);
    let collected: HashSet<&str, Fixed> = ["a", "b", "a"].into_iter().collect();
    assert_eq!(collected.len(), 2);
    set.clear();
    assert_eq!(set, HashSet::default());
    let (small, large): (HashSet<u8>, HashSet<u8>) = [1, 9].into_iter().partition(|value| *value < 5);
    assert_eq!((small.len(), large.len()), (1, 1));
}

#[test]
fn looked_at_and_changed() {
    let mut set: HashSet<String> = HashSet::new();
    assert!(set.insert("a".to_owned()) && !set.insert("a".to_owned()));
    assert!(set.contains("a") && !set.contains("b"));
    assert_eq!(set.get("a").map(String::as_str), Some("a"));
    assert_eq!(set.replace("a".to_owned()).as_deref(), Some("a"));
    assert_eq!(set.take("a").as_deref(), Some("a"));
    assert!(!set.remove("a"));
    let mut set: HashSet<i32> = (0..10).collect();
    assert!(set.remove(&0));
    set.retain(|value| *value < 5);
    let mut out: Vec<_> = set.extract_if(|value| value % 2 == 0).collect();
    out.sort_unstable();
    assert_eq!((out, set.len()), (vec![2, 4], 2));
    assert_eq!(IntoIterator::into_iter(&set).max(), Some(&3));
    assert_eq!(set.iter().sum::<i32>(), 4);
    let mut copy = set.clone();
    assert_eq!(set.drain().count(), 2);
    assert_ne!(copy, set);
    copy.clone_from(&set);
    assert_eq!(copy, set);
    assert_eq!(format!("{:?}", HashSet::from([7])), "{7}");
    use hash_set::{HashSet as Same, IntoIter};
    let same: Same<i32> = set;
    let _: IntoIter<i32> = same.into_iter();
}

#[test]
fn two_sets() {
    let set: HashSet<i32> = HashSet::from([1, 2, 3]);
    let other: HashSet<i32> = HashSet::from([3, 4]);
    assert_eq!(&set & &other, HashSet::from([3]));
    assert_eq!(&set | &other, HashSet::from([1, 2, 3, 4]));
    assert_eq!(&set ^ &other, HashSet::from([1, 2, 4]));
    assert_eq!(&set - &other, HashSet::from([1, 2]));
    let walk: hash_set::Difference<'_, i32, _> = set.difference(&other);
    assert_eq!(walk.copied().collect::<HashSet<_>>(), HashSet::from([1, 2]));
    assert_eq!(set.union(&other).count(), 4);
    assert_eq!(set.intersection(&other).collect::<Vec<_>>(), [&3]);
    assert_eq!(set.symmetric_difference(&other).sum::<i32>(), 7);
    assert!(!set.is_subset(&other) && !set.is_superset(&other) && !set.is_disjoint(&other));
    assert!(set.is_subset(&set) && set.is_superset(&set) && set.is_disjoint(&HashSet::from([9])));
    assert_eq!((set.union(&set).count(), set.difference(&set).count()), (3, 0));
}
