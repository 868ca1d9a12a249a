//! CLASS: d   MAP: std BTreeMap in tokio's RwLock   DETERMINISTIC: yes here
//! PATTERN: two tasks copy the list of peers, await an answer, and put their changed copies in its place.
//! EXPECT-CATEGORY: lost-update
//! EXPECT-SITES: SITE-A (copied) + SITE-B (put back); SITE-C is the other's change
use std::collections::BTreeMap; // MAP-IMPORT
use std::sync::Arc;
use tokio::sync::Barrier;
use tokio::sync::RwLock; // MAP-IMPORT

type Peers = Arc<RwLock<BTreeMap<u64, String>>>;

async fn refresh(peers: Peers, asked: Arc<Barrier>, answered: Arc<Barrier>) {
    let known = peers.read().await.clone(); // SITE-A
    asked.wait().await;
    answered.wait().await;
    let fresh: BTreeMap<u64, String> = known.into_iter().filter(|(id, _)| id % 2 == 0).collect();
    let mut current = peers.write().await; // SITE-B
    *current = fresh;
}

async fn join(peers: Peers, asked: Arc<Barrier>, answered: Arc<Barrier>) {
    asked.wait().await;
    peers.write().await.insert(8, "eight".to_owned()); // SITE-C
    answered.wait().await;
}

#[tokio::main]
async fn main() {
    let peers: Peers = Arc::default();
    peers.write().await.insert(1, "one".to_owned());
    let (asked, answered) = (Arc::new(Barrier::new(2)), Arc::new(Barrier::new(2)));
    let one = tokio::spawn(refresh(Arc::clone(&peers), Arc::clone(&asked), Arc::clone(&answered)));
    let two = tokio::spawn(join(Arc::clone(&peers), asked, answered));
    one.await.unwrap();
    two.await.unwrap();
    let has = peers.read().await.contains_key(&8);
    println!("{}", if has { "NO-SYMPTOM" } else { "SYMPTOM a peer is lost" });
}
