//! TRAP: two accounts are locked in the order of their numbers, or of their addresses: one place in the source, both ways.
use parking_lot::Mutex; // MAP-IMPORT
use std::sync::RwLock; // MAP-IMPORT

struct Account {
    number: usize,
    money: Mutex<i64>,
    notes: RwLock<Vec<usize>>,
}

fn transfer(from: &Account, to: &Account, amount: i64) {
    if from.number == to.number {
        return;
    }
    let (mut one, mut two);
    if from.number < to.number {
        one = from.money.lock();
        two = to.money.lock();
    } else {
        two = to.money.lock();
        one = from.money.lock();
    }
    *one -= amount;
    *two += amount;
}

fn note(one: &Account, other: &Account) {
    if std::ptr::eq(one, other) {
        return;
    }
    let (first, second) = if std::ptr::from_ref(one) < std::ptr::from_ref(other) { (one, other) } else { (other, one) };
    let mut notes = first.notes.write().unwrap();
    notes.push(second.notes.read().unwrap().len());
}

fn main() {
    let account = |number| Account { number, money: Mutex::new(100), notes: RwLock::default() };
    let accounts: Vec<Account> = (0..6).map(account).collect();
    std::thread::scope(|scope| {
        for thread in 0..4_usize {
            let accounts = &accounts;
            scope.spawn(move || {
                for turn in 0..200 {
                    let (from, to) = ((thread + turn) % 6, (thread * 7 + turn * 5) % 6);
                    transfer(&accounts[from], &accounts[to], 1);
                    note(&accounts[to], &accounts[from]);
                }
            });
        }
    });
    assert_eq!(accounts.iter().map(|account| *account.money.lock()).sum::<i64>(), 600);
}
