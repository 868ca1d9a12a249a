//! PATTERN: uploads in a `JoinSet` are noted in a set of those in progress; `abort_all` ends them, their notes stay.
//! EXPECT-CATEGORY: leaked-entry
use std::collections::HashSet; // MAP-IMPORT
use std::sync::{Arc, RwLock}; // MAP-IMPORT
use tokio::task::JoinSet;

async fn upload(in_progress: Arc<RwLock<HashSet<String>>>, name: String) -> usize {
    in_progress.write().unwrap().insert(name.clone()); // SITE-A
    tokio::time::sleep(std::time::Duration::from_secs(600)).await;
    let size = name.len();
    in_progress.write().unwrap().remove(&name); // SITE-B
    size
}

#[tokio::main(flavor = "current_thread")]
async fn main() {
    let in_progress = Arc::new(RwLock::new(HashSet::new()));
    let mut uploads = JoinSet::new();
    for index in 0..4 {
        uploads.spawn(upload(in_progress.clone(), format!("file-{index}")));
    }
    while in_progress.read().unwrap().len() < 4 {
        tokio::task::yield_now().await;
    }
    uploads.abort_all();
    while uploads.join_next().await.is_some() {}
    println!("still in progress: {}", in_progress.read().unwrap().len());
}
