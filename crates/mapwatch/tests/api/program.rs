// The program of `api.rs`: `collections` is in scope and stands for `std::collections`.

use collections::hash_map::Entry::{Occupied, Vacant};
use collections::{BTreeMap, BTreeSet, HashMap, HashSet, VecDeque, btree_map, btree_set, hash_map, hash_set};
use std::hash::{BuildHasherDefault, RandomState};

type Fixed = BuildHasherDefault<hash_map::DefaultHasher>;
static EMPTY_TREE: std::sync::Mutex<BTreeMap<u8, u8>> = std::sync::Mutex::new(BTreeMap::new());

#[test]
#[allow(clippy::for_kv_map, reason = "`IntoIterator` for `&mut` is what is tried")]
fn hash_map_methods() {
    let mut map: HashMap<String, i32> = HashMap::new();
    map.reserve(10);
    map.try_reserve(1).expect("a little room");
    assert!(map.capacity() >= 10 && map.is_empty());
    assert_eq!(map.insert("a".to_owned(), 1), None);
    map.extend([("b".to_owned(), 2), ("c".to_owned(), 3)]);
    assert_eq!((map.get("a"), map["b"], map.len()), (Some(&1), 2, 3));
    assert_eq!(map.get_key_value("c"), Some((&"c".to_owned(), &3)));
    *map.get_mut("a").expect("inserted") += 1;
    let [a, none] = map.get_disjoint_mut(["a", "z"]);
    assert!(a == Some(&mut 2) && none.is_none());
    map.iter_mut().for_each(|(_, value)| *value += 1);
    map.values_mut().for_each(|value| *value -= 1);
    for (_, value) in &mut map {
        *value += 0;
    }
    assert_eq!(map.values().sum::<i32>(), 7);
    assert_eq!(map.keys().len(), 3);
    assert_eq!(map.iter().clone().count(), 3);
    assert_eq!(map.extract_if(|_, value| *value == 3).count(), 1);
    map.retain(|_, _| true);
    assert_eq!(map.remove_entry("a"), Some(("a".to_owned(), 2)));
    assert_eq!(map.remove("b"), Some(2));
    map.shrink_to(4);
    map.shrink_to_fit();
    let mut copies: HashMap<u8, u8> = HashMap::from([(1, 1)]);
    copies.extend(&HashMap::from([(2, 2)]));
    let mut again = copies.clone();
    again.clone_from(&copies);
    assert!(copies == again && format!("{:?}", HashMap::from([(1, 2)])) == "{1: 2}");
    assert_eq!(copies.drain().count(), 2);
    let mut keys: Vec<_> = again.clone().into_keys().collect();
    keys.sort_unstable();
    assert_eq!((keys, again.into_values().count()), (vec![1, 2], 2));
    let _: (hash_map::Iter<'_, u8, u8>, hash_map::Keys<'_, u8, u8>) = Default::default();
    let _: HashMap<u8, u8, Fixed> = [(1, 2)].into_iter().collect();
    let _: &RandomState = HashMap::<u8, u8>::with_capacity(3).hasher();
    let mut fixed = HashMap::with_capacity_and_hasher(4, Fixed::default());
    fixed.insert(1, 1);
    fixed.clear();
}

#[test]
fn entries() {
    let mut map: HashMap<&str, u32> = HashMap::default();
    match map.entry("a") {
        Occupied(_) => unreachable!("the map is empty"),
        Vacant(entry) => assert_eq!((*entry.key(), *entry.insert(1)), ("a", 1)),
    }
    for _ in 0..40 {
        *map.entry("a").or_insert(0) += 1;
    }
    map.entry("a").and_modify(|value| *value = 5).or_default();
    assert_eq!(map.entry("b").or_insert_with(|| 7), &7);
    assert_eq!(map.entry("long").or_insert_with_key(|key| key.len() as u32), &4);
    assert_eq!(map.entry("c").insert_entry(9).get(), &9);
    if let Occupied(mut entry) = map.entry("a") {
        assert_eq!((entry.insert(6), *entry.get(), *entry.key()), (5, 6, "a"));
        *entry.get_mut() += 1;
        assert_eq!(entry.remove_entry(), ("a", 7));
    }
    assert_eq!(map.entry("z").key(), &"z");
    let text = format!("{:?}", map.entry("b"));
    assert_eq!(text, r#"Entry(OccupiedEntry { key: "b", value: 7, .. })"#);

    let mut tree = BTreeMap::from([(1, 'a'), (2, 'b'), (3, 'c')]);
    *tree.entry(1).or_insert('x') = 'z';
    assert_eq!(tree.first_entry().map(btree_map::OccupiedEntry::remove), Some('z'));
    assert_eq!(tree.last_entry().map(|entry| *entry.into_mut()), Some('c'));
    if let btree_map::Entry::Vacant(entry) = tree.entry(9) {
        assert_eq!(entry.into_key(), 9);
    }
}

#[test]
fn hash_set_methods() {
    let mut set: HashSet<i32> = HashSet::from([1, 2, 3]);
    let other: HashSet<i32> = [3, 4].into_iter().collect();
    assert_eq!(&set & &other, HashSet::from([3]));
    assert_eq!((&set | &other).len(), 4);
    assert_eq!((&set ^ &other).len() + (&set - &other).len(), 5);
    assert_eq!(set.union(&other).count() + set.intersection(&other).count(), 5);
    let walk: hash_set::Difference<'_, i32, _> = set.difference(&other);
    assert_eq!(walk.clone().count() + set.symmetric_difference(&other).count(), 5);
    assert!(!set.is_subset(&other) && !set.is_superset(&other) && !set.is_disjoint(&other));
    assert!(set.insert(9) && set.contains(&9) && set.remove(&9) && set.replace(1) == Some(1));
    assert_eq!((set.get(&1), set.clone().take(&2)), (Some(&1), Some(2)));
    set.extend(&[7, 8]);
    set.retain(|value| *value < 8);
    assert_eq!(set.extract_if(|value| *value == 7).collect::<Vec<_>>(), [7]);
    assert_eq!(set.iter().max(), Some(&3));
    assert_eq!(set.drain().count(), 3);
    set.shrink_to_fit();
}

#[test]
fn tree_methods() {
    let mut map: BTreeMap<u32, String> = (0..10).map(|key| (key, key.to_string())).collect();
    assert_eq!(map.range(3..5).rev().map(|(key, _)| *key).collect::<Vec<_>>(), [4, 3]);
    map.range_mut(..2).for_each(|(_, value)| value.push('!'));
    assert_eq!(map.first_key_value(), Some((&0, &"0!".to_owned())));
    assert_eq!(map.last_key_value().map(|(key, _)| *key), map.keys().next_back().copied());
    assert_eq!((map.pop_first().map(|(key, _)| key), map.pop_last().map(|(key, _)| key)), (Some(0), Some(9)));
    let mut high = map.split_off(&6);
    assert_eq!((high.len(), map.len(), map.iter().min().map(|(key, _)| *key)), (3, 5, Some(1)));
    map.append(&mut high);
    assert_eq!(map.extract_if(2..4, |_, _| true).count(), 2);
    map.retain(|key, _| *key != 5);
    map.values_mut().for_each(String::clear);
    assert!(map.contains_key(&1) && map[&1].is_empty() && map < BTreeMap::from([(9, String::new())]));
    assert_eq!(map.clone().into_keys().count(), map.into_values().count());
    assert_eq!(EMPTY_TREE.lock().expect("nobody panics in it").len(), 0);

    let mut set: BTreeSet<u32> = BTreeSet::from([1, 2, 3]);
    let other = BTreeSet::from([2, 9]);
    let both: btree_set::Intersection<'_, u32> = set.intersection(&other);
    assert_eq!(both.collect::<Vec<_>>(), [&2]);
    assert_eq!((set.first(), set.last(), set.range(2..).count()), (Some(&1), Some(&3), 2));
    assert_eq!(&(&set | &other) - &set, BTreeSet::from([9]));
    assert_eq!(set.union(&other).min(), Some(&1));
    assert_eq!((set.pop_first(), set.pop_last(), set.take(&2)), (Some(1), Some(3), Some(2)));
    set.append(&mut other.clone());
    assert_eq!((set.split_off(&5).len(), set.replace(2), set.is_subset(&other)), (1, Some(2), true));
    let _: HashMap<BTreeSet<u32>, VecDeque<u8>> = HashMap::from([(set, VecDeque::new())]);
}

// The traps.

fn longer<'a>(map: HashMap<&'static str, &'static str>) -> HashMap<&'a str, &'a str> {
    map
}

fn shorter_walk<'a>(walk: hash_map::Iter<'a, &'static str, u8>) -> hash_map::Iter<'a, &'a str, u8> {
    walk
}

fn crosses<T: Send + Sync + std::panic::UnwindSafe + std::panic::RefUnwindSafe + Unpin>() {}

/// The maps are types of their own, each of which can have the trait.
trait Kind {
    const WORD: &'static str;
}
impl<K, V> Kind for HashMap<K, V> {
    const WORD: &'static str = "hash map";
}
impl<K, V> Kind for BTreeMap<K, V> {
    const WORD: &'static str = "tree";
}

#[test]
fn variance_and_auto_traits() {
    let map = HashMap::from([("a", 1_u8)]);
    assert_eq!(shorter_walk(map.iter()).count(), 1);
    assert!(longer(HashMap::new()).is_empty());
    assert_ne!(<HashMap<u8, u8>>::WORD, <BTreeMap<u8, u8>>::WORD);
    crosses::<HashMap<u8, u8>>();
    crosses::<BTreeSet<String>>();
    crosses::<hash_map::Iter<'static, u8, u8>>();
    crosses::<btree_map::Range<'static, u8, u8>>();
}

#[test]
fn values_may_be_dropped_before_the_map() {
    let mut map = HashMap::new();
    let mut tree = BTreeMap::new();
    let text = String::from("short-lived");
    map.insert(1, &text);
    tree.insert(1, &text);
}

#[test]
fn iterators_have_no_destructor() {
    let mut map: HashMap<u32, u32> = (0..5).map(|key| (key, key)).collect();
    let mut walk = map.iter();
    walk.next();
    map.insert(9, 9);
    while let Some(key) = map.keys().next().copied() {
        map.remove(&key);
    }
    let mut tree: BTreeSet<u32> = (0..5).collect();
    while let Some(first) = tree.iter().next().copied() {
        tree.remove(&first);
    }
    assert!(map.is_empty() && tree.is_empty() && !std::mem::needs_drop::<btree_set::Iter<'_, u32>>());
}

#[test]
fn unsized_lookups() {
    let map: HashMap<Box<[u8]>, u8> = HashMap::from([(Box::from([1_u8, 2]), 3)]);
    assert_eq!(map.get([1_u8, 2].as_slice()), Some(&3));
    let tree: BTreeMap<String, u8> = BTreeMap::from([("k".to_owned(), 1)]);
    assert_eq!(tree.range::<str, _>((std::ops::Bound::Included("a"), std::ops::Bound::Unbounded)).count(), 1);
}
