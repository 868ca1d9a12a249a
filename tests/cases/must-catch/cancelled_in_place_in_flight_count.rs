//! PATTERN: requests to each host are counted up before and down after; those that run into their timeout are never
//!   counted down, until the host seems to be at its limit.
//! EXPECT-CATEGORY: cancelled-mid-update
use std::collections::HashMap; // MAP-IMPORT
use std::sync::{Arc, Mutex}; // MAP-IMPORT
use std::time::Duration;

#[derive(Default)]
struct Client {
    in_flight: Mutex<HashMap<String, usize>>,
}

impl Client {
    async fn request(&self, host: &str, answer: impl std::future::Future<Output = u16>) -> u16 {
        *self.in_flight.lock().unwrap().entry(host.to_owned()).or_insert(0) += 1; // SITE-A
        let status = answer.await;
        *self.in_flight.lock().unwrap().get_mut(host).unwrap() -= 1; // SITE-B
        status
    }
}

#[tokio::main(flavor = "current_thread")]
async fn main() {
    let client = Arc::new(Client::default());
    client.request("example.org", std::future::ready(200)).await;
    for _ in 0..3 {
        let hangs = client.request("example.org", std::future::pending());
        let _ = tokio::time::timeout(Duration::from_millis(2), hangs).await;
        client.request("example.org", std::future::ready(200)).await;
    }
    println!("{:?}", client.in_flight.lock().unwrap());
}
