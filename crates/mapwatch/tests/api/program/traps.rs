//! Where a wrapper usually gives itself away: variance, drop check, auto traits, inference, coherence.

use super::Fixed;
use super::collections::{BTreeMap, BTreeSet, HashMap, HashSet, btree_map, btree_set, hash_map, hash_set};
use super::collections::{BinaryHeap, LinkedList, TryReserveError, VecDeque, binary_heap, vec_deque};
use std::panic::{RefUnwindSafe, UnwindSafe, catch_unwind};

fn longer<'a>(map: HashMap<&'static str, &'static str>) -> HashMap<&'a str, &'a str> {
    map
}

fn longer_tree<'a>(map: BTreeMap<&'static str, &'static str>) -> BTreeMap<&'a str, &'a str> {
    map
}

fn longer_sets<'a>(
    sets: (HashSet<&'static str>, BTreeSet<&'static str>),
) -> (HashSet<&'a str>, BTreeSet<&'a str>) {
    sets
}

fn shorter_walk<'a>(walk: hash_map::Iter<'a, &'static str, u8>) -> hash_map::Iter<'a, &'a str, u8> {
    walk
}

fn shorter_range<'a>(walk: btree_map::Range<'a, &'static str, u8>) -> btree_map::Range<'a, &'a str, u8> {
    walk
}

fn crosses<T: Send + Sync + UnwindSafe + RefUnwindSafe + Unpin>() {}

fn sends<T: Send + Sync + Unpin>() {}

/// The maps are types of their own, each of which can have the trait.
trait Kind {
    const WORD: &'static str;
}
impl<K, V, S> Kind for HashMap<K, V, S> {
    const WORD: &'static str = "hash map";
}
impl<T, S> Kind for HashSet<T, S> {
    const WORD: &'static str = "hash set";
}
impl<K, V> Kind for BTreeMap<K, V> {
    const WORD: &'static str = "tree";
}
impl<T> Kind for BTreeSet<T> {
    const WORD: &'static str = "tree set";
}

#[test]
fn variance() {
    let map = HashMap::from([("a", 1_u8)]);
    assert_eq!(shorter_walk(map.iter()).count(), 1);
    assert_eq!(shorter_range(BTreeMap::from([("a", 1_u8)]).range("a"..)).count(), 1);
    assert!(longer(HashMap::new()).is_empty() && longer_tree(BTreeMap::new()).is_empty());
    assert!(longer_sets((HashSet::new(), BTreeSet::new())).0.is_empty());
}

#[test]
fn auto_traits() {
    crosses::<HashMap<u8, String>>();
    crosses::<HashSet<u8>>();
    crosses::<BTreeMap<u8, String>>();
    crosses::<BTreeSet<String>>();
    crosses::<hash_map::Iter<'static, u8, u8>>();
    crosses::<hash_set::Union<'static, u8, Fixed>>();
    crosses::<btree_map::Range<'static, u8, u8>>();
    crosses::<btree_set::Difference<'static, u8>>();
    sends::<hash_map::Entry<'static, u8, u8>>();
    sends::<hash_map::Drain<'static, u8, u8>>();
    sends::<btree_map::Entry<'static, u8, u8>>();
    sends::<btree_map::IterMut<'static, u8, u8>>();
    sends::<btree_map::ExtractIf<'static, u8, u8, std::ops::RangeFull, fn(&u8, &mut u8) -> bool>>();
}

#[test]
fn coherence() {
    let words =
        [<HashMap<u8, u8>>::WORD, <HashSet<u8>>::WORD, <BTreeMap<u8, u8>>::WORD, <BTreeSet<u8>>::WORD];
    assert_eq!(words.into_iter().collect::<HashSet<_>>().len(), 4);
}

#[test]
fn values_may_be_dropped_before_the_map() {
    let mut map = HashMap::new();
    let mut tree = BTreeMap::new();
    let mut set = HashSet::new();
    let mut tree_set = BTreeSet::new();
    let text = String::from("short-lived");
    map.insert(1, &text);
    tree.insert(1, &text);
    set.insert(&text);
    tree_set.insert(&text);
}

#[test]
fn iterators_have_no_destructor() {
    let mut map: HashMap<u32, u32> = (0..5).map(|key| (key, key)).collect();
    let mut walk = map.iter();
    walk.next();
    map.insert(9, 9);
    let mut walk = map.values_mut();
    walk.next();
    map.insert(10, 10);
    while let Some(key) = map.keys().next().copied() {
        map.remove(&key);
    }
    let mut tree: BTreeSet<u32> = (0..5).collect();
    let other = tree.clone();
    while let Some(first) = tree.intersection(&other).next().copied() {
        tree.remove(&first);
    }
    assert!(map.is_empty() && tree.is_empty());
    assert!(!std::mem::needs_drop::<hash_map::Iter<'_, String, String>>());
    assert!(!std::mem::needs_drop::<hash_map::OccupiedEntry<'_, u8, u8>>());
    assert!(!std::mem::needs_drop::<btree_set::Iter<'_, String>>());
    assert!(!std::mem::needs_drop::<btree_map::RangeMut<'_, String, String>>());
}

#[test]
#[allow(clippy::forget_non_drop, reason = "that there is nothing to forget is what is tried")]
fn walks_may_be_forgotten_and_unwound() {
    let mut map: HashMap<u32, u32> = (0..5).map(|key| (key, key)).collect();
    let mut walk = map.iter();
    walk.next();
    std::mem::forget(walk);
    map.insert(7, 7);
    std::mem::forget(map.entry(8));
    std::mem::forget(map.iter_mut());
    assert_eq!(map.len(), 6);
    std::mem::forget(map.drain());
    assert_eq!(map.insert(1, 1), None);
    let mut tree: BTreeMap<u32, u32> = (0..5).map(|key| (key, key)).collect();
    let unwound =
        catch_unwind(std::panic::AssertUnwindSafe(|| tree.retain(|key, _| *key < 3 || panic!("three"))));
    assert!(unwound.is_err());
    assert_eq!(tree.insert(1, 2), Some(1));
    let unwound =
        catch_unwind(std::panic::AssertUnwindSafe(|| tree.keys().for_each(|key| assert!(*key > 1))));
    assert!(unwound.is_err() && tree.remove(&1) == Some(2));
}

#[test]
fn unsized_lookups() {
    let mut map: HashMap<Box<[u8]>, u8> = HashMap::from([(Box::from([1_u8, 2]), 3)]);
    assert_eq!((map.get([1_u8, 2].as_slice()), map[[1_u8, 2].as_slice()]), (Some(&3), 3));
    assert_eq!(map.remove([1_u8, 2].as_slice()), Some(3));
    let tree: BTreeMap<String, u8> = BTreeMap::from([("k".to_owned(), 1)]);
    assert_eq!((tree.get("k"), tree.keys().next().map(String::as_str)), (Some(&1), Some("k")));
    let paths: HashSet<std::path::PathBuf> = HashSet::from(["/a".into()]);
    assert!(paths.contains(std::path::Path::new("/a")));
}

#[test]
fn unsized_values() {
    let mut calls: HashMap<&str, Box<dyn Fn(i32) -> i32>> = HashMap::new();
    calls.insert("double", Box::new(|n| n * 2));
    assert_eq!(calls["double"](4), 8);
    let walks: [Box<dyn Iterator<Item = &'static str> + '_>; 2] =
        [Box::new(calls.keys().copied()), Box::new(std::iter::empty())];
    assert_eq!(walks.into_iter().flatten().count(), 1);
}

fn total<'a, C>(container: &'a C) -> u64
where
    &'a C: IntoIterator<Item = (&'a u64, &'a u64)>,
{
    container.into_iter().map(|(key, value)| key * value).sum()
}

fn sum_of_any<C>(container: C) -> u32
where
    C: IntoIterator<Item = u32>,
    for<'a> &'a C: IntoIterator<Item = &'a u32>,
{
    (&container).into_iter().sum::<u32>() + container.into_iter().sum::<u32>()
}

#[test]
fn generic_code() {
    assert_eq!(total(&HashMap::from([(2, 3)])) + total(&BTreeMap::from([(2, 3)])), 12);
    assert_eq!(sum_of_any(HashSet::from([1, 2])) + sum_of_any(BTreeSet::from([1, 2])), 12);
    let table: HashMap<&str, HashMap<u8, BTreeSet<char>>> = HashMap::from([("a", HashMap::new())]);
    assert!(table["a"].values().flatten().next().is_none());
    let mut groups: BTreeMap<bool, Vec<u8>> = BTreeMap::new();
    (0..4).for_each(|n| groups.entry(n % 2 == 0).or_default().push(n));
    assert_eq!(groups.into_values().map(|group| group.len()).collect::<Vec<_>>(), [2, 2]);
}

/// Derives see the traits of their fields.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Shop {
    stock: HashMap<String, u32>,
    orders: BTreeMap<u32, HashSet<u8>>,
}

/// Trees have an order and a hash.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
struct Plan {
    steps: BTreeMap<u32, BTreeSet<u8>>,
}

#[test]
#[allow(clippy::mutable_key_type, reason = "a watched tree may be a key as std's may")]
fn derives() {
    assert_eq!(Shop::default().clone(), Shop { stock: HashMap::new(), orders: BTreeMap::new() });
    let plans: HashSet<Plan> = [Plan::default(), Plan::default()].into_iter().collect();
    assert_eq!((plans.len(), plans.iter().max()), (1, Some(&Plan::default())));
}

#[test]
fn the_rest_of_std_is_there() {
    let _: (BinaryHeap<u8>, LinkedList<u8>, VecDeque<u8>, Option<TryReserveError>) = Default::default();
    let _: (Option<binary_heap::PeekMut<'_, u8>>, vec_deque::IntoIter<u8>) =
        (None, VecDeque::new().into_iter());
}
