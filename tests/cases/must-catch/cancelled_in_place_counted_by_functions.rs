//! PATTERN: a pool counts who uses a connection with `acquire` and `release`; a task of a set is dropped with the set
//!   while it uses one, so that the count never reaches zero again.
//! EXPECT-CATEGORY: cancelled-mid-update
use std::collections::HashMap; // MAP-IMPORT
use parking_lot::Mutex; // MAP-IMPORT
use std::sync::Arc;
use tokio::sync::Notify;

#[derive(Default)]
struct Pool {
    users: Mutex<HashMap<u32, u32>>,
}

impl Pool {
    fn acquire(&self, connection: u32) {
        let mut users = self.users.lock();
        *users.entry(connection).or_default() += 1; // SITE-A
    }

    fn release(&self, connection: u32) {
        if let Some(count) = self.users.lock().get_mut(&connection) { // SITE-B
            *count -= 1;
        }
    }
}

async fn query(pool: Arc<Pool>, connection: u32, begun: Arc<Notify>, answer: Arc<Notify>) {
    pool.acquire(connection);
    begun.notify_one();
    answer.notified().await;
    pool.release(connection);
}

#[tokio::main]
async fn main() {
    let pool = Arc::new(Pool::default());
    let (begun, answer) = (Arc::new(Notify::new()), Arc::new(Notify::new()));
    let mut queries = tokio::task::JoinSet::new();
    for _ in 0..2 {
        queries.spawn(query(pool.clone(), 1, begun.clone(), answer.clone()));
        begun.notified().await;
    }
    answer.notify_one();
    queries.join_next().await.unwrap().unwrap();
    drop(queries);
    while Arc::strong_count(&pool) > 1 {
        tokio::task::yield_now().await;
    }
    println!("{:?}", pool.users.lock());
}
