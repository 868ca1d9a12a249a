//! CLASS: c   MAP: parking_lot Mutex<Vec>   DETERMINISTIC: yes
//! PATTERN: a lease locks its pool when it is dropped; a shadowed one is dropped at the end of a function that has the lock.
//! EXPECT-CATEGORY: self-deadlock
//! EXPECT-SITES: SITE-A (lock) + SITE-B (drop)
use parking_lot::Mutex; // MAP-IMPORT
use std::sync::Arc;

#[derive(Default)]
struct Pool(Mutex<Vec<u32>>);

struct Lease {
    pool: Arc<Pool>,
    number: u32,
}

impl Drop for Lease {
    fn drop(&mut self) {
        self.pool.0.lock().push(self.number); // SITE-B
    }
}

fn renew(pool: &Arc<Pool>, old: Lease) -> Option<Lease> {
    let mut free = pool.0.lock(); // SITE-A
    let number = free.pop()?;
    if number == old.number {
        return Some(old);
    }
    drop(old);
    Some(Lease { pool: pool.clone(), number })
}

fn main() {
    let pool = Arc::new(Pool::default());
    pool.0.lock().extend([1, 2]);
    let first = Lease { pool: pool.clone(), number: 3 };
    let _second = renew(&pool, first);
    println!("NO-SYMPTOM");
}
