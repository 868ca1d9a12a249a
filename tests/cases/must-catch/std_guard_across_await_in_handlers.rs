//! CLASS: c   MAP: std Mutex<HashMap> in async handlers   DETERMINISTIC: yes
//! PATTERN: two local handlers; the first sleeps with the guard, the second blocks their thread.
//! EXPECT-CATEGORY: guard-across-await
//! EXPECT-SITES: SITE-A (first) + SITE-B (second)
use std::collections::HashMap; // MAP-IMPORT
use std::rc::Rc;
use std::sync::Mutex; // MAP-IMPORT
use std::time::Duration;

type Hits = Rc<Mutex<HashMap<&'static str, u32>>>;

async fn slow(hits: Hits) {
    let mut guard = hits.lock().unwrap(); // SITE-A
    *guard.entry("slow").or_default() += 1;
    tokio::time::sleep(Duration::from_millis(20)).await;
}

async fn fast(hits: Hits) {
    tokio::time::sleep(Duration::from_millis(1)).await;
    *hits.lock().unwrap().entry("fast").or_default() += 1; // SITE-B
}

#[tokio::main(flavor = "current_thread")]
async fn main() {
    let hits = Hits::default();
    tokio::task::LocalSet::new()
        .run_until(async move {
            let handlers =
                [tokio::task::spawn_local(slow(hits.clone())), tokio::task::spawn_local(fast(hits.clone()))];
            for handler in handlers {
                let _ = handler.await;
            }
        })
        .await;
    println!("NO-SYMPTOM");
}
