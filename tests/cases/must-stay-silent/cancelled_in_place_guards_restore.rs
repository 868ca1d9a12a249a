//! PATTERN: what is changed for the time of some work is changed back by a drop guard, however the work ends; some of
//!   them restore by the map, some by the number that they keep.
use dashmap::DashMap; // MAP-IMPORT
use std::collections::HashMap; // MAP-IMPORT
use std::sync::{Arc, Mutex}; // MAP-IMPORT
use std::time::Duration;
use tokio::time::{sleep, timeout};

#[derive(Debug, Clone, Copy, PartialEq)]
enum Status {
    Idle,
    Running,
}

#[derive(Default)]
struct Registry {
    in_flight: Mutex<HashMap<String, usize>>,
    status: DashMap<u32, Option<Status>>,
}

/// Counts down when it goes.
struct InFlight<'a>(&'a Registry, &'a str);

impl<'a> InFlight<'a> {
    fn begin(registry: &'a Registry, host: &'a str) -> Self {
        *registry.in_flight.lock().unwrap().entry(host.to_owned()).or_insert(0) += 1;
        InFlight(registry, host)
    }
}

impl Drop for InFlight<'_> {
    fn drop(&mut self) {
        if let Some(count) = self.0.in_flight.lock().unwrap().get_mut(self.1) {
            *count -= 1;
        }
    }
}

/// Puts the status back that was there before.
struct Restore<'a>(&'a Registry, u32, Option<Status>);

impl Drop for Restore<'_> {
    fn drop(&mut self) {
        *self.0.status.get_mut(&self.1).unwrap() = self.2;
    }
}

async fn request(registry: &Registry, host: &str, wait: Duration) {
    let _in_flight = InFlight::begin(registry, host);
    sleep(wait).await;
}

async fn run(registry: &Registry, id: u32, wait: Duration) {
    let before = registry.status.insert(id, Some(Status::Running)).flatten();
    let restore = Restore(registry, id, before);
    sleep(wait).await;
    drop(restore);
    *registry.status.get_mut(&id).unwrap() = Some(Status::Idle);
}

/// The guard stands beside an end that is written out: what it takes back is gone when the end comes.
async fn both(registry: &Registry, id: u32, wait: Duration) {
    *registry.status.entry(id).or_default() = Some(Status::Running);
    let _restore = Restore(registry, id, None);
    sleep(wait).await;
    *registry.status.get_mut(&id).unwrap() = None;
}

#[tokio::main(flavor = "current_thread")]
async fn main() {
    let registry = Arc::new(Registry::default());
    let (short, long) = (Duration::from_millis(2), Duration::from_secs(60));
    for wait in [Duration::ZERO, long, long] {
        let _ = timeout(short, request(&registry, "example.org", wait)).await;
        let _ = timeout(short, run(&registry, 1, wait)).await;
        let _ = timeout(short, both(&registry, 2, wait)).await;
    }
    assert_eq!(registry.in_flight.lock().unwrap()["example.org"], 0);
    let own = registry.clone();
    let task = tokio::spawn(async move { request(&own, "example.org", long).await });
    while registry.in_flight.lock().unwrap()["example.org"] == 0 {
        tokio::task::yield_now().await;
    }
    task.abort();
    let _ = task.await;
    assert_eq!(registry.in_flight.lock().unwrap()["example.org"], 0);
    println!("OK");
}
