//! Methods and traits of `HashMap`.

use super::Fixed;
use super::collections::hash_map::{self, RandomState};
use super::collections::{HashMap, TryReserveError};

#[test]
fn made_and_filled() {
    assert!(HashMap::<u8, u8>::new().is_empty());
    assert!(HashMap::<u8, u8>::with_capacity(3).capacity() >= 3);
    static EMPTY: HashMap<u8, u8, Fixed> = HashMap::with_hasher(Fixed::new());
    let mut fixed = EMPTY.clone();
    fixed.insert(1, 1);
    let larger = HashMap::with_capacity_and_hasher(4, Fixed::default());
    assert_ne!(fixed, larger);
    fixed.clear();
    assert_eq!(fixed, larger);
    let _: &Fixed = larger.hasher();
    let _: &RandomState = HashMap::<u8, u8>::default().hasher();

    let collected: HashMap<u8, u8, Fixed> = [(1, 2)].into_iter().collect();
    assert_eq!(collected.len(), 1);
    let from: HashMap<_, _> = [(1, 2)].into();
    assert_eq!(from, HashMap::from([(1, 2)]));
    let tried: Result<HashMap<u8, u8>, std::num::ParseIntError> =
        ["1", "2"].iter().map(|text| text.parse().map(|key| (key, key))).collect();
    assert_eq!(tried.map(|map| map.len()), Ok(2));
    let (odd, even): (HashMap<u8, u8>, HashMap<u8, u8>) = from.into_iter().partition(|(key, _)| key % 2 == 1);
    assert_eq!((odd.len(), even.len()), (1, 0));
    let (firsts, seconds): (Vec<u8>, HashMap<u8, u8>) = [(1, (2, 3))].into_iter().unzip();
    assert_eq!((firsts, seconds[&2]), (vec![1], 3));
}

#[test]
fn room() {
    let mut map: HashMap<u32, u32> = HashMap::new();
    map.reserve(100);
    let full = map.capacity();
    assert!(full >= 100);
    let tried: Result<(), TryReserveError> = map.try_reserve(usize::MAX);
    assert!(tried.is_err() && map.try_reserve(1).is_ok());
    map.insert(1, 1);
    map.shrink_to(50);
    assert!((50..full).contains(&map.capacity()));
    map.shrink_to_fit();
    assert!(map.capacity() < 50 && map.len() == 1);
}

#[test]
fn looked_at_and_changed() {
    let mut map: HashMap<String, i32> = HashMap::new();
    assert_eq!(map.insert("a".to_owned(), 0), None);
    assert_eq!(map.insert("a".to_owned(), 1), Some(0));
    map.extend([("b".to_owned(), 2), ("c".to_owned(), 3)]);
    assert_eq!((map.get("a"), map["b"], map.len()), (Some(&1), 2, 3));
    assert_eq!(map.get_key_value("c"), Some((&"c".to_owned(), &3)));
    assert!(map.contains_key("c") && !map.contains_key("z"));
    *map.get_mut("a").expect("inserted") += 1;
    let [a, none] = map.get_disjoint_mut(["a", "z"]);
    assert!(a == Some(&mut 2) && none.is_none());
    map.iter_mut().for_each(|(_, value)| *value += 1);
    map.values_mut().for_each(|value| *value -= 1);
    for (key, value) in &mut map {
        *value += i32::from(key == "b");
    }
    assert_eq!((map.values().sum::<i32>(), map.keys().len()), (8, 3));
    assert_eq!(map.extract_if(|_, value| *value == 2).count(), 1);
    map.retain(|key, _| key != "c");
    assert_eq!(map.remove_entry("b"), Some(("b".to_owned(), 3)));
    assert_eq!((map.remove("b"), map.len()), (None, 0));
}

#[test]
#[should_panic(expected = "no entry found for key")]
fn an_absent_key_has_no_index() {
    let _ = HashMap::from([(1, 1)])[&2];
}

#[test]
fn copied_and_compared() {
    let mut copies: HashMap<u8, u8> = HashMap::from([(1, 1)]);
    copies.extend(&HashMap::from([(2, 2)]));
    let mut again = copies.clone();
    assert_eq!(copies, again);
    again.insert(3, 3);
    assert_ne!(copies, again);
    again.clone_from(&copies);
    assert_eq!(copies, again);
    assert_eq!(format!("{:?}", HashMap::from([(1, "x")])), r#"{1: "x"}"#);
    assert_eq!(format!("{:#?}", HashMap::from([(1, 2)])), "{\n    1: 2,\n}");
    assert_eq!(copies.drain().count(), 2);
    assert!(copies.is_empty());
    let mut keys: Vec<_> = again.clone().into_keys().collect();
    keys.sort_unstable();
    assert_eq!((keys, again.into_values().sum::<u8>()), (vec![1, 2], 3));
}

#[test]
fn the_module_has_stds_names() {
    use hash_map::{DefaultHasher, HashMap as Same, IntoIter};
    let map: Same<u8, u8, RandomState> = HashMap::new();
    let _: IntoIter<u8, u8> = map.into_iter();
    let _: DefaultHasher = DefaultHasher::new();
}
