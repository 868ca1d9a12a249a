//! TRAP: guards of blocking locks in async code, each gone before the `.await`.
use dashmap::DashMap; // MAP-IMPORT
use std::collections::HashMap; // MAP-IMPORT
use std::sync::Arc;
use std::sync::{Mutex, RwLock}; // MAP-IMPORT

#[derive(Default)]
struct App {
    hits: Mutex<HashMap<u32, u32>>,
    flags: RwLock<Vec<bool>>,
    users: DashMap<u32, String>,
}

async fn handle(app: Arc<App>, id: u32) -> usize {
    {
        let mut hits = app.hits.lock().unwrap();
        *hits.entry(id % 5).or_default() += 1;
    }
    tokio::task::yield_now().await;
    let flagged = app.flags.read().unwrap().first().copied().unwrap_or(false);
    tokio::task::yield_now().await;
    let length = app.users.get(&(id % 3)).map_or(0, |user| user.len());
    tokio::task::yield_now().await;
    if length == 0 || flagged {
        app.users.entry(id % 3).or_insert_with(|| "new".to_owned()).push('x');
    }
    app.flags.write().unwrap().push(false);
    tokio::join!(later(&app, id), later(&app, id + 1)).0
}

async fn later(app: &App, id: u32) -> usize {
    let before = app.users.len();
    tokio::task::yield_now().await;
    let name = app.users.get(&(id % 3)).map(|user| user.clone());
    tokio::task::yield_now().await;
    before + name.map_or(0, |name| name.len())
}

#[tokio::main(flavor = "multi_thread", worker_threads = 2)]
async fn main() {
    let app = Arc::new(App::default());
    let tasks: Vec<_> = (0..60).map(|id| tokio::spawn(handle(app.clone(), id))).collect();
    for task in tasks {
        task.await.unwrap();
    }
    let local = tokio::task::LocalSet::new();
    let own = app.clone();
    local.run_until(async move { tokio::task::spawn_local(handle(own, 1)).await.unwrap() }).await;
}
