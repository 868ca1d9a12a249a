//! PATTERN: a connection is taken out of the table of idle ones and put back after use; a `select!` gives the use up, and
//!   the connection is gone for good.
//! EXPECT-CATEGORY: cancelled-mid-update
use std::collections::HashMap; // MAP-IMPORT
use parking_lot::Mutex; // MAP-IMPORT
use std::future::pending;

struct Pool {
    idle: Mutex<HashMap<u32, String>>,
}

async fn query(pool: &Pool, id: u32) {
    let connection = pool.idle.lock().remove(&id).unwrap(); // SITE-A
    pending::<()>().await;
    pool.idle.lock().insert(id, connection); // SITE-B
}

#[tokio::main(flavor = "current_thread")]
async fn main() {
    let pool = Pool { idle: Mutex::new(HashMap::from([(1, "connection".to_owned())])) };
    tokio::select! {
        () = query(&pool, 1) => {}
        () = tokio::task::yield_now() => {}
    }
    println!("left: {}", pool.idle.lock().len());
}
