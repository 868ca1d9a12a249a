//! CASE: 65
//! CLASS: d   MAP: tokio RwLock<HashMap>   DETERMINISTIC: yes here
//! PATTERN: a repository loads and saves whole values; the save also serves those who have nothing to lose.
//! EXPECT-CATEGORY: lost-update
//! EXPECT-SITES: the marked lines, which stand in functions of their own
use std::collections::HashMap; // MAP-IMPORT
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::sync::RwLock; // MAP-IMPORT

fn meet(c: &AtomicUsize, n: usize) {
    c.fetch_add(1, SeqCst);
    let t = Instant::now();
    while c.load(SeqCst) < n && t.elapsed() < Duration::from_secs(2) {
        std::thread::yield_now();
    }
}

#[derive(Clone, Default)]
struct Cart {
    items: Vec<u32>,
}
#[derive(Clone, Default)]
struct Store {
    carts: Arc<RwLock<HashMap<u32, Cart>>>,
}
impl Store {
    async fn load(&self, id: u32) -> Option<Cart> {
        self.carts.read().await.get(&id).cloned() // SITE-A
    }
    async fn save(&self, id: u32, cart: Cart) {
        self.carts.write().await.insert(id, cart); // SITE-B
    }
}
async fn add_item(store: Store, id: u32, item: u32) {
    let mut cart = store.load(id).await.unwrap_or_default();
    tokio::time::sleep(Duration::from_millis(10)).await;
    cart.items.push(item);
    store.save(id, cart).await;
}
pub async fn case() {
    let store = Store::default();
    store.save(1, Cart::default()).await;
    let t: Vec<_> = (0..3).map(|i| tokio::spawn(add_item(store.clone(), 1, i))).collect();
    for t in t {
        t.await.unwrap();
    }
}

#[tokio::main(flavor = "multi_thread", worker_threads = 2)]
async fn main() {
    case().await;
}
