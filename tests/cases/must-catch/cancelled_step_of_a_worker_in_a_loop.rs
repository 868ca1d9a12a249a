//! PATTERN: a worker works at one job in a select with its commands; each command drops the work that is under way.
//! EXPECT-CATEGORY: leaked-entry
use std::collections::HashMap; // MAP-IMPORT
use std::sync::{Arc, Mutex}; // MAP-IMPORT
use std::time::Duration;
use tokio::sync::mpsc;

struct Worker {
    leases: Arc<Mutex<HashMap<u32, &'static str>>>,
    commands: mpsc::Receiver<u32>,
    job: u32,
}

impl Worker {
    async fn step(leases: &Mutex<HashMap<u32, &'static str>>, job: u32) {
        leases.lock().unwrap().insert(job, "leased"); // SITE-A
        tokio::time::sleep(Duration::from_millis(500)).await;
        leases.lock().unwrap().remove(&job); // SITE-B
    }

    async fn run(mut self) {
        loop {
            tokio::select! {
                command = self.commands.recv() => match command {
                    Some(job) => self.job = job,
                    None => break,
                },
                _ = Self::step(&self.leases, self.job) => self.job += 1,
            }
        }
    }
}

#[tokio::main]
async fn main() {
    let leases = Arc::new(Mutex::new(HashMap::new()));
    let (tx, commands) = mpsc::channel(4);
    let worker = tokio::spawn(Worker { leases: leases.clone(), commands, job: 1 }.run());
    for job in [10, 20, 30] {
        tokio::time::sleep(Duration::from_millis(5)).await;
        tx.send(job).await.unwrap();
    }
    drop(tx);
    worker.await.unwrap();
    println!("leases: {:?}", leases.lock().unwrap().len());
}
