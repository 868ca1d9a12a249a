//! The face is std's own type where checking is off, and a type of its own where it is on.

use mapwatch::collections::{checked, original};
use std::any::TypeId;

fn check<Face: 'static, Checked: 'static, Original: 'static>() {
    let on = cfg!(any(debug_assertions, feature = "checked"));
    assert_eq!(TypeId::of::<Face>() == TypeId::of::<Original>(), !on);
    assert_eq!(TypeId::of::<Face>() == TypeId::of::<Checked>(), on);
}

#[test]
fn the_face_is_one_of_the_two() {
    check::<mapwatch::HashMap<u8, u8>, checked::HashMap<u8, u8>, original::HashMap<u8, u8>>();
    check::<mapwatch::HashSet<u8>, checked::HashSet<u8>, original::HashSet<u8>>();
    check::<mapwatch::BTreeMap<u8, u8>, checked::BTreeMap<u8, u8>, original::BTreeMap<u8, u8>>();
    check::<mapwatch::BTreeSet<u8>, checked::BTreeSet<u8>, original::BTreeSet<u8>>();
}

#[test]
fn the_locks_too() {
    use mapwatch::{cell, sync};
    check::<cell::RefCell<u8>, cell::checked::RefCell<u8>, cell::original::RefCell<u8>>();
    check::<sync::Mutex<u8>, sync::checked::Mutex<u8>, std::sync::Mutex<u8>>();
    check::<sync::RwLock<u8>, sync::checked::RwLock<u8>, std::sync::RwLock<u8>>();
    check::<sync::Condvar, sync::checked::Condvar, std::sync::Condvar>();
    assert_eq!(TypeId::of::<sync::Arc<u8>>(), TypeId::of::<std::sync::Arc<u8>>());
}

#[cfg(feature = "parking_lot")]
#[test]
fn parking_lots_locks_too() {
    use mapwatch::parking_lot::{self as face, checked, original};
    check::<face::Mutex<u8>, checked::Mutex<u8>, original::Mutex<u8>>();
    check::<face::RwLock<u8>, checked::RwLock<u8>, original::RwLock<u8>>();
    check::<face::Condvar, checked::Condvar, original::Condvar>();
}

#[test]
fn the_original_is_stds() {
    assert_eq!(TypeId::of::<original::HashMap<u8, u8>>(), TypeId::of::<std::collections::HashMap<u8, u8>>());
}

#[cfg(feature = "dashmap")]
#[test]
fn dashmap_is_one_of_the_two() {
    use mapwatch::dashmap::{self, checked, original};
    check::<dashmap::DashMap<u8, u8>, checked::DashMap<u8, u8>, original::DashMap<u8, u8>>();
    check::<dashmap::DashSet<u8>, checked::DashSet<u8>, original::DashSet<u8>>();
    check::<dashmap::Entry<'_, u8, u8>, checked::Entry<'_, u8, u8>, original::Entry<'_, u8, u8>>();
}
