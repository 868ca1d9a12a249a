//! PATTERN: a build is made by whoever finds its entry vacant, in an arm of a `match`; it is timed out.
//! EXPECT-CATEGORY: leaked-entry
use dashmap::mapref::entry::Entry; // MAP-IMPORT
use dashmap::DashMap; // MAP-IMPORT
use std::sync::Arc;
use std::time::Duration;

async fn build_once(builds: Arc<DashMap<u32, ()>>, id: u32) -> bool {
    match builds.entry(id) { // SITE-A
        Entry::Occupied(_) => return false,
        Entry::Vacant(slot) => {
            slot.insert(());
        }
    }
    tokio::time::sleep(Duration::from_secs(10)).await;
    builds.remove(&id); // SITE-B
    true
}

#[tokio::main(flavor = "current_thread")]
async fn main() {
    let builds = Arc::new(DashMap::new());
    let limit = Duration::from_millis(4);
    for id in [1, 1, 2] {
        println!("{:?}", tokio::time::timeout(limit, build_once(builds.clone(), id)).await);
    }
    println!("{} builds", builds.len());
}
