//! CLASS: c   MAP: parking_lot Mutex, mapped   DETERMINISTIC: yes
//! PATTERN: a guard of one field is a guard of the whole lock.
//! EXPECT-CATEGORY: self-deadlock
//! EXPECT-SITES: SITE-A (the guard that was mapped) + SITE-B (the second lock)
use parking_lot::{MappedMutexGuard, Mutex, MutexGuard}; // MAP-IMPORT

#[derive(Default)]
struct Account {
    balance: i64,
    log: Vec<String>,
}

fn balance(account: &Mutex<Account>) -> MappedMutexGuard<'_, i64> {
    MutexGuard::map(account.lock(), |account| &mut account.balance) // SITE-A
}

fn note(account: &Mutex<Account>, line: &str) {
    account.lock().log.push(line.to_owned()); // SITE-B
}

fn main() {
    let account = Mutex::new(Account::default());
    let mut balance = balance(&account);
    *balance += 5;
    note(&account, "five more");
    println!("NO-SYMPTOM");
}
