//! PATTERN: two free functions mark a user as busy and as free again; the request between them loses a select.
//! EXPECT-CATEGORY: leaked-entry
use std::collections::HashSet; // MAP-IMPORT
use std::sync::{Arc, Mutex}; // MAP-IMPORT
use std::time::Duration;

type Busy = Arc<Mutex<HashSet<String>>>;

fn mark_busy(busy: &Busy, user: &str) {
    busy.lock().unwrap().insert(user.to_owned()); // SITE-A
}

fn mark_free(busy: &Busy, user: &str) {
    let mut busy = busy.lock().unwrap();
    busy.remove(user); // SITE-B
}

async fn handle(busy: Busy, user: String) -> u32 {
    mark_busy(&busy, &user);
    tokio::time::sleep(Duration::from_secs(5)).await;
    mark_free(&busy, &user);
    1
}

#[tokio::main(flavor = "current_thread")]
async fn main() {
    let busy = Busy::default();
    tokio::select! {
        answer = handle(busy.clone(), "kim".to_owned()) => println!("answer {answer}"),
        _ = tokio::time::sleep(Duration::from_millis(5)) => println!("client went away"),
    }
    println!("busy: {:?}", busy.lock().unwrap().len());
}
