//! CASE: 73
//! CLASS: d   MAP: DashMap 6   DETERMINISTIC: yes (barrier in the window)
//! SOURCE: written for this project
//! PATTERN: get, add one, insert: counts are lost, the first ones among them.
//! EXPECT-CATEGORY: lost-update
//! EXPECT-SITES: SITE-A (the read) + SITE-B (the insert over somebody else's count)
use dashmap::DashMap; // MAP-IMPORT
use std::sync::{Arc, Barrier};

fn record(hits: &DashMap<&'static str, u64>, page: &'static str, together: &Barrier) {
    let current = hits.get(page).map(|n| *n).unwrap_or(0); // SITE-A
    together.wait();
    hits.insert(page, current + 1); // SITE-B
    together.wait();
}

fn main() {
    let hits = Arc::new(DashMap::new());
    let together = Arc::new(Barrier::new(2));
    let workers: Vec<_> = (0..2)
        .map(|_| {
            let (hits, together) = (hits.clone(), together.clone());
            std::thread::spawn(move || {
                for _ in 0..5 {
                    record(&hits, "/index.html", &together);
                }
            })
        })
        .collect();
    for worker in workers {
        worker.join().unwrap();
    }
    println!("{} of 10 hits", *hits.get("/index.html").unwrap());
}
