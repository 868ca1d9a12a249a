//! CLASS: a   MAP: DashMap 6 in tasks of one thread   DETERMINISTIC: yes
//! PATTERN: a spawned handler waits for its answer with a guard; the handler that shall answer needs the shard.
//! EXPECT-CATEGORY: guard-across-await
//! EXPECT-SITES: SITE-A (get) + SITE-B (get_mut)
use dashmap::DashMap; // MAP-IMPORT
use std::sync::Arc;
use tokio::sync::oneshot;

#[tokio::main(flavor = "current_thread")]
async fn main() {
    let users: Arc<DashMap<u32, String>> = Arc::new(DashMap::new());
    users.insert(1, "ann".into());
    let (ask, asked) = oneshot::channel();
    let (answer, answered) = oneshot::channel();
    let local = tokio::task::LocalSet::new();
    let (first, second) = (users.clone(), users);
    local
        .run_until(async move {
            let one = tokio::task::spawn_local(async move {
                let user = first.get(&1).unwrap(); // SITE-A
                let _ = ask.send(());
                let _: Result<(), _> = answered.await;
                user.len()
            });
            let two = tokio::task::spawn_local(async move {
                let _: Result<(), _> = asked.await;
                second.get_mut(&1).unwrap().push('e'); // SITE-B
                let _ = answer.send(());
            });
            let _ = (one.await, two.await);
        })
        .await;
    println!("NO-SYMPTOM");
}
