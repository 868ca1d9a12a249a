//! NEGATIVE: 70
//! Sets that are looked into first, to save a clone or a lock; the answer of `insert` decides, or nothing depends on
//! it. MAP: DashSet 6, RwLock<HashSet>, Mutex<HashSet>
use dashmap::DashSet; // MAP-IMPORT
use std::collections::HashSet; // MAP-IMPORT
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::sync::Barrier;
use std::sync::{Mutex, RwLock}; // MAP-IMPORT

struct Board {
    visited: DashSet<u32>,
    sent: RwLock<HashSet<u32>>,
    tags: Mutex<HashSet<String>>,
    work: AtomicUsize,
    both: Barrier,
}

impl Board {
    fn visit(&self, page: u32) {
        let known = self.visited.contains(&page);
        self.both.wait();
        if !known && self.visited.insert(page) {
            self.work.fetch_add(1, SeqCst);
        }
    }

    fn send(&self, order: u32) {
        if self.sent.read().unwrap().contains(&order) {
            return;
        }
        let first = self.sent.write().unwrap().insert(order);
        if first {
            self.work.fetch_add(1, SeqCst);
        }
    }

    fn tag(&self, tag: &str) {
        let known = self.tags.lock().unwrap().contains(tag);
        self.both.wait();
        if !known {
            self.tags.lock().unwrap().insert(tag.to_owned());
        }
    }

    /// Looks and marks under one lock.
    fn claim(&self, order: u32) {
        let mut sent = self.sent.write().unwrap();
        if !sent.contains(&order) {
            sent.insert(order);
            self.work.fetch_add(1, SeqCst);
        }
    }
}

pub fn case() -> usize {
    let board = Board {
        visited: DashSet::new(),
        sent: RwLock::default(),
        tags: Mutex::default(),
        work: AtomicUsize::new(0),
        both: Barrier::new(2),
    };
    std::thread::scope(|s| {
        for _ in 0..2 {
            s.spawn(|| {
                for round in 0..50 {
                    board.visit(round);
                    board.send(round);
                    board.tag(&format!("tag-{round}"));
                    board.claim(1000 + round);
                }
            });
        }
    });
    board.work.load(SeqCst)
}

fn main() {
    assert_eq!(case(), 150);
    println!("OK");
}
