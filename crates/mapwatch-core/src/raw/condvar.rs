//! Waiting to be notified, without the lock.

use super::{RawMutex, Watched};
use parking_lot::WaitTimeoutResult;
use parking_lot::lock_api::{Mutex, MutexGuard};
use std::fmt;
use std::panic::Location;
use std::time::{Duration, Instant};

/// [`parking_lot::Condvar`], for a watched mutex: while it waits, nobody holds.
#[derive(Default)]
pub struct Condvar(parking_lot::Condvar);

type Guard<'a, T> = MutexGuard<'a, RawMutex, T>;
type Inner<'a> = parking_lot::MutexGuard<'a, ()>;

impl Condvar {
    /// One that nobody waits at.
    #[must_use]
    pub const fn new() -> Condvar {
        Condvar(parking_lot::Condvar::new())
    }

    /// Wakes one who waits; tells whether there was one.
    #[inline]
    pub fn notify_one(&self) -> bool {
        self.0.notify_one()
    }

    /// Wakes all who wait; tells how many.
    #[inline]
    pub fn notify_all(&self) -> usize {
        self.0.notify_all()
    }

    /// Gives the lock up, waits to be notified, and takes the lock again.
    ///
    /// # Panics
    ///
    /// When others wait here with another mutex.
    #[track_caller]
    pub fn wait<T: ?Sized>(&self, mutex_guard: &mut Guard<'_, T>) {
        without(mutex_guard, Location::caller(), |inner| self.0.wait(inner));
    }

    /// Waits to be notified until `timeout`.
    ///
    /// # Panics
    ///
    /// As [`Condvar::wait`].
    #[track_caller]
    pub fn wait_until<T: ?Sized>(
        &self,
        mutex_guard: &mut Guard<'_, T>,
        timeout: Instant,
    ) -> WaitTimeoutResult {
        without(mutex_guard, Location::caller(), |inner| self.0.wait_until(inner, timeout))
    }

    /// Waits to be notified for at most `timeout`.
    ///
    /// # Panics
    ///
    /// As [`Condvar::wait`].
    #[track_caller]
    pub fn wait_for<T: ?Sized>(
        &self,
        mutex_guard: &mut Guard<'_, T>,
        timeout: Duration,
    ) -> WaitTimeoutResult {
        without(mutex_guard, Location::caller(), |inner| self.0.wait_for(inner, timeout))
    }

    /// Waits as long as `condition` says `true`.
    ///
    /// # Panics
    ///
    /// As [`Condvar::wait`].
    #[track_caller]
    pub fn wait_while<T: ?Sized, F: FnMut(&mut T) -> bool>(
        &self,
        mutex_guard: &mut Guard<'_, T>,
        mut condition: F,
    ) {
        while condition(mutex_guard) {
            self.wait(mutex_guard);
        }
    }

    /// Waits as long as `condition` says `true`, until `timeout`.
    ///
    /// # Panics
    ///
    /// As [`Condvar::wait`].
    #[track_caller]
    pub fn wait_while_until<T: ?Sized, F: FnMut(&mut T) -> bool>(
        &self,
        mutex_guard: &mut Guard<'_, T>,
        condition: F,
        timeout: Instant,
    ) -> WaitTimeoutResult {
        asking(mutex_guard, Location::caller(), condition, |inner, condition| {
            self.0.wait_while_until(inner, condition, timeout)
        })
    }

    /// Waits as long as `condition` says `true`, for at most `timeout`.
    ///
    /// # Panics
    ///
    /// As [`Condvar::wait`].
    #[track_caller]
    pub fn wait_while_for<T: ?Sized, F: FnMut(&mut T) -> bool>(
        &self,
        mutex_guard: &mut Guard<'_, T>,
        condition: F,
        timeout: Duration,
    ) -> WaitTimeoutResult {
        asking(mutex_guard, Location::caller(), condition, |inner, condition| {
            self.0.wait_while_for(inner, condition, timeout)
        })
    }
}

impl fmt::Debug for Condvar {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// Runs `wait` with the guard of the mutex inside.
fn without<T: ?Sized, R>(
    guard: &mut Guard<'_, T>,
    at: &'static Location<'static>,
    wait: impl FnOnce(&mut Inner<'_>) -> R,
) -> R {
    let mutex = Guard::mutex(guard);
    // SAFETY: the raw lock is given up and taken again, and never left unlocked.
    let raw = unsafe { mutex.raw() };
    // SAFETY: a guard is there, so the lock is held.
    unsafe { raw.given_up(at, wait) }
}

/// The same for a wait that looks at the value now and then, always with the lock.
fn asking<T: ?Sized, R>(
    guard: &mut Guard<'_, T>,
    at: &'static Location<'static>,
    mut condition: impl FnMut(&mut T) -> bool,
    wait: impl FnOnce(&mut Inner<'_>, &mut dyn FnMut(&mut ()) -> bool) -> R,
) -> R {
    let mutex: &Mutex<RawMutex, T> = Guard::mutex(guard);
    let value = mutex.data_ptr();
    // SAFETY: the raw lock is asked for its sentinel alone.
    let latch = unsafe { mutex.raw() }.latch();
    without(guard, at, |inner| {
        wait(inner, &mut |()| {
            let _held = latch.taken_at(super::mutex::LOCK, at);
            // SAFETY: the condition is asked with the lock held, and the caller's guard, borrowed mutably, is idle:
            // nobody else has a reference to the value.
            condition(unsafe { &mut *value })
        })
    })
}
