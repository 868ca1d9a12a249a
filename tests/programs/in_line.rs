//! Somebody stands in a line for longer than a second, and the line moves on all the while: busy, and no stall. Nor is
//! it one for who waits behind that one, for both of its locks at once, nor for who waits behind that one in turn.

use mapwatch::tokio::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::sync::Arc;
use std::time::Duration;

/// Two seconds and more, where a wait of one second is told.
const IN_LINE: u64 = 50;
const SERVED: Duration = Duration::from_millis(50);

async fn is_taken(lock: &Mutex<()>) {
    while lock.try_lock().is_ok() {
        tokio::task::yield_now().await;
    }
}

#[tokio::main(flavor = "multi_thread", worker_threads = 2)]
async fn main() {
    let (first, second) = (Arc::new(Mutex::new(())), Arc::new(Mutex::new(0)));
    let pair = [Arc::new(Mutex::new(())), Arc::new(Mutex::new(()))];
    let standing = Arc::new(AtomicU64::new(0));
    let mut line = tokio::task::JoinSet::new();
    let counter = Arc::clone(&second).lock_owned().await;
    for _ in 0..IN_LINE {
        let (second, standing) = (Arc::clone(&second), Arc::clone(&standing));
        line.spawn(async move {
            standing.fetch_add(1, Relaxed);
            let mut served = second.lock().await;
            tokio::time::sleep(SERVED).await;
            *served += 1;
        });
    }
    while standing.load(Relaxed) < IN_LINE {
        tokio::task::yield_now().await;
    }
    let (left, right) = (Arc::clone(&pair[0]), Arc::clone(&pair[1]));
    let in_line = tokio::spawn(async move {
        let _both = (left.lock().await, right.lock().await);
        *second.lock().await
    });
    is_taken(&pair[1]).await;
    let (left, right, last) = (Arc::clone(&pair[0]), Arc::clone(&pair[1]), Arc::clone(&first));
    let behind = tokio::spawn(async move {
        let _first = last.lock().await;
        drop(tokio::join!(left.lock(), right.lock()));
    });
    is_taken(&first).await;
    let last = tokio::spawn(async move { drop(first.lock().await) });
    drop(counter);
    println!("{}", in_line.await.unwrap());
    behind.await.unwrap();
    last.await.unwrap();
    while line.join_next().await.is_some() {}
    println!("NO-SYMPTOM");
}
