//! PATTERN: nobody who is cancelled cleans up after itself, but somebody else does: the caller that timed it out, a
//!   sweep over the whole table, a counter that is set to nought, an entry that is taken out.
use dashmap::DashMap; // MAP-IMPORT
use std::collections::{BTreeMap, HashMap}; // MAP-IMPORT
use std::sync::{Arc, Mutex}; // MAP-IMPORT
use std::time::Duration;
use tokio::time::{sleep, timeout};

#[derive(Debug, Default, Clone, Copy, PartialEq)]
enum State {
    #[default]
    Idle,
    Running,
}

#[derive(Default)]
struct Worker {
    state: State,
    done: u32,
}

type Workers = Arc<DashMap<u32, Worker>>;
type Counts = Arc<Mutex<HashMap<&'static str, i64>>>;

async fn work(workers: &Workers, id: u32, wait: Duration) {
    workers.entry(id).or_default().state = State::Running;
    sleep(wait).await;
    if let Some(mut worker) = workers.get_mut(&id) {
        worker.state = State::Idle;
        worker.done += 1;
    }
}

async fn supervised(workers: &Workers, id: u32, limit: Duration, wait: Duration) {
    if timeout(limit, work(workers, id, wait)).await.is_err() {
        if let Some(mut worker) = workers.get_mut(&id) {
            worker.state = State::Idle;
        }
    }
}

async fn counted(counts: &Counts, name: &'static str, wait: Duration) {
    *counts.lock().unwrap().entry(name).or_insert(0) += 1;
    sleep(wait).await;
    *counts.lock().unwrap().entry(name).or_insert(0) -= 1;
}

/// The same, and swept by another one's pass over all.
async fn swept(flags: &Mutex<BTreeMap<u32, bool>>, id: u32, wait: Duration) {
    *flags.lock().unwrap().get_mut(&id).unwrap() = true;
    sleep(wait).await;
    *flags.lock().unwrap().get_mut(&id).unwrap() = false;
}

#[tokio::main(flavor = "multi_thread", worker_threads = 2)]
async fn main() {
    let (short, long) = (Duration::from_millis(2), Duration::from_secs(60));
    let workers = Workers::default();
    for wait in [Duration::ZERO, long, long] {
        supervised(&workers, 1, short, wait).await;
    }
    assert_eq!(workers.get(&1).unwrap().state, State::Idle);

    let counts = Counts::default();
    for name in ["reset", "undone", "gone"] {
        let _ = timeout(short, counted(&counts, name, long)).await;
    }
    // In three ways.
    counts.lock().unwrap().insert("reset", 0);
    if let Some(count) = counts.lock().unwrap().get_mut("undone") {
        *count -= 1;
    }
    counts.lock().unwrap().remove("gone");
    counted(&counts, "undone", Duration::ZERO).await;
    assert!(counts.lock().unwrap().values().all(|count| *count == 0));

    // By an entry that is there, whose own call says nothing of what is done to it.
    let _ = timeout(short, counted(&counts, "again", long)).await;
    *counts.lock().unwrap().entry("again").or_insert(0) = 0;

    let flags = Mutex::new(BTreeMap::from([(1, false), (2, false)]));
    for id in [1, 2] {
        let _ = timeout(short, swept(&flags, id, long)).await;
    }
    for flag in flags.lock().unwrap().values_mut() {
        *flag = false;
    }
    assert!(flags.lock().unwrap().values().all(|flag| !flag));
    println!("OK");
}
