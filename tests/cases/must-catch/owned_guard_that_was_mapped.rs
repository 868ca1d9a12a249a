//! CLASS: c   MAP: tokio RwLock, owned mapped guard   DETERMINISTIC: yes
//! PATTERN: an owned reader is mapped to a field, and the whole is written while the part is in use.
//! EXPECT-CATEGORY: self-deadlock
//! EXPECT-SITES: SITE-A (read_owned) + SITE-B (write)
use std::sync::Arc;
use tokio::sync::{OwnedRwLockReadGuard, RwLock}; // MAP-IMPORT

#[derive(Default)]
struct Config {
    hosts: Vec<String>,
    version: u32,
}

async fn connect(config: Arc<RwLock<Config>>) -> u32 {
    let whole = config.clone().read_owned().await; // SITE-A
    let hosts = OwnedRwLockReadGuard::map(whole, |config| &config.hosts);
    for host in hosts.iter() {
        println!("{host}");
    }
    let mut config = config.write().await; // SITE-B
    config.version += hosts.len() as u32 + 1;
    config.version
}

#[tokio::main]
async fn main() {
    println!("NO-SYMPTOM {:?}", tokio::spawn(connect(Arc::default())).await);
}
