//! PATTERN: a job is waited for with a timeout, and taken out of the table when that is over; the job itself still runs
//!   and puts its result in, which nobody will ever take out.
//! EXPECT-CATEGORY: access-after-cancel
use std::collections::HashMap; // MAP-IMPORT
use std::sync::{mpsc, Arc};
use std::sync::Mutex; // MAP-IMPORT
use std::time::Duration;
use tokio::task::spawn_blocking; // MAP-IMPORT

type Jobs = Arc<Mutex<HashMap<u32, &'static str>>>;

async fn run(jobs: &Jobs, id: u32, answer: mpsc::Receiver<()>, told: mpsc::Sender<()>) {
    jobs.lock().unwrap().insert(id, "running");
    let own = jobs.clone();
    let work = spawn_blocking(move || {
        answer.recv().unwrap();
        own.lock().unwrap().insert(id, "done"); // SITE-C
        told.send(()).unwrap();
    });
    let in_time = tokio::time::timeout(Duration::from_millis(2), work).await.is_ok(); // SITE-A
    if !in_time {
        jobs.lock().unwrap().remove(&id); // SITE-B
    }
}

#[tokio::main(flavor = "current_thread")]
async fn main() {
    let jobs = Jobs::default();
    let (go, answer) = mpsc::channel();
    let (told, done) = mpsc::channel();
    run(&jobs, 7, answer, told).await;
    go.send(()).unwrap();
    done.recv().unwrap();
    println!("left: {}", jobs.lock().unwrap().len());
}
