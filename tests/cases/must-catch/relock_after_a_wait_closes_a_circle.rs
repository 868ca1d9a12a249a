//! CLASS: c   MAP: std Mutex + Condvar   DETERMINISTIC: yes
//! PATTERN: a consumer waits for its queue with the table still locked; the producer notifies, and goes on from the queue to the table; both take the two in one order.
//! EXPECT-CATEGORY: deadlock
//! EXPECT-SITES: SITE-A (table, held over the wait) + SITE-B (queue, held by the producer) + SITE-C (the wait that locks again) + SITE-D (the producer's lock of the table)
use std::collections::HashMap; // MAP-IMPORT
use std::sync::{Condvar, Mutex}; // MAP-IMPORT

#[derive(Default)]
struct Shop {
    table: Mutex<HashMap<u32, u32>>,
    queue: Mutex<Vec<u32>>,
    filled: Condvar,
}

fn consume(shop: &Shop) {
    let mut queue = shop.queue.lock().unwrap();
    let mut table = shop.table.lock().unwrap(); // SITE-A
    while queue.is_empty() {
        queue = shop.filled.wait(queue).unwrap(); // SITE-C
    }
    while let Some(order) = queue.pop() {
        *table.entry(order).or_insert(0) += 1;
    }
}

fn produce(shop: &Shop) {
    let mut queue = shop.queue.lock().unwrap(); // SITE-B
    queue.push(1);
    shop.filled.notify_one();
    let table = shop.table.lock().unwrap(); // SITE-D
    println!("{} kinds so far", table.len());
}

fn main() {
    let shop = Shop::default();
    std::thread::scope(|scope| {
        scope.spawn(|| consume(&shop));
        scope.spawn(|| {
            // When the table is taken, the queue is free again only in the wait.
            while shop.table.try_lock().is_ok() {
                std::thread::yield_now();
            }
            produce(&shop);
        });
    });
    println!("NO-SYMPTOM");
}
