//! TRAP: owned guards are moved into tasks and channels, and who took them waits for the same lock.
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::{mpsc, Mutex, OwnedMutexGuard, RwLock}; // MAP-IMPORT

async fn spawned(lock: &Arc<Mutex<u32>>) {
    let guard = lock.clone().lock_owned().await;
    let task = tokio::spawn(async move {
        tokio::time::sleep(Duration::from_millis(20)).await;
        drop(guard);
    });
    *lock.lock().await += 1;
    task.await.unwrap();
}

async fn sent(lock: &Arc<Mutex<u32>>) {
    let (sender, mut receiver) = mpsc::channel::<OwnedMutexGuard<u32>>(4);
    let other = tokio::spawn(async move {
        while let Some(mut guard) = receiver.recv().await {
            tokio::time::sleep(Duration::from_millis(5)).await;
            *guard += 1;
        }
    });
    for _ in 0..4 {
        sender.send(lock.clone().lock_owned().await).await.unwrap();
    }
    *lock.lock().await += 1;
    drop(sender);
    other.await.unwrap();
}

async fn writers(lock: &Arc<RwLock<u32>>) {
    let writer = lock.clone().write_owned().await;
    let task = tokio::task::spawn_blocking(move || {
        std::thread::sleep(Duration::from_millis(20));
        drop(writer);
    });
    let sum = *lock.read().await;
    task.await.unwrap();
    assert_eq!(sum, 0);
}

#[tokio::main]
async fn main() {
    let lock = Arc::new(Mutex::new(0));
    let table = Arc::new(RwLock::new(0));
    let (one, two) = (lock.clone(), table.clone());
    tokio::spawn(async move {
        spawned(&one).await;
        sent(&one).await;
        writers(&two).await;
    })
    .await
    .unwrap();
    spawned(&lock).await;
    sent(&lock).await;
    writers(&table).await;
    assert_eq!(*lock.lock().await, 12);
}
