//! `Mutex`, `RwLock` and `Condvar` of std.

use super::findings::{Turns, collect, found, line, only, refused};
use mapwatch::sync::checked::{Condvar, Mutex, RwLock};
use mapwatch::{Category, Named, Policy};
use std::sync::PoisonError;
use std::thread;

#[test]
fn a_mutex_twice() {
    collect(Policy::Panic);
    let mutex = Mutex::new(1).named("a_mutex_twice");
    let first = (mutex.lock().unwrap(), line());
    let text = refused(|| mutex.lock().map(|second| *second).ok());
    assert!(text.contains("[self-deadlock]"), "{text}");
    assert_eq!(only("a_mutex_twice"), (Category::SelfDeadlock, vec![first.1, line() - 2]));
    // The first guard is alive and well, and nothing is poisoned.
    assert_eq!(*first.0, 1);
    drop(first);
    assert_eq!(*mutex.lock().unwrap(), 1);
}

#[test]
fn write_inside_read_and_read_inside_write() {
    collect(Policy::Panic);
    let lock = RwLock::new(1).named("write_inside_read");
    let reader = (lock.read().unwrap(), line());
    let text = refused(|| lock.write().map(|value| *value).ok());
    assert!(text.contains("[self-deadlock]"), "{text}");
    assert_eq!(only("write_inside_read"), (Category::SelfDeadlock, vec![reader.1, line() - 2]));
    drop(reader);

    let lock = RwLock::new(1).named("read_inside_write");
    let writer = (lock.write().unwrap(), line());
    refused(|| lock.read().map(|value| *value).ok());
    assert_eq!(only("read_inside_write"), (Category::SelfDeadlock, vec![writer.1, line() - 1]));
}

#[test]
fn two_reads_are_a_hazard_that_goes_through() {
    collect(Policy::Panic);
    let lock = RwLock::new(1).named("two_reads");
    let first = (lock.read().unwrap(), line());
    let second = (lock.read().unwrap(), line());
    assert_eq!(*first.0 + *second.0, 2);
    assert_eq!(only("two_reads"), (Category::RecursiveRead, vec![first.1, second.1]));
    let downgraded = RwLock::new(1).named("read_after_downgrade");
    let writer = downgraded.write().unwrap();
    let _reader = mapwatch::sync::checked::RwLockWriteGuard::downgrade(writer);
    let _second = downgraded.try_read().unwrap();
    assert_eq!(found("read_after_downgrade").len(), 0, "an attempt waits for nobody");
    let _third = downgraded.read().unwrap();
    assert_eq!(only("read_after_downgrade").0, Category::RecursiveRead);
}

#[test]
fn a_second_read_behind_a_writer_that_waits() {
    collect(Policy::Panic);
    let lock = RwLock::new(1).named("read_writer_read");
    let first = (lock.read().unwrap(), line());
    thread::scope(|scope| {
        scope.spawn(|| *lock.write().unwrap() += 1);
        // The writer's flag makes attempts fail; that is how one sees it wait.
        while lock.try_read().is_ok() {
            thread::yield_now();
        }
        let text = refused(|| lock.read().map(|value| *value).ok());
        let second = line() - 1;
        assert!(text.contains("[recursive-read]"), "{text}");
        let (category, lines) = only("read_writer_read");
        assert_eq!((category, lines.len()), (Category::RecursiveRead, 3));
        assert_eq!((lines[0], lines[2]), (first.1, second));
        drop(first);
    });
    assert_eq!(*lock.read().unwrap(), 2);
}

#[test]
fn two_mutexes_in_both_orders_that_meet() {
    collect(Policy::Panic);
    let one = Mutex::new(0).named("abba");
    let other = RwLock::new(0).named("abba");
    let turns = Turns::default();
    let outcomes = thread::scope(|scope| {
        let first = scope.spawn(|| {
            let _one = one.lock().unwrap();
            turns.wait(1);
            turns.go(2);
            std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| *other.write().unwrap()))
        });
        let second = scope.spawn(|| {
            let _other = other.read().unwrap();
            turns.go(1);
            turns.wait(2);
            std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| *one.lock().unwrap()))
        });
        [first.join().unwrap(), second.join().unwrap()]
    });
    assert_eq!(
        outcomes.iter().filter(|outcome| outcome.is_err()).count(),
        1,
        "one panics, the other goes on"
    );
    let deadlocks: Vec<_> =
        found("abba").into_iter().filter(|conflict| conflict.category == Category::Deadlock).collect();
    assert_eq!(deadlocks.len(), 1, "{deadlocks:#?}");
    assert_eq!(deadlocks[0].sides.len(), 4);
}

/// Takes `first`, then `second`, in a thread of its own.
fn in_order(first: &Mutex<u32>, second: &Mutex<u32>) {
    thread::scope(|scope| {
        scope.spawn(|| {
            let mut first = first.lock().unwrap();
            *first += *second.lock().unwrap();
        });
    });
}

#[test]
fn two_orders_that_never_met() {
    collect(Policy::Panic);
    let [one, other] = [1, 2].map(|value| Mutex::new(value).named("never_met"));
    in_order(&one, &other);
    assert_eq!(found("never_met").len(), 0);
    in_order(&other, &one);
    in_order(&other, &one);
    let (category, lines) = only("never_met");
    assert_eq!((category, lines.len()), (Category::LockOrderInversion, 4));
}

#[test]
fn a_third_lock_keeps_two_orders_apart() {
    collect(Policy::Panic);
    let gate = Mutex::new(()).named("gated");
    let [one, other] = [1, 2].map(|value| Mutex::new(value).named("gated"));
    for (first, second) in [(&one, &other), (&other, &one)] {
        thread::scope(|scope| {
            scope.spawn(|| {
                let _gate = gate.lock().unwrap();
                let _first = first.lock().unwrap();
                let _second = second.lock().unwrap();
            });
        });
    }
    assert_eq!(found("gated").len(), 0, "{:#?}", found("gated"));
}

#[test]
fn an_attempt_is_no_order() {
    collect(Policy::Panic);
    let [one, other] = [1, 2].map(|value| Mutex::new(value).named("attempts"));
    in_order(&one, &other);
    thread::scope(|scope| {
        scope.spawn(|| {
            let _other = other.lock().unwrap();
            let _one = one.try_lock().unwrap();
        });
    });
    assert_eq!(found("attempts").len(), 0);
}

#[test]
fn readers_in_both_orders_do_not_meet() {
    collect(Policy::Panic);
    let [one, other] = [1, 2].map(|value| RwLock::new(value).named("readers"));
    for (first, second) in [(&one, &other), (&other, &one)] {
        thread::scope(|scope| {
            scope.spawn(|| {
                let _first = first.read().unwrap();
                let _second = second.read().unwrap();
            });
        });
    }
    assert_eq!(found("readers").len(), 0);
}

#[test]
fn whoever_waits_at_a_condvar_does_not_hold() {
    collect(Policy::Panic);
    let (state, changed) = (Mutex::new(0).named("condvar"), Condvar::new());
    thread::scope(|scope| {
        scope.spawn(|| {
            let mut guard = state.lock().unwrap();
            while *guard < 3 {
                guard = changed.wait(guard).unwrap();
            }
        });
        for _ in 0..3 {
            *state.lock().unwrap() += 1;
            changed.notify_all();
        }
    });
    let guard = changed.wait_while(state.lock().unwrap(), |_| false).unwrap();
    refused(|| state.lock().map(|value| *value).ok());
    drop(guard);
    assert_eq!(only("condvar").0, Category::SelfDeadlock);
}

#[test]
fn a_forgotten_guard_accuses_nobody_on_other_locks() {
    collect(Policy::Panic);
    let lost = Mutex::new(1).named("lost");
    let other = Mutex::new(2).named("beside_lost");
    std::mem::forget(lost.lock().unwrap());
    for _ in 0..3 {
        thread::scope(|scope| {
            scope.spawn(|| *other.lock().unwrap() += 1);
        });
        *other.lock().unwrap() += 1;
    }
    assert_eq!(found("beside_lost").len() + found("lost").len(), 0);
}

#[test]
fn guards_dropped_in_another_order() {
    collect(Policy::Panic);
    let locks = [1, 2, 3].map(|value| Mutex::new(value).named("any_order"));
    let mut guards: Vec<_> = locks.iter().map(|lock| lock.lock().unwrap()).collect();
    drop(guards.swap_remove(0));
    let first = locks[0].try_lock().unwrap();
    drop(guards);
    drop(first);
    for lock in &locks {
        assert!(*lock.lock().unwrap() > 0);
    }
    assert_eq!(found("any_order").len(), 0);
}

#[test]
fn hand_over_hand_down_a_chain() {
    collect(Policy::Panic);
    let chain: Vec<_> = (0..6).map(|value| Mutex::new(value).named("chain")).collect();
    thread::scope(|scope| {
        for _ in 0..3 {
            scope.spawn(|| {
                for _ in 0..20 {
                    let mut before = chain[0].lock().unwrap();
                    for next in &chain[1..] {
                        let next = next.lock().unwrap();
                        *before += *next;
                        before = next;
                    }
                }
            });
        }
    });
    assert_eq!(found("chain").len(), 0, "{:#?}", found("chain"));
}

#[test]
fn poisoned_and_recovered() {
    collect(Policy::Panic);
    let mutex = Mutex::new(1).named("recovered");
    thread::scope(|scope| {
        let poisoner = scope.spawn(|| {
            let _guard = mutex.lock().unwrap();
            panic!("on purpose");
        });
        assert!(poisoner.join().is_err());
    });
    let guard = mutex.lock().unwrap_or_else(PoisonError::into_inner);
    refused(|| mutex.lock().map(|value| *value).ok());
    assert_eq!(*guard, 1);
    assert_eq!(only("recovered").0, Category::SelfDeadlock);
}
