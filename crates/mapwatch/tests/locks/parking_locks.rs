//! parking_lot's locks, where they are not like std's.

use super::findings::{collect, found, line, only, refused};
use mapwatch::parking_lot::checked::{Condvar, Mutex, RwLock, RwLockUpgradableReadGuard};
use mapwatch::{Category, Named, Policy};
use std::thread;

#[test]
fn a_mutex_twice() {
    collect(Policy::Panic);
    let mutex = Mutex::new(1).named("parking_twice");
    let first = (mutex.lock(), line());
    refused(|| *mutex.lock());
    assert_eq!(only("parking_twice"), (Category::SelfDeadlock, vec![first.1, line() - 1]));
    drop(first);
    assert_eq!(*mutex.lock(), 1);
}

#[test]
fn an_upgrade_behind_the_own_read() {
    collect(Policy::Panic);
    let lock = RwLock::new(1).named("upgrade");
    let reader = (lock.read(), line());
    refused(|| *RwLockUpgradableReadGuard::upgrade(lock.upgradable_read()));
    assert_eq!(only("upgrade"), (Category::SelfDeadlock, vec![reader.1, line() - 1]));
    drop(reader);
    *RwLockUpgradableReadGuard::upgrade(lock.upgradable_read()) += 1;
    assert_eq!(*lock.read(), 2);
}

#[test]
fn reads_that_may_be_repeated() {
    collect(Policy::Panic);
    let lock = RwLock::new(1).named("recursive");
    let _first = lock.read();
    let _second = lock.read_recursive();
    assert_eq!(found("recursive").len(), 0);
    let _third = lock.read();
    assert_eq!(only("recursive").0, Category::RecursiveRead);
}

#[test]
fn upgrades_that_wait_for_others_are_fine() {
    collect(Policy::Panic);
    let lock = RwLock::new(0).named("upgrades");
    thread::scope(|scope| {
        for _ in 0..3 {
            scope.spawn(|| {
                for _ in 0..100 {
                    let _ = *lock.read();
                    *RwLockUpgradableReadGuard::upgrade(lock.upgradable_read()) += 1;
                }
            });
        }
    });
    assert_eq!((*lock.read(), found("upgrades").len()), (300, 0));
}

#[test]
fn whoever_waits_at_a_condvar_does_not_hold() {
    collect(Policy::Panic);
    let (state, changed) = (Mutex::new(false).named("parking_condvar"), Condvar::new());
    thread::scope(|scope| {
        scope.spawn(|| changed.wait_while(&mut state.lock(), |done| !*done));
        *state.lock() = true;
        changed.notify_all();
    });
    assert_eq!(found("parking_condvar").len(), 0);
}

#[test]
fn a_wait_to_be_notified_needs_its_lock_again() {
    use mapwatch::parking_lot::checked::Condvar;
    use std::time::Duration;
    collect(Policy::Panic);
    let (outer, inner) = (Mutex::new(()).named("held_over_a_wait"), Mutex::new(false).named("given_up"));
    let told = Condvar::new();
    let text = thread::scope(|scope| {
        scope.spawn(|| {
            let mut ready = inner.lock();
            let _outer = outer.lock();
            // Both kinds of wait come back only with the lock.
            while !*ready {
                told.wait_for(&mut ready, Duration::from_secs(3600));
            }
        });
        // When the outer lock is taken, the inner one is free again only in the wait.
        while outer.try_lock().is_some() {
            thread::yield_now();
        }
        let mut ready = inner.lock();
        *ready = true;
        told.notify_one();
        refused(|| outer.lock())
    });
    assert!(text.contains("[deadlock]"), "{text}");
    assert_eq!(only("held_over_a_wait").1.len(), 4);
}
