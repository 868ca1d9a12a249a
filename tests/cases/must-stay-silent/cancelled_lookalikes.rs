//! What looks like half an update and is none: a tracker whose caller finishes for the one who gave up, entries that
//! stay by design, leases that somebody takes over, updates that are on their way when the program ends.
use dashmap::DashMap; // MAP-IMPORT
use std::sync::Arc;
use std::time::Duration;

#[derive(Default)]
struct Tracker {
    active: DashMap<u64, u64>,
    seen: DashMap<u64, u64>,
}

impl Tracker {
    fn begin(&self, id: u64) {
        self.active.insert(id, id);
    }

    fn finish(&self, id: u64) {
        self.active.remove(&id);
    }

    fn note(&self, id: u64) {
        self.seen.insert(id, 1);
    }

    fn forget(&self, id: u64) {
        self.seen.remove(&id);
    }
}

async fn handle(tracker: &Tracker, id: u64, wait: Duration) {
    tracker.begin(id);
    tokio::time::sleep(wait).await;
    tracker.finish(id);
}

/// What was seen stays, unless it was seen for nothing.
async fn visit(tracker: &Tracker, id: u64, wait: Duration) {
    tracker.note(id);
    tokio::time::sleep(wait).await;
    if id > 100 {
        tracker.forget(id);
    }
}

async fn lease(leases: Arc<DashMap<&'static str, u64>>, owner: u64, wait: Duration) {
    leases.entry("db").and_modify(|held| *held = owner).or_insert(owner);
    tokio::time::sleep(wait).await;
    leases.remove("db");
}

async fn advance(jobs: Arc<DashMap<u32, u32>>, id: u32) {
    if let Some((id, step)) = jobs.remove(&id) {
        tokio::task::yield_now().await;
        jobs.insert(id, step + 1);
    }
}

#[tokio::main(flavor = "current_thread")]
async fn main() {
    let (short, long) = (Duration::from_millis(2), Duration::from_secs(60));
    let tracker = Arc::new(Tracker::default());
    for id in 0..3 {
        if tokio::time::timeout(short, handle(&tracker, id, long)).await.is_err() {
            tracker.finish(id);
        }
        let _ = tokio::time::timeout(short, visit(&tracker, id, long)).await;
    }
    assert_eq!((tracker.active.len(), tracker.seen.len()), (0, 3));

    let leases = Arc::new(DashMap::new());
    let _ = tokio::time::timeout(short, lease(leases.clone(), 1, long)).await;
    lease(leases.clone(), 2, short).await;
    assert!(leases.is_empty());

    let jobs = Arc::new(DashMap::from_iter([(1, 0), (2, 0)]));
    for id in [1, 2, 3] {
        advance(jobs.clone(), id).await;
    }
    assert_eq!(jobs.len(), 2);
    let one = tracker.clone();
    tokio::spawn(async move { handle(&one, 70, long).await });
    tokio::spawn(advance(jobs.clone(), 1));
    tokio::task::yield_now().await;
    println!("OK");
}
