//! PATTERN: a stream of downloads, three at a time; the stream is dropped at the first failure.
//! EXPECT-CATEGORY: leaked-entry
use futures_util::stream::{self, StreamExt};
use std::collections::HashMap; // MAP-IMPORT
use std::sync::Arc;
use tokio::sync::Mutex; // MAP-IMPORT
use std::time::Duration;

type Progress = Arc<Mutex<HashMap<u64, u64>>>;

async fn download(progress: Progress, id: u64) -> Result<u64, String> {
    progress.lock().await.insert(id, 0); // SITE-A
    tokio::time::sleep(Duration::from_millis(1 + 2000 * (id % 3))).await;
    progress.lock().await.remove(&id); // SITE-B
    Err(format!("download {id} failed"))
}

async fn download_all(progress: Progress) -> Result<(), String> {
    let mut downloads =
        stream::iter(0..9u64).map(|id| download(progress.clone(), id)).buffer_unordered(3);
    while let Some(result) = downloads.next().await {
        result?;
    }
    Ok(())
}

#[tokio::main(flavor = "current_thread")]
async fn main() {
    let progress = Progress::default();
    println!("{:?}", download_all(progress.clone()).await);
    println!("in progress: {:?}", progress.lock().await.len());
}
