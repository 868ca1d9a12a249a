//! TRAP: a wait locks its queue again while the thread holds another lock; everybody takes the two in this order.
use std::collections::HashMap; // MAP-IMPORT
use std::sync::{Condvar, Mutex, RwLock}; // MAP-IMPORT

#[derive(Default)]
struct Shop {
    table: RwLock<HashMap<u32, u32>>,
    queue: Mutex<Vec<u32>>,
    filled: Condvar,
}

fn consume(shop: &Shop) {
    let mut sum = 0;
    for _ in 0..200 {
        let table = shop.table.read().unwrap();
        let queue = shop.queue.lock().unwrap();
        let mut queue = shop.filled.wait_while(queue, |queue| queue.is_empty()).unwrap();
        let order = queue.pop().unwrap();
        sum += table.get(&order).copied().unwrap_or(1);
    }
    assert!(sum >= 200);
}

fn produce(shop: &Shop) {
    for order in 0..200 {
        drop(shop.table.read().unwrap());
        shop.queue.lock().unwrap().push(order % 10);
        shop.filled.notify_one();
    }
}

fn main() {
    let shop = Shop::default();
    shop.table.write().unwrap().insert(3, 4);
    std::thread::scope(|scope| {
        scope.spawn(|| consume(&shop));
        scope.spawn(|| consume(&shop));
        scope.spawn(|| produce(&shop));
        scope.spawn(|| produce(&shop));
    });
    println!("NO-SYMPTOM");
}
