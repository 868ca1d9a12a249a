//! CLASS: a   MAP: DashMap 6   DETERMINISTIC: yes
//! PATTERN: `alter_all` calls a function that walks the same map.
//! EXPECT-CATEGORY: self-deadlock
//! EXPECT-SITES: SITE-A (alter_all) + SITE-B (iter)
use dashmap::DashMap; // MAP-IMPORT

fn average(map: &DashMap<u32, f64>) -> f64 {
    let (sum, count) = map.iter().fold((0.0, 0), |(sum, count), row| (sum + *row, count + 1)); // SITE-B
    sum / f64::from(count)
}

fn main() {
    let map: DashMap<u32, f64> = (0..20).map(|n| (n, f64::from(n))).collect();
    map.alter_all(|_, value| value - average(&map)); // SITE-A
    println!("NO-SYMPTOM {}", map.len());
}
