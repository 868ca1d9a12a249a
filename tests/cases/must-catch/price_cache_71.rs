//! CASE: 71
//! CLASS: d/f   MAP: std RwLock<HashMap>   DETERMINISTIC: yes (barrier in the window)
//! SOURCE: written for this project
//! PATTERN: cache-aside: a hit returns early, a miss computes and inserts under the write lock without looking again.
//! EXPECT-CATEGORY: init-race
//! EXPECT-SITES: SITE-A (the miss) + SITE-B (the insert over another one's)
use std::collections::HashMap; // MAP-IMPORT
use std::sync::RwLock; // MAP-IMPORT
use std::sync::{Arc, Barrier};

#[derive(Clone, Debug)]
struct Price {
    cents: u64,
    source: String,
}

struct PriceBook {
    prices: RwLock<HashMap<String, Arc<Price>>>,
    upstream: Barrier,
}

impl PriceBook {
    fn fetch(&self, sku: &str, caller: &str) -> Price {
        self.upstream.wait();
        Price { cents: sku.len() as u64 * 100, source: caller.to_string() }
    }

    fn price_of(&self, sku: &str, caller: &str) -> Arc<Price> {
        {
            let prices = self.prices.read().unwrap();
            if let Some(price) = prices.get(sku) { // SITE-A
                return Arc::clone(price);
            }
        }
        let fresh = Arc::new(self.fetch(sku, caller));
        let mut prices = self.prices.write().unwrap();
        prices.insert(sku.to_string(), Arc::clone(&fresh)); // SITE-B
        fresh
    }
}

fn main() {
    let book = Arc::new(PriceBook { prices: RwLock::new(HashMap::new()), upstream: Barrier::new(2) });
    let handles: Vec<_> = ["web", "batch"]
        .into_iter()
        .map(|caller| {
            let book = Arc::clone(&book);
            std::thread::spawn(move || book.price_of("SKU-4711", caller))
        })
        .collect();
    let got: Vec<_> = handles.into_iter().map(|handle| handle.join().unwrap()).collect();
    assert_eq!(got[0].cents, got[1].cents);
    println!("{} and {}", got[0].source, got[1].source);
}
