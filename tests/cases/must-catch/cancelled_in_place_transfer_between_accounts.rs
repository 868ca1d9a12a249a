//! PATTERN: an amount is taken off one account, a transfer is confirmed, and the amount is put onto another one; the
//!   request is dropped while it waits for the confirmation, and the money is nowhere.
//! EXPECT-CATEGORY: cancelled-mid-update
use std::collections::HashMap; // MAP-IMPORT
use parking_lot::RwLock; // MAP-IMPORT
use std::sync::Arc;
use tokio::sync::oneshot;

struct Account {
    cents: i64,
}

struct Bank {
    accounts: RwLock<HashMap<&'static str, Account>>,
}

impl Bank {
    async fn transfer(&self, from: &'static str, to: &'static str, amount: i64, confirmed: oneshot::Receiver<()>) {
        {
            let mut accounts = self.accounts.write();
            accounts.get_mut(from).unwrap().cents -= amount; // SITE-A
        }
        let _ = confirmed.await;
        let mut accounts = self.accounts.write();
        accounts.get_mut(to).unwrap().cents += amount; // SITE-B
    }

    fn total(&self) -> i64 {
        self.accounts.read().values().map(|account| account.cents).sum()
    }
}

#[tokio::main(flavor = "multi_thread", worker_threads = 2)]
async fn main() {
    let accounts = HashMap::from_iter([("ada", Account { cents: 5_000 }), ("bob", Account { cents: 100 })]);
    let bank = Arc::new(Bank { accounts: RwLock::new(accounts) });
    let (confirm, confirmed) = oneshot::channel();
    confirm.send(()).unwrap();
    bank.transfer("ada", "bob", 700, confirmed).await;
    assert_eq!(bank.total(), 5_100);

    let (_never, confirmed) = oneshot::channel();
    let own = bank.clone();
    let request = tokio::spawn(async move { own.transfer("ada", "bob", 900, confirmed).await });
    while bank.total() == 5_100 {
        tokio::task::yield_now().await;
    }
    request.abort();
    let _ = request.await;
    println!("in all: {}", bank.total());
}
