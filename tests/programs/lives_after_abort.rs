//! Work that an abort cannot stop, work that a token stops, and sets that are aborted: each under a name that says which.

use mapwatch::task::{self, Builder, JoinSet, Watch};
use std::future::pending;
use std::sync::mpsc;
use tokio_util::sync::CancellationToken;

/// Blocking work that says when it has begun, and ends when it is told to.
fn blocking() -> (impl FnOnce() + Send + 'static, mpsc::Receiver<()>, mpsc::Sender<()>) {
    let ((begin, begun), (end, ended)) = (mpsc::channel(), mpsc::channel::<()>());
    let work = move || {
        begin.send(()).unwrap();
        ended.recv().unwrap();
    };
    (work, begun, end)
}

async fn lives() {
    let (work, begun, end) = blocking();
    let aborted = Builder::new().name("blocks").spawn_blocking(work);
    begun.recv().unwrap();
    aborted.abort(); // ABORT
    end.send(()).unwrap();
    aborted.await.unwrap();

    let mut set = JoinSet::new();
    let (work, begun, end) = blocking();
    set.spawn_blocking(move || task::sync_scope("blocks in a set", work));
    begun.recv().unwrap();
    // There is one thread for blocking work: this one waits for it, and never begins.
    set.spawn_blocking(|| unreachable!());
    set.spawn(pending().watched("in a set"));
    task::yield_now().await;
    set.abort_all(); // ABORT-ALL
    end.send(()).unwrap();
    while set.join_next().await.is_some() {}

    let mut set = JoinSet::new();
    set.spawn(pending::<()>());
    task::yield_now().await;
    set.shutdown().await; // SHUTDOWN

    let (work, begun, end) = blocking();
    let runs_on = Builder::new().name("runs on").spawn_blocking(work);
    begun.recv().unwrap();
    runs_on.abort(); // TOO-LATE
    std::mem::forget(end);

    let token = CancellationToken::new();
    let listens = |token: CancellationToken, name| async move {
        tokio::select! {
            () = pending::<()>().watched(name) => unreachable!(),
            () = token.cancelled() => {}
        }
    };
    let asks = Builder::new().name("asks its token").spawn(listens(token.clone(), "select with a token"));
    let own = token.clone();
    let until = async move { own.run_until_cancelled(pending::<()>().watched("until cancelled")).await };
    let until = Builder::new().name("goes on").spawn(until);
    task::yield_now().await;
    token.cancel();
    asks.await.unwrap();
    assert!(until.await.unwrap().is_none());
}

fn main() {
    let runtime =
        tokio::runtime::Builder::new_current_thread().enable_all().max_blocking_threads(1).build().unwrap();
    runtime.block_on(lives());
    runtime.shutdown_background();
}
