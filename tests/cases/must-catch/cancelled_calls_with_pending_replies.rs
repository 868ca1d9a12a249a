//! PATTERN: a call to an actor: its reply channel is put into the table of pending ones, the request is sent, the reply
//!   awaited, the channel taken out. The caller gives up waiting.
//! EXPECT-CATEGORY: leaked-entry
use std::collections::HashMap; // MAP-IMPORT
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex}; // MAP-IMPORT
use std::time::Duration;
use tokio::sync::{mpsc, oneshot};

struct Client {
    next: AtomicU64,
    pending: Mutex<HashMap<u64, oneshot::Sender<String>>>,
    requests: mpsc::Sender<(u64, String)>,
}

impl Client {
    async fn call(&self, text: &str) -> Option<String> {
        let id = self.next.fetch_add(1, Ordering::Relaxed);
        let (tx, rx) = oneshot::channel();
        self.pending.lock().unwrap().insert(id, tx); // SITE-A
        let _ = self.requests.send((id, text.to_owned())).await;
        let reply = rx.await.ok();
        self.pending.lock().unwrap().remove(&id); // SITE-B
        reply
    }
}

#[tokio::main(flavor = "current_thread")]
async fn main() {
    let (requests, mut inbox) = mpsc::channel(8);
    let client = Arc::new(Client { next: AtomicU64::new(1), pending: Mutex::default(), requests });
    let actor = tokio::spawn(async move { while let Some((_, text)) = inbox.recv().await { drop(text) } });
    for text in ["a", "b"] {
        let reply = tokio::time::timeout(Duration::from_millis(3), client.call(text)).await;
        println!("{reply:?}");
    }
    println!("pending: {}", client.pending.lock().unwrap().len());
    actor.abort();
}
