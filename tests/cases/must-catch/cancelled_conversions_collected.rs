//! PATTERN: files are marked while they are converted, four at a time; the first failure ends the collection, and the others are dropped.
//! EXPECT-CATEGORY: leaked-entry
use futures_util::stream::{self, StreamExt, TryStreamExt};
use std::collections::HashSet; // MAP-IMPORT
use std::sync::{Arc, RwLock}; // MAP-IMPORT
use std::time::Duration;

#[derive(Clone, Default)]
struct Locks(Arc<RwLock<HashSet<u32>>>);

async fn convert(locks: Locks, file: u32) -> Result<u32, String> {
    locks.0.write().unwrap().insert(file); // SITE-A
    tokio::time::sleep(Duration::from_millis(2 + 3000 * u64::from(file % 4))).await;
    locks.0.write().unwrap().remove(&file); // SITE-B
    Err("bad file".to_string())
}

async fn convert_all(locks: &Locks) -> Result<Vec<u32>, String> {
    stream::iter(0..8).map(|file| convert(locks.clone(), file)).buffer_unordered(4).try_collect().await
}

#[tokio::main(flavor = "current_thread")]
async fn main() {
    let locks = Locks::default();
    if let Err(error) = convert_all(&locks).await {
        println!("{error}");
    }
    println!("locked: {}", locks.0.read().unwrap().len());
}
