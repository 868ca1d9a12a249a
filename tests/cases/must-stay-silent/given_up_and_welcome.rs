//! Work that outlives whoever started or awaited it, as it should: detached, completed for its caller's sake, late with an
//! answer that is still good, aborted and waited for, aborted and left with its own keys.
use dashmap::DashMap; // MAP-IMPORT
use std::sync::{mpsc, Arc};
use std::time::Duration;
use tokio::task::{self, JoinSet}; // MAP-IMPORT

type Table = Arc<DashMap<u32, u32>>;

/// Work that puts a key in as soon as it is told to.
fn late(table: &Table, key: u32) -> (task::JoinHandle<()>, mpsc::Sender<()>) {
    let (go, told) = mpsc::channel();
    let table = table.clone();
    let work = task::spawn_blocking(move || {
        told.recv().unwrap();
        table.insert(key, 1);
    });
    (work, go)
}

async fn until(table: &Table, key: u32) {
    while !table.contains_key(&key) {
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
}

#[tokio::main(flavor = "multi_thread", worker_threads = 2)]
async fn main() {
    let table = Table::default();
    let short = Duration::from_millis(2);

    // Detached, and its parent is aborted.
    let (work, go) = late(&table, 1);
    let parent = task::spawn(async move {
        drop(work);
        std::future::pending::<()>().await;
    });
    parent.abort();
    let _ = parent.await;
    table.remove(&1);
    go.send(()).unwrap();
    until(&table, 1).await;

    // Late, and welcome: the caller has made do with another key, or looked in vain.
    let (work, go) = late(&table, 2);
    assert!(tokio::time::timeout(short, work).await.is_err());
    table.insert(20, 0);
    assert!(table.get(&2).is_none());
    table.remove(&20);
    go.send(()).unwrap();
    until(&table, 2).await;

    // Completed for its caller's sake, who is gone.
    let (work, go) = late(&table, 3);
    let caller = task::spawn(async move { tokio::time::timeout(short, work).await.is_err() });
    assert!(caller.await.unwrap());
    go.send(()).unwrap();
    until(&table, 3).await;

    // Aborted, and waited for before the table is used again.
    let (work, go) = late(&table, 4);
    work.abort();
    go.send(()).unwrap();
    let _ = work.await;
    table.clear();

    // Aborted, and each has its own keys.
    let (work, go) = late(&table, 5);
    while !work.is_finished() && Arc::strong_count(&table) < 2 {
        tokio::task::yield_now().await;
    }
    work.abort();
    table.insert(50, 1);
    table.remove(&50);
    go.send(()).ok();
    let _ = work.await;

    let mut set = JoinSet::new();
    for key in 6..9 {
        let table = table.clone();
        set.spawn_blocking(move || _ = table.insert(key, 1));
    }
    while set.join_next().await.is_some() {}
    table.retain(|_, value| *value > 1);
    println!("OK");
}
