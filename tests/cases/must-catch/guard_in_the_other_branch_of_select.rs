//! CLASS: a   MAP: DashMap 6 + select!   DETERMINISTIC: yes
//! PATTERN: both branches of one `select!` are one task: the guard that one keeps blocks the other.
//! EXPECT-CATEGORY: guard-across-await
//! EXPECT-SITES: SITE-A (guard) + SITE-B (insert)
use dashmap::DashMap; // MAP-IMPORT
use std::time::Duration;

#[tokio::main(flavor = "current_thread")]
async fn main() {
    let prices: DashMap<u32, u32> = DashMap::new();
    prices.insert(1, 1);
    let slow = async {
        let mut price = prices.get_mut(&1).unwrap(); // SITE-A
        tokio::time::sleep(Duration::from_millis(50)).await;
        *price += 1;
    };
    let tick = async {
        tokio::time::sleep(Duration::from_millis(5)).await;
        prices.insert(1, 3); // SITE-B
    };
    tokio::select! { _ = slow => {} _ = tick => {} }
}
