//! A `RwLock` that knows who reads it and who writes.

use super::{guard_basics, had, lock_basics, told, tried, whole};
use mapwatch_core::entry::Shape;
use mapwatch_core::event::{MapKind, Operation};
use mapwatch_core::guard::{Family, Held, Latch, Mode, Want};
use std::borrow::Cow;
use std::fmt;
use std::ops::{Deref, DerefMut};
use std::panic::Location;
use std::sync::{self, LockResult, TryLockResult};

static FAMILY: Family = Family { travels: false, suspends: false, queues: true };

const READ: Want = Want::whole(Operation::Read, Mode::Shared);
const WRITE: Want = Want::whole(Operation::Write, Mode::Exclusive);

/// [`std::sync::RwLock`], watched.
///
/// `cargo bench -p mapwatch --bench locks` says what it costs; beside that, one walk over a stack every few milliseconds per
/// call site.
pub struct RwLock<T: ?Sized> {
    latch: Latch,
    inner: sync::RwLock<T>,
}

lock_basics!(RwLock, MapKind::RwLock, "lock for many readers or one writer");

impl<T: ?Sized> RwLock<T> {
    /// Takes the lock for reading, and waits for it.
    ///
    /// # Errors
    ///
    /// The guard all the same, where a writer panicked.
    ///
    /// # Panics
    ///
    /// When the wait could not end: the caller writes, or reads already while a writer waits, or the one who is in
    /// the way waits for the caller.
    #[inline]
    #[track_caller]
    pub fn read(&self) -> LockResult<RwLockReadGuard<'_, T>> {
        let (inner, held) =
            self.latch.acquire(READ, || had(self.inner.try_read()), || whole(self.inner.read()));
        told(RwLockReadGuard { _held: held, inner }, self.inner.is_poisoned())
    }

    /// Takes the lock for reading if nobody writes.
    ///
    /// # Errors
    ///
    /// Somebody writes; or the guard all the same, where a writer panicked.
    #[inline]
    #[track_caller]
    pub fn try_read(&self) -> TryLockResult<RwLockReadGuard<'_, T>> {
        tried(self.inner.try_read(), |inner| RwLockReadGuard { _held: self.latch.taken(READ), inner })
    }

    /// Takes the lock for writing, and waits for it.
    ///
    /// # Errors
    ///
    /// The guard all the same, where a writer panicked.
    ///
    /// # Panics
    ///
    /// When the wait could not end: the caller reads or writes already, or the one who is in the way waits for the
    /// caller.
    #[inline]
    #[track_caller]
    pub fn write(&self) -> LockResult<RwLockWriteGuard<'_, T>> {
        let (inner, held) =
            self.latch.acquire(WRITE, || had(self.inner.try_write()), || whole(self.inner.write()));
        told(RwLockWriteGuard { held, inner }, self.inner.is_poisoned())
    }

    /// Takes the lock for writing if nobody has it.
    ///
    /// # Errors
    ///
    /// Somebody has it; or the guard all the same, where a writer panicked.
    #[inline]
    #[track_caller]
    pub fn try_write(&self) -> TryLockResult<RwLockWriteGuard<'_, T>> {
        tried(self.inner.try_write(), |inner| RwLockWriteGuard { held: self.latch.taken(WRITE), inner })
    }
}

/// The lock for reading, until it is dropped.
#[must_use = "if unused the RwLock will immediately unlock"]
pub struct RwLockReadGuard<'a, T: ?Sized> {
    /// Ends the record when it is dropped.
    _held: Held,
    inner: sync::RwLockReadGuard<'a, T>,
}

guard_basics!(RwLockReadGuard);

/// The lock for writing, until it is dropped.
#[must_use = "if unused the RwLock will immediately unlock"]
pub struct RwLockWriteGuard<'a, T: ?Sized> {
    held: Held,
    inner: sync::RwLockWriteGuard<'a, T>,
}

guard_basics!(RwLockWriteGuard);

impl<'a, T: ?Sized> RwLockWriteGuard<'a, T> {
    /// The same lock, from now on for reading; no writer comes between.
    #[inline]
    pub fn downgrade(s: RwLockWriteGuard<'a, T>) -> RwLockReadGuard<'a, T> {
        let RwLockWriteGuard { held, inner } = s;
        let inner = sync::RwLockWriteGuard::downgrade(inner);
        held.set_mode(Mode::Shared);
        RwLockReadGuard { _held: held, inner }
    }
}

impl<T: ?Sized> DerefMut for RwLockWriteGuard<'_, T> {
    #[inline]
    fn deref_mut(&mut self) -> &mut T {
        &mut self.inner
    }
}
