//! PATTERN: uploads of a `JoinSet` count themselves in and out; the set is dropped when the first one is done.
//! EXPECT-CATEGORY: leaked-entry
use std::collections::BTreeMap; // MAP-IMPORT
use std::sync::Arc;
use std::sync::RwLock; // MAP-IMPORT
use std::time::Duration;
use tokio::task::JoinSet;

type Active = Arc<RwLock<BTreeMap<usize, &'static str>>>;

async fn upload(active: Active, part: usize) -> usize {
    active.write().unwrap().insert(part, "sending"); // SITE-A
    tokio::time::sleep(Duration::from_millis(if part == 0 { 5 } else { 30_000 })).await;
    active.write().unwrap().remove(&part); // SITE-B
    part
}

#[tokio::main]
async fn main() {
    let active = Active::default();
    let mut uploads = JoinSet::new();
    for part in 0..4 {
        uploads.spawn(upload(active.clone(), part));
    }
    let first = uploads.join_next().await.unwrap().unwrap();
    drop(uploads);
    tokio::time::sleep(Duration::from_millis(20)).await;
    println!("part {first} was first, active: {}", active.read().unwrap().len());
}
