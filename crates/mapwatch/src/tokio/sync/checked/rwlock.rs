//! A `RwLock` that knows which tasks read it and which one writes.

use super::owned::{OwnedRwLockReadGuard, OwnedRwLockWriteGuard};
use super::{Inner, guard_basics, lock_basics};
use ::tokio::sync::{self, TryLockError};
use mapwatch_core::entry::Shape;
use mapwatch_core::event::{MapKind, Operation};
use mapwatch_core::guard::{Family, Held, Latch, Mode, Want};
use std::borrow::Cow;
use std::fmt;
use std::future::Future;
use std::ops::{Deref, DerefMut};
use std::panic::Location;
use std::sync::Arc;

static FAMILY: Family = Family { travels: false, suspends: true, queues: true };

const READ: Want = Want::whole(Operation::Read, Mode::Shared);
const WRITE: Want = Want::whole(Operation::Write, Mode::Exclusive);

/// [`tokio::sync::RwLock`](::tokio::sync::RwLock), watched.
pub struct RwLock<T> {
    latch: Latch,
    inner: Inner<sync::RwLock<T>, (T, Option<u32>)>,
}

lock_basics!(RwLock);

/// tokio's lock, with its own limit of readers or another one.
fn make<T>((value, readers): (T, Option<u32>)) -> sync::RwLock<T> {
    match readers {
        None => sync::RwLock::new(value),
        Some(readers) => sync::RwLock::with_max_readers(value, readers),
    }
}

impl<T> RwLock<T> {
    #[track_caller]
    const fn made(value: T, readers: Option<u32>) -> RwLock<T> {
        let latch = Latch::new(MapKind::RwLock, &FAMILY, Shape::of::<RwLock<T>>, Location::caller());
        RwLock { latch, inner: Inner::new((value, readers), make) }
    }

    /// A lock around `value`.
    #[track_caller]
    pub fn new(value: T) -> RwLock<T> {
        RwLock::made(value, None)
    }

    /// A lock that lets at most so many readers in at once.
    ///
    /// # Panics
    ///
    /// When that are more than `u32::MAX >> 3`.
    #[track_caller]
    pub fn with_max_readers(value: T, max_reads: u32) -> RwLock<T> {
        RwLock::const_with_max_readers(value, max_reads)
    }

    /// A lock in a constant.
    #[track_caller]
    pub const fn const_new(value: T) -> RwLock<T> {
        RwLock::made(value, None)
    }

    /// A lock in a constant that lets at most so many readers in at once.
    ///
    /// # Panics
    ///
    /// When that are more than `u32::MAX >> 3`.
    #[track_caller]
    pub const fn const_with_max_readers(value: T, max_reads: u32) -> RwLock<T> {
        assert!(max_reads <= u32::MAX >> 3, "a RwLock may not be created with more than 536870911 readers");
        RwLock::made(value, Some(max_reads))
    }

    /// The value: nobody else has the lock.
    pub fn get_mut(&mut self) -> &mut T {
        self.inner.lock_mut().get_mut()
    }

    /// The value.
    pub fn into_inner(self) -> T {
        self.inner.into_lock().into_inner()
    }

    /// Takes the lock for reading, and suspends the task until that can be.
    ///
    /// # Panics
    ///
    /// When polled where the wait could not end.
    #[track_caller]
    pub fn read(&self) -> impl Future<Output = RwLockReadGuard<'_, T>> {
        let at = Location::caller();
        async move {
            let (inner, held) = self.latch.acquire_async(READ, at, self.inner.lock().read()).await;
            RwLockReadGuard { held, inner }
        }
    }

    /// Takes the lock for reading, and blocks the thread until that can be.
    ///
    /// # Panics
    ///
    /// In an asynchronous context, as tokio's; and when the wait could not end.
    #[track_caller]
    pub fn blocking_read(&self) -> RwLockReadGuard<'_, T> {
        let lock = self.inner.lock();
        let (inner, held) = self.latch.acquire(READ, || lock.try_read().ok(), || lock.blocking_read());
        RwLockReadGuard { held, inner }
    }

    /// Takes the lock for reading with a guard that owns it, and suspends the task until that can be.
    ///
    /// # Panics
    ///
    /// When polled where the wait could not end.
    #[track_caller]
    pub fn read_owned(self: Arc<Self>) -> impl Future<Output = OwnedRwLockReadGuard<T>> {
        let at = Location::caller();
        async move {
            let wait = Arc::clone(self.inner.lock()).read_owned();
            let (inner, held) = self.latch.acquire_async(READ, at, wait).await;
            held.set_travels();
            OwnedRwLockReadGuard { held, inner, lock: self }
        }
    }

    /// Takes the lock for reading if that can be at once.
    ///
    /// # Errors
    ///
    /// Somebody has it.
    #[track_caller]
    pub fn try_read(&self) -> Result<RwLockReadGuard<'_, T>, TryLockError> {
        let inner = self.inner.lock().try_read()?;
        Ok(RwLockReadGuard { held: self.latch.taken(READ), inner })
    }

    /// The same, with a guard that owns the lock.
    ///
    /// # Errors
    ///
    /// Somebody has it.
    #[track_caller]
    pub fn try_read_owned(self: Arc<Self>) -> Result<OwnedRwLockReadGuard<T>, TryLockError> {
        let inner = Arc::clone(self.inner.lock()).try_read_owned()?;
        let held = self.latch.taken(READ);
        held.set_travels();
        Ok(OwnedRwLockReadGuard { held, inner, lock: self })
    }

    /// Takes the lock for writing, and suspends the task until that can be.
    ///
    /// # Panics
    ///
    /// When polled where the wait could not end.
    #[track_caller]
    pub fn write(&self) -> impl Future<Output = RwLockWriteGuard<'_, T>> {
        let at = Location::caller();
        async move {
            let (inner, held) = self.latch.acquire_async(WRITE, at, self.inner.lock().write()).await;
            RwLockWriteGuard { held, inner }
        }
    }

    /// Takes the lock for writing, and blocks the thread until that can be.
    ///
    /// # Panics
    ///
    /// In an asynchronous context, as tokio's; and when the wait could not end.
    #[track_caller]
    pub fn blocking_write(&self) -> RwLockWriteGuard<'_, T> {
        let lock = self.inner.lock();
        let (inner, held) = self.latch.acquire(WRITE, || lock.try_write().ok(), || lock.blocking_write());
        RwLockWriteGuard { held, inner }
    }

    /// Takes the lock for writing with a guard that owns it, and suspends the task until that can be.
    ///
    /// # Panics
    ///
    /// When polled where the wait could not end.
    #[track_caller]
    pub fn write_owned(self: Arc<Self>) -> impl Future<Output = OwnedRwLockWriteGuard<T>> {
        let at = Location::caller();
        async move {
            let wait = Arc::clone(self.inner.lock()).write_owned();
            let (inner, held) = self.latch.acquire_async(WRITE, at, wait).await;
            held.set_travels();
            OwnedRwLockWriteGuard { held, inner, lock: self }
        }
    }

    /// Takes the lock for writing if that can be at once.
    ///
    /// # Errors
    ///
    /// Somebody has it.
    #[track_caller]
    pub fn try_write(&self) -> Result<RwLockWriteGuard<'_, T>, TryLockError> {
        let inner = self.inner.lock().try_write()?;
        Ok(RwLockWriteGuard { held: self.latch.taken(WRITE), inner })
    }

    /// The same, with a guard that owns the lock.
    ///
    /// # Errors
    ///
    /// Somebody has it.
    #[track_caller]
    pub fn try_write_owned(self: Arc<Self>) -> Result<OwnedRwLockWriteGuard<T>, TryLockError> {
        let inner = Arc::clone(self.inner.lock()).try_write_owned()?;
        let held = self.latch.taken(WRITE);
        held.set_travels();
        Ok(OwnedRwLockWriteGuard { held, inner, lock: self })
    }
}

/// The lock for reading, until it is dropped.
#[must_use = "if unused the RwLock will immediately unlock"]
pub struct RwLockReadGuard<'a, T: ?Sized> {
    held: Held,
    inner: sync::RwLockReadGuard<'a, T>,
}

guard_basics!([T: ?Sized] RwLockReadGuard<'_, T>, T);

impl<'a, T: ?Sized> RwLockReadGuard<'a, T> {
    /// The same lock, with a part of the value.
    pub fn map<U: ?Sized, F: FnOnce(&T) -> &U>(this: Self, f: F) -> RwLockReadGuard<'a, U> {
        let RwLockReadGuard { held, inner } = this;
        let inner = sync::RwLockReadGuard::map(inner, f);
        RwLockReadGuard { held, inner }
    }

    /// The same, with a part that may not be there.
    ///
    /// # Errors
    ///
    /// The guard itself.
    pub fn try_map<U: ?Sized, F: FnOnce(&T) -> Option<&U>>(
        this: Self,
        f: F,
    ) -> Result<RwLockReadGuard<'a, U>, Self> {
        let RwLockReadGuard { held, inner } = this;
        match sync::RwLockReadGuard::try_map(inner, f) {
            Ok(inner) => Ok(RwLockReadGuard { held, inner }),
            Err(inner) => Err(RwLockReadGuard { held, inner }),
        }
    }
}

/// The lock for writing, until it is dropped.
#[must_use = "if unused the RwLock will immediately unlock"]
pub struct RwLockWriteGuard<'a, T: ?Sized> {
    held: Held,
    inner: sync::RwLockWriteGuard<'a, T>,
}

guard_basics!([T: ?Sized] mut RwLockWriteGuard<'_, T>, T);

impl<'a, T: ?Sized> RwLockWriteGuard<'a, T> {
    /// The same lock, with a part of the value.
    pub fn map<U: ?Sized, F: FnOnce(&mut T) -> &mut U>(this: Self, f: F) -> RwLockMappedWriteGuard<'a, U> {
        let RwLockWriteGuard { held, inner } = this;
        let inner = sync::RwLockWriteGuard::map(inner, f);
        RwLockMappedWriteGuard { held, inner }
    }

    /// The same, with a part that may not be there.
    ///
    /// # Errors
    ///
    /// The guard itself.
    pub fn try_map<U: ?Sized, F: FnOnce(&mut T) -> Option<&mut U>>(
        this: Self,
        f: F,
    ) -> Result<RwLockMappedWriteGuard<'a, U>, Self> {
        let RwLockWriteGuard { held, inner } = this;
        match sync::RwLockWriteGuard::try_map(inner, f) {
            Ok(inner) => Ok(RwLockMappedWriteGuard { held, inner }),
            Err(inner) => Err(RwLockWriteGuard { held, inner }),
        }
    }

    /// The same lock, from now on for reading, with a part of the value.
    pub fn downgrade_map<U: ?Sized, F: FnOnce(&T) -> &U>(this: Self, f: F) -> RwLockReadGuard<'a, U> {
        let RwLockWriteGuard { held, inner } = this;
        let inner = sync::RwLockWriteGuard::downgrade_map(inner, f);
        held.set_mode(Mode::Shared);
        RwLockReadGuard { held, inner }
    }

    /// The same, with a part that may not be there.
    ///
    /// # Errors
    ///
    /// The guard itself.
    pub fn try_downgrade_map<U: ?Sized, F: FnOnce(&T) -> Option<&U>>(
        this: Self,
        f: F,
    ) -> Result<RwLockReadGuard<'a, U>, Self> {
        let RwLockWriteGuard { held, inner } = this;
        match sync::RwLockWriteGuard::try_downgrade_map(inner, f) {
            Ok(inner) => {
                held.set_mode(Mode::Shared);
                Ok(RwLockReadGuard { held, inner })
            }
            Err(inner) => Err(RwLockWriteGuard { held, inner }),
        }
    }

    /// The same lock, as a mapped guard.
    pub fn into_mapped(this: Self) -> RwLockMappedWriteGuard<'a, T> {
        RwLockMappedWriteGuard { held: this.held, inner: sync::RwLockWriteGuard::into_mapped(this.inner) }
    }

    /// The same lock, from now on for reading; no writer comes between.
    pub fn downgrade(self) -> RwLockReadGuard<'a, T> {
        let inner = self.inner.downgrade();
        self.held.set_mode(Mode::Shared);
        RwLockReadGuard { held: self.held, inner }
    }
}

/// The lock for writing, with a part of the value.
#[must_use = "if unused the RwLock will immediately unlock"]
pub struct RwLockMappedWriteGuard<'a, T: ?Sized> {
    held: Held,
    inner: sync::RwLockMappedWriteGuard<'a, T>,
}

guard_basics!([T: ?Sized] mut RwLockMappedWriteGuard<'_, T>, T);

impl<'a, T: ?Sized> RwLockMappedWriteGuard<'a, T> {
    /// The same lock, with a part of the value.
    pub fn map<U: ?Sized, F: FnOnce(&mut T) -> &mut U>(this: Self, f: F) -> RwLockMappedWriteGuard<'a, U> {
        let RwLockMappedWriteGuard { held, inner } = this;
        let inner = sync::RwLockMappedWriteGuard::map(inner, f);
        RwLockMappedWriteGuard { held, inner }
    }

    /// The same, with a part that may not be there.
    ///
    /// # Errors
    ///
    /// The guard itself.
    pub fn try_map<U: ?Sized, F: FnOnce(&mut T) -> Option<&mut U>>(
        this: Self,
        f: F,
    ) -> Result<RwLockMappedWriteGuard<'a, U>, Self> {
        let RwLockMappedWriteGuard { held, inner } = this;
        match sync::RwLockMappedWriteGuard::try_map(inner, f) {
            Ok(inner) => Ok(RwLockMappedWriteGuard { held, inner }),
            Err(inner) => Err(RwLockMappedWriteGuard { held, inner }),
        }
    }
}
