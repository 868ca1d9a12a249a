//! CLASS: a   MAP: parking_lot Mutex + LocalSet   DETERMINISTIC: yes
//! PATTERN: a task is suspended with its guard alive; its neighbour on the thread needs another lock, and gets it.
//! EXPECT-CATEGORY: guard-across-await
//! EXPECT-SITES: SITE-A (guard) + SITE-B (what ran meanwhile)
use parking_lot::Mutex; // MAP-IMPORT
use std::rc::Rc;
use std::time::Duration;

#[tokio::main(flavor = "current_thread")]
async fn main() {
    let both = async {
        let (stock, log) = (Rc::new(Mutex::new(0)), Rc::new(Mutex::new(Vec::new())));
        let sale = tokio::task::spawn_local(async move {
            let mut stock = stock.lock(); // SITE-A
            tokio::time::sleep(Duration::from_millis(30)).await;
            *stock += 1;
        });
        let note = tokio::task::spawn_local(async move {
            tokio::time::sleep(Duration::from_millis(5)).await;
            log.lock().push("a sale"); // SITE-B
        });
        let _ = tokio::join!(sale, note);
    };
    tokio::task::LocalSet::new().run_until(both).await;
}
