//! Whoever times a call out takes its entry away; others are joined, lent to a loop, or end with the runtime.
use dashmap::DashMap; // MAP-IMPORT
use std::future::pending;
use std::sync::Arc;
use std::time::Duration;

type Flights = Arc<DashMap<u32, &'static str>>;

async fn fetch(flights: Flights, id: u32, answer: impl std::future::Future<Output = ()>) {
    flights.insert(id, "in flight");
    answer.await;
    flights.remove(&id);
}

/// Keeps the answer where the call succeeds; takes it back where it does not.
async fn keep(flights: Flights, id: u32, good: bool) {
    flights.insert(id, "kept");
    tokio::task::yield_now().await;
    if !good {
        flights.remove(&id);
    }
}

/// When it began, and what came of it: two tables that need not agree.
async fn result(began: Flights, results: Flights, id: u32, answer: impl std::future::Future<Output = ()>) {
    began.insert(id, "now");
    let answer = {
        answer.await;
        "answer"
    };
    results.insert(id, answer);
}

#[tokio::main(flavor = "current_thread")]
async fn main() {
    let flights = Flights::default();
    for id in 0..10 {
        let call = fetch(flights.clone(), id, pending());
        if tokio::time::timeout(Duration::from_millis(1), call).await.is_err() {
            flights.remove(&id);
        }
    }
    let kept = Flights::default();
    keep(kept.clone(), 1, false).await;
    keep(kept.clone(), 2, true).await;
    let task = tokio::spawn(keep(kept.clone(), 3, true));
    task.await.unwrap();

    let (began, results) = (Flights::default(), Flights::default());
    let slow = result(began.clone(), results.clone(), 1, pending());
    let _ = tokio::time::timeout(Duration::from_millis(1), slow).await;
    result(began.clone(), results.clone(), 2, std::future::ready(())).await;
    assert_eq!((began.len(), results.len()), (2, 1));

    // The same future, looked at now and then while others go on.
    let lent = Flights::default();
    let (tell, told) = tokio::sync::oneshot::channel::<()>();
    let mut long = Box::pin(fetch(lent.clone(), 1, async { told.await.unwrap() }));
    for _ in 0..3 {
        let _ = tokio::time::timeout(Duration::from_millis(1), &mut long).await;
        assert_eq!(lent.len(), 1);
    }
    tell.send(()).unwrap();
    tokio::join!(long, fetch(lent.clone(), 2, tokio::task::yield_now()));
    assert_eq!(lent.len(), 0);

    // Two branches of one `select!`, each with its entry, and a loop that looks in between.
    let mut one = Box::pin(fetch(lent.clone(), 1, pending()));
    for _ in 0..3 {
        tokio::select! {
            biased;
            () = &mut one => unreachable!(),
            () = fetch(lent.clone(), 2, tokio::task::yield_now()) => {}
        }
        assert_eq!(lent.len(), 1);
    }
    drop(one);
    lent.remove(&1);

    // Still on their way when the program ends.
    for id in 0..5 {
        tokio::spawn(fetch(lent.clone(), id, pending()));
    }
    let local = tokio::task::LocalSet::new();
    local.spawn_local(fetch(kept.clone(), 4, pending()));
    local.run_until(tokio::task::yield_now()).await;
    assert_eq!((lent.len(), kept.len()), (5, 3));
    assert!(flights.is_empty());
    println!("OK");
}
