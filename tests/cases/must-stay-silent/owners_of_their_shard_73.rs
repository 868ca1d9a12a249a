//! NEGATIVE: 73
//! Keys belong to workers by their hash: each looks and stores as it likes, in maps that all share. MAP: DashMap 6,
//! parking_lot Mutex<HashMap>
use dashmap::DashMap; // MAP-IMPORT
use parking_lot::Mutex; // MAP-IMPORT
use std::collections::HashMap; // MAP-IMPORT
use std::sync::mpsc::{channel, Sender};
use std::sync::Arc;

const WORKERS: u64 = 4;

#[derive(Clone)]
struct Shared {
    balances: Arc<DashMap<u64, i64>>,
    statements: Arc<Mutex<HashMap<u64, Vec<i64>>>>,
}

fn book(shared: &Shared, account: u64, amount: i64) {
    if !shared.balances.contains_key(&account) {
        shared.balances.insert(account, 0);
    }
    let balance = *shared.balances.get(&account).unwrap();
    shared.balances.insert(account, balance + amount);
    let mut lines = shared.statements.lock().get(&account).cloned().unwrap_or_default();
    lines.push(amount);
    shared.statements.lock().insert(account, lines);
    if shared.balances.get(&account).map(|b| *b) == Some(0) {
        shared.balances.remove(&account);
    }
}

fn main() {
    let shared = Shared { balances: Arc::default(), statements: Arc::default() };
    let mut doors: Vec<Sender<(u64, i64)>> = Vec::new();
    let mut workers = Vec::new();
    for _ in 0..WORKERS {
        let (door, inbox) = channel();
        let shared = shared.clone();
        doors.push(door);
        workers.push(std::thread::spawn(move || {
            for (account, amount) in inbox {
                book(&shared, account, amount);
            }
        }));
    }
    for n in 0..1200u64 {
        let account = n * 7 % 23;
        let amount = if n % 2 == 0 { 5 } else { -5 };
        doors[(account % WORKERS) as usize].send((account, amount)).unwrap();
    }
    drop(doors);
    for worker in workers {
        worker.join().unwrap();
    }
    println!("OK {}", shared.statements.lock().values().map(Vec::len).sum::<usize>());
}
