//! CASE: 72
//! CLASS: d   MAP: parking_lot Mutex<HashMap>   DETERMINISTIC: yes (barrier in the window)
//! SOURCE: written for this project
//! PATTERN: a payment is made once per idempotency key; the guard is dropped before the gateway is called, to not hold it
//!   over I/O, and taken again afterwards.
//! EXPECT-CATEGORY: check-then-act
//! EXPECT-SITES: SITE-A (the question) + SITE-B (the insert over the other one's)
use parking_lot::Mutex; // MAP-IMPORT
use std::collections::HashMap; // MAP-IMPORT
use std::sync::{Arc, Barrier};
use std::thread;

#[derive(Clone, Copy, Debug, PartialEq)]
enum Outcome {
    Charged(u64),
    Duplicate,
}

struct Payments {
    done: Mutex<HashMap<String, Outcome>>,
    gateway: Barrier,
}

impl Payments {
    fn charge(&self, key: &str, amount: u64) -> Outcome {
        let done = self.done.lock();
        if done.contains_key(key) { // SITE-A
            return Outcome::Duplicate;
        }
        drop(done);

        self.gateway.wait(); // the slow call
        let outcome = Outcome::Charged(amount);

        let mut done = self.done.lock();
        done.insert(key.to_owned(), outcome); // SITE-B
        outcome
    }
}

fn main() {
    let payments = Arc::new(Payments { done: Mutex::new(HashMap::new()), gateway: Barrier::new(2) });
    let retries: Vec<_> = (0..2)
        .map(|_| {
            let payments = Arc::clone(&payments);
            thread::spawn(move || payments.charge("order-17", 4_999))
        })
        .collect();
    let charged = retries.into_iter().map(|t| t.join().unwrap()).filter(|o| *o != Outcome::Duplicate).count();
    println!("charged {charged} times");
}
