//! PATTERN: a job is taken out of one queue and put into another; a token is cancelled in between.
//! EXPECT-CATEGORY: cancelled-mid-update
use std::collections::BTreeMap; // MAP-IMPORT
use std::sync::{Arc, Mutex}; // MAP-IMPORT
use std::time::Duration;
use tokio_util::sync::CancellationToken;

#[derive(Default)]
struct Queue {
    waiting: Mutex<BTreeMap<u64, String>>,
    active: Mutex<BTreeMap<u64, String>>,
}

async fn promote(queue: &Queue, id: u64) {
    let job = queue.waiting.lock().unwrap().remove(&id).unwrap(); // SITE-A
    tokio::time::sleep(Duration::from_millis(700)).await;
    queue.active.lock().unwrap().insert(id, job); // SITE-B
}

async fn run(queue: Arc<Queue>, stop: CancellationToken) {
    tokio::select! {
        _ = stop.cancelled() => {}
        _ = promote(&queue, 4) => {}
    }
}

#[tokio::main]
async fn main() {
    let queue = Arc::new(Queue::default());
    queue.waiting.lock().unwrap().insert(4, "print".to_string());
    let stop = CancellationToken::new();
    let task = tokio::spawn(run(queue.clone(), stop.clone()));
    tokio::time::sleep(Duration::from_millis(5)).await;
    stop.cancel();
    task.await.unwrap();
    println!("{} {}", queue.waiting.lock().unwrap().len(), queue.active.lock().unwrap().len());
}
