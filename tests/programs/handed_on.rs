//! A guard that owns its lock is handed to another task by a function of the program's own, or in a struct; the one
//! who took it then waits for longer than a second, and gets its turn. Slow, and no deadlock.

use mapwatch::tokio::sync::{Mutex, OwnedMutexGuard};
use mapwatch::HashMap;
use std::sync::Arc;
use std::time::Duration;

type Table = Arc<Mutex<HashMap<u32, u32>>>;

struct Batch {
    rows: OwnedMutexGuard<HashMap<u32, u32>>,
    from: u32,
}

impl Batch {
    async fn open(table: &Table, from: u32) -> Batch {
        Batch { rows: Arc::clone(table).lock_owned().await, from }
    }
}

fn write_behind(mut rows: OwnedMutexGuard<HashMap<u32, u32>>) {
    tokio::spawn(async move {
        tokio::time::sleep(Duration::from_millis(2500)).await;
        rows.insert(1, 1);
    });
}

fn submit(to: &tokio::sync::mpsc::UnboundedSender<Batch>, batch: Batch) {
    assert!(to.send(batch).is_ok());
}

async fn by_a_function(table: &Table) -> usize {
    let rows = Arc::clone(table).lock_owned().await;
    write_behind(rows);
    table.lock().await.len()
}

async fn in_a_struct(table: &Table) -> usize {
    let (sender, mut receiver) = tokio::sync::mpsc::unbounded_channel::<Batch>();
    let worker = tokio::spawn(async move {
        while let Some(mut batch) = receiver.recv().await {
            tokio::time::sleep(Duration::from_millis(2500)).await;
            batch.rows.insert(batch.from, 2);
        }
    });
    let batch = Batch::open(table, 7).await;
    submit(&sender, batch);
    drop(sender);
    let count = table.lock().await.len();
    worker.await.unwrap();
    count
}

async fn work() -> (usize, usize) {
    let tables: [Table; 2] = Default::default();
    (by_a_function(&tables[0]).await, in_a_struct(&tables[1]).await)
}

#[tokio::main(flavor = "multi_thread", worker_threads = 2)]
async fn main() {
    println!("{:?}", tokio::spawn(work()).await.unwrap());
    println!("NO-SYMPTOM");
}
