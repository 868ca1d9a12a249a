//! CASE: 69
//! CLASS: d   MAP: DashSet 6   DETERMINISTIC: yes (rendezvous in the window)
//! SOURCE: written for this project
//! PATTERN: a crawler asks whether a page was visited, marks it, and fetches it: two of them fetch the same page.
//! EXPECT-CATEGORY: check-then-act
//! EXPECT-SITES: SITE-A (the check that went stale) + SITE-B (the mark that was there already)
use dashmap::DashSet; // MAP-IMPORT
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::sync::Barrier;

struct Crawler {
    visited: DashSet<String>,
    fetches: AtomicUsize,
    both: Barrier,
}

impl Crawler {
    fn visit(&self, page: &str) {
        if self.visited.contains(page) { // SITE-A
            return;
        }
        self.both.wait();
        self.visited.insert(page.to_owned()); // SITE-B
        self.fetch(page);
    }

    fn fetch(&self, _: &str) {
        self.fetches.fetch_add(1, SeqCst);
    }
}

pub fn case() -> usize {
    let crawler = Crawler { visited: DashSet::new(), fetches: AtomicUsize::new(0), both: Barrier::new(2) };
    std::thread::scope(|s| {
        for _ in 0..2 {
            s.spawn(|| crawler.visit("/index"));
        }
    });
    crawler.fetches.load(SeqCst)
}

fn main() {
    let fetches = case();
    if fetches != 1 {
        println!("SYMPTOM lost: {fetches} fetches of one page");
        std::process::exit(3);
    }
    println!("NO-SYMPTOM");
}
