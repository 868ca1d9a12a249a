//! CLASS: c   MAP: DashMap 6 + parking_lot Mutex   DETERMINISTIC: yes (one after the other)
//! PATTERN: a request locks the journal under an entry; a job takes entries under the journal. They never met.
//! EXPECT-CATEGORY: lock-order-inversion
//! EXPECT-SITES: SITE-A (entry) + SITE-B (journal below it) + SITE-C (journal) + SITE-D (get_mut below it)
use dashmap::DashMap; // MAP-IMPORT
use parking_lot::Mutex; // MAP-IMPORT

#[derive(Default)]
struct Shop {
    stock: DashMap<u32, u32>,
    journal: Mutex<Vec<u32>>,
}

impl Shop {
    fn sell(&self, item: u32) {
        let mut count = self.stock.entry(item).or_insert(5); // SITE-A
        *count -= 1;
        self.journal.lock().push(item); // SITE-B
    }

    fn replay(&self) {
        let journal = self.journal.lock(); // SITE-C
        for item in journal.iter() {
            if let Some(mut count) = self.stock.get_mut(item) { // SITE-D
                *count += 1;
            }
        }
    }
}

fn main() {
    let shop = std::sync::Arc::new(Shop::default());
    let first = shop.clone();
    std::thread::spawn(move || first.sell(1)).join().unwrap();
    std::thread::spawn(move || shop.replay()).join().unwrap();
    println!("NO-SYMPTOM");
}
