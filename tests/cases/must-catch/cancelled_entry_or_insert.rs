//! PATTERN: a lease is taken with `entry().or_insert()`, worked under, and given back; whoever takes it is timed out.
//! EXPECT-CATEGORY: leaked-entry
use std::collections::HashMap; // MAP-IMPORT
use std::sync::{Arc, Mutex}; // MAP-IMPORT
use std::time::Duration;

#[derive(Clone, Default)]
struct Leases {
    owners: Arc<Mutex<HashMap<&'static str, u32>>>,
}

async fn with_lease(leases: Leases, name: &'static str, owner: u32) {
    leases.owners.lock().unwrap().entry(name).or_insert(owner); // SITE-A
    tokio::time::sleep(Duration::from_secs(30)).await;
    leases.owners.lock().unwrap().remove(name); // SITE-B
}

#[tokio::main(flavor = "current_thread")]
async fn main() {
    let leases = Leases::default();
    for owner in 0..2 {
        let _ = tokio::time::timeout(Duration::from_millis(2), with_lease(leases.clone(), "db", owner)).await;
    }
    println!("leased: {:?}", leases.owners.lock().unwrap());
}
