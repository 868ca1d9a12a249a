//! PATTERN: an import on a blocking thread is aborted, which does not stop it; the table is cleared for the next one, and
//!   the first one goes on filling it.
//! EXPECT-CATEGORY: access-after-cancel
use dashmap::DashMap; // MAP-IMPORT
use std::sync::{mpsc, Arc};
use tokio::task; // MAP-IMPORT

fn import(table: &DashMap<u32, String>, rows: &mpsc::Receiver<u32>, done: &mpsc::Sender<()>) {
    for row in rows {
        table.insert(row, format!("row {row}")); // SITE-C
        done.send(()).unwrap();
    }
}

#[tokio::main(flavor = "current_thread")]
async fn main() {
    let table = Arc::new(DashMap::new());
    let (feed, rows) = mpsc::channel();
    let (done, imported) = mpsc::channel();
    let work = task::spawn_blocking({
        let table = table.clone();
        move || import(&table, &rows, &done)
    });
    feed.send(1).unwrap();
    imported.recv().unwrap();
    work.abort(); // SITE-A
    table.clear(); // SITE-B
    feed.send(2).unwrap();
    imported.recv().unwrap();
    drop(feed);
    println!("left: {}", table.len());
}
