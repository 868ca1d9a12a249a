//! Every iterator type with the traits that std's has.

use super::Fixed;
use super::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use super::collections::{btree_map, btree_set, hash_map, hash_set};
use std::fmt::Debug;
use std::iter::FusedIterator;

/// Gives `count` items, in any way that one asks, and nothing afterwards.
fn fused<I: FusedIterator + Debug>(mut make: impl FnMut() -> I, count: usize) {
    assert!(!format!("{:?}", make()).is_empty());
    let mut walk = make();
    assert_eq!(walk.by_ref().map(|_| 1).sum::<usize>(), count);
    assert!(walk.next().is_none() && walk.next().is_none());
    assert_eq!(make().count(), count);
    assert_eq!(make().fold(0, |count, _| count + 1), count);
    assert_eq!(make().last().is_some(), count > 0);
    assert!(make().nth(count).is_none() && make().nth(count - 1).is_some());
    let (low, high) = make().size_hint();
    assert!(low <= count && high.is_none_or(|high| high >= count));
    let mut visited = 0;
    assert!(
        make()
            .try_for_each(|_| {
                visited += 1;
                (visited < count).then_some(())
            })
            .is_none()
    );
}

/// Knows how many items are left.
fn exact<I: FusedIterator + ExactSizeIterator + Debug>(mut make: impl FnMut() -> I, count: usize) {
    let mut walk = make();
    for left in (0..count).rev() {
        assert!(walk.next().is_some());
        assert_eq!((walk.len(), walk.size_hint()), (left, (left, Some(left))));
    }
    fused(make, count);
}

/// Can be walked from both ends, which meet.
fn two_ended<I: DoubleEndedIterator>(mut make: impl FnMut() -> I, count: usize) {
    assert_eq!(make().rev().count(), count);
    assert_eq!(make().rfold(0, |count, _| count + 1), count);
    assert!(make().nth_back(count).is_none() && make().rfind(|_| true).is_some());
    let mut walk = make();
    let mut seen = 0;
    while walk.next().is_some() {
        seen += 1 + usize::from(walk.next_back().is_some());
    }
    assert!(seen == count && walk.next_back().is_none());
}

/// A clone goes on by itself.
fn cloned<I: Iterator + Clone>(mut walk: I, count: usize) {
    walk.next();
    let copy = walk.clone();
    assert_eq!((walk.count(), copy.count()), (count - 1, count - 1));
}

/// The default is empty.
fn default<I: Iterator + Default>() {
    assert!(I::default().next().is_none());
}

#[test]
fn of_a_hash_map() {
    let mut map: HashMap<u8, u8, Fixed> = (0..5).map(|key| (key, key)).collect();
    exact(|| map.iter(), 5);
    exact(|| map.keys(), 5);
    exact(|| map.values(), 5);
    cloned(map.iter(), 5);
    cloned(map.keys(), 5);
    cloned(map.values(), 5);
    exact(|| map.clone().into_iter(), 5);
    exact(|| map.clone().into_keys(), 5);
    exact(|| map.clone().into_values(), 5);
    assert_eq!((map.iter_mut().len(), map.values_mut().len(), map.drain().len()), (5, 5, 5));
    default::<hash_map::Iter<'_, u8, u8>>();
    default::<hash_map::IterMut<'_, u8, u8>>();
    default::<hash_map::Keys<'_, u8, u8>>();
    default::<hash_map::Values<'_, u8, u8>>();
    default::<hash_map::ValuesMut<'_, u8, u8>>();
    default::<hash_map::IntoIter<u8, u8>>();
    default::<hash_map::IntoKeys<u8, u8>>();
    default::<hash_map::IntoValues<u8, u8>>();
}

/// What is behind iterators that borrow exclusively: a new container for each walk.
fn fresh<M: Clone>(full: &M) -> &'static mut M {
    Box::leak(Box::new(full.clone()))
}

#[test]
fn that_borrow_exclusively() {
    let map: HashMap<u8, u8> = (0..5).map(|key| (key, key)).collect();
    exact(|| fresh(&map).iter_mut(), 5);
    exact(|| fresh(&map).values_mut(), 5);
    exact(|| fresh(&map).drain(), 5);
    fused(|| fresh(&map).extract_if(|key, _| *key > 1), 3);
    let set: HashSet<u8> = (0..5).collect();
    exact(|| fresh(&set).drain(), 5);
    fused(|| fresh(&set).extract_if(|key| *key > 1), 3);
    let tree: BTreeMap<u8, u8> = (0..5).map(|key| (key, key)).collect();
    exact(|| fresh(&tree).iter_mut(), 5);
    exact(|| fresh(&tree).values_mut(), 5);
    fused(|| fresh(&tree).range_mut(1..), 4);
    fused(|| fresh(&tree).extract_if(1.., |key, _| *key > 1), 3);
    two_ended(|| fresh(&tree).iter_mut(), 5);
    two_ended(|| fresh(&tree).values_mut(), 5);
    two_ended(|| fresh(&tree).range_mut(1..), 4);
    let trees: BTreeSet<u8> = (0..5).collect();
    fused(|| fresh(&trees).extract_if(1.., |key| *key > 1), 3);
    let mut half = map.clone();
    assert!(half.drain().next().is_some());
    assert!(half.is_empty());
    let mut half = tree.clone();
    assert!(half.extract_if(.., |_, _| true).next().is_some());
    assert_eq!(half.len(), 4);
}

#[test]
fn of_a_hash_set() {
    let set: HashSet<u8> = (0..5).collect();
    let other: HashSet<u8> = (3..7).collect();
    exact(|| set.iter(), 5);
    exact(|| set.clone().into_iter(), 5);
    cloned(set.iter(), 5);
    fused(|| set.union(&other), 7);
    fused(|| set.intersection(&other), 2);
    fused(|| set.difference(&other), 3);
    fused(|| set.symmetric_difference(&other), 5);
    cloned(set.union(&other), 7);
    cloned(set.intersection(&other), 2);
    cloned(set.difference(&other), 3);
    cloned(set.symmetric_difference(&other), 5);
    default::<hash_set::Iter<'_, u8>>();
    default::<hash_set::IntoIter<u8>>();
}

#[test]
fn of_a_tree() {
    let map: BTreeMap<u8, u8> = (0..5).map(|key| (key, key)).collect();
    exact(|| map.iter(), 5);
    exact(|| map.keys(), 5);
    exact(|| map.values(), 5);
    fused(|| map.range(2..), 3);
    two_ended(|| map.iter(), 5);
    two_ended(|| map.keys(), 5);
    two_ended(|| map.values(), 5);
    two_ended(|| map.range(2..), 3);
    cloned(map.iter(), 5);
    cloned(map.keys(), 5);
    cloned(map.values(), 5);
    cloned(map.range(2..), 3);
    exact(|| map.clone().into_iter(), 5);
    exact(|| map.clone().into_keys(), 5);
    two_ended(|| map.clone().into_values(), 5);
    assert_eq!(
        (map.keys().min(), map.keys().max(), map.range(1..3).last()),
        (Some(&0), Some(&4), Some((&2, &2)))
    );
    default::<btree_map::Iter<'_, u8, u8>>();
    default::<btree_map::IterMut<'_, u8, u8>>();
    default::<btree_map::Keys<'_, u8, u8>>();
    default::<btree_map::Values<'_, u8, u8>>();
    default::<btree_map::ValuesMut<'_, u8, u8>>();
    default::<btree_map::Range<'_, u8, u8>>();
    default::<btree_map::RangeMut<'_, u8, u8>>();
    default::<btree_map::IntoIter<u8, u8>>();
    default::<btree_map::IntoKeys<u8, u8>>();
    default::<btree_map::IntoValues<u8, u8>>();
}

#[test]
fn of_a_tree_set() {
    let set: BTreeSet<u8> = (0..5).collect();
    let other: BTreeSet<u8> = (3..7).collect();
    exact(|| set.iter(), 5);
    two_ended(|| set.iter(), 5);
    cloned(set.iter(), 5);
    fused(|| set.range(1..3), 2);
    two_ended(|| set.range(1..3), 2);
    cloned(set.range(1..3), 2);
    exact(|| set.clone().into_iter(), 5);
    fused(|| set.union(&other), 7);
    fused(|| set.intersection(&other), 2);
    fused(|| set.difference(&other), 3);
    fused(|| set.symmetric_difference(&other), 5);
    cloned(set.union(&other), 7);
    cloned(set.intersection(&other), 2);
    cloned(set.difference(&other), 3);
    cloned(set.symmetric_difference(&other), 5);
    default::<btree_set::Iter<'_, u8>>();
    default::<btree_set::Range<'_, u8>>();
    default::<btree_set::IntoIter<u8>>();
}

/// The types can be written down.
#[allow(dead_code, reason = "what compiles is the test")]
struct Written<'a, F> {
    hash_map: (hash_map::Drain<'a, u8, u8>, hash_map::ExtractIf<'a, u8, u8, F>),
    hash_set: (hash_set::Drain<'a, u8>, hash_set::ExtractIf<'a, u8, F>),
    hash_sets: (hash_set::Union<'a, u8, Fixed>, hash_set::Intersection<'a, u8, Fixed>),
    more_hash_sets: (hash_set::Difference<'a, u8, Fixed>, hash_set::SymmetricDifference<'a, u8, Fixed>),
    tree: btree_map::ExtractIf<'a, u8, u8, std::ops::RangeFull, F>,
    tree_set: btree_set::ExtractIf<'a, u8, std::ops::RangeFull, F>,
    tree_sets: (btree_set::Union<'a, u8>, btree_set::Intersection<'a, u8>),
    more_tree_sets: (btree_set::Difference<'a, u8>, btree_set::SymmetricDifference<'a, u8>),
}
