//! PATTERN: updates that are under way when their runtime ends, and tasks that no runtime counts: a `LocalSet`'s, and
//!   blocking work that waits for a future. Nobody was cancelled who had something left to do.
use std::collections::HashMap; // MAP-IMPORT
use std::sync::Arc;
use tokio::sync::Mutex; // MAP-IMPORT
use tokio::runtime::{Builder, Runtime};
use tokio::sync::Notify;

#[derive(Default)]
struct Desk {
    open: Mutex<HashMap<u32, &'static str>>,
    done: Mutex<HashMap<u32, &'static str>>,
    begun: Notify,
    go_on: Notify,
}

/// An update with its second half behind an await.
async fn serve(desk: Arc<Desk>, id: u32) {
    desk.open.lock().await.insert(id, "open");
    desk.begun.notify_one();
    desk.go_on.notified().await;
    desk.open.lock().await.remove(&id);
}

/// The same over two maps.
async fn book(desk: Arc<Desk>, id: u32) {
    desk.open.lock().await.insert(id, "booked");
    desk.begun.notify_one();
    desk.go_on.notified().await;
    desk.done.lock().await.insert(id, "booked");
}

fn runtimes() -> Vec<Runtime> {
    vec![
        Builder::new_multi_thread().worker_threads(2).enable_time().build().unwrap(),
        Builder::new_current_thread().enable_time().build().unwrap(),
    ]
}

/// The map goes with the last block, while the tasks still run.
fn still_running_when_the_map_goes() {
    for runtime in runtimes() {
        runtime.block_on(async {
            let desk = Arc::new(Desk::default());
            tokio::spawn(serve(desk.clone(), 1));
            desk.begun.notified().await;
            tokio::spawn(book(desk.clone(), 2));
            desk.begun.notified().await;
            assert_eq!(desk.open.lock().await.len(), 2);
        });
    }
}

/// The map outlives the runtime, which is dropped, or left to end by itself; another runtime comes after it.
fn the_runtime_goes_first() {
    let desk = Arc::new(Desk::default());
    for (id, runtime) in runtimes().into_iter().enumerate() {
        runtime.block_on(async {
            tokio::spawn(serve(desk.clone(), id as u32 + 10));
            desk.begun.notified().await;
        });
        drop(runtime);
    }
    for (id, runtime) in runtimes().into_iter().enumerate() {
        runtime.block_on(async {
            tokio::spawn(book(desk.clone(), id as u32 + 20));
            desk.begun.notified().await;
        });
        runtime.shutdown_background();
    }
    println!("left: {}", desk.open.blocking_lock().len());
}

/// A task of a `LocalSet`, while the runtime itself has none.
fn a_task_of_a_local_set() {
    let runtime = Builder::new_current_thread().enable_time().build().unwrap();
    let local = tokio::task::LocalSet::new();
    local.block_on(&runtime, async {
        let desk = Arc::new(Desk::default());
        let task = tokio::task::spawn_local(serve(desk.clone(), 1));
        desk.begun.notified().await;
        assert_eq!(desk.open.lock().await.len(), 1);
        desk.go_on.notify_one();
        task.await.unwrap();
        assert!(desk.open.lock().await.is_empty());
    });
}

/// Blocking work that waits for a future of its own.
fn blocking_work() {
    for runtime in runtimes() {
        let desk = Arc::new(Desk::default());
        runtime.block_on(async {
            let (handle, own) = (tokio::runtime::Handle::current(), desk.clone());
            let work = tokio::task::spawn_blocking(move || handle.block_on(serve(own, 1)));
            desk.begun.notified().await;
            assert_eq!(desk.open.lock().await.len(), 1);
            desk.go_on.notify_one();
            work.await.unwrap();
            assert!(desk.open.lock().await.is_empty());
        });
    }
}

/// The map is taken out of its lock and dropped, and the tasks that have entries in it go on with another one.
fn drained_while_they_run() {
    for runtime in runtimes() {
        runtime.block_on(async {
            let desk = Arc::new(Desk::default());
            let task = tokio::spawn(serve(desk.clone(), 1));
            desk.begun.notified().await;
            let drained = std::mem::take(&mut *desk.open.lock().await);
            assert_eq!(drained.into_keys().count(), 1);
            desk.go_on.notify_one();
            task.await.unwrap();
            assert!(desk.open.lock().await.is_empty());
        });
    }
}

/// The runtime's own tasks are many, and each of them comes to its end while others come and go.
fn many_come_and_go() {
    for runtime in runtimes() {
        runtime.block_on(async {
            let desk = Arc::new(Desk::default());
            for round in 0..20 {
                let tasks: Vec<_> = (0..4).map(|id| tokio::spawn(serve(desk.clone(), round * 4 + id))).collect();
                for _ in 0..10 {
                    let _ = desk.open.lock().await.len();
                    tokio::task::yield_now().await;
                }
                while !tasks.iter().all(|task| task.is_finished()) {
                    desk.go_on.notify_one();
                    tokio::task::yield_now().await;
                }
            }
            assert!(desk.open.lock().await.is_empty());
        });
    }
}

fn main() {
    still_running_when_the_map_goes();
    the_runtime_goes_first();
    a_task_of_a_local_set();
    blocking_work();
    drained_while_they_run();
    many_come_and_go();
}
