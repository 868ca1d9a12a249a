//! NEGATIVE: 78
//! Counters and tallies as they should be: one lock, `entry`, `get_mut`, an atomic in the map; and a total that is read
//! and reported. MAP: DashMap 6, std Mutex<HashMap>, std RwLock<BTreeMap>
use dashmap::DashMap; // MAP-IMPORT
use std::collections::{BTreeMap, HashMap}; // MAP-IMPORT
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::Arc;
use std::sync::{Mutex, RwLock}; // MAP-IMPORT

#[derive(Default)]
struct Stats {
    by_page: DashMap<String, u64>,
    by_user: Mutex<HashMap<u32, u64>>,
    by_day: RwLock<BTreeMap<u32, AtomicU64>>,
    shared: DashMap<u32, Arc<AtomicU64>>,
}

impl Stats {
    fn hit(&self, page: &str, user: u32, day: u32) {
        if let Some(mut hits) = self.by_page.get_mut(page) {
            *hits += 1;
        } else {
            *self.by_page.entry(page.to_string()).or_insert(0) += 1;
        }
        let mut by_user = self.by_user.lock().unwrap();
        let so_far = by_user.get(&user).copied().unwrap_or(0);
        by_user.insert(user, so_far + 1);
        drop(by_user);
        let counted = self.by_day.read().unwrap().get(&day).map(|n| n.fetch_add(1, Ordering::Relaxed)).is_some();
        if !counted {
            self.by_day.write().unwrap().entry(day).or_default().fetch_add(1, Ordering::Relaxed);
        }
        let counter = match self.shared.get(&day) {
            Some(counter) => counter.clone(),
            None => self.shared.entry(day).or_default().clone(),
        };
        counter.fetch_add(1, Ordering::Relaxed);
    }

    fn report(&self) -> u64 {
        let pages: Vec<(String, u64)> = self.by_page.iter().map(|e| (e.key().clone(), *e.value())).collect();
        let top = pages.iter().map(|(_, n)| *n).max().unwrap_or(0);
        if let Some((page, _)) = pages.iter().find(|(_, n)| *n == top) {
            assert!(self.by_page.get(page).map(|n| *n).unwrap_or(0) >= top);
        }
        top
    }
}

fn main() {
    let stats = Stats::default();
    std::thread::scope(|scope| {
        for who in 0..4u32 {
            let stats = &stats;
            scope.spawn(move || {
                for n in 0..300 {
                    stats.hit(if n % 3 == 0 { "/" } else { "/about" }, n % 4, (n + who) % 3);
                    if n % 50 == 0 {
                        stats.report();
                    }
                }
            });
        }
    });
    let days: u64 = stats.by_day.read().unwrap().values().map(|n| n.load(Ordering::Relaxed)).sum();
    assert_eq!(days, 1200);
    assert_eq!(stats.by_user.lock().unwrap().values().sum::<u64>(), 1200);
    assert_eq!(stats.by_page.iter().map(|e| *e.value()).sum::<u64>(), 1200);
    println!("OK");
}
