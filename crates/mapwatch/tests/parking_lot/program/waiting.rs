//! `Condvar` with the mutex of the same family.

use super::parking_lot::{Condvar, Mutex, WaitTimeoutResult};
use std::time::{Duration, Instant};

const LONG: Duration = Duration::from_secs(60);
const SHORT: Duration = Duration::from_millis(1);

#[derive(Default)]
struct Gate {
    open: Mutex<bool>,
    changed: Condvar,
}

fn with_opener(wait: impl FnOnce(&Gate)) {
    let gate = Gate::default();
    std::thread::scope(|scope| {
        scope.spawn(|| {
            *gate.open.lock() = true;
            gate.changed.notify_all();
        });
        wait(&gate);
    });
}

#[test]
fn waits_until_notified() {
    with_opener(|gate| {
        let mut open = gate.open.lock();
        while !*open {
            gate.changed.wait(&mut open);
        }
        assert!(gate.open.is_locked());
    });
    with_opener(|gate| gate.changed.wait_while(&mut gate.open.lock(), |open| !*open));
    with_opener(|gate| {
        let mut open = gate.open.lock();
        let waited = gate.changed.wait_while_for(&mut open, |open| !*open, LONG);
        assert!(*open && !waited.timed_out());
    });
    with_opener(|gate| {
        let mut open = gate.open.lock();
        let until = Instant::now() + LONG;
        let waited = gate.changed.wait_while_until(&mut open, |open| !*open, until);
        assert!(*open && !waited.timed_out());
    });
}

#[test]
fn time_passes() {
    let (mutex, changed) = (Mutex::new(0), Condvar::new());
    let mut guard = mutex.lock();
    let waited: WaitTimeoutResult = changed.wait_for(&mut guard, SHORT);
    assert!(waited.timed_out());
    assert!(changed.wait_until(&mut guard, Instant::now()).timed_out());
    assert!(changed.wait_while_for(&mut guard, |_| true, SHORT).timed_out());
    assert!(mutex.is_locked());
    drop(guard);
    assert_eq!((changed.notify_one(), changed.notify_all()), (false, 0));
    assert_eq!(format!("{changed:?}"), "Condvar { .. }");
}

#[test]
fn two_mutexes_at_one_condvar_are_refused() {
    let (mutex, other, changed) = (Mutex::new((false, false)), Mutex::new(()), Condvar::new());
    std::thread::scope(|scope| {
        scope.spawn(|| {
            let mut guard = mutex.lock();
            guard.0 = true;
            changed.wait_while(&mut guard, |(_, done)| !*done);
        });
        // Once the first value is there and the lock is free, the other thread waits.
        while !mutex.lock().0 {
            std::thread::yield_now();
        }
        let refused = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
            changed.wait_for(&mut other.lock(), SHORT);
        }));
        assert!(refused.is_err() && !other.is_locked());
        mutex.lock().1 = true;
        changed.notify_all();
    });
}
