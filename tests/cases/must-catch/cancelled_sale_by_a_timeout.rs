//! PATTERN: a saga reserves stock, charges, and moves the reservation to the sold ones; the request is timed out while it
//!   charges. The saga is a method of a struct behind an Arc, called from a handler.
//! EXPECT-CATEGORY: cancelled-mid-update
use dashmap::DashMap; // MAP-IMPORT
use std::sync::Arc;
use std::time::Duration;

struct Shop {
    reserved: DashMap<u64, u32>,
    sold: DashMap<u64, u32>,
}

impl Shop {
    async fn charge(&self, _order: u64) -> bool {
        tokio::time::sleep(Duration::from_secs(4)).await;
        true
    }

    async fn buy(&self, order: u64) -> Option<u32> {
        let (order, amount) = self.reserved.remove(&order)?; // SITE-A
        let _charged = self.charge(order).await;
        self.sold.insert(order, amount); // SITE-B
        Some(amount)
    }
}

async fn handler(shop: Arc<Shop>, order: u64) -> &'static str {
    match tokio::time::timeout(Duration::from_millis(5), shop.buy(order)).await {
        Ok(Some(_)) => "sold",
        Ok(None) => "no such order",
        Err(_) => "try again",
    }
}

#[tokio::main]
async fn main() {
    let shop = Arc::new(Shop { reserved: DashMap::new(), sold: DashMap::new() });
    shop.reserved.insert(7, 3);
    println!("{}", tokio::spawn(handler(shop.clone(), 7)).await.unwrap());
    println!("reserved {}, sold {}", shop.reserved.len(), shop.sold.len());
}
