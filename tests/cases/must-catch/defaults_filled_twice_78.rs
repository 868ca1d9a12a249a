//! CASE: 78
//! CLASS: f   MAP: std RwLock<HashMap>   DETERMINISTIC: yes (barrier in the window)
//! SOURCE: written for this project
//! PATTERN: whoever finds the registry empty fills it with defaults: two do, and the second overwrites the first.
//! EXPECT-CATEGORY: init-race
//! EXPECT-SITES: SITE-A (it was empty) + SITE-B (the insert over the other one's)
use std::collections::HashMap; // MAP-IMPORT
use std::sync::{Arc, Barrier};
use std::sync::RwLock; // MAP-IMPORT

#[derive(Default)]
struct Registry {
    handlers: RwLock<HashMap<String, Arc<String>>>,
}

impl Registry {
    fn ensure_defaults(&self, who: &str, loading: &Barrier) {
        let missing = self.handlers.read().unwrap().is_empty(); // SITE-A
        if missing {
            loading.wait(); // the defaults come from a file
            let mut handlers = self.handlers.write().unwrap();
            for name in ["json", "xml", "csv"] {
                handlers.insert(name.to_string(), Arc::new(format!("{name} by {who}"))); // SITE-B
            }
        }
    }
}

fn main() {
    let registry = Registry::default();
    let loading = Barrier::new(2);
    std::thread::scope(|scope| {
        scope.spawn(|| registry.ensure_defaults("one", &loading));
        scope.spawn(|| registry.ensure_defaults("other", &loading));
    });
    println!("{} handlers", registry.handlers.read().unwrap().len());
}
