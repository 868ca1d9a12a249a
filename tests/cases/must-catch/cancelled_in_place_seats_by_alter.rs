//! PATTERN: seats are taken off while a payment runs and given back after it in any case, by `alter`; a payment that is
//!   dropped gives nothing back.
//! EXPECT-CATEGORY: cancelled-mid-update
use dashmap::DashMap; // MAP-IMPORT
use std::sync::Arc;
use std::time::Duration;

async fn hold_while(free: Arc<DashMap<u32, u32>>, train: u32, payment: impl std::future::Future<Output = bool>) -> bool {
    free.alter(&train, |_, seats| seats - 1); // SITE-A
    let paid = payment.await;
    free.alter(&train, |_, seats| seats + 1); // SITE-B
    paid
}

#[tokio::main(flavor = "current_thread")]
async fn main() {
    let free = Arc::new(DashMap::from_iter([(7, 40), (8, 12)]));
    hold_while(free.clone(), 7, async { true }).await;
    let payment = async {
        tokio::time::sleep(Duration::from_secs(30)).await;
        true
    };
    if tokio::time::timeout(Duration::from_millis(3), hold_while(free.clone(), 7, payment)).await.is_err() {
        println!("payment timed out");
    }
    println!("free: {}", *free.get(&7).unwrap());
}
