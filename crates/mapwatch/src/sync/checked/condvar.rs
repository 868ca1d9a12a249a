//! A `Condvar` for the watched `Mutex`: while it waits, nobody holds.

use super::mutex::LOCK;
use super::{MutexGuard, watched};
use mapwatch_core::guard::Latch;
use std::fmt;
use std::panic::Location;
use std::sync::{self, LockResult, WaitTimeoutResult};
use std::time::Duration;

/// [`std::sync::Condvar`], for a watched [`Mutex`](super::Mutex).
#[derive(Default)]
pub struct Condvar(sync::Condvar);

impl Condvar {
    /// One that nobody waits at.
    #[must_use]
    pub const fn new() -> Condvar {
        Condvar(sync::Condvar::new())
    }

    /// Gives the lock up, waits to be notified, and takes the lock again.
    ///
    /// # Errors
    ///
    /// The guard all the same, where a holder panicked.
    #[track_caller]
    pub fn wait<'a, T>(&self, guard: MutexGuard<'a, T>) -> LockResult<MutexGuard<'a, T>> {
        let at = Location::caller();
        let (latch, inner) = let_go(guard);
        let until = latch.until_notified(LOCK, at);
        let result = self.0.wait(inner);
        drop(until);
        watched(result, |inner| again(latch, at, inner))
    }

    /// Waits as long as `condition` says `true`.
    ///
    /// # Errors
    ///
    /// As [`Condvar::wait`].
    #[track_caller]
    pub fn wait_while<'a, T, F: FnMut(&mut T) -> bool>(
        &self,
        mut guard: MutexGuard<'a, T>,
        mut condition: F,
    ) -> LockResult<MutexGuard<'a, T>> {
        while condition(&mut guard) {
            guard = self.wait(guard)?;
        }
        Ok(guard)
    }

    /// Waits to be notified, for at most so many milliseconds; `false` where that time has passed.
    ///
    /// # Errors
    ///
    /// As [`Condvar::wait`].
    #[deprecated(note = "replaced by `Condvar::wait_timeout`, as in std")]
    #[track_caller]
    pub fn wait_timeout_ms<'a, T>(
        &self,
        guard: MutexGuard<'a, T>,
        ms: u32,
    ) -> LockResult<(MutexGuard<'a, T>, bool)> {
        let result = self.wait_timeout(guard, Duration::from_millis(u64::from(ms)));
        watched(result, |(guard, waited)| (guard, !waited.timed_out()))
    }

    /// Waits to be notified, for at most `dur`.
    ///
    /// # Errors
    ///
    /// As [`Condvar::wait`].
    #[track_caller]
    pub fn wait_timeout<'a, T>(
        &self,
        guard: MutexGuard<'a, T>,
        dur: Duration,
    ) -> LockResult<(MutexGuard<'a, T>, WaitTimeoutResult)> {
        let at = Location::caller();
        let (latch, inner) = let_go(guard);
        let until = latch.until_notified(LOCK, at);
        let result = self.0.wait_timeout(inner, dur);
        drop(until);
        watched(result, |(inner, waited)| (again(latch, at, inner), waited))
    }

    /// Waits as long as `condition` says `true`, for at most `dur`.
    ///
    /// # Errors
    ///
    /// As [`Condvar::wait`].
    #[track_caller]
    pub fn wait_timeout_while<'a, T, F: FnMut(&mut T) -> bool>(
        &self,
        guard: MutexGuard<'a, T>,
        dur: Duration,
        mut condition: F,
    ) -> LockResult<(MutexGuard<'a, T>, WaitTimeoutResult)> {
        let at = Location::caller();
        let (latch, inner) = let_go(guard);
        let condition = |value: &mut T| {
            let _held = latch.taken_at(LOCK, at);
            condition(value)
        };
        let until = latch.until_notified(LOCK, at);
        let result = self.0.wait_timeout_while(inner, dur, condition);
        drop(until);
        watched(result, |(inner, waited)| (again(latch, at, inner), waited))
    }

    /// Wakes one who waits.
    #[inline]
    pub fn notify_one(&self) {
        self.0.notify_one();
    }

    /// Wakes all who wait.
    #[inline]
    pub fn notify_all(&self) {
        self.0.notify_all();
    }
}

impl fmt::Debug for Condvar {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// The lock without its record: whoever waits does not hold.
fn let_go<'a, T>(guard: MutexGuard<'a, T>) -> (&'a Latch, sync::MutexGuard<'a, T>) {
    let MutexGuard { held, latch, inner } = guard;
    drop(held);
    (latch, inner)
}

/// The lock with a record again.
fn again<'a, T>(
    latch: &'a Latch,
    at: &'static Location<'static>,
    inner: sync::MutexGuard<'a, T>,
) -> MutexGuard<'a, T> {
    MutexGuard { held: latch.taken_at(LOCK, at), latch, inner }
}
