//! The island under real threads: what the sanitizers and Miri are pointed at.

use mapwatch_core::cell::{Look, SharedCell, Walked};
use mapwatch_core::entry::Shape;
use mapwatch_core::event::{MapKind, Operation};
use mapwatch_core::sentinel::Span;
use mapwatch_core::{Exclusive, Extent};
use std::panic::{AssertUnwindSafe, Location, catch_unwind};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Barrier, Mutex, Once};

/// Rounds per thread: enough for a sanitizer to meet both orders, few enough for Miri.
const ROUNDS: u32 = if cfg!(miri) { 20 } else { 3_000 };

/// Collisions are expected here by the thousand: their reports would drown everything.
fn quiet() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        let mut config = mapwatch_core::policy::Config::from_env();
        config.stderr = false;
        let _ = config.install();
        std::panic::set_hook(Box::new(|_| {}));
    });
}

struct Numbers(Vec<u32>);

impl Walked for Numbers {
    type Item<'b> = &'b u32;
    type Iter<'b> = std::slice::Iter<'b, u32>;

    fn walk(&self) -> std::slice::Iter<'_, u32> {
        self.0.iter()
    }

    fn shorten<'short, 'long: 'short>(item: &'long u32) -> &'short u32 {
        item
    }
}

fn cell(numbers: Vec<u32>) -> SharedCell<Numbers> {
    SharedCell::new(Numbers(numbers), MapKind::SharedMap, Shape::of::<Numbers>, Location::caller())
}

/// A short look that gets in or panics; the sum of what it saw.
fn sum(cell: &SharedCell<Numbers>) -> Option<u32> {
    let look = || cell.look(Operation::Get, Span::Call).map(|numbers| numbers.0.iter().sum());
    catch_unwind(AssertUnwindSafe(look)).ok().flatten()
}

/// A short change that gets in or panics: takes one from an end, and adds it to the other.
fn shift(cell: &SharedCell<Numbers>) -> bool {
    let change = || {
        let mut numbers = cell.change(Operation::Write, Span::Call)?;
        let last = numbers.0.pop()?;
        numbers.0.insert(0, last);
        Some(())
    };
    catch_unwind(AssertUnwindSafe(change)).ok().flatten().is_some()
}

#[test]
fn readers_and_writers_never_see_half_a_change() {
    quiet();
    let cell = cell((0..16).collect());
    let whole = (0..16).sum();
    let (seen, changed) = (AtomicU32::new(0), AtomicU32::new(0));
    std::thread::scope(|scope| {
        for thread in 0..4 {
            let (cell, seen, changed) = (&cell, &seen, &changed);
            scope.spawn(move || {
                for round in 0..ROUNDS {
                    // Pauses let the others in: collisions cost milliseconds, and are not the point.
                    if (round + thread) % 8 == 0 && shift(cell) {
                        changed.fetch_add(1, Ordering::Relaxed);
                    } else if let Some(sum) = sum(cell) {
                        assert_eq!(sum, whole);
                        seen.fetch_add(1, Ordering::Relaxed);
                    }
                    if changed.load(Ordering::Relaxed) > 200 {
                        break;
                    }
                }
            });
        }
    });
    assert!(seen.into_inner() > 0 && changed.into_inner() > 0);
    assert_eq!(sum(&cell), Some(whole), "nobody is left inside");
}

#[test]
fn turns_taken_under_a_lock_never_collide() {
    quiet();
    let cell = cell(Vec::new());
    let turn = Mutex::new(());
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                for round in 0..ROUNDS / 4 {
                    let _turn = turn.lock().expect("nobody panics");
                    cell.change(Operation::Write, Span::Call).expect("nobody unwinds").0.push(round);
                    let look = cell.look(Operation::Get, Span::Call).expect("nobody unwinds");
                    assert_eq!(look.0.last(), Some(&round));
                }
            });
        }
    });
    assert_eq!(cell.into_inner().0.len() as u32, ROUNDS / 4 * 4);
}

#[test]
fn a_guard_may_end_on_another_thread_and_outlive_its_own() {
    quiet();
    let cell = cell(vec![1, 2, 3]);
    std::thread::scope(|scope| {
        let taken =
            scope.spawn(|| cell.look(Operation::Get, Span::Guard).expect("free")).join().expect("no panic");
        assert!(!shift(&cell), "a guard of a thread that is gone still counts");
        let ended = scope.spawn(move || drop(taken));
        ended.join().expect("no panic");
        assert!(shift(&cell));
        let written = scope
            .spawn(|| cell.change(Operation::Write, Span::Guard).expect("free"))
            .join()
            .expect("no panic");
        assert_eq!(sum(&cell), None);
        drop(written);
        assert_eq!(sum(&cell), Some(6));
    });
}

#[test]
fn steps_of_a_walk_keep_their_place() {
    quiet();
    let cell = cell(vec![1, 2, 3]);
    let mut walk = cell.look(Operation::Iter, Span::Guard).map(Look::walk).expect("free");
    let first = walk.next().expect("three");
    drop(walk);
    assert!(!shift(&cell), "the step is still inside");
    assert_eq!(*first.get(), 1);
    drop(first);
    assert!(shift(&cell));
}

#[test]
fn more_guards_than_a_desk_has_slots() {
    quiet();
    let cell = cell(vec![1]);
    let guards: Vec<_> = (0..40).map(|_| cell.look(Operation::Get, Span::Guard).expect("free")).collect();
    assert!(!shift(&cell));
    let parts: Vec<_> = guards.into_iter().map(|guard| guard.map(|numbers| &numbers.0[0])).collect();
    assert_eq!(parts.iter().map(|part| **part).sum::<u32>(), 40);
    drop(parts);
    assert!(shift(&cell));
}

#[test]
fn more_threads_than_bits() {
    quiet();
    let threads = if cfg!(miri) { 4 } else { 150 };
    let cell = cell((0..16).collect());
    let all_inside = Barrier::new(threads);
    std::thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(|| {
                let look = cell.look(Operation::Get, Span::Call).expect("nobody writes");
                all_inside.wait();
                assert_eq!(look.0.len(), 16);
            });
        }
    });
    assert!(shift(&cell));
}

#[test]
fn an_exclusive_sentinel_is_silent_in_safe_use_and_sees_reentry() {
    quiet();
    let sentinel = Exclusive::new(MapKind::HashMap, Shape::of::<u8>, Location::caller());
    for length in 0..100 {
        let before = Extent { length, capacity: Some(100) };
        let after = Extent { length: length + 1, ..before };
        sentinel.write(Operation::Insert).resized(before, after, None);
        let mut cursor = sentinel.cursor(Operation::Iter);
        cursor.step();
        drop(sentinel.read(Operation::Get));
        cursor.step();
        cursor.end();
    }
    let outer = sentinel.write(Operation::Retain);
    let inner = catch_unwind(AssertUnwindSafe(|| drop(sentinel.read(Operation::Get))));
    assert!(inner.is_err(), "a look from inside a change");
    drop(outer);
    let mut stale = sentinel.cursor(Operation::Iter);
    stale.step();
    drop(sentinel.write(Operation::Insert));
    assert!(catch_unwind(AssertUnwindSafe(|| stale.step())).is_err(), "a step after a change");
    drop(sentinel.read(Operation::Get));
}
