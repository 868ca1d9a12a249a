//! An unsafe callback inserts while its caller iterates, until the table moves under the iterator.
//!
//! With the plain map the loop skips entries, or reads freed memory. The watched one stops at the loop's next
//! step, before it touches the table, and names the loop and the insert; exits with 101.

use mapwatch::HashMap;

fn on_order(orders: *mut HashMap<u32, u32>, order: u32) {
    for part in 1..20 {
        // SAFETY: none. This is the bug: the caller is iterating over the same map.
        unsafe { (*orders).insert(order + 1000 * part, part) };
    }
}

fn main() {
    let mut orders: HashMap<u32, u32> = (0..14).map(|order| (order, 0)).collect();
    let all: *mut HashMap<u32, u32> = &mut orders;
    let mut seen = 0;
    // SAFETY: none, as above.
    for (order, _) in unsafe { (*all).iter() } {
        seen += 1;
        on_order(all, *order);
    }
    println!("saw {seen} orders");
}
