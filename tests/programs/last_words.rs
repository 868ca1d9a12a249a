//! Two findings that are told only when the program ends: an entry that a dropped future left behind, and work that
//! was given up, came back, and never comes to its own end.

use mapwatch::sync::Mutex;
use mapwatch::task::spawn_blocking;
use mapwatch::HashMap;
use std::sync::{mpsc, Arc};
use std::time::Duration;

type Jobs = Arc<Mutex<HashMap<u32, &'static str>>>;

async fn claimed(claims: Jobs, id: u32) {
    claims.lock().unwrap().insert(id, "claimed");
    tokio::time::sleep(Duration::from_secs(30)).await;
    claims.lock().unwrap().remove(&id);
}

async fn leave_an_entry(claims: &Jobs) {
    let _ = tokio::time::timeout(Duration::from_millis(1), claimed(claims.clone(), 1)).await;
    println!("claims: {}", claims.lock().unwrap().len());
}

/// The work goes on when nobody wants it any more, and is still there when the program ends.
async fn give_work_up(jobs: &Jobs, go_on: mpsc::Receiver<()>, came_back: mpsc::Sender<()>) {
    jobs.lock().unwrap().insert(7, "running");
    let own = jobs.clone();
    let work = spawn_blocking(move || {
        go_on.recv().unwrap();
        own.lock().unwrap().insert(7, "done");
        came_back.send(()).unwrap();
        // Nobody ever sends again.
        let _ = go_on.recv();
    });
    if tokio::time::timeout(Duration::from_millis(1), work).await.is_err() {
        jobs.lock().unwrap().remove(&7);
    }
}

fn main() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
    let (claims, jobs) = (Jobs::default(), Jobs::default());
    let (go_on, listens) = mpsc::channel();
    let (tells, came_back) = mpsc::channel();
    runtime.block_on(leave_an_entry(&claims));
    runtime.block_on(give_work_up(&jobs, listens, tells));
    go_on.send(()).unwrap();
    came_back.recv().unwrap();
    runtime.shutdown_background();
    std::process::exit(0);
}
