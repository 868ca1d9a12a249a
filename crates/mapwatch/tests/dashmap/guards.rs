//! What is refused, and what passes.

use mapwatch::dashmap::checked::{DashMap, DashSet};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};

/// The call panics, and says why.
fn refused<R>(call: impl FnOnce() -> R) {
    let Err(panic) = catch_unwind(AssertUnwindSafe(call)) else { panic!("it was not refused") };
    let said = panic.downcast_ref::<String>().cloned().unwrap_or_default();
    assert!(said.ends_with("[self-deadlock]"), "{said}");
}

fn meet(count: &AtomicUsize, all: usize) {
    count.fetch_add(1, SeqCst);
    while count.load(SeqCst) < all {
        std::thread::yield_now();
    }
}

#[test]
fn a_call_that_waits_for_its_own_guard_is_refused() {
    let map: DashMap<u32, u32> = (0..64).map(|key| (key, key)).collect();
    let guard = map.get(&1).unwrap();
    refused(|| map.insert(1, 1));
    refused(|| map.retain(|_, _| true));
    refused(|| map.iter_mut().count());
    drop(guard);
    let guard = map.get_mut(&1).unwrap();
    refused(|| map.contains_key(&1));
    refused(|| map.iter().count());
    refused(|| map.len());
    drop(guard);
    let mut walk = map.iter();
    let on = walk.next().map(|item| *item.key()).unwrap();
    refused(|| map.remove(&on));
    assert_eq!(walk.by_ref().count(), 63);
    drop(walk);
    let mut walk = map.iter_mut();
    let on = walk.next().map(|item| *item.key()).unwrap();
    refused(|| map.get(&on));
    drop(walk);
    refused(|| map.view(&1, |_, _| map.insert(1, 2)));
    let set: DashSet<u8> = [1].into_iter().collect();
    let guard = set.get(&1);
    refused(|| set.insert(1));
    drop(guard);
    // Everything was let go again.
    map.clear();
    set.clear();
    assert!(map.is_empty() && set.is_empty());
}

#[cfg(feature = "dashmap_rayon")]
#[test]
fn a_parallel_walk_that_waits_for_its_callers_guard_is_refused() {
    use rayon::iter::{IntoParallelRefIterator, ParallelIterator};
    let map: DashMap<u32, u32> = (0..64).map(|key| (key, key)).collect();
    let guard = map.get_mut(&1).unwrap();
    refused(|| map.par_iter().count());
    drop(guard);
    let guard = map.get(&1).unwrap();
    assert_eq!(map.par_iter().count(), 64);
    refused(|| map.par_iter_mut().count());
    drop(guard);
    map.par_iter_mut().for_each(|mut item| *item += 1);
}

#[test]
fn a_circle_of_two_threads_is_refused_and_the_other_goes_on() {
    for _ in 0..4 {
        let (one, two): (DashMap<u8, u8>, DashMap<u8, u8>) = (DashMap::new(), DashMap::new());
        one.insert(0, 0);
        two.insert(0, 0);
        let met = AtomicUsize::new(0);
        let cross = |first: &DashMap<u8, u8>, second: &DashMap<u8, u8>| {
            let guard = first.get_mut(&0).unwrap();
            meet(&met, 2);
            second.insert(0, *guard);
        };
        let refused = std::thread::scope(|scope| {
            let threads = [scope.spawn(|| cross(&one, &two)), scope.spawn(|| cross(&two, &one))];
            threads.into_iter().filter_map(|thread| thread.join().err()).collect::<Vec<_>>()
        });
        assert_eq!(refused.len(), 1);
        let said = refused[0].downcast_ref::<String>().unwrap();
        assert!(said.ends_with("[deadlock]"), "{said}");
    }
}

#[test]
fn what_cannot_wait_is_left_alone() {
    let map: DashMap<u32, u32> = (0..64).map(|key| (key, key)).collect();
    let one = map.get(&1).unwrap();
    let same = map.get(&1).unwrap();
    assert_eq!(map.iter().count() + map.len(), 128);
    assert!(map.try_get_mut(&1).is_locked() && map.try_entry(1).is_none());
    drop((one, same));
    let mut walk = map.iter();
    walk.next();
    drop(walk);
    map.insert(1, 2);
    // A guard that another thread drops.
    let guard = map.get_mut(&1).unwrap();
    std::thread::scope(|scope| {
        scope.spawn(move || assert_eq!(*guard, 2));
        map.insert(1, 3);
    });
    assert_eq!(map.get(&1).map(|value| *value), Some(3));
}

#[test]
fn walks_and_writes_of_many_threads_lose_nothing() {
    let map: DashMap<u64, u64> = DashMap::with_shard_amount(4);
    std::thread::scope(|scope| {
        for thread in 0..4_u64 {
            let map = &map;
            scope.spawn(move || {
                for turn in 0..2_000 {
                    *map.entry(turn % 31).or_insert(0) += 1;
                    map.insert(1_000 + thread * 10_000 + turn, 0);
                    map.remove(&(1_000 + thread * 10_000 + turn));
                    if turn % 100 == 0 {
                        map.iter_mut().for_each(|mut item| *item += 0);
                        assert!(map.iter().filter(|item| *item.key() < 31).count() <= 31);
                    }
                }
            });
        }
    });
    assert_eq!(map.iter().map(|item| *item).sum::<u64>(), 8_000);
}
