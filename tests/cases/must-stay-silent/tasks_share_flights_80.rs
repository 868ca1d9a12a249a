//! NEGATIVE: 80
//! Single flight done right, over async locks: the entry decides who fetches; the others wait for what it puts there.
//! MAP: tokio Mutex<HashMap>, tokio RwLock<HashMap>, DashMap 6
use dashmap::DashMap; // MAP-IMPORT
use std::collections::HashMap; // MAP-IMPORT
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::Arc;
use tokio::sync::OnceCell;
use tokio::sync::{Mutex, RwLock}; // MAP-IMPORT

type Cell = Arc<OnceCell<String>>;

#[derive(Clone, Default)]
struct Fetcher {
    flights: Arc<Mutex<HashMap<u32, Cell>>>,
    pages: Arc<RwLock<HashMap<u32, String>>>,
    etags: Arc<DashMap<u32, String>>,
    fetched: Arc<AtomicUsize>,
}

impl Fetcher {
    async fn page(&self, id: u32) -> String {
        if let Some(page) = self.pages.read().await.get(&id) {
            return page.clone();
        }
        let cell = self.flights.lock().await.entry(id).or_default().clone();
        let page = cell
            .get_or_init(|| async {
                self.fetched.fetch_add(1, Ordering::SeqCst);
                tokio::task::yield_now().await;
                format!("page {id}")
            })
            .await
            .clone();
        let mut pages = self.pages.write().await;
        if !pages.contains_key(&id) {
            pages.insert(id, page.clone());
        }
        drop(pages);
        if !self.etags.contains_key(&id) {
            tokio::task::yield_now().await;
            self.etags.entry(id).or_insert_with(|| format!("{id:x}"));
        }
        page
    }
}

#[tokio::main(flavor = "multi_thread", worker_threads = 3)]
async fn main() {
    let fetcher = Fetcher::default();
    let mut tasks = Vec::new();
    for n in 0..300u32 {
        let fetcher = fetcher.clone();
        tasks.push(tokio::spawn(async move { fetcher.page(n % 30).await }));
    }
    for task in tasks {
        task.await.unwrap();
    }
    assert_eq!(fetcher.fetched.load(Ordering::SeqCst), 30);
    println!("OK");
}
