//! CLASS: a   MAP: dashmap 6, DashSet   DETERMINISTIC: yes
//! PATTERN: the neighbours of each element are put in during the walk.
//! EXPECT-CATEGORY: self-deadlock-hazard
//! EXPECT-SITES: SITE-A (iter) + SITE-B (insert)
use dashmap::DashSet; // MAP-IMPORT

fn close_over_neighbours(cells: &DashSet<u32>) {
    for cell in cells.iter() { // SITE-A
        cells.insert(*cell + 1); // SITE-B
    }
}

fn main() {
    let cells: DashSet<u32> = (0..512).map(|cell| cell * 10).collect();
    close_over_neighbours(&cells);
    println!("NO-SYMPTOM");
}
