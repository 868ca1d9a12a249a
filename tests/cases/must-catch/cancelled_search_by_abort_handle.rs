//! PATTERN: a newer search aborts the older one by its abort handle; the older one was between two maps.
//! EXPECT-CATEGORY: cancelled-mid-update
use parking_lot::Mutex; // MAP-IMPORT
use std::collections::HashMap; // MAP-IMPORT
use std::sync::Arc;
use std::time::Duration;

#[derive(Default)]
struct Index {
    words: Mutex<HashMap<String, u32>>,
    pages: Mutex<HashMap<u32, String>>,
}

impl Index {
    async fn add(self: Arc<Self>, page: u32, word: String) {
        self.words.lock().insert(word.clone(), page); // SITE-A
        tokio::time::sleep(Duration::from_secs(3)).await;
        self.pages.lock().insert(page, word); // SITE-B
    }
}

#[tokio::main(flavor = "current_thread")]
async fn main() {
    let index = Arc::new(Index::default());
    let older = tokio::spawn(index.clone().add(1, "map".into()));
    let stop = older.abort_handle();
    tokio::time::sleep(Duration::from_millis(5)).await;
    stop.abort();
    let _ = older.await;
    println!("{} words, {} pages", index.words.lock().len(), index.pages.lock().len());
}
