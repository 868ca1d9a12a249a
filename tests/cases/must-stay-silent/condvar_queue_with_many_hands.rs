//! TRAP: producers and consumers wait in loops at condition variables, with parking_lot and with std.
use parking_lot::{Condvar as FairCondvar, Mutex as FairMutex}; // MAP-IMPORT
use std::collections::VecDeque;
use std::sync::{Condvar, Mutex}; // MAP-IMPORT

struct Bounded {
    items: Mutex<VecDeque<u32>>,
    not_empty: Condvar,
    not_full: Condvar,
}

impl Bounded {
    fn put(&self, item: u32) {
        let mut items = self.not_full.wait_while(self.items.lock().unwrap(), |items| items.len() >= 4).unwrap();
        items.push_back(item);
        drop(items);
        self.not_empty.notify_one();
    }

    fn take(&self) -> u32 {
        let mut items = self.items.lock().unwrap();
        while items.is_empty() {
            items = self.not_empty.wait(items).unwrap();
        }
        let item = items.pop_front().unwrap();
        self.not_full.notify_one();
        item
    }
}

fn main() {
    let queue = Bounded { items: Mutex::default(), not_empty: Condvar::new(), not_full: Condvar::new() };
    let (done, all_done) = (FairMutex::new(0), FairCondvar::new());
    std::thread::scope(|scope| {
        for _ in 0..3 {
            scope.spawn(|| (0..100).for_each(|item| queue.put(item)));
            scope.spawn(|| {
                for _ in 0..100 {
                    queue.take();
                    *done.lock() += 1;
                    all_done.notify_all();
                }
            });
        }
        let mut count = done.lock();
        while *count < 300 {
            all_done.wait(&mut count);
        }
    });
}
