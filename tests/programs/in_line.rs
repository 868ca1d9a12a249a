//! Whoever holds the first lock stands in line for the second, for longer than a second; the line moves on all the
//! while, and so nobody is in anybody's way: busy, and no stall.

use mapwatch::tokio::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::sync::Arc;
use std::time::Duration;

/// Two seconds and more, where a wait of one second is told.
const IN_LINE: u64 = 50;
const SERVED: Duration = Duration::from_millis(50);

#[tokio::main(flavor = "multi_thread", worker_threads = 2)]
async fn main() {
    let (first, second) = (Arc::new(Mutex::new(())), Arc::new(Mutex::new(0)));
    let standing = Arc::new(AtomicU64::new(0));
    let mut line = tokio::task::JoinSet::new();
    let counter = second.lock().await;
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
    let (one, other) = (Arc::clone(&first), Arc::clone(&second));
    let holder = tokio::spawn(async move {
        let _first = one.lock().await;
        *other.lock().await
    });
    while first.try_lock().is_ok() {
        tokio::task::yield_now().await;
    }
    let waiter = tokio::spawn(async move { drop(first.lock().await) });
    drop(counter);
    println!("{}", holder.await.unwrap());
    waiter.await.unwrap();
    while line.join_next().await.is_some() {}
    println!("NO-SYMPTOM");
}
