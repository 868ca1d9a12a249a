//! PATTERN: the guard has a name and is dropped before the wait, as it should be; the removal after it never comes.
//! EXPECT-CATEGORY: leaked-entry
use std::collections::HashMap; // MAP-IMPORT
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::Mutex; // MAP-IMPORT

struct Downloads {
    running: Mutex<HashMap<String, u64>>,
}

impl Downloads {
    async fn download(self: Arc<Self>, url: String) -> u64 {
        let mut running = self.running.lock().await;
        running.insert(url.clone(), 0); // SITE-A
        drop(running);
        let bytes = self.transfer(&url).await;
        let mut running = self.running.lock().await;
        running.remove(&url); // SITE-B
        bytes
    }

    async fn transfer(&self, url: &str) -> u64 {
        tokio::time::sleep(Duration::from_secs(url.len() as u64)).await;
        7
    }
}

#[tokio::main(flavor = "current_thread")]
async fn main() {
    let downloads = Arc::new(Downloads { running: Mutex::default() });
    let task = tokio::spawn(downloads.clone().download("https://example.org".to_owned()));
    tokio::time::sleep(Duration::from_millis(5)).await;
    task.abort();
    let _ = task.await;
    println!("running: {}", downloads.running.lock().await.len());
}
