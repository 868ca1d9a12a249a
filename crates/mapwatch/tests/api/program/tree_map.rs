//! Methods and traits of `BTreeMap`.

use super::collections::{BTreeMap, btree_map};
use std::hash::{BuildHasher, BuildHasherDefault, DefaultHasher};
use std::ops::Bound;

static EMPTY: std::sync::Mutex<BTreeMap<u8, u8>> = std::sync::Mutex::new(BTreeMap::new());

fn digits() -> BTreeMap<u32, String> {
    (0..10).map(|key| (key, key.to_string())).collect()
}

#[test]
fn made_and_filled() {
    assert!(EMPTY.lock().expect("nobody panics in it").is_empty());
    let mut map: BTreeMap<u8, u8> = BTreeMap::default();
    map.extend([(1, 1)]);
    map.extend(&BTreeMap::from([(2, 2)]));
    let from: BTreeMap<_, _> = [(1, 1), (2, 2)].into();
    assert_eq!((map.len(), &map), (2, &from));
    map.clear();
    assert!(map.is_empty());
    use btree_map::{BTreeMap as Same, IntoIter};
    let same: Same<u8, u8> = map;
    let _: IntoIter<u8, u8> = same.into_iter();
}

#[test]
fn looked_at_and_changed() {
    let mut map = digits();
    assert_eq!(map.insert(3, "x".to_owned()), Some("3".to_owned()));
    assert_eq!((map.get(&3), map[&4].as_str(), map.get(&10)), (Some(&"x".to_owned()), "4", None));
    assert_eq!(map.get_key_value(&3), Some((&3, &"x".to_owned())));
    assert!(map.contains_key(&9) && !map.contains_key(&10));
    map.get_mut(&3).expect("inserted").push('y');
    assert_eq!(map.remove(&3), Some("xy".to_owned()));
    assert_eq!(map.remove_entry(&4), Some((4, "4".to_owned())));
    map.retain(|key, _| *key != 5);
    map.values_mut().for_each(String::clear);
    map.iter_mut().for_each(|(key, value)| value.push_str(&key.to_string()));
    for (key, value) in &mut map {
        value.push(if *key < 10 { '!' } else { '?' });
    }
    assert_eq!(map.keys().copied().collect::<Vec<_>>(), [0, 1, 2, 6, 7, 8, 9]);
    assert_eq!(map.values().next_back().map(String::as_str), Some("9!"));
    assert_eq!(map.extract_if(1..8, |key, _| key % 2 == 0).map(|(key, _)| key).collect::<Vec<_>>(), [2, 6]);
    assert_eq!(map.clone().into_keys().count(), map.into_values().count());
}

#[test]
fn ends_and_ranges() {
    let mut map = digits();
    assert_eq!(map.range(3..5).rev().map(|(key, _)| *key).collect::<Vec<_>>(), [4, 3]);
    map.range_mut(..2).for_each(|(_, value)| value.push('!'));
    assert_eq!(map.first_key_value(), Some((&0, &"0!".to_owned())));
    assert_eq!(map.last_key_value().map(|(key, _)| *key), map.keys().next_back().copied());
    assert_eq!((map.pop_first().map(|(key, _)| key), map.pop_last().map(|(key, _)| key)), (Some(0), Some(9)));
    assert_eq!(map.first_entry().map(|entry| *entry.key()), Some(1));
    assert_eq!(map.last_entry().map(btree_map::OccupiedEntry::remove_entry), Some((8, "8".to_owned())));
    let mut high = map.split_off(&6);
    assert_eq!((high.len(), map.len(), map.iter().min().map(|(key, _)| *key)), (2, 5, Some(1)));
    map.append(&mut high);
    assert_eq!((map.len(), high.len()), (7, 0));
    let words = BTreeMap::from([("ant".to_owned(), 1), ("bee".to_owned(), 2)]);
    let after = (Bound::Excluded("ant"), Bound::Unbounded);
    assert_eq!(words.range::<str, _>(after).map(|(_, value)| *value).sum::<i32>(), 2);
}

#[test]
#[should_panic(expected = "range start is greater than range end")]
fn a_range_has_an_order() {
    let _ = digits().range((Bound::Included(5), Bound::Included(4)));
}

#[test]
fn copied_and_compared() {
    let map = digits();
    let mut copy = map.clone();
    assert!(copy == map && copy <= map && copy.cmp(&map).is_eq());
    copy.insert(10, "10".to_owned());
    assert!(copy > map && map.partial_cmp(&copy).is_some_and(std::cmp::Ordering::is_lt));
    copy.clone_from(&map);
    let hash = |map: &BTreeMap<u32, String>| BuildHasherDefault::<DefaultHasher>::new().hash_one(map);
    assert_eq!(hash(&copy), hash(&map));
    assert_eq!(format!("{:?}", BTreeMap::from([(1, 'a'), (2, 'b')])), "{1: 'a', 2: 'b'}");
    assert_eq!(map.into_iter().rev().map(|(key, _)| key).next(), Some(9));
}
