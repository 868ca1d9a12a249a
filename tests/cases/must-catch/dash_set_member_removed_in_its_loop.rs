//! CLASS: a   MAP: DashSet 6   DETERMINISTIC: yes
//! PATTERN: a loop over a set, `while let` with an iterator in a variable, removes what it sees.
//! EXPECT-CATEGORY: self-deadlock
//! EXPECT-SITES: SITE-A (iter) + SITE-B (remove)
use dashmap::DashSet; // MAP-IMPORT

fn main() {
    let dirty: DashSet<u32> = (0..20).collect();
    let mut pages = dirty.iter(); // SITE-A
    let mut flushed = 0;
    while let Some(page) = pages.next() {
        if *page % 3 == 0 {
            dirty.remove(&*page); // SITE-B
            flushed += 1;
        }
    }
    println!("NO-SYMPTOM {flushed}");
}
