//! PATTERN: sessions are opened and closed by async methods; a talk is aborted between the two.
//! EXPECT-CATEGORY: leaked-entry
use std::collections::HashMap; // MAP-IMPORT
use std::sync::Arc;
use tokio::sync::Mutex; // MAP-IMPORT
use std::time::Duration;

#[derive(Clone, Default)]
struct Sessions {
    open: Arc<Mutex<HashMap<u32, String>>>,
}

impl Sessions {
    async fn open(&self, id: u32, peer: &str) {
        let mut open = self.open.lock().await;
        open.insert(id, peer.to_owned()); // SITE-A
    }

    async fn close(&self, id: u32) {
        self.open.lock().await.remove(&id); // SITE-B
    }
}

async fn talk(sessions: Sessions, id: u32) {
    sessions.open(id, "peer").await;
    tokio::time::sleep(Duration::from_secs(9)).await;
    sessions.close(id).await;
}

#[tokio::main]
async fn main() {
    let sessions = Sessions::default();
    let task = tokio::spawn(talk(sessions.clone(), 5));
    tokio::time::sleep(Duration::from_millis(5)).await;
    task.abort();
    let _ = task.await;
    println!("open: {}", sessions.open.lock().await.len());
}
