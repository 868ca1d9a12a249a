//! PATTERN: a registry has `begin` and `finish`; whoever calls them around an await is timed out between the two.
//! EXPECT-CATEGORY: leaked-entry
use dashmap::DashMap; // MAP-IMPORT
use std::sync::Arc;
use std::time::Duration;
use tokio::time::{sleep, timeout};

#[derive(Default)]
struct Registry {
    running: DashMap<u64, &'static str>,
}

impl Registry {
    fn begin(&self, id: u64, what: &'static str) {
        self.running.insert(id, what); // SITE-A
    }

    fn finish(&self, id: u64) {
        self.running.remove(&id); // SITE-B
    }
}

async fn export(registry: Arc<Registry>, id: u64) {
    registry.begin(id, "export");
    sleep(Duration::from_secs(20)).await;
    registry.finish(id);
}

#[tokio::main(flavor = "current_thread")]
async fn main() {
    let registry = Arc::new(Registry::default());
    for id in 0..3 {
        let _ = timeout(Duration::from_millis(3), export(registry.clone(), id)).await;
    }
    println!("running: {}", registry.running.len());
}
