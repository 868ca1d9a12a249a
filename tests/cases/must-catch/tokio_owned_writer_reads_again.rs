//! CLASS: c   MAP: tokio RwLock<Vec>, owned guard   DETERMINISTIC: yes
//! PATTERN: the owned write guard is alive in `if let` when the `else`-less body reads.
//! EXPECT-CATEGORY: self-deadlock
//! EXPECT-SITES: SITE-A (write_owned) + SITE-B (read)
use std::sync::Arc;
use tokio::sync::RwLock; // MAP-IMPORT

#[tokio::main(flavor = "current_thread")]
async fn main() {
    let jobs = Arc::new(RwLock::new(vec![1_u32, 2]));
    if let Some(job) = jobs.clone().write_owned().await.pop() { // SITE-A
        println!("job {job} of {}", jobs.read().await.len() + 1); // SITE-B
    }
    println!("NO-SYMPTOM");
}
