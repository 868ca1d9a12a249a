//! PATTERN: a request is an `async` block inside of a `select!` with a shutdown signal; its entry outlives it.
//! EXPECT-CATEGORY: leaked-entry
use std::collections::HashMap; // MAP-IMPORT
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::{Mutex, RwLock}; // MAP-IMPORT

#[tokio::main(flavor = "current_thread")]
async fn main() {
    let open: Arc<RwLock<HashMap<u64, Duration>>> = Arc::default();
    let (stop, mut stopped) = tokio::sync::watch::channel(false);
    let server = tokio::spawn({
        let open = open.clone();
        async move {
            let id = 17;
            let request = async {
                open.write().await.insert(id, Duration::from_secs(1)); // SITE-A
                tokio::time::sleep(Duration::from_secs(60)).await;
                open.write().await.remove(&id); // SITE-B
            };
            tokio::select! {
                () = request => println!("answered"),
                _ = stopped.changed() => println!("shutting down"),
            }
            open.read().await.len()
        }
    });
    tokio::time::sleep(Duration::from_millis(5)).await;
    stop.send(true).unwrap();
    println!("open: {}", server.await.unwrap());
}
