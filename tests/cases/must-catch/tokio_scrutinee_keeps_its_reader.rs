//! CLASS: c   MAP: tokio RwLock<u32>   DETERMINISTIC: yes
//! PATTERN: `match *lock.read().await`: a copy is matched, and the guard lives on.
//! EXPECT-CATEGORY: self-deadlock
//! EXPECT-SITES: SITE-A (read) + SITE-B (write)
use std::sync::Arc;
use tokio::sync::RwLock; // MAP-IMPORT

async fn step(state: &RwLock<u32>) -> u32 {
    match *state.read().await { // SITE-A
        0 => {
            *state.write().await += 1; // SITE-B
            1
        }
        other => other,
    }
}

#[tokio::main]
async fn main() {
    let state = Arc::new(RwLock::new(0));
    let own = state.clone();
    let end = tokio::spawn(async move { step(&own).await }).await;
    println!("NO-SYMPTOM {end:?}");
}
