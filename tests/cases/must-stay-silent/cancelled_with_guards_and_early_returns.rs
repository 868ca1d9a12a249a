//! Updates that a drop guard completes, that an early return leaves on purpose, that a spawned task completes although
//! its caller gives up, and that a janitor sweeps.
use std::collections::HashMap; // MAP-IMPORT
use std::sync::{Arc, Mutex}; // MAP-IMPORT
use std::time::Duration;

type Table = Arc<Mutex<HashMap<u32, u32>>>;

struct OnDrop<F: FnMut()>(F);

impl<F: FnMut()> Drop for OnDrop<F> {
    fn drop(&mut self) {
        (self.0)();
    }
}

/// The removal is deferred.
async fn deferred(table: Table, id: u32, wait: Duration) {
    table.lock().unwrap().insert(id, 1);
    let again = table.clone();
    let _clean = OnDrop(move || _ = again.lock().unwrap().remove(&id));
    tokio::time::sleep(wait).await;
}

/// Stays in the table where the answer is bad: a later retry finds it there.
async fn answered(table: Table, id: u32, answer: Result<u32, ()>) -> Result<u32, ()> {
    table.lock().unwrap().insert(id, 1);
    tokio::task::yield_now().await;
    let answer = answer?;
    table.lock().unwrap().remove(&id);
    Ok(answer)
}

/// Cancel-safe: the task goes on without its caller.
async fn completed(table: Table, id: u32) {
    table.lock().unwrap().insert(id, 1);
    tokio::time::sleep(Duration::from_millis(20)).await;
    table.lock().unwrap().remove(&id);
}

/// Taken out and put back, by a guard where need be.
async fn lent(table: Table, id: u32, wait: Duration) {
    let Some(value) = table.lock().unwrap().remove(&id) else { return };
    let again = table.clone();
    let _back = OnDrop(move || _ = again.lock().unwrap().insert(id, value));
    tokio::time::sleep(wait).await;
}

/// Both maps before anything can stop it.
async fn together(one: Table, two: Table, id: u32, wait: Duration) {
    one.lock().unwrap().insert(id, 1);
    two.lock().unwrap().insert(id, 1);
    tokio::time::sleep(wait).await;
}

/// Swept by whoever looks after the table.
async fn swept(table: Table, id: u32, wait: Duration) {
    table.lock().unwrap().insert(id, 1);
    tokio::time::sleep(wait).await;
    table.lock().unwrap().remove(&id);
}

#[tokio::main(flavor = "multi_thread", worker_threads = 2)]
async fn main() {
    let (short, long) = (Duration::from_millis(2), Duration::from_secs(60));
    let [table, other, kept] = [Table::default(), Table::default(), Table::default()];
    for id in 0..8 {
        let _ = tokio::time::timeout(short, deferred(table.clone(), id, long)).await;
    }
    assert!(table.lock().unwrap().is_empty());

    assert!(answered(kept.clone(), 1, Err(())).await.is_err());
    assert!(answered(kept.clone(), 2, Ok(2)).await.is_ok());
    let failing = tokio::spawn(answered(kept.clone(), 3, Err(())));
    assert!(failing.await.unwrap().is_err());

    // Its caller gives up when it has begun: on a busy machine it would else begin after all that follows.
    let going = tokio::spawn(completed(table.clone(), 1));
    while table.lock().unwrap().is_empty() && !going.is_finished() {
        tokio::task::yield_now().await;
    }
    let _ = tokio::time::timeout(short, going).await;
    while !table.lock().unwrap().is_empty() {
        tokio::time::sleep(short).await;
    }

    table.lock().unwrap().insert(1, 1);
    let task = tokio::spawn(lent(table.clone(), 1, long));
    while !table.lock().unwrap().is_empty() {
        tokio::task::yield_now().await;
    }
    task.abort();
    let _ = task.await;
    assert_eq!(table.lock().unwrap().len(), 1);

    let _ = tokio::time::timeout(short, together(table.clone(), other.clone(), 2, long)).await;
    assert_eq!((table.lock().unwrap().len(), other.lock().unwrap().len()), (2, 1));

    let _ = tokio::time::timeout(short, swept(kept.clone(), 9, long)).await;
    kept.lock().unwrap().retain(|_, age| *age > 1);
    assert!(kept.lock().unwrap().is_empty());
    println!("OK");
}
