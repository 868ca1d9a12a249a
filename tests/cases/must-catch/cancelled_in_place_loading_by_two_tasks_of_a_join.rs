//! PATTERN: two refreshes run side by side under `try_join!`; the failure of one drops the other, which leaves its entry
//!   "refreshing" behind.
//! EXPECT-CATEGORY: cancelled-mid-update
use std::collections::HashMap; // MAP-IMPORT
use std::sync::Mutex; // MAP-IMPORT
use std::time::Duration;

#[derive(Default)]
struct Feed {
    refreshing: bool,
    entries: usize,
}

struct Feeds(Mutex<HashMap<String, Feed>>);

impl Feeds {
    fn begin(&self, name: &str) {
        self.0.lock().unwrap().entry(name.to_owned()).or_default().refreshing = true; // SITE-A
    }

    fn end(&self, name: &str, entries: usize) {
        if let Some(feed) = self.0.lock().unwrap().get_mut(name) { // SITE-B
            feed.refreshing = false;
            feed.entries = entries;
        }
    }

    async fn refresh(&self, name: &str, wait: Duration) {
        self.begin(name);
        tokio::time::sleep(wait).await;
        self.end(name, name.len());
    }
}

async fn fails_soon() -> Result<(), &'static str> {
    tokio::time::sleep(Duration::from_millis(3)).await;
    Err("no route")
}

async fn refreshed(feeds: &Feeds, name: &str, wait: Duration) -> Result<(), &'static str> {
    feeds.refresh(name, wait).await;
    Ok(())
}

#[tokio::main(flavor = "current_thread")]
async fn main() {
    let feeds = Feeds(Mutex::new(HashMap::new()));
    refreshed(&feeds, "news", Duration::ZERO).await.unwrap();
    let both = async { tokio::try_join!(refreshed(&feeds, "weather", Duration::from_secs(50)), fails_soon()) };
    println!("{:?}", both.await);
    let feeds = feeds.0.lock().unwrap();
    println!("weather: refreshing {}, {} entries", feeds["weather"].refreshing, feeds["weather"].entries);
}
