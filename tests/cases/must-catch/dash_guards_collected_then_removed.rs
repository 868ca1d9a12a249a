//! CLASS: a   MAP: DashMap 6   DETERMINISTIC: yes
//! PATTERN: guards are collected into a `Vec`, which is still there when one of the keys is removed.
//! EXPECT-CATEGORY: self-deadlock
//! EXPECT-SITES: SITE-A (get) + SITE-B (remove)
use dashmap::DashMap; // MAP-IMPORT

fn main() {
    let carts: DashMap<&str, Vec<u32>> = DashMap::new();
    carts.insert("ann", vec![1, 2]);
    carts.insert("bob", vec![]);
    let names = ["ann", "bob", "eve"];
    let open: Vec<_> = names.iter().filter_map(|name| carts.get(name)).collect(); // SITE-A
    for cart in &open {
        if cart.is_empty() {
            carts.remove(cart.key()); // SITE-B
        }
    }
    println!("NO-SYMPTOM");
}
