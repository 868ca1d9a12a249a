//! CLASS: c   MAP: tokio RwLock<HashMap>, owned guard   DETERMINISTIC: yes
//! PATTERN: the owned writer is handed to a helper by value, which then reads the same table.
//! EXPECT-CATEGORY: self-deadlock
//! EXPECT-SITES: SITE-A (write_owned) + SITE-B (read)
use std::collections::HashMap; // MAP-IMPORT
use std::sync::Arc;
use tokio::sync::{OwnedRwLockWriteGuard, RwLock}; // MAP-IMPORT

type Table = Arc<RwLock<HashMap<u32, u32>>>;

async fn fill(table: &Table, mut rows: OwnedRwLockWriteGuard<HashMap<u32, u32>>) -> usize {
    for row in 0..4 {
        rows.insert(row, row * row);
    }
    report(table).await
}

async fn report(table: &Table) -> usize {
    let rows = table.read().await; // SITE-B
    rows.len()
}

#[tokio::main]
async fn main() {
    let table = Table::default();
    let worker = tokio::spawn(async move {
        let writer = Arc::clone(&table).write_owned().await; // SITE-A
        fill(&table, writer).await
    });
    println!("NO-SYMPTOM {:?}", worker.await);
}
