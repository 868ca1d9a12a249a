//! PATTERN: two tokio mutexes that belong together are written with an await between; a plain task is aborted there, on a
//!   runtime of several threads, and nothing comes to the maps afterwards.
//! EXPECT-CATEGORY: cancelled-mid-update
use std::collections::HashMap; // MAP-IMPORT
use std::sync::Arc;
use tokio::sync::Mutex; // MAP-IMPORT
use std::time::Duration;

#[derive(Default)]
struct Ledger {
    debits: Mutex<HashMap<u32, u64>>,
    credits: Mutex<HashMap<u32, u64>>,
}

async fn transfer(ledger: Arc<Ledger>, id: u32, sum: u64) {
    ledger.debits.lock().await.insert(id, sum); // SITE-A
    tokio::time::sleep(Duration::from_secs(60)).await;
    ledger.credits.lock().await.insert(id, sum); // SITE-B
}

#[tokio::main]
async fn main() {
    let ledger = Arc::new(Ledger::default());
    let task = tokio::spawn(transfer(ledger.clone(), 1, 500));
    tokio::time::sleep(Duration::from_millis(20)).await;
    task.abort();
    assert!(task.await.unwrap_err().is_cancelled());
    println!("done");
}
