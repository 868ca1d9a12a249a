//! PATTERN: what is moved between two values, or taken out of one, comes back when the work is dropped: by a guard, by
//!   the caller, by whoever finds the slot empty; and setters whose last word stands.
use dashmap::DashMap; // MAP-IMPORT
use std::collections::HashMap; // MAP-IMPORT
use std::sync::{Arc, Mutex}; // MAP-IMPORT
use std::time::Duration;
use tokio::time::{sleep, timeout};

type Accounts = Arc<Mutex<HashMap<&'static str, i64>>>;

/// Puts the amount back, unless it has arrived.
struct Debit<'a> {
    accounts: &'a Accounts,
    from: &'static str,
    amount: i64,
    is_done: bool,
}

impl Drop for Debit<'_> {
    fn drop(&mut self) {
        if !self.is_done {
            *self.accounts.lock().unwrap().get_mut(self.from).unwrap() += self.amount;
        }
    }
}

async fn transfer(accounts: &Accounts, from: &'static str, to: &'static str, amount: i64, wait: Duration) {
    *accounts.lock().unwrap().get_mut(from).unwrap() -= amount;
    let mut debit = Debit { accounts, from, amount, is_done: false };
    sleep(wait).await;
    *accounts.lock().unwrap().get_mut(to).unwrap() += amount;
    debit.is_done = true;
}

/// What is left of a budget, and what was spent of it: not two sides of one sum.
async fn spend(left: &Accounts, spent: &DashMap<&'static str, i64>, who: &'static str, cost: i64, wait: Duration) {
    *left.lock().unwrap().get_mut(who).unwrap() -= 1;
    sleep(wait).await;
    *spent.entry(who).or_insert(0) += cost;
}

#[derive(Default)]
struct Slot {
    connection: Option<String>,
}

/// The connection goes with the query that was dropped, and whoever finds none opens another one.
async fn query(slots: &DashMap<u8, Slot>, id: u8, wait: Duration) {
    let connection = slots.get_mut(&id).unwrap().connection.take();
    let connection = connection.unwrap_or_else(|| "opened".to_owned());
    sleep(wait).await;
    slots.get_mut(&id).unwrap().connection = Some(connection);
}

/// A buffer is written out, and a new one begins.
async fn flush(buffers: &DashMap<u8, Option<Vec<u8>>>, id: u8, wait: Duration) {
    let full = buffers.get_mut(&id).unwrap().take();
    sleep(wait).await;
    let written = full.map_or(0, |full| full.len());
    *buffers.get_mut(&id).unwrap() = Some(Vec::with_capacity(written));
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Phase {
    Queued,
    Fetching,
    Parsing,
    Stored,
}

#[derive(Default)]
struct Crawl {
    phases: DashMap<u32, (Option<Phase>, u32)>,
}

impl Crawl {
    fn set(&self, id: u32, phase: Phase) {
        let mut page = self.phases.entry(id).or_default();
        page.0 = Some(phase);
        page.1 += 1;
    }

    /// How far it came is said by its last phase.
    async fn page(&self, id: u32, wait: Duration) {
        self.set(id, Phase::Fetching);
        sleep(wait).await;
        self.set(id, Phase::Parsing);
        sleep(wait).await;
        self.set(id, Phase::Stored);
    }

    /// Queued until it is done, and queued when it is not.
    async fn later(&self, id: u32, wait: Duration) {
        self.set(id, Phase::Queued);
        sleep(wait).await;
        self.set(id, Phase::Stored);
    }
}

#[tokio::main(flavor = "current_thread")]
async fn main() {
    let (short, long) = (Duration::from_millis(2), Duration::from_secs(60));
    let accounts: Accounts = Arc::new(Mutex::new(HashMap::from_iter([("ada", 500), ("bob", 10)])));
    let spent = DashMap::new();
    transfer(&accounts, "ada", "bob", 100, Duration::ZERO).await;
    spend(&accounts, &spent, "bob", 5, Duration::ZERO).await;
    let _ = timeout(short, transfer(&accounts, "ada", "bob", 100, long)).await;
    let _ = timeout(short, spend(&accounts, &spent, "bob", 5, long)).await;
    assert_eq!(accounts.lock().unwrap()["ada"], 400);

    let slots = DashMap::from_iter([(1, Slot::default())]);
    let _ = timeout(short, query(&slots, 1, long)).await;
    query(&slots, 1, Duration::ZERO).await;
    assert!(slots.get(&1).unwrap().connection.is_some());

    let buffers = DashMap::from_iter([(1, Some(vec![1, 2, 3]))]);
    let _ = timeout(short, flush(&buffers, 1, long)).await;

    let crawl = Crawl::default();
    crawl.page(20, Duration::ZERO).await;
    for id in 0..3 {
        let _ = timeout(short, crawl.page(id, long)).await;
        let _ = timeout(short, crawl.later(id + 10, long)).await;
    }
    println!("{:?}", crawl.phases.get(&1).unwrap().0);
}
