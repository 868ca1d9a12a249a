//! CLASS: d   MAP: std HashMap in an RwLock   DETERMINISTIC: yes here
//! PATTERN: copy on write by hand: the table is copied under the read lock, the copy changed, and put in its place
//!   under the write lock; two do so at once, and the later one takes the route of the other with it.
//! EXPECT-CATEGORY: lost-update
//! EXPECT-SITES: SITE-A (copied) + SITE-B (put back), where the other one put its copy, too
use std::collections::HashMap; // MAP-IMPORT
use std::sync::{Arc, Barrier, RwLock}; // MAP-IMPORT

struct Router {
    routes: RwLock<HashMap<String, u16>>,
}

impl Router {
    fn add(&self, path: &str, port: u16, copied: &Barrier, stored: &Barrier, first: bool) {
        let mut routes = self.routes.read().unwrap().clone(); // SITE-A
        routes.insert(path.to_owned(), port);
        copied.wait();
        if !first {
            stored.wait();
        }
        *self.routes.write().unwrap() = routes; // SITE-B
        if first {
            stored.wait();
        }
    }
}

fn main() {
    let router = Arc::new(Router { routes: RwLock::new(HashMap::new()) });
    let (copied, stored) = (Barrier::new(2), Barrier::new(2));
    std::thread::scope(|scope| {
        scope.spawn(|| router.add("/orders", 8001, &copied, &stored, true));
        scope.spawn(|| router.add("/users", 8002, &copied, &stored, false));
    });
    let count = router.routes.read().unwrap().len();
    println!("{} {count} of 2 routes", if count == 2 { "NO-SYMPTOM" } else { "SYMPTOM" });
}
