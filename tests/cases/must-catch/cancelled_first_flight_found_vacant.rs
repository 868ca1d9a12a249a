//! PATTERN: the first who finds the entry vacant fetches, the others wait; the fetcher is aborted in flight.
//! EXPECT-CATEGORY: leaked-entry
use std::collections::hash_map::Entry; // MAP-IMPORT
use std::collections::HashMap; // MAP-IMPORT
use std::sync::Mutex; // MAP-IMPORT
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::Notify;

#[derive(Default)]
struct Flights {
    waiting: Mutex<HashMap<String, Arc<Notify>>>,
}

impl Flights {
    async fn fetch(&self, url: &str) -> Option<usize> {
        let first = {
            let mut waiting = self.waiting.lock().unwrap();
            if let Entry::Vacant(vacant) = waiting.entry(url.to_owned()) {
                vacant.insert(Arc::new(Notify::new())); // SITE-A
                true
            } else {
                false
            }
        };
        if !first {
            return None;
        }
        tokio::time::sleep(Duration::from_secs(10)).await;
        let flight = self.waiting.lock().unwrap().remove(url); // SITE-B
        flight.map(|flight| flight.notify_waiters());
        Some(url.len())
    }
}

#[tokio::main]
async fn main() {
    let flights = Arc::new(Flights::default());
    let own = flights.clone();
    let task = tokio::spawn(async move { own.fetch("/index").await });
    tokio::time::sleep(Duration::from_millis(10)).await;
    task.abort();
    let _ = task.await;
    println!("{:?}", flights.fetch("/index").await);
}
