//! CASE: 79
//! CLASS: d   MAP: DashMap 6   DETERMINISTIC: yes (barrier in the window)
//! SOURCE: written for this project
//! PATTERN: the next id is the number of entries: two get the same one.
//! EXPECT-CATEGORY: check-then-act
//! EXPECT-SITES: SITE-A (the length) + SITE-B (the insert over the other one's)
use dashmap::DashMap; // MAP-IMPORT
use std::sync::Barrier;

struct Users {
    by_id: DashMap<usize, String>,
    validated: Barrier,
}

impl Users {
    fn register(&self, name: &str) -> usize {
        let id = self.by_id.len() + 1; // SITE-A
        self.validated.wait();
        self.by_id.insert(id, name.to_owned()); // SITE-B
        id
    }
}

fn main() {
    let users = Users { by_id: DashMap::new(), validated: Barrier::new(2) };
    std::thread::scope(|scope| {
        scope.spawn(|| users.register("ada"));
        scope.spawn(|| users.register("bob"));
    });
    println!("{} users", users.by_id.len());
}
