//! Tasks, threads and scopes that end in every way there is, each under a name that says which.

use mapwatch::task::{self, Builder, JoinSet, Watch};
use mapwatch::tokio::sync as locks;
use mapwatch::{sync::Mutex, HashMap, Named};
use std::future::{pending, Future};
use std::sync::Arc;
use std::time::Duration;

async fn lives() {
    Builder::new().name("completes").spawn(tokio::task::yield_now()).await.unwrap();
    let map = Arc::new(Mutex::new(HashMap::from([(1, 1)]).named("stock")).named("shelf"));
    let panics = Builder::new().name("panics").spawn(task::scope("request 42", async move {
        let guard = map.lock().unwrap();
        assert_eq!(guard[&1], 2, "the shelf is wrong");
    }));
    panics.await.unwrap_err();

    let aborted = Builder::new().name("aborted").spawn(pending::<()>());
    tokio::task::yield_now().await;
    aborted.abort(); // ABORT
    aborted.await.unwrap_err();

    let (till, carts) = (locks::Mutex::new(1).named("till"), Arc::new(locks::Mutex::new(2).named("carts")));
    let (mine, wanted) = (carts.lock().await, Arc::clone(&carts));
    let gives_up = Builder::new().name("gives-up").spawn(async move {
        let mut till = till.lock().await; // HELD
        *till += *wanted.lock().await; // WANTED
    });
    tokio::task::yield_now().await;
    gives_up.abort();
    gives_up.await.unwrap_err();
    drop(mine);

    let slow = tokio::time::sleep(Duration::from_secs(3600)).watched("times-out");
    let timeout = tokio::time::timeout(Duration::from_millis(1), slow).await; // TIMEOUT
    timeout.unwrap_err();

    let (tell, told) = tokio::sync::oneshot::channel::<()>();
    drop(tell);
    tokio::select! {
        biased;
        () = pending::<()>().watched("loses") => unreachable!(),
        _ = told => {}
    }

    drop(pending::<()>().watched("never-polled"));

    // Nobody keeps this one's waker, and nobody ever drops it.
    let mut leaks = Box::pin(pending::<()>().watched("leaks"));
    let polled = std::future::poll_fn(|cx| std::task::Poll::Ready(leaks.as_mut().poll(cx).is_pending()));
    assert!(polled.await);
    std::mem::forget(leaks);

    let mut set = JoinSet::new();
    set.spawn(pending::<()>().watched("in-a-set"));
    tokio::task::yield_now().await;
    drop(set);
    tokio::task::yield_now().await;

    Builder::new().name("blocks").spawn_blocking(|| 7).await.unwrap();
    task::sync_scope("scope", || {});
    // Still there when the runtime goes: somebody could wake it, and nobody does.
    let (tell, told) = tokio::sync::oneshot::channel::<()>();
    Builder::new().name("shut-down").spawn(told);
    tokio::task::yield_now().await;
    Builder::new().name("stranded").spawn(pending::<()>());
    tokio::task::yield_now().await;
    std::mem::forget(tell);
}

fn main() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(lives());
    drop(runtime);
    mapwatch::thread::Builder::new().name("thread".to_owned()).spawn(|| {}).unwrap().join().unwrap();
    let dies = mapwatch::thread::Builder::new().name("thread-panics".to_owned()).spawn(|| panic!("over"));
    dies.unwrap().join().unwrap_err();
}
