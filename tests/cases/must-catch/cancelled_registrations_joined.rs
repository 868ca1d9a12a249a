//! PATTERN: users are registered together in two directories; when one fails, the others are dropped between the two.
//! EXPECT-CATEGORY: cancelled-mid-update
use futures_util::future::try_join_all;
use std::collections::HashMap; // MAP-IMPORT
use std::sync::Arc;
use tokio::sync::RwLock; // MAP-IMPORT
use std::time::Duration;

#[derive(Default)]
struct Directory {
    by_name: RwLock<HashMap<String, u32>>,
    by_id: RwLock<HashMap<u32, String>>,
}

impl Directory {
    async fn register(&self, id: u32, name: String) -> Result<(), &'static str> {
        self.by_name.write().await.insert(name.clone(), id); // SITE-A
        tokio::time::sleep(Duration::from_millis(u64::from(id) * 500)).await;
        self.by_id.write().await.insert(id, name); // SITE-B
        if id == 0 { Err("zero") } else { Ok(()) }
    }
}

#[tokio::main]
async fn main() {
    let directory = Arc::new(Directory::default());
    let own = directory.clone();
    let all = async move { try_join_all((0..3).map(|id| own.register(id, format!("u{id}")))).await.is_ok() };
    println!("{}", tokio::spawn(all).await.unwrap());
    println!("{} {}", directory.by_name.read().await.len(), directory.by_id.read().await.len());
}
