//! CLASS: c   MAP: tokio Mutex<HashMap>, owned guard   DETERMINISTIC: yes
//! PATTERN: a task has the owned guard of a lock, and a helper that it awaits locks again.
//! EXPECT-CATEGORY: self-deadlock
//! EXPECT-SITES: SITE-A (lock_owned) + SITE-B (lock)
use std::collections::HashMap; // MAP-IMPORT
use std::sync::Arc;
use tokio::sync::Mutex; // MAP-IMPORT

type Table = Arc<Mutex<HashMap<String, u32>>>;

async fn audit(table: &Table) -> usize {
    table.lock().await.len() // SITE-B
}

async fn add(table: Table, name: &str) -> usize {
    let mut guard = table.clone().lock_owned().await; // SITE-A
    *guard.entry(name.to_owned()).or_insert(0) += 1;
    audit(&table).await
}

#[tokio::main]
async fn main() {
    let table = Table::default();
    let count = tokio::spawn(async move { add(table, "a").await }).await;
    println!("NO-SYMPTOM {count:?}");
}
