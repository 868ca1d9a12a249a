//! PATTERN: two changes of one entry with an await between them that are no update: other parts, other keys, a check
//!   whether it is still one's own, an end that a spawned task brings about, a future that is kept and goes on.
use dashmap::DashMap; // MAP-IMPORT
use std::collections::HashMap; // MAP-IMPORT
use std::sync::{Arc, Mutex}; // MAP-IMPORT
use std::time::Duration;
use tokio::time::{sleep, timeout};

#[derive(Default, Clone)]
struct Account {
    open: u32,
    closed: u32,
    busy: bool,
    wanted: bool,
    owner: Option<u32>,
}

type Accounts = Arc<DashMap<u32, Account>>;

/// One is counted up, another one down.
async fn moved(accounts: Accounts, from: u32, to: u32, wait: Duration) {
    accounts.get_mut(&from).unwrap().open += 1;
    sleep(wait).await;
    accounts.get_mut(&to).unwrap().open -= 1;
    accounts.get_mut(&from).unwrap().closed += 1;
}

/// What is wanted stays wanted until somebody gets it.
async fn wanted(accounts: Accounts, id: u32, wait: Duration) {
    accounts.get_mut(&id).unwrap().wanted = true;
    sleep(wait).await;
    accounts.get_mut(&id).unwrap().wanted = false;
}

/// Cancel-safe: the work and its end are a task's, which its caller does not stop.
async fn spawned(accounts: Accounts, id: u32) {
    let task = tokio::spawn(async move {
        accounts.get_mut(&id).unwrap().busy = true;
        sleep(Duration::from_millis(10)).await;
        accounts.get_mut(&id).unwrap().busy = false;
    });
    task.await.unwrap();
}

/// The owner is taken off by whoever finds it there.
async fn owned(accounts: Accounts, id: u32, me: u32, wait: Duration) {
    accounts.get_mut(&id).unwrap().owner = Some(me);
    sleep(wait).await;
    let mut account = accounts.get_mut(&id).unwrap();
    if account.owner == Some(me) {
        account.owner = None;
    }
}

/// A future that is looked at now and then, and comes to its end.
async fn patient(open: Arc<Mutex<HashMap<u32, u32>>>, id: u32, answer: impl std::future::Future<Output = ()>) {
    *open.lock().unwrap().entry(id).or_insert(0) += 1;
    answer.await;
    if let Some(count) = open.lock().unwrap().get_mut(&id) {
        *count -= 1;
    }
}

/// At most two at a time, and one of a kind: who is refused has changed nothing.
async fn limited(open: Arc<Mutex<HashMap<u32, u32>>>, accounts: Accounts, id: u32, wait: Duration) -> bool {
    {
        let mut open = open.lock().unwrap();
        let count = open.entry(id).or_insert(0);
        if *count >= 2 {
            return false;
        }
        *count += 1;
    }
    {
        let mut account = accounts.get_mut(&id).unwrap();
        if !account.busy {
            account.busy = true;
        }
    }
    sleep(wait).await;
    accounts.get_mut(&id).unwrap().busy = false;
    *open.lock().unwrap().get_mut(&id).unwrap() -= 1;
    true
}

#[tokio::main(flavor = "current_thread")]
async fn main() {
    let (short, long) = (Duration::from_millis(2), Duration::from_secs(60));
    let accounts = Accounts::default();
    for id in 0..5 {
        accounts.insert(id, Account { open: 2, ..Account::default() });
    }
    let _ = timeout(short, moved(accounts.clone(), 0, 1, long)).await;
    let _ = timeout(short, wanted(accounts.clone(), 2, long)).await;
    let _ = timeout(short, spawned(accounts.clone(), 3)).await;
    let _ = timeout(short, owned(accounts.clone(), 4, 1, long)).await;
    while accounts.get(&3).unwrap().busy {
        sleep(Duration::from_millis(1)).await;
    }
    let open = Arc::new(Mutex::new(HashMap::new()));
    let mut one = Box::pin(patient(open.clone(), 1, sleep(Duration::from_millis(20))));
    while timeout(Duration::from_millis(3), &mut one).await.is_err() {
        assert_eq!(open.lock().unwrap()[&1], 1);
        patient(open.clone(), 1, std::future::ready(())).await;
    }
    let many = (0..6).map(|_| tokio::spawn(limited(open.clone(), accounts.clone(), 3, Duration::from_millis(4))));
    let mut served = 0;
    for one in many.collect::<Vec<_>>() {
        served += usize::from(one.await.unwrap());
    }
    assert!(served >= 2);
    let refused = tokio::join!(
        limited(open.clone(), accounts.clone(), 4, Duration::from_millis(4)),
        limited(open.clone(), accounts.clone(), 4, Duration::from_millis(4)),
        limited(open.clone(), accounts.clone(), 4, Duration::ZERO)
    );
    assert!(!refused.2);
    // Begun by one, and ended by the task that it was given to.
    let (tell, told) = tokio::sync::oneshot::channel::<()>();
    let mut other = Box::pin(patient(open.clone(), 2, async { told.await.unwrap() }));
    let _ = timeout(Duration::ZERO, &mut other).await;
    assert_eq!(open.lock().unwrap()[&2], 1);
    tell.send(()).unwrap();
    tokio::spawn(other).await.unwrap();
    assert!(open.lock().unwrap().values().all(|count| *count == 0));
    println!("OK");
}
