//! CLASS: c   MAP: std Mutex<HashMap>, async   DETERMINISTIC: yes
//! PATTERN: the scrutinee of a `match` keeps the lock through an arm that awaits; the other branch of the join locks as well.
//! EXPECT-CATEGORY: guard-across-await
//! EXPECT-SITES: SITE-A (the scrutinee) + SITE-B (the other branch)
use std::collections::HashMap; // MAP-IMPORT
use std::sync::Mutex; // MAP-IMPORT

async fn greet(users: &Mutex<HashMap<u32, String>>) {
    match users.lock().unwrap().get(&1) { // SITE-A
        Some(name) => {
            tokio::task::yield_now().await;
            println!("hello {name}");
        }
        None => println!("nobody"),
    }
}

async fn rename(users: &Mutex<HashMap<u32, String>>) {
    users.lock().unwrap().insert(1, "berta".to_owned()); // SITE-B
}


fn main() {
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    runtime.block_on(run());
}

async fn run() {
    let users = Mutex::new(HashMap::from([(1, "anna".to_owned())]));
    tokio::join!(greet(&users), rename(&users));
    println!("NO-SYMPTOM");
}
