//! PATTERN: an account is taken out of the table, changed behind a slow call and put back; a timeout loses the account.
//! EXPECT-CATEGORY: cancelled-mid-update
use std::collections::HashMap; // MAP-IMPORT
use std::sync::Mutex; // MAP-IMPORT
use std::time::Duration;

struct Bank {
    accounts: Mutex<HashMap<u64, i64>>,
}

impl Bank {
    async fn withdraw(&self, id: u64, amount: i64) {
        let Some(balance) = self.accounts.lock().unwrap().remove(&id) else { return }; // SITE-A
        ledger(id, amount).await;
        self.accounts.lock().unwrap().insert(id, balance - amount); // SITE-B
    }
}

async fn ledger(_: u64, _: i64) {
    tokio::time::sleep(Duration::from_secs(5)).await;
}

#[tokio::main(flavor = "current_thread")]
async fn main() {
    let bank = Bank { accounts: Mutex::new(HashMap::from([(1, 100), (2, 50)])) };
    let _ = tokio::time::timeout(Duration::from_millis(3), bank.withdraw(1, 30)).await;
    println!("accounts: {}", bank.accounts.lock().unwrap().len());
}
