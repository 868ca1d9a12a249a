//! PATTERN: a job is marked as running in its table, worked on, and marked as done; it is aborted in between, and stays
//!   "running" for ever.
//! EXPECT-CATEGORY: cancelled-mid-update
use dashmap::DashMap; // MAP-IMPORT
use std::sync::Arc;

#[derive(Debug, Clone, Copy, PartialEq)]
enum Status {
    Queued,
    Running,
    Done,
}

struct Job {
    status: Status,
    tries: u32,
}

async fn run(jobs: Arc<DashMap<u64, Job>>, id: u64, work: tokio::sync::oneshot::Receiver<()>) {
    if let Some(mut job) = jobs.get_mut(&id) { // SITE-A
        job.status = Status::Running;
        job.tries += 1;
    }
    let _ = work.await;
    if let Some(mut job) = jobs.get_mut(&id) { // SITE-B
        job.status = Status::Done;
    }
}

#[tokio::main]
async fn main() {
    let jobs = Arc::new(DashMap::new());
    for id in 0..3 {
        jobs.insert(id, Job { status: Status::Queued, tries: 0 });
    }
    let (finish, work) = tokio::sync::oneshot::channel();
    finish.send(()).unwrap();
    tokio::spawn(run(jobs.clone(), 0, work)).await.unwrap();

    let (_keep, work) = tokio::sync::oneshot::channel();
    let task = tokio::spawn(run(jobs.clone(), 1, work));
    while jobs.get(&1).unwrap().status != Status::Running {
        tokio::task::yield_now().await;
    }
    task.abort();
    let _ = task.await;
    for id in 0..3 {
        let job = jobs.get(&id).unwrap();
        println!("{id}: {:?} after {} tries", job.status, job.tries);
    }
}
