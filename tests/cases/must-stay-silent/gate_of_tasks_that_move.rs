//! TRAP: two orders of the same locks, but under a gate; the tasks go from thread to thread with the gate's guard.
use std::sync::Arc;
use tokio::sync::{Mutex, RwLock}; // MAP-IMPORT

#[tokio::main(flavor = "multi_thread", worker_threads = 2)]
async fn main() {
    let gate = Arc::new(Mutex::new(()));
    let (stock, orders) = (Arc::new(RwLock::new(0)), Arc::new(Mutex::new(0)));
    let tasks = (0..6).map(|number| {
        let (gate, stock, orders) = (gate.clone(), stock.clone(), orders.clone());
        tokio::spawn(async move {
            for _ in 0..40 {
                let _gate = gate.lock().await;
                tokio::task::yield_now().await;
                if number % 2 == 0 {
                    let mut stock = stock.write().await;
                    tokio::task::yield_now().await;
                    *stock += *orders.lock().await;
                } else {
                    let mut orders = orders.lock().await;
                    tokio::task::yield_now().await;
                    *orders += *stock.read().await;
                }
            }
        })
    });
    for task in tasks.collect::<Vec<_>>() {
        task.await.unwrap();
    }
}
