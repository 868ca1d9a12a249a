//! TRAP: guards of a `DashSet` and of entries that end before the next call, walks that collect first, closures that use
//! other maps, and `try_` calls beside a guard of the same map.
use dashmap::mapref::entry::Entry; // MAP-IMPORT
use dashmap::{DashMap, DashSet}; // MAP-IMPORT
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};

fn close_over_neighbours(cells: &DashSet<u32>) {
    let all: Vec<u32> = cells.iter().map(|cell| *cell).collect();
    for cell in all {
        cells.insert(cell + 1);
    }
}

fn number_of(names: &DashMap<String, usize>, numbers: &DashMap<usize, String>, name: &str) -> usize {
    static NEXT: AtomicUsize = AtomicUsize::new(0);
    let next = NEXT.fetch_add(1, Relaxed);
    match names.entry(name.to_owned()) {
        Entry::Occupied(place) => *place.get(),
        Entry::Vacant(place) => {
            numbers.insert(next, name.to_owned());
            *place.insert(next)
        }
    }
}

fn main() {
    let cells: DashSet<u32> = (0..100).map(|cell| cell * 10).collect();
    close_over_neighbours(&cells);
    cells.retain(|cell| cell % 2 == 0);
    let (names, numbers) = (DashMap::new(), DashMap::new());
    std::thread::scope(|scope| {
        for thread in 0..4 {
            let (names, numbers) = (&names, &numbers);
            scope.spawn(move || {
                for turn in 0..50 {
                    number_of(names, numbers, &format!("{thread}-{turn}"));
                }
            });
        }
    });
    assert_eq!(names.len(), 200);
    let guard = names.get("1-1").unwrap();
    assert!(names.try_get_mut("1-1").is_locked());
    assert!(names.try_entry("1-1".to_owned()).is_none());
    assert_eq!(names.iter().filter(|item| *item.value() == *guard).count() > 0, true);
    drop(guard);
    println!("NO-SYMPTOM");
}
