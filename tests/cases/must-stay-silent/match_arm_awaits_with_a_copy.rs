//! TRAP: locks in scrutinees and conditions whose guards are gone before the arm awaits; async blocks and tokio's
//! owned guards, which may go over an await and to other tasks.
use std::collections::HashMap; // MAP-IMPORT
use std::sync::{Arc, Mutex}; // MAP-IMPORT
use tokio::sync::RwLock; // MAP-IMPORT

#[derive(Default)]
struct State {
    users: Mutex<HashMap<u32, String>>,
    pages: Arc<RwLock<Vec<String>>>,
}

async fn greet(state: &State, id: u32) -> usize {
    let name = state.users.lock().unwrap().get(&id).cloned();
    match name {
        Some(name) => {
            tokio::task::yield_now().await;
            let reader = Arc::clone(&state.pages).read_owned().await;
            let told = tokio::spawn(async move { reader.iter().filter(|page| page.contains(&name)).count() });
            told.await.unwrap()
        }
        None => {
            state.users.lock().unwrap().insert(id, format!("user {id}"));
            let pages = async {
                let mut pages = state.pages.write().await;
                tokio::task::yield_now().await;
                pages.push(format!("a page of user {id}"));
                pages.len()
            };
            pages.await
        }
    }
}

fn main() {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).build().unwrap();
    let state = Arc::new(State::default());
    runtime.block_on(async {
        // Each user has one task, so that nobody comes between its look and its entry.
        let tasks = (0..20).map(|id| {
            let state = Arc::clone(&state);
            tokio::spawn(async move {
                for _ in 0..3 {
                    greet(&state, id).await;
                }
            })
        });
        for task in tasks.collect::<Vec<_>>() {
            task.await.unwrap();
        }
    });
    println!("NO-SYMPTOM");
}
