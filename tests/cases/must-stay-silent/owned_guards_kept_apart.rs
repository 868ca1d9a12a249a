//! TRAP: owned guards in structs, options, lists, helpers and accessors, all of which end or leave before the same
//! task locks again.
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::{mpsc, oneshot, Mutex, OwnedMutexGuard, OwnedRwLockReadGuard, RwLock}; // MAP-IMPORT

type Lock = Arc<Mutex<Vec<u32>>>;

struct Session {
    rows: OwnedMutexGuard<Vec<u32>>,
}

async fn begin(lock: &Lock) -> Session {
    Session { rows: lock.clone().lock_owned().await }
}

async fn keep(session: Session) {
    tokio::time::sleep(Duration::from_millis(15)).await;
    drop(session);
}

/// The struct goes to another task.
async fn session_is_spawned(lock: &Lock) {
    let mut session = begin(lock).await;
    session.rows.push(1);
    let kept = tokio::spawn(keep(session));
    lock.lock().await.push(2);
    kept.await.unwrap();
}

/// The struct is sent, by a helper of the program's own.
async fn session_is_handed_over(lock: &Lock) {
    let (sender, mut receiver) = mpsc::unbounded_channel::<Session>();
    let keeper = tokio::spawn(async move {
        while let Some(session) = receiver.recv().await {
            keep(session).await;
        }
    });
    let hand_over = |session| sender.send(session).ok();
    for _ in 0..3 {
        let session = begin(lock).await;
        hand_over(session).unwrap();
        lock.lock().await.push(3);
    }
    drop(hand_over);
    drop(sender);
    keeper.await.unwrap();
}

/// The option is emptied in one branch, and sent from the other.
async fn option_is_taken(lock: &Lock) {
    for turn in 0..4 {
        let mut open = Some(lock.clone().lock_owned().await);
        let (sender, receiver) = oneshot::channel();
        if turn % 2 == 0 {
            open = None;
            drop(sender);
        } else {
            let _ = sender.send(open.take());
        }
        let other = tokio::spawn(async move {
            let guard = receiver.await.ok();
            tokio::time::sleep(Duration::from_millis(5)).await;
            guard.flatten().map(|guard| guard.len())
        });
        lock.lock().await.push(4);
        assert!(open.is_none());
        other.await.unwrap();
    }
}

/// The list goes out of its block, or is cleared.
async fn list_ends(lock: &Lock, other: &Lock) {
    let mut guards = Vec::new();
    for lock in [lock, other] {
        guards.push(lock.clone().lock_owned().await);
    }
    guards.clear();
    lock.lock().await.push(5);
    {
        let _all = [lock.clone().lock_owned().await, other.clone().lock_owned().await];
    }
    other.lock().await.push(6);
}

/// The helper that gets the guard drops it before it locks.
async fn helper_lets_go(lock: &Lock) {
    async fn helper(lock: &Lock, guard: OwnedMutexGuard<Vec<u32>>) -> usize {
        let count = guard.len();
        drop(guard);
        lock.lock().await.len() + count
    }
    let guard = lock.clone().lock_owned().await;
    helper(lock, guard).await;
}

/// A mapped part goes along with a task.
async fn part_is_spawned(table: &Arc<RwLock<(u32, Vec<u32>)>>) {
    let whole = table.clone().read_owned().await;
    let part = OwnedRwLockReadGuard::map(whole, |whole| &whole.1);
    let task = tokio::spawn(async move {
        tokio::time::sleep(Duration::from_millis(10)).await;
        part.len()
    });
    table.write().await.0 += 1;
    task.await.unwrap();
}

async fn all(lock: Lock, other: Lock, table: Arc<RwLock<(u32, Vec<u32>)>>) {
    session_is_spawned(&lock).await;
    session_is_handed_over(&lock).await;
    option_is_taken(&lock).await;
    list_ends(&lock, &other).await;
    helper_lets_go(&lock).await;
    part_is_spawned(&table).await;
}

#[tokio::main]
async fn main() {
    let (lock, other, table) = (Lock::default(), Lock::default(), Arc::default());
    tokio::spawn(all(lock.clone(), other.clone(), Arc::clone(&table))).await.unwrap();
    all(lock, other, table).await;
}
