//! CASE: 83
//! CLASS: f   MAP: ArcSwap<HashMap>   DETERMINISTIC: yes (barrier in the window)
//! SOURCE: written for this project
//! PATTERN: each of two admin calls copies the configuration, changes one setting and stores the copy.
//! EXPECT-CATEGORY: stale-snapshot
//! EXPECT-SITES: SITE-A (the load) + SITE-B (the store over the other one's)
use arc_swap::ArcSwap; // MAP-IMPORT
use std::collections::HashMap;
use std::sync::{Arc, Barrier};

struct Settings {
    current: ArcSwap<HashMap<String, String>>,
    validating: Barrier,
}

impl Settings {
    fn snapshot(&self) -> HashMap<String, String> {
        HashMap::clone(&self.current.load()) // SITE-A
    }

    fn set(&self, key: &str, value: &str) {
        let mut next = self.snapshot();
        next.insert(key.into(), value.into());
        self.validating.wait();
        self.current.store(Arc::new(next)); // SITE-B
    }
}

fn main() {
    let settings = Settings { current: ArcSwap::from_pointee(HashMap::new()), validating: Barrier::new(2) };
    std::thread::scope(|scope| {
        scope.spawn(|| settings.set("log", "debug"));
        scope.spawn(|| settings.set("region", "eu"));
    });
    println!("{} of 2 settings", settings.current.load().len());
}
