//! `Condvar` with the mutex of the same family, and what else is imported beside it.

use super::sync::{Arc, Barrier, Condvar, Mutex, MutexGuard, Once, PoisonError, Weak};
use std::time::Duration;

const LONG: Duration = Duration::from_secs(60);
const SHORT: Duration = Duration::from_millis(1);

#[derive(Default)]
struct Gate {
    open: Mutex<bool>,
    changed: Condvar,
}

impl Gate {
    fn open(&self) {
        *self.open.lock().unwrap() = true;
        self.changed.notify_all();
    }
}

fn with_opener(wait: impl FnOnce(&Gate)) {
    let gate = Arc::new(Gate::default());
    let weak: Weak<Gate> = Arc::downgrade(&gate);
    let closed = gate.open.lock().unwrap();
    let opener = std::thread::spawn(move || weak.upgrade().unwrap().open());
    // The opener gets in only once the waiting below has given the lock up.
    drop(closed);
    wait(&gate);
    opener.join().unwrap();
}

#[test]
fn waits_until_notified() {
    with_opener(|gate| {
        let mut open: MutexGuard<'_, bool> = gate.open.lock().unwrap();
        while !*open {
            open = gate.changed.wait(open).unwrap();
        }
        assert!(gate.open.try_lock().is_err(), "the guard is back");
    });
    with_opener(|gate| {
        let open = gate.changed.wait_while(gate.open.lock().unwrap(), |open| !*open).unwrap();
        assert!(*open);
    });
}

#[test]
fn waits_for_a_while() {
    with_opener(|gate| {
        let mut open = gate.open.lock().unwrap();
        while !*open {
            let (guard, waited) = gate.changed.wait_timeout(open, LONG).unwrap();
            assert!(!waited.timed_out());
            open = guard;
        }
    });
    with_opener(|gate| {
        let waited = gate.changed.wait_timeout_while(gate.open.lock().unwrap(), LONG, |open| !*open);
        let (open, waited) = waited.unwrap();
        assert!(*open && !waited.timed_out());
    });
}

#[test]
#[allow(deprecated)]
fn time_passes() {
    let (mutex, changed) = (Mutex::new(0), Condvar::new());
    let (guard, waited) = changed
        .wait_timeout_while(mutex.lock().unwrap(), SHORT, |turns| (*turns, *turns += 1).0 < 100_000)
        .unwrap();
    assert!(waited.timed_out() && *guard > 0);
    let (guard, _) = changed.wait_timeout(guard, SHORT).unwrap();
    let (guard, _) = changed.wait_timeout_ms(guard, 1).unwrap();
    drop(guard);
    assert_eq!(format!("{changed:?}"), "Condvar { .. }");
    changed.notify_one();
}

#[test]
fn a_poisoned_wait_gives_the_guard() {
    let gate = Gate::default();
    let panicked = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
        let _guard = gate.open.lock().unwrap();
        panic!("on purpose");
    }));
    assert!(panicked.is_err());
    let guard = gate.open.lock().unwrap_or_else(PoisonError::into_inner);
    let error = gate.changed.wait_timeout(guard, SHORT).unwrap_err();
    let (guard, _) = error.into_inner();
    assert!(!*guard);
}

#[test]
fn the_rest_is_there() {
    let barrier = Barrier::new(1);
    assert!(barrier.wait().is_leader());
    let once = Once::new();
    once.call_once(|| {});
    assert!(once.is_completed());
}
