//! TRAP: of two futures that one task polls side by side, one has the stock while the other takes the orders: neither
//!   waits with a lock of its own, and whoever takes both takes the orders first.
use std::sync::Arc;
use tokio::sync::{Mutex, RwLock}; // MAP-IMPORT

#[derive(Default)]
struct Shop {
    orders: Mutex<Vec<u32>>,
    stock: RwLock<Vec<u32>>,
}

async fn count(shop: &Shop) -> usize {
    let stock = shop.stock.read().await;
    tokio::task::yield_now().await;
    tokio::task::yield_now().await;
    stock.len()
}

async fn newest(shop: &Shop) -> Option<u32> {
    tokio::task::yield_now().await;
    let orders = shop.orders.lock().await;
    orders.last().copied()
}

async fn order(shop: Arc<Shop>, number: u32) {
    let mut orders = shop.orders.lock().await;
    let mut stock = shop.stock.write().await;
    stock.push(number);
    orders.push(number);
}

#[tokio::main(flavor = "multi_thread", worker_threads = 2)]
async fn main() {
    let shop = Arc::new(Shop::default());
    for number in 0..4 {
        let looking = shop.clone();
        tokio::spawn(async move { tokio::join!(count(&looking), newest(&looking)) }).await.unwrap();
        let looking = shop.clone();
        let both = async move {
            tokio::select! {
                found = count(&looking) => found,
                _ = async { newest(&looking).await; std::future::pending::<()>().await } => 0,
            }
        };
        tokio::spawn(both).await.unwrap();
        tokio::spawn(order(shop.clone(), number)).await.unwrap();
    }
}
