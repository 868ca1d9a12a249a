//! NEGATIVE: 77
//! Tables that are made once: OnceLock, LazyLock, an array, a flag that one thread wins; and defaults that are filled in
//! under one lock, or in one step each. MAP: std RwLock<HashMap>, DashMap 6
use dashmap::DashMap; // MAP-IMPORT
use std::collections::HashMap; // MAP-IMPORT
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Barrier, LazyLock, OnceLock};
use std::sync::RwLock; // MAP-IMPORT

static CODES: LazyLock<HashMap<&'static str, u16>> = LazyLock::new(|| HashMap::from([("ok", 200), ("gone", 410)]));
static NAMES: OnceLock<RwLock<HashMap<u16, String>>> = OnceLock::new();
static EXTRA: LazyLock<DashMap<u16, String>> = LazyLock::new(DashMap::new);
static LOADED: AtomicBool = AtomicBool::new(false);

fn names() -> &'static RwLock<HashMap<u16, String>> {
    NAMES.get_or_init(|| RwLock::new(CODES.iter().map(|(name, code)| (*code, name.to_string())).collect()))
}

fn load_extra() {
    if EXTRA.is_empty() && !LOADED.swap(true, Ordering::SeqCst) {
        for code in 500..505 {
            EXTRA.insert(code, format!("error {code}"));
        }
    }
    if EXTRA.is_empty() {
        return; // somebody is at it
    }
    for code in 500..505 {
        EXTRA.entry(code).or_insert_with(|| format!("error {code}"));
    }
}

fn fill_defaults() {
    let mut names = names().write().unwrap();
    if names.len() < 10 {
        for code in 600..610 {
            names.insert(code, "default".to_string());
        }
    }
}

fn main() {
    let start = Barrier::new(6);
    std::thread::scope(|scope| {
        for _ in 0..6 {
            scope.spawn(|| {
                start.wait();
                for _ in 0..50 {
                    load_extra();
                    fill_defaults();
                    assert_eq!(CODES.get("ok"), Some(&200));
                    assert!(names().read().unwrap().contains_key(&200));
                }
            });
        }
    });
    println!("OK {} {}", EXTRA.len(), names().read().unwrap().len());
}
