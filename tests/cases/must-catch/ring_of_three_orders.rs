//! CLASS: c   MAP: three std Mutex   DETERMINISTIC: yes (one thread after the other)
//! PATTERN: A then B here, B then C there, C then A elsewhere: no two of the orders are opposite.
//! EXPECT-CATEGORY: lock-order-inversion
//! EXPECT-SITES: SITE-A -> SITE-B and SITE-C -> SITE-D
use std::sync::Mutex; // MAP-IMPORT

struct Shop {
    stock: Mutex<u32>,
    orders: Mutex<u32>,
    ledger: Mutex<u32>,
}

impl Shop {
    fn reserve(&self) {
        let stock = self.stock.lock().unwrap(); // SITE-A
        *self.orders.lock().unwrap() += *stock; // SITE-B
    }

    fn bill(&self) {
        let orders = self.orders.lock().unwrap();
        *self.ledger.lock().unwrap() += *orders;
    }

    fn restock(&self) {
        let ledger = self.ledger.lock().unwrap(); // SITE-C
        *self.stock.lock().unwrap() += *ledger; // SITE-D
    }
}

fn main() {
    let shop = Shop { stock: Mutex::new(1), orders: Mutex::new(2), ledger: Mutex::new(3) };
    std::thread::scope(|scope| {
        scope.spawn(|| shop.reserve()).join().unwrap();
        scope.spawn(|| shop.bill()).join().unwrap();
        scope.spawn(|| shop.restock()).join().unwrap();
    });
}
