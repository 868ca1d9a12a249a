//! TRAP: tokio's guards live across `.await`, `select!`, `join!` and timeouts, always in one order.
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::{Mutex, RwLock}; // MAP-IMPORT

#[derive(Default)]
struct Shop {
    orders: Mutex<Vec<u32>>,
    stock: RwLock<Vec<u32>>,
    log: Mutex<Vec<String>>,
}

async fn order(shop: &Shop, number: u32) {
    let mut orders = shop.orders.lock().await;
    tokio::task::yield_now().await;
    let mut stock = shop.stock.write().await;
    stock.push(number);
    tokio::task::yield_now().await;
    orders.push(number);
    let stock = stock.downgrade();
    shop.log.lock().await.push(format!("{} of {}", stock.len(), orders.len()));
}

async fn look(shop: &Shop) -> usize {
    let stock = shop.stock.read().await;
    tokio::task::yield_now().await;
    let log = shop.log.lock().await;
    stock.len() + log.len()
}

#[tokio::main(flavor = "multi_thread", worker_threads = 2)]
async fn main() {
    let shop = Arc::new(Shop::default());
    let tasks = (0..40).map(|number| {
        let shop = shop.clone();
        tokio::spawn(async move {
            tokio::join!(order(&shop, number), look(&shop));
            tokio::select! {
                _ = order(&shop, number) => {}
                _ = tokio::time::sleep(Duration::from_micros(200)) => {}
            }
            let _ = tokio::time::timeout(Duration::from_micros(100), look(&shop)).await;
        })
    });
    for task in tasks.collect::<Vec<_>>() {
        task.await.unwrap();
    }
}
