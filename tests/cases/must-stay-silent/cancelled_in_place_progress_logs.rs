//! PATTERN: how far each transfer came is written down as it goes, and the last thing that was written stands, whether
//!   it was cancelled or not: steps, numbers, texts, times.
use std::collections::HashMap; // MAP-IMPORT
use dashmap::DashMap; // MAP-IMPORT
use tokio::sync::RwLock; // MAP-IMPORT
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::time::{sleep, timeout};

#[derive(Debug, Clone, Copy, PartialEq)]
enum Step {
    Waiting,
    Connecting,
    Sending,
    Closing,
    Finished,
}

struct Transfer {
    step: Step,
    percent: u8,
    touched: Instant,
}

type Log = Arc<DashMap<u32, Transfer>>;

async fn transfer(log: Log, id: u32, wait: Duration) {
    log.insert(id, Transfer { step: Step::Waiting, percent: 0, touched: Instant::now() });
    sleep(Duration::ZERO).await;
    log.get_mut(&id).unwrap().step = Step::Connecting;
    sleep(wait).await;
    log.get_mut(&id).unwrap().step = Step::Sending;
    for percent in [20, 60, 100] {
        let mut transfer = log.get_mut(&id).unwrap();
        transfer.percent = percent;
        transfer.touched = Instant::now();
        drop(transfer);
        sleep(wait).await;
    }
    log.get_mut(&id).unwrap().step = Step::Closing;
    sleep(wait).await;
    log.get_mut(&id).unwrap().step = Step::Finished;
}

/// What is said of it, in words and by numbers.
async fn told(lines: Arc<RwLock<HashMap<u32, (String, u32)>>>, id: u32, wait: Duration) {
    lines.write().await.insert(id, ("begun".to_owned(), 0));
    sleep(wait).await;
    lines.write().await.get_mut(&id).unwrap().1 = 1;
    sleep(wait).await;
    lines.write().await.get_mut(&id).unwrap().1 = 2;
    lines.write().await.get_mut(&id).unwrap().0 = "ended".to_owned();
}

async fn seen(last: &DashMap<&'static str, Instant>, who: &'static str, wait: Duration) {
    *last.entry(who).or_insert_with(Instant::now) = Instant::now();
    sleep(wait).await;
    *last.get_mut(who).unwrap() = Instant::now();
}

#[tokio::main]
async fn main() {
    let log = Log::default();
    let (short, long) = (Duration::from_millis(4), Duration::from_secs(60));
    transfer(log.clone(), 0, Duration::ZERO).await;
    for id in 1..4 {
        let _ = timeout(short, transfer(log.clone(), id, long)).await;
    }
    let task = tokio::spawn(transfer(log.clone(), 4, long));
    while !log.contains_key(&4) {
        tokio::task::yield_now().await;
    }
    task.abort();
    let _ = task.await;
    let lines = Arc::new(RwLock::new(HashMap::new()));
    let _ = timeout(short, told(lines.clone(), 1, long)).await;
    let last = DashMap::new();
    let _ = timeout(short, seen(&last, "me", long)).await;
    assert_eq!(log.get(&0).unwrap().step, Step::Finished);
    assert_eq!(lines.read().await[&1].0, "begun");
    println!("{} transfers", log.len());
}
