//! PATTERN: a job that was interrupted while it said "running" is taken up again, by the same worker or by another one,
//!   and then comes to its end; what was in flight when the program ends was not cancelled by anybody.
use dashmap::DashMap; // MAP-IMPORT
use std::collections::HashMap; // MAP-IMPORT
use std::sync::Mutex; // MAP-IMPORT
use std::sync::Arc;
use std::time::Duration;
use tokio::time::{sleep, timeout};

#[derive(Debug, Clone, Copy, PartialEq)]
enum Status {
    New,
    Running,
    Done,
}

type Jobs = Arc<DashMap<u32, Status>>;

async fn run(jobs: Jobs, id: u32, wait: Duration) {
    *jobs.get_mut(&id).unwrap() = Status::Running;
    sleep(wait).await;
    *jobs.get_mut(&id).unwrap() = Status::Done;
}

/// Until it comes through.
async fn retried(jobs: Jobs, id: u32) {
    for wait in [60_000, 60_000, 0] {
        if timeout(Duration::from_millis(2), run(jobs.clone(), id, Duration::from_millis(wait))).await.is_ok() {
            break;
        }
    }
}

/// Another worker looks for what was left.
async fn takes_over(jobs: Jobs) {
    let left: Vec<u32> =
        jobs.iter().filter(|job| *job.value() == Status::Running).map(|job| *job.key()).collect();
    for id in left {
        *jobs.get_mut(&id).unwrap() = Status::New;
        run(jobs.clone(), id, Duration::ZERO).await;
    }
}

async fn counted(open: Arc<Mutex<HashMap<u32, u32>>>, id: u32, wait: Duration) {
    *open.lock().unwrap().entry(id).or_insert(0) += 1;
    sleep(wait).await;
    *open.lock().unwrap().entry(id).or_insert(0) -= 1;
}

#[tokio::main(flavor = "multi_thread", worker_threads = 2)]
async fn main() {
    let jobs = Jobs::default();
    for id in 0..4 {
        jobs.insert(id, Status::New);
    }
    retried(jobs.clone(), 0).await;
    let task = tokio::spawn(run(jobs.clone(), 1, Duration::from_secs(60)));
    while *jobs.get(&1).unwrap() != Status::Running {
        tokio::task::yield_now().await;
    }
    task.abort();
    let _ = task.await;
    tokio::spawn(takes_over(jobs.clone())).await.unwrap();
    assert!(jobs.iter().all(|job| *job.value() != Status::Running));

    // Many at one count, each for itself, in turn and at a time.
    let open = Arc::new(Mutex::new(HashMap::new()));
    let tasks: Vec<_> = (0..8)
        .map(|number| tokio::spawn(counted(open.clone(), number % 2, Duration::from_millis(u64::from(number)))))
        .collect();
    for task in tasks {
        task.await.unwrap();
    }
    tokio::join!(
        counted(open.clone(), 5, Duration::from_millis(1)),
        counted(open.clone(), 5, Duration::from_millis(2)),
        counted(open.clone(), 5, Duration::ZERO)
    );
    assert!(open.lock().unwrap().values().all(|count| *count == 0));

    // Still on their way.
    tokio::spawn(counted(open.clone(), 6, Duration::from_secs(60)));
    tokio::spawn(run(jobs.clone(), 2, Duration::from_secs(60)));
    while *jobs.get(&2).unwrap() != Status::Running || !open.lock().unwrap().contains_key(&6) {
        tokio::task::yield_now().await;
    }
    println!("OK");
}
