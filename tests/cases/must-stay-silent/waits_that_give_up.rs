//! TRAP: the task itself holds the lock that it waits for, but may give up: `select!`, `timeout`.
use std::time::Duration;
use tokio::sync::Mutex; // MAP-IMPORT

#[tokio::main(flavor = "multi_thread", worker_threads = 2)]
async fn main() {
    let busy = Mutex::new(0);
    let guard = busy.lock().await;
    tokio::select! {
        _ = busy.lock() => unreachable!(),
        _ = tokio::time::sleep(Duration::from_millis(50)) => {}
    }
    assert!(tokio::time::timeout(Duration::from_millis(50), busy.lock()).await.is_err());
    drop(guard);
    *busy.lock().await += 1;
}
