//! NEGATIVE: 75
//! Caches that are cleared when full, and refilled; bounds that are looked at under the lock that inserts.
//! MAP: std Mutex<HashMap>, DashMap 6
use dashmap::DashMap; // MAP-IMPORT
use std::collections::HashMap; // MAP-IMPORT
use std::sync::Arc;
use std::sync::Mutex; // MAP-IMPORT

const MOST: usize = 32;

#[derive(Default)]
struct Caches {
    exact: Mutex<HashMap<u64, u64>>,
    rough: DashMap<u64, u64>,
}

impl Caches {
    fn square(&self, n: u64) -> u64 {
        let mut exact = self.exact.lock().unwrap();
        if let Some(known) = exact.get(&n) {
            return *known;
        }
        if exact.len() >= MOST {
            exact.clear();
        }
        exact.insert(n, n * n);
        n * n
    }

    fn cube(&self, n: u64) -> u64 {
        if self.rough.len() >= MOST {
            self.rough.clear();
        }
        *self.rough.entry(n).or_insert_with(|| n * n * n)
    }

    fn trim(&self) {
        self.rough.retain(|n, _| n % 2 == 0);
        let mut exact = self.exact.lock().unwrap();
        let victim = exact.keys().next().copied();
        if let Some(victim) = victim {
            exact.remove(&victim);
        }
    }
}

fn main() {
    let caches = Arc::new(Caches::default());
    let threads: Vec<_> = (0..4)
        .map(|who| {
            let caches = caches.clone();
            std::thread::spawn(move || {
                for n in 0..500u64 {
                    let n = (n * 13 + who) % 80;
                    assert_eq!(caches.square(n), n * n);
                    assert_eq!(caches.cube(n), n * n * n);
                    if n == 0 {
                        caches.trim();
                    }
                }
            })
        })
        .collect();
    for thread in threads {
        thread.join().unwrap();
    }
    println!("OK");
}
