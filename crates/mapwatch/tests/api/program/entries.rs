//! Entries of both maps.

use super::collections::hash_map::Entry::{Occupied, Vacant};
use super::collections::{BTreeMap, HashMap, btree_map, hash_map};

/// Every method, in one body for both maps.
macro_rules! every_method {
    ($name:ident, $map:ident, $module:ident) => {
        #[test]
        fn $name() {
            use $module::{Entry, OccupiedEntry, VacantEntry};
            let mut map: $map<String, u32> = $map::new();
            assert_eq!(map.entry("a".to_owned()).or_insert(1), &1);
            assert_eq!(map.entry("a".to_owned()).or_insert(2), &1);
            assert_eq!(map.entry("a".to_owned()).and_modify(|value| *value = 5).or_default(), &5);
            assert_eq!(map.entry("zero".to_owned()).and_modify(|value| *value = 5).or_default(), &0);
            assert_eq!(map.entry("b".to_owned()).or_insert_with(|| 7), &7);
            assert_eq!(map.entry("long".to_owned()).or_insert_with_key(|key| key.len() as u32), &4);
            let entry: Entry<'_, String, u32> = map.entry("c".to_owned());
            assert_eq!(entry.key(), "c");
            let mut entry: OccupiedEntry<'_, String, u32> = entry.insert_entry(9);
            assert_eq!((entry.key().as_str(), *entry.get()), ("c", 9));
            assert_eq!(entry.insert(10), 9);
            *entry.get_mut() += 1;
            *entry.into_mut() += 1;
            assert_eq!(map.entry("c".to_owned()).insert_entry(13).remove(), 13);
            let Entry::Vacant(entry) = map.entry("c".to_owned()) else { unreachable!("it was removed") };
            let entry: VacantEntry<'_, String, u32> = entry;
            assert_eq!((entry.key().len(), entry.into_key().as_str()), (1, "c"));
            let Entry::Vacant(entry) = map.entry("d".to_owned()) else { unreachable!("it never was") };
            *entry.insert(1) += 1;
            let Entry::Vacant(entry) = map.entry("e".to_owned()) else { unreachable!("it never was") };
            assert_eq!(entry.insert_entry(3).remove_entry(), ("e".to_owned(), 3));
            assert_eq!((map.len(), map["d"]), (5, 2));
        }
    };
}

every_method!(of_a_hash_map, HashMap, hash_map);
every_method!(of_a_tree, BTreeMap, btree_map);

#[test]
fn the_variants_can_be_imported() {
    let mut map: HashMap<&str, u32> = HashMap::new();
    for word in ["a", "b", "a"] {
        match map.entry(word) {
            Occupied(mut entry) => *entry.get_mut() += 1,
            Vacant(entry) => {
                entry.insert(1);
            }
        }
    }
    assert_eq!((map["a"], map["b"]), (2, 1));
}

#[test]
fn shown() {
    let mut map = HashMap::from([("b", 7)]);
    assert_eq!(format!("{:?}", map.entry("b")), r#"Entry(OccupiedEntry { key: "b", value: 7, .. })"#);
    assert_eq!(format!("{:?}", map.entry("c")), r#"Entry(VacantEntry("c"))"#);
    let mut tree = BTreeMap::from([("b", 7)]);
    assert_eq!(format!("{:?}", tree.entry("b")), r#"Entry(OccupiedEntry { key: "b", value: 7 })"#);
    assert_eq!(format!("{:?}", tree.entry("c")), r#"Entry(VacantEntry("c"))"#);
}

#[test]
fn a_full_table_grows_under_an_entry() {
    let mut map: HashMap<u32, u32> = HashMap::new();
    for key in 0..1_000 {
        *map.entry(key / 2).or_insert(0) += 1;
    }
    assert!(map.len() == 500 && map.values().all(|count| *count == 2));
}
