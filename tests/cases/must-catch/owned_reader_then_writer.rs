//! CLASS: c   MAP: tokio RwLock<HashMap>, owned guard   DETERMINISTIC: yes
//! PATTERN: a task reads through an owned guard, sees what is missing, and asks for the writer below it.
//! EXPECT-CATEGORY: self-deadlock
//! EXPECT-SITES: SITE-A (read_owned) + SITE-B (write)
use std::collections::HashMap; // MAP-IMPORT
use std::sync::Arc;
use tokio::sync::RwLock; // MAP-IMPORT

async fn price(prices: Arc<RwLock<HashMap<String, u64>>>, name: &str) -> u64 {
    let known = Arc::clone(&prices).read_owned().await; // SITE-A
    match known.get(name) {
        Some(price) => *price,
        None => {
            let mut all = prices.write().await; // SITE-B
            *all.entry(name.to_owned()).or_insert(7)
        }
    }
}

#[tokio::main]
async fn main() {
    let prices = Arc::new(RwLock::new(HashMap::new()));
    let asked = tokio::spawn(async move { price(prices, "tea").await }).await;
    println!("NO-SYMPTOM {asked:?}");
}
