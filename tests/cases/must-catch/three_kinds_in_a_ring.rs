//! CLASS: c   MAP: std Mutex, parking_lot RwLock, std RwLock   DETERMINISTIC: yes (a barrier)
//! PATTERN: three services, each calls the next one with its own lock held.
//! EXPECT-CATEGORY: deadlock
//! EXPECT-SITES: SITE-A SITE-B SITE-C (the locks that are held)
use parking_lot::RwLock as FairLock; // MAP-IMPORT
use std::sync::{Arc, Barrier};
use std::sync::{Mutex, RwLock}; // MAP-IMPORT

#[derive(Default)]
struct Shop {
    orders: Mutex<Vec<u32>>,
    stock: FairLock<Vec<u32>>,
    prices: RwLock<Vec<u32>>,
}

fn main() {
    let shop = Arc::new(Shop::default());
    let all_in = Arc::new(Barrier::new(3));
    let (s, b) = (shop.clone(), all_in.clone());
    let one = std::thread::spawn(move || {
        let mut orders = s.orders.lock().unwrap(); // SITE-A
        b.wait();
        orders.push(s.stock.read().len() as u32);
    });
    let (s, b) = (shop.clone(), all_in.clone());
    let two = std::thread::spawn(move || {
        let mut stock = s.stock.write(); // SITE-B
        b.wait();
        stock.push(s.prices.read().unwrap().len() as u32);
    });
    let (s, b) = (shop, all_in);
    let three = std::thread::spawn(move || {
        let mut prices = s.prices.write().unwrap(); // SITE-C
        b.wait();
        prices.push(s.orders.lock().unwrap().len() as u32);
    });
    let ended = [one, two, three].map(std::thread::JoinHandle::join);
    println!("NO-SYMPTOM {}", ended.len());
}
