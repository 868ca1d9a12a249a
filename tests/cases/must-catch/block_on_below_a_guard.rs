//! CLASS: c   MAP: parking_lot RwLock<HashMap> and a runtime   DETERMINISTIC: yes
//! PATTERN: a synchronous function drives a future by `block_on` under its write guard; the future reads.
//! EXPECT-CATEGORY: self-deadlock
//! EXPECT-SITES: SITE-A (write) + SITE-B (read)
use parking_lot::RwLock; // MAP-IMPORT
use std::collections::HashMap; // MAP-IMPORT

struct Service {
    rates: RwLock<HashMap<&'static str, f64>>,
    runtime: tokio::runtime::Runtime,
}

impl Service {
    async fn fetch(&self, name: &'static str) -> f64 {
        tokio::task::yield_now().await;
        self.rates.read().get(name).copied().unwrap_or(1.0) * 1.1 // SITE-B
    }

    fn refresh(&self) {
        let mut rates = self.rates.write(); // SITE-A
        for name in ["usd", "chf"] {
            rates.insert(name, self.runtime.block_on(self.fetch(name)));
        }
    }
}

fn main() {
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let service = Service { rates: RwLock::default(), runtime };
    service.refresh();
    println!("NO-SYMPTOM");
}
