//! tokio's locks: tasks that wait for themselves, or for each other in a circle; and those that only seem to.

use super::findings::{collect, found};
use mapwatch::tokio::sync::checked::{Mutex, RwLock};
use mapwatch::{Category, Named, Policy};
use std::sync::Arc;
use std::time::Duration;
use tokio::runtime::{Builder, Runtime};

const SHORT: Duration = Duration::from_millis(5);

fn runtime() -> Runtime {
    Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap()
}

#[test]
fn a_task_that_waits_for_its_own_guard() {
    collect(Policy::Panic);
    let mutex = Arc::new(Mutex::new(1).named("own_guard"));
    let task = async move {
        let first = mutex.lock().await;
        let second = mutex.lock().await;
        *first + *second
    };
    let ended = runtime().block_on(async { tokio::spawn(task).await });
    assert!(ended.unwrap_err().is_panic());
    let all = found("own_guard");
    assert_eq!((all.len(), all[0].category), (1, Category::SelfDeadlock), "{all:#?}");
    let lines: Vec<_> = all[0].sides.iter().map(|side| side.site.line).collect();
    assert_eq!(lines[0] + 1, lines[1]);
}

/// Takes `first`, lets the other task take its own, and then takes `second`.
async fn across(first: &RwLock<u32>, second: &RwLock<u32>, both: &tokio::sync::Barrier) -> u32 {
    let first = first.write().await;
    both.wait().await;
    *first + *second.read().await
}

#[test]
fn two_tasks_in_both_orders() {
    collect(Policy::Panic);
    let locks = Arc::new([1, 2].map(|value| RwLock::new(value).named("tasks_abba")));
    let both = Arc::new(tokio::sync::Barrier::new(2));
    let ended = runtime().block_on(async {
        let tasks = [(0, 1), (1, 0)].map(|(first, second)| {
            let (locks, both) = (Arc::clone(&locks), Arc::clone(&both));
            tokio::spawn(async move { across(&locks[first], &locks[second], &both).await })
        });
        let mut ended = Vec::new();
        for task in tasks {
            ended.push(task.await);
        }
        ended
    });
    assert_eq!(ended.iter().filter(|ended| ended.is_err()).count(), 1);
    let deadlocks = found("tasks_abba").iter().filter(|found| found.category == Category::Deadlock).count();
    assert_eq!(deadlocks, 1);
}

#[test]
fn whoever_gives_up_waits_for_ever_for_nobody() {
    collect(Policy::Panic);
    let mutex = Mutex::new(1).named("gives_up");
    runtime().block_on(async {
        let first = mutex.lock().await;
        assert!(tokio::time::timeout(SHORT, mutex.lock()).await.is_err());
        tokio::select! {
            _ = mutex.lock() => panic!("it is held"),
            () = tokio::time::sleep(SHORT) => {}
        }
        assert_eq!(*first, 1);
    });
    assert_eq!(found("gives_up").len(), 0, "{:#?}", found("gives_up"));
}

#[test]
fn a_guard_that_goes_to_another_task_is_its() {
    collect(Policy::Panic);
    let permit = Arc::new(Mutex::new(()).named("permit"));
    let task = async move {
        for _ in 0..5 {
            let guard = permit.clone().lock_owned().await;
            tokio::spawn(async move {
                tokio::time::sleep(SHORT).await;
                drop(guard);
            });
        }
    };
    runtime().block_on(async { tokio::spawn(task).await.unwrap() });
    assert_eq!(found("permit").len(), 0, "{:#?}", found("permit"));
}

#[test]
fn two_futures_of_one_task_take_turns() {
    collect(Policy::Panic);
    let lock = Arc::new(RwLock::new(0).named("take_turns"));
    let step = async |lock: &RwLock<u32>| {
        for _ in 0..20 {
            let mut value = lock.write().await;
            tokio::task::yield_now().await;
            *value += 1;
        }
    };
    runtime().block_on(async {
        tokio::join!(step(&lock), step(&lock));
        let tasks: Vec<_> = (0..8)
            .map(|_| {
                let lock = Arc::clone(&lock);
                tokio::spawn(async move {
                    for _ in 0..20 {
                        *lock.write().await += 1;
                        tokio::task::yield_now().await;
                        let _ = *lock.read().await;
                    }
                })
            })
            .collect();
        for task in tasks {
            task.await.unwrap();
        }
    });
    assert_eq!((*lock.blocking_read(), found("take_turns").len()), (200, 0));
}
