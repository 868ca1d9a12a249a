//! PATTERN: a message goes from `pending` to `done` with a delivery in between; the delivery's task set is dropped.
//! EXPECT-CATEGORY: cancelled-mid-update
use std::collections::HashMap; // MAP-IMPORT
use std::sync::{Arc, Mutex}; // MAP-IMPORT

#[derive(Default)]
struct Queues {
    pending: Mutex<HashMap<u32, String>>,
    done: Mutex<HashMap<u32, String>>,
}

async fn deliver(queues: Arc<Queues>, id: u32) {
    let message = queues.pending.lock().unwrap().remove(&id).expect("it is pending"); // SITE-A
    send(&message).await;
    queues.done.lock().unwrap().insert(id, message); // SITE-B
}

async fn send(message: &str) {
    if message.len() > 3 {
        std::future::pending::<()>().await;
    }
}

#[tokio::main(flavor = "current_thread")]
async fn main() {
    let queues = Arc::new(Queues::default());
    for id in 0..3_u32 {
        queues.pending.lock().unwrap().insert(id, "x".repeat(id as usize * 3));
    }
    let mut deliveries = tokio::task::JoinSet::new();
    for id in 0..3 {
        deliveries.spawn(deliver(queues.clone(), id));
    }
    while !queues.pending.lock().unwrap().is_empty() || queues.done.lock().unwrap().len() < 2 {
        tokio::task::yield_now().await;
    }
    drop(deliveries);
    tokio::task::yield_now().await;
    println!("done: {}", queues.done.lock().unwrap().len());
}
