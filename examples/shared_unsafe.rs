//! A map behind `UnsafeCell` and a wishful `unsafe impl Sync`, filled by four threads.
//!
//! With the plain map entries are lost, or the process dies in the allocator. The watched one panics with
//! `concurrent map writes` at the first collision; exits with 101.

use mapwatch::HashMap;
use std::cell::UnsafeCell;

struct Registry(UnsafeCell<HashMap<u64, u64>>);

// SAFETY: none. This is the bug: nothing keeps two threads apart.
unsafe impl Sync for Registry {}

impl Registry {
    fn register(&self, key: u64) {
        // SAFETY: none, as above.
        unsafe { (*self.0.get()).insert(key, key) };
    }
}

fn main() {
    let registry = Registry(UnsafeCell::new(HashMap::new()));
    std::thread::scope(|scope| {
        for thread in 0..4u64 {
            let registry = &registry;
            scope.spawn(move || (0..50_000).for_each(|key| registry.register(thread * 50_000 + key)));
        }
    });
    println!("{} registered", registry.0.into_inner().len());
}
