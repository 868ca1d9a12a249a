//! NEGATIVE: 72
//! One task owns all writes of a table of rates; readers look whenever they like. MAP: DashMap 6, std RwLock<HashMap>
use dashmap::DashMap; // MAP-IMPORT
use std::collections::HashMap; // MAP-IMPORT
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc;
use std::sync::{Arc, RwLock}; // MAP-IMPORT

enum Command {
    Rate(u32, f64),
    Bump(u32),
    Forget(u32),
    Stop,
}

fn main() {
    let rates: Arc<DashMap<u32, f64>> = Arc::new(DashMap::new());
    let index: Arc<RwLock<HashMap<u32, u64>>> = Arc::default();
    let stop = Arc::new(AtomicBool::new(false));
    let (orders, inbox) = mpsc::channel();

    let writer = {
        let (rates, index) = (rates.clone(), index.clone());
        std::thread::spawn(move || {
            for command in inbox {
                match command {
                    Command::Rate(currency, rate) => {
                        if rates.get(&currency).map(|r| *r) != Some(rate) {
                            rates.insert(currency, rate);
                        }
                    }
                    Command::Bump(currency) => {
                        let seen = index.read().unwrap().get(&currency).copied().unwrap_or(0);
                        index.write().unwrap().insert(currency, seen + 1);
                    }
                    Command::Forget(currency) => {
                        if rates.get(&currency).is_some_and(|rate| *rate < 0.5) {
                            rates.remove(&currency);
                        }
                    }
                    Command::Stop => break,
                }
            }
        })
    };
    let readers: Vec<_> = (0..4)
        .map(|_| {
            let (rates, index, stop) = (rates.clone(), index.clone(), stop.clone());
            std::thread::spawn(move || {
                let mut sum = 0.0;
                while !stop.load(Ordering::Relaxed) {
                    for currency in 0..8 {
                        sum += rates.get(&currency).map(|r| *r).unwrap_or(0.0);
                        sum += index.read().unwrap().get(&currency).copied().unwrap_or(0) as f64;
                    }
                    sum += rates.iter().map(|r| *r.value()).sum::<f64>();
                    std::thread::yield_now();
                }
                sum
            })
        })
        .collect();
    for n in 0..600u32 {
        orders.send(Command::Rate(n % 8, f64::from(n % 5) / 4.0)).unwrap();
        orders.send(Command::Bump(n % 8)).unwrap();
        orders.send(Command::Forget((n + 3) % 8)).unwrap();
    }
    orders.send(Command::Stop).unwrap();
    writer.join().unwrap();
    stop.store(true, Ordering::Relaxed);
    for reader in readers {
        reader.join().unwrap();
    }
    println!("OK {}", index.read().unwrap().values().sum::<u64>());
}
