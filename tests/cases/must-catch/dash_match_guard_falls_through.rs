//! CLASS: a   MAP: DashMap 6   DETERMINISTIC: yes
//! PATTERN: a `match` arm with an `if` that fails: the last arm inserts while the guard of the head is alive.
//! EXPECT-CATEGORY: self-deadlock
//! EXPECT-SITES: SITE-A (get) + SITE-B (insert)
use dashmap::DashMap; // MAP-IMPORT

fn token(cache: &DashMap<u8, (u32, String)>, user: u8, now: u32) -> String {
    match cache.get(&user) { // SITE-A
        Some(entry) if entry.0 > now => entry.1.clone(),
        _ => {
            let fresh = format!("token-{user}-{now}");
            cache.insert(user, (now + 10, fresh.clone())); // SITE-B
            fresh
        }
    }
}

fn main() {
    let cache = DashMap::new();
    token(&cache, 1, 0);
    token(&cache, 1, 5);
    token(&cache, 1, 50);
    println!("NO-SYMPTOM");
}
