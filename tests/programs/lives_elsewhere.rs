//! Lives under an executor that is not tokio's, and threads: each ends in another way, under a name that says which.

use async_executor::Executor;
use futures_lite::future::{block_on, or, yield_now, FutureExt};
use mapwatch::task::{self, Watch};
use mapwatch::thread;
use std::future::{pending, ready};
use std::panic::AssertUnwindSafe;
use std::sync::mpsc;

fn tasks() {
    let executor = Executor::new();
    let spawned = |name| executor.spawn(pending::<()>().watched(name));
    let ticks = || while executor.try_tick() {};
    block_on(executor.run(executor.spawn(yield_now().watched("completes"))));

    let panics = executor.spawn(async { panic!("the shelf is wrong") }.watched("panics"));
    let caught: Result<(), _> = block_on(executor.run(AssertUnwindSafe(panics).catch_unwind()));
    caught.unwrap_err();

    let dropped = spawned("dropped");
    ticks();
    drop(dropped); // DROPPED
    ticks();

    let race = or(pending::<()>().watched("loses"), ready(()));
    block_on(executor.run(executor.spawn(race.watched("race"))));

    drop(spawned("never-polled"));
    ticks();

    let mut leaks = Box::pin(pending::<()>().watched("leaks"));
    block_on(futures_lite::future::poll_once(leaks.as_mut()));
    std::mem::forget(leaks);

    // Still there when the executor goes: somebody could wake it, and nobody does.
    let (tell, told) = tokio::sync::oneshot::channel::<()>();
    executor.spawn(async { _ = told.await }.watched("shut-down")).detach();
    ticks();
    drop(executor);
    drop(tell);
    task::sync_scope("scope", || {});
}

fn main() {
    tasks();
    let start = |name: &str, act: fn()| thread::Builder::new().name(name.to_owned()).spawn(act).unwrap();
    start("thread-completes", || {}).join().unwrap();
    start("thread-panics", || panic!("over")).join().unwrap_err();
    thread::scope(|scope| {
        let scoped = thread::Builder::new().name("thread-scoped".to_owned());
        scoped.spawn_scoped(&scope, || {}).unwrap();
        let dies = thread::Builder::new().name("thread-scoped-panics".to_owned());
        dies.spawn_scoped(&scope, || panic!("over")).unwrap().join().unwrap_err();
    });
    // Detached, and still running when the program ends.
    let (tell, told) = mpsc::channel();
    let running = thread::Builder::new().name("thread-runs-on".to_owned()).spawn(move || {
        tell.send(()).unwrap();
        loop {
            thread::park();
        }
    });
    drop(running.unwrap());
    told.recv().unwrap();
}
