//! PATTERN: a worker takes a job out, works, and puts it back changed; it is aborted in the middle of its work.
//! EXPECT-CATEGORY: cancelled-mid-update
use dashmap::DashMap; // MAP-IMPORT
use std::sync::Arc;

async fn advance(jobs: Arc<DashMap<u32, u32>>, id: u32) {
    if let Some((id, step)) = jobs.remove(&id) { // SITE-A
        std::future::pending::<()>().await;
        jobs.insert(id, step + 1); // SITE-B
    }
}

#[tokio::main(flavor = "current_thread")]
async fn main() {
    let jobs = Arc::new(DashMap::from_iter([(1, 0), (2, 0)]));
    let worker = tokio::spawn(advance(jobs.clone(), 1));
    while jobs.contains_key(&1) {
        tokio::task::yield_now().await;
    }
    worker.abort();
    assert!(worker.await.unwrap_err().is_cancelled());
    println!("jobs: {}", jobs.len());
}
