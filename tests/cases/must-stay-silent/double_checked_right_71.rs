//! NEGATIVE: 71
//! Double-checked locking done right, three ways: a second look under the write lock, `entry`, and a vacant entry.
//! MAP: std RwLock<HashMap>, parking_lot RwLock<BTreeMap>
use parking_lot::RwLock as FastLock; // MAP-IMPORT
use std::collections::hash_map::Entry; // MAP-IMPORT
use std::collections::{BTreeMap, HashMap}; // MAP-IMPORT
use std::sync::{Arc, Barrier};
use std::sync::RwLock; // MAP-IMPORT

#[derive(Default)]
struct Templates {
    compiled: RwLock<HashMap<String, Arc<str>>>,
    sizes: FastLock<BTreeMap<String, usize>>,
}

impl Templates {
    fn compile(&self, name: &str) -> Arc<str> {
        if let Some(done) = self.compiled.read().unwrap().get(name) {
            return done.clone();
        }
        let fresh: Arc<str> = format!("<{name}>").into();
        let mut compiled = self.compiled.write().unwrap();
        if let Some(done) = compiled.get(name) {
            return done.clone();
        }
        compiled.insert(name.to_string(), fresh.clone());
        fresh
    }

    fn compile_by_entry(&self, name: &str) -> Arc<str> {
        let known = self.compiled.read().unwrap().get(name).cloned();
        known.unwrap_or_else(|| {
            let mut compiled = self.compiled.write().unwrap();
            compiled.entry(name.to_string()).or_insert_with(|| format!("<{name}>").into()).clone()
        })
    }

    fn insert_if_absent(&self, name: &str) -> bool {
        if self.compiled.read().unwrap().contains_key(name) {
            return false;
        }
        match self.compiled.write().unwrap().entry(name.to_string()) {
            Entry::Occupied(_) => false,
            Entry::Vacant(place) => {
                place.insert("".into());
                true
            }
        }
    }

    fn size(&self, name: &str) -> usize {
        if let Some(size) = self.sizes.read().get(name) {
            return *size;
        }
        let mut sizes = self.sizes.write();
        if !sizes.contains_key(name) {
            sizes.insert(name.to_string(), name.len());
        }
        sizes[name]
    }
}

fn main() {
    let templates = Templates::default();
    let start = Barrier::new(6);
    std::thread::scope(|scope| {
        for who in 0..6 {
            let (templates, start) = (&templates, &start);
            scope.spawn(move || {
                start.wait();
                for n in 0..150 {
                    let name = format!("page-{}", n % 50);
                    match (who + n) % 3 {
                        0 => drop(templates.compile(&name)),
                        1 => drop(templates.compile_by_entry(&name)),
                        _ => drop(templates.insert_if_absent(&name)),
                    }
                    assert_eq!(templates.size(&name), name.len());
                }
            });
        }
    });
    println!("OK {}", templates.compiled.read().unwrap().len());
}
