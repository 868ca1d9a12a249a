//! CASE: 81
//! CLASS: d   MAP: std RwLock<BTreeMap>   DETERMINISTIC: yes (barrier in the window)
//! SOURCE: written for this project
//! PATTERN: a balance is read under the read lock and stored under the write lock.
//! EXPECT-CATEGORY: lost-update
//! EXPECT-SITES: SITE-A (the read) + SITE-B (the store over the other deposit)
use std::collections::BTreeMap; // MAP-IMPORT
use std::sync::{Arc, Barrier};
use std::sync::RwLock; // MAP-IMPORT

type Accounts = Arc<RwLock<BTreeMap<&'static str, i64>>>;

fn deposit(accounts: Accounts, name: &'static str, amount: i64, audit: Arc<Barrier>) {
    let balance = {
        let accounts = accounts.read().unwrap();
        accounts[name] // SITE-A
    };
    audit.wait();
    let mut accounts = accounts.write().unwrap();
    accounts.insert(name, balance + amount); // SITE-B
}

fn main() {
    let accounts: Accounts = Arc::new(RwLock::new(BTreeMap::from([("ada", 100), ("bob", 50)])));
    let audit = Arc::new(Barrier::new(2));
    let clerks = [10, 20].map(|amount| {
        let (accounts, audit) = (accounts.clone(), audit.clone());
        std::thread::spawn(move || deposit(accounts, "ada", amount, audit))
    });
    for clerk in clerks {
        clerk.join().unwrap();
    }
    println!("{:?}", accounts.read().unwrap().get("ada"));
}
