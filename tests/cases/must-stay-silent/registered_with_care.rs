//! CLASS: g   MAP: std Mutex<HashMap> and DashMap
//! PATTERN: removals that find nothing and inserts that come later, correctly: a job that waits until it is registered;
//!   one whose entry is taken out by whoever awaits it; an entry that was cleared and whose job comes to clear it
//!   again; a stale value that is thrown away before the new one is computed; threads that put in and take out
//!   whatever they find.
use dashmap::DashMap; // MAP-IMPORT
use std::collections::HashMap; // MAP-IMPORT
use std::sync::{Arc, Mutex}; // MAP-IMPORT

type Jobs = Arc<Mutex<HashMap<u64, u64>>>;

async fn waits_for_its_registration(jobs: &Jobs, id: u64) {
    let (go, gone) = tokio::sync::oneshot::channel::<()>();
    let own = Arc::clone(jobs);
    let job = tokio::spawn(async move {
        gone.await.unwrap();
        own.lock().unwrap().remove(&id);
    });
    jobs.lock().unwrap().insert(id, id);
    go.send(()).unwrap();
    job.await.unwrap();
}

async fn is_taken_out_by_the_parent(jobs: &Jobs, id: u64) {
    let own = Arc::clone(jobs);
    let job = tokio::spawn(async move {
        own.lock().unwrap().remove(&id);
    });
    tokio::task::yield_now().await;
    jobs.lock().unwrap().insert(id, id);
    job.await.unwrap();
    jobs.lock().unwrap().remove(&id);
}

async fn is_stopped_and_started_again(jobs: &Jobs, id: u64) {
    for _ in 0..2 {
        let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
        let own = Arc::clone(jobs);
        let job = tokio::spawn(async move {
            let _ = stopped.await;
            own.lock().unwrap().remove(&id);
        });
        jobs.lock().unwrap().insert(id, id);
        // Stopped by hand: the job finds nothing to take out.
        jobs.lock().unwrap().remove(&id);
        drop(stop);
        job.await.unwrap();
    }
    jobs.lock().unwrap().insert(id, id);
}

async fn is_computed_anew(cache: &Arc<DashMap<u64, u64>>, id: u64) {
    let own = Arc::clone(cache);
    let job = tokio::spawn(async move {
        own.remove(&id);
        id * 2
    });
    let value = job.await.unwrap();
    cache.insert(id, value);
}

fn whatever_is_there() {
    let map: DashMap<u64, u64> = DashMap::new();
    std::thread::scope(|s| {
        s.spawn(|| {
            for id in 0..200 {
                map.remove(&id);
            }
        });
        for id in 0..200 {
            map.insert(id, id);
        }
    });
}

#[tokio::main(flavor = "current_thread")]
async fn main() {
    let (jobs, cache) = (Jobs::default(), Arc::new(DashMap::new()));
    for id in 0..20 {
        waits_for_its_registration(&jobs, id).await;
        is_taken_out_by_the_parent(&jobs, 100 + id).await;
        is_stopped_and_started_again(&jobs, 200 + id).await;
        is_computed_anew(&cache, id).await;
    }
    whatever_is_there();
    println!("{}", jobs.lock().unwrap().len());
    println!("NO-SYMPTOM");
}
