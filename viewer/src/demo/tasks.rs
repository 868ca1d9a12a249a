//! The scenario `tasks`: a gateway whose tasks end in every way there is.
//!
//! Under one parent, one after the other: tasks that complete, panic, are aborted, time out, lose a `select!`, are
//! never polled, and that nobody can wake any more; three requests of which one panics under a recovery layer while
//! the others go on; tasks that wait behind one that holds a lock; blocking work, threads, scopes. Two live as long
//! as the gateway, and end with its runtime.

use mapwatch::dashmap::DashMap;
use mapwatch::recover::Recovery;
use mapwatch::task::{self, Builder, Watch as _};
use mapwatch::tokio::sync::Mutex;
use mapwatch::{HashMap, Named as _, thread};
use std::future::{Future, pending, poll_fn};
use std::pin::Pin;
use std::sync::Arc;
use std::task::Poll;
use std::time::Duration;
use tokio::sync::oneshot;
use tokio::time::{sleep, timeout};

/// Between two of the gateway's doings.
const PACE: Duration = Duration::from_millis(150);

#[derive(Clone)]
struct Gateway {
    sessions: Arc<DashMap<u64, &'static str>>,
    ledger: Arc<Mutex<HashMap<u64, u64>>>,
}

/// One thing that the gateway does; the number is the round's.
type Doing = fn(Gateway, u64) -> Pin<Box<dyn Future<Output = ()>>>;

/// Runs the gateway until it closes by itself.
///
/// # Errors
///
/// When no runtime or thread can be had.
pub(super) fn run(open_for: Duration) -> std::io::Result<()> {
    let gateway = Gateway {
        sessions: Arc::new(DashMap::new().named("sessions")),
        ledger: Arc::new(Mutex::new(HashMap::new().named("entries")).named("ledger")),
    };
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build()?;
    let (shown, all_shown) = oneshot::channel();
    let local = tokio::task::LocalSet::new();
    local.block_on(&runtime, async {
        let serving = Builder::new().name("gateway").spawn_local(serve(gateway, shown));
        // However slow the machine is, each thing happens once.
        let _ = tokio::join!(sleep(open_for), all_shown);
        serving.abort();
        let _ = serving.await;
    });
    Ok(())
}

async fn serve(gateway: Gateway, shown: oneshot::Sender<()>) {
    Builder::new().name("heartbeat").spawn_local(heartbeat(gateway.clone()));
    Builder::new().name("mailbox").spawn_local(mailbox());
    strand(gateway.clone()).await;
    let doings: [Doing; 9] = [
        |gateway, round| Box::pin(answers(gateway, round)),
        |gateway, round| Box::pin(requests(gateway, round)),
        |_, _| Box::pin(panics()),
        |gateway, _| Box::pin(settlements(gateway)),
        |_, _| Box::pin(is_aborted()),
        |_, _| Box::pin(times_out()),
        |_, _| Box::pin(loses()),
        |_, _| Box::pin(forgets()),
        |_, _| Box::pin(works()),
    ];
    let mut shown = Some(shown);
    for round in 0.. {
        if round == doings.len() as u64
            && let Some(shown) = shown.take()
        {
            let _ = shown.send(());
        }
        doings[round as usize % doings.len()](gateway.clone(), round).await;
        sleep(PACE).await;
    }
}

/// Lives as long as the gateway, and is mostly idle.
async fn heartbeat(gateway: Gateway) {
    for beat in 0.. {
        gateway.sessions.insert(beat % 8, "alive");
        sleep(Duration::from_millis(100)).await;
    }
}

/// Waits for mail that does not come; somebody could still send it.
async fn mailbox() {
    let (_address, mut letters) = tokio::sync::mpsc::channel::<()>(1);
    let _ = letters.recv().await;
}

/// One task that nobody can wake any more, and one that is not even dropped.
async fn strand(gateway: Gateway) {
    let stranded = async move {
        gateway.sessions.insert(41, "waits for an answer");
        pending::<()>().await;
    };
    Builder::new().name("stranded").spawn_local(stranded);
    let mut lost = Box::pin(pending::<()>().watched("lost"));
    poll_fn(|cx| Poll::Ready(lost.as_mut().poll(cx).is_pending())).await;
    std::mem::forget(lost);
}

/// Two tasks that complete.
async fn answers(gateway: Gateway, round: u64) {
    let answer = |key| {
        let sessions = Arc::clone(&gateway.sessions);
        async move {
            sessions.insert(key, "answered");
            sleep(Duration::from_millis(60)).await;
            sessions.remove(&key);
        }
    };
    let first = Builder::new().name("answer").spawn_local(answer(100 + round));
    let second = Builder::new().name("answer").spawn_local(answer(200 + round));
    let _ = tokio::join!(first, second);
}

/// Three requests at once; the one in the middle panics, and the others never learn of it.
async fn requests(gateway: Gateway, round: u64) {
    let request = |number: u64, path: &'static str| {
        let sessions = Arc::clone(&gateway.sessions);
        let layer =
            Recovery::new("request").field("id", 3 * round + number).field("path", path).redacted("card");
        layer.future(async move {
            sessions.insert(300 + number, "asked");
            sleep(Duration::from_millis(50)).await;
            let priced = price(path);
            sleep(Duration::from_millis(100)).await;
            priced
        })
    };
    let _ = tokio::join!(request(0, "/tea"), request(1, "/coffee"), request(2, "/cocoa"));
}

fn price(path: &str) -> u32 {
    let prices = HashMap::from([("/tea", 3), ("/cocoa", 5)]);
    prices[path]
}

/// A task that panics; whoever joins it learns.
async fn panics() {
    let import = async {
        sleep(Duration::from_millis(40)).await;
        let row = std::hint::black_box("12;x;7");
        let cells: Vec<u32> = row.split(';').map(|cell| cell.parse().expect("a row of numbers")).collect();
        std::hint::black_box(cells);
    };
    let _ = Builder::new().name("import").spawn_local(import).await;
}

/// Two tasks want the ledger; the second waits behind the first.
async fn settlements(gateway: Gateway) {
    let settle = |account, takes| {
        let ledger = Arc::clone(&gateway.ledger);
        async move {
            let mut entries = ledger.lock().await;
            *entries.entry(account).or_insert(0) += 1;
            sleep(takes).await;
        }
    };
    let first = Builder::new().name("settle").spawn_local(settle(1, Duration::from_millis(400)));
    let second = Builder::new().name("reconcile").spawn_local(settle(2, Duration::from_millis(20)));
    let _ = tokio::join!(first, second);
}

/// A task that somebody aborts.
async fn is_aborted() {
    let export = Builder::new().name("export").spawn_local(sleep(Duration::from_secs(3600)));
    sleep(Duration::from_millis(120)).await;
    export.abort();
    let _ = export.await;
}

/// A part of the gateway that takes too long.
async fn times_out() {
    let lookup = sleep(Duration::from_secs(3600)).watched("lookup");
    let _ = timeout(Duration::from_millis(120), lookup).await;
}

/// The slower of two ways to one answer.
async fn loses() {
    let replica = sleep(Duration::from_secs(3600)).watched("replica");
    let primary = sleep(Duration::from_millis(80)).watched("primary");
    tokio::select! {
        () = replica => {}
        () = primary => {}
    }
}

/// A future that is made and never polled.
async fn forgets() {
    drop(sleep(Duration::from_millis(1)).watched("forgotten"));
}

/// Work beside the runtime: on its pool, on threads of its own, in a scope.
async fn works() {
    let digest = Builder::new().name("digest").spawn_blocking(|| {
        task::sync_scope("checksum", || (0..200_000_u64).fold(7_u64, |sum, next| sum.rotate_left(5) ^ next))
    });
    let start = |name: &str, work: fn()| thread::Builder::new().name(name.to_owned()).spawn(work);
    let threads = [
        start("reindex", || std::thread::sleep(Duration::from_millis(80))),
        start("thumbnails", || unimplemented!("pictures without a size")),
    ];
    std::hint::black_box(digest.await.ok());
    for thread in threads.into_iter().flatten() {
        while !thread.is_finished() {
            sleep(Duration::from_millis(10)).await;
        }
        let _ = thread.join();
    }
}
