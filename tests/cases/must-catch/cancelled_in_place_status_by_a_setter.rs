//! PATTERN: one setter for every status; the worker sets "building" before and the outcome after. Its supervisor gives
//!   up waiting, and the table says "building" ever since.
//! EXPECT-CATEGORY: cancelled-mid-update
use std::collections::HashMap; // MAP-IMPORT
use tokio::sync::RwLock; // MAP-IMPORT
use std::sync::Arc;
use std::time::Duration;

#[derive(Clone, Debug, PartialEq)]
enum BuildState {
    Queued,
    Building,
    Green,
    Red(String),
}

#[derive(Default)]
struct Builds {
    table: RwLock<HashMap<u32, BuildState>>,
}

impl Builds {
    async fn set_state(&self, id: u32, state: BuildState) {
        if let Some(entry) = self.table.write().await.get_mut(&id) { // SITE-A SITE-B
            *entry = state;
        }
    }

    async fn build(&self, id: u32, steps: impl std::future::Future<Output = Result<(), String>>) {
        self.set_state(id, BuildState::Building).await;
        match steps.await {
            Ok(()) => self.set_state(id, BuildState::Green).await,
            Err(why) => self.set_state(id, BuildState::Red(why)).await,
        }
    }
}

#[tokio::main]
async fn main() {
    let builds = Arc::new(Builds::default());
    for id in 0..3 {
        builds.table.write().await.insert(id, BuildState::Queued);
    }
    builds.build(0, async { Ok(()) }).await;
    builds.build(1, async { Err("no such file".to_owned()) }).await;
    let slow = async {
        tokio::time::sleep(Duration::from_secs(90)).await;
        Ok(())
    };
    if tokio::time::timeout(Duration::from_millis(3), builds.build(2, slow)).await.is_err() {
        println!("gave up");
    }
    println!("{:?}", builds.table.read().await.get(&2));
}
