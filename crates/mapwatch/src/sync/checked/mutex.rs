//! A `Mutex` that knows who holds it.

use super::{guard_basics, had, lock_basics, told, tried, whole};
use mapwatch_core::entry::Shape;
use mapwatch_core::event::{MapKind, Operation};
use mapwatch_core::guard::{Family, Held, Latch, Mode, Want};
use std::borrow::Cow;
use std::fmt;
use std::ops::{Deref, DerefMut};
use std::panic::Location;
use std::sync::{self, LockResult, TryLockResult};

static FAMILY: Family = Family { travels: false, suspends: false, queues: false };

pub(super) const LOCK: Want = Want::whole(Operation::Lock, Mode::Exclusive);

/// [`std::sync::Mutex`], watched.
///
/// `cargo bench -p mapwatch --bench locks` says what it costs; beside that, one walk over a stack every few milliseconds per
/// call site.
pub struct Mutex<T: ?Sized> {
    latch: Latch,
    inner: sync::Mutex<T>,
}

lock_basics!(Mutex, MapKind::Mutex, "mutex");

impl<T: ?Sized> Mutex<T> {
    /// Takes the lock, and waits for it.
    ///
    /// # Errors
    ///
    /// The guard all the same, where a holder panicked.
    ///
    /// # Panics
    ///
    /// When the wait could not end: the caller has the lock itself, or its holder waits for the caller.
    #[inline]
    #[track_caller]
    pub fn lock(&self) -> LockResult<MutexGuard<'_, T>> {
        let (inner, held) =
            self.latch.acquire(LOCK, || had(self.inner.try_lock()), || whole(self.inner.lock()));
        told(MutexGuard { held, latch: &self.latch, inner }, self.inner.is_poisoned())
    }

    /// Takes the lock if nobody has it.
    ///
    /// # Errors
    ///
    /// Somebody has it; or the guard all the same, where a holder panicked.
    #[inline]
    #[track_caller]
    pub fn try_lock(&self) -> TryLockResult<MutexGuard<'_, T>> {
        tried(self.inner.try_lock(), |inner| MutexGuard {
            held: self.latch.taken(LOCK),
            latch: &self.latch,
            inner,
        })
    }
}

/// The lock, until it is dropped. The record goes before the lock does, so that nobody is named who has left.
#[must_use = "if unused the Mutex will immediately unlock"]
pub struct MutexGuard<'a, T: ?Sized> {
    pub(super) held: Held,
    pub(super) latch: &'a Latch,
    pub(super) inner: sync::MutexGuard<'a, T>,
}

guard_basics!(MutexGuard);

impl<T: ?Sized> DerefMut for MutexGuard<'_, T> {
    #[inline]
    fn deref_mut(&mut self) -> &mut T {
        &mut self.inner
    }
}
