//! The watched collections have the same serialised form as std's.
#![cfg(feature = "serde")]

use mapwatch::collections::{checked, original};

#[test]
fn a_round_trip_keeps_everything() {
    let map = checked::BTreeMap::from([("a".to_owned(), 1), ("b".to_owned(), 2)]);
    let text = serde_json::to_string(&map).expect("maps of strings serialise");
    assert_eq!(text, r#"{"a":1,"b":2}"#);
    assert_eq!(serde_json::from_str::<checked::BTreeMap<String, i32>>(&text).expect("its own text"), map);
    let hashed: checked::HashMap<String, i32> = serde_json::from_str(&text).expect("the same text");
    assert_eq!(original::BTreeMap::from_iter(hashed), map.into_inner());

    let set = checked::BTreeSet::from([3, 1]);
    let text = serde_json::to_string(&set).expect("numbers serialise");
    assert_eq!(text, "[1,3]");
    assert_eq!(serde_json::from_str::<checked::HashSet<i32>>(&text).expect("the same text").len(), 2);
}

#[test]
fn a_lock_is_its_value() {
    use mapwatch::sync::checked::{Mutex, RwLock};
    assert_eq!(serde_json::to_string(&Mutex::new(1)).expect("numbers serialise"), "1");
    assert_eq!(serde_json::to_string(&RwLock::new("a")).expect("texts serialise"), r#""a""#);
    assert_eq!(*serde_json::from_str::<Mutex<u8>>("3").expect("a number").lock().expect("not poisoned"), 3);
    assert_eq!(*serde_json::from_str::<RwLock<u8>>("3").expect("a number").read().expect("not poisoned"), 3);
}
