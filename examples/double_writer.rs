//! The classic: two threads insert a thousand distinct keys each into one map, without a lock.
//!
//! Prints `concurrent map writes` with both sides and exits with 101, whenever the two overlap; a thread that
//! finishes before the other begins is the one way to get through.

use mapwatch::SharedMap;
use std::sync::Barrier;

fn main() {
    let orders: SharedMap<u64, u64> = SharedMap::new().named("orders");
    let start = Barrier::new(2);
    std::thread::scope(|scope| {
        for writer in 0..2u64 {
            let (orders, start) = (&orders, &start);
            let name = format!("writer-{writer}");
            let body = move || {
                start.wait();
                for key in 0..1000 {
                    orders.insert(writer * 1000 + key, key);
                }
            };
            std::thread::Builder::new().name(name).spawn_scoped(scope, body).expect("a thread can be had");
        }
    });
    println!("{} orders: the two did not meet this time", orders.len());
}
