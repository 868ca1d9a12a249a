//! A `Mutex` that knows which task holds it.

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

static FAMILY: Family = Family { travels: false, suspends: true, queues: false };

const LOCK: Want = Want::whole(Operation::Lock, Mode::Exclusive);

/// [`tokio::sync::Mutex`](::tokio::sync::Mutex), watched.
pub struct Mutex<T> {
    latch: Latch,
    inner: Inner<sync::Mutex<T>, T>,
}

lock_basics!(Mutex);

impl<T> Mutex<T> {
    /// A mutex around `value`.
    #[track_caller]
    pub fn new(value: T) -> Mutex<T> {
        Mutex::const_new(value)
    }

    /// The same in a constant.
    #[track_caller]
    pub const fn const_new(value: T) -> Mutex<T> {
        let latch = Latch::new(MapKind::Mutex, &FAMILY, Shape::of::<Mutex<T>>, Location::caller());
        Mutex { latch, inner: Inner::new(value, sync::Mutex::new) }
    }

    /// Takes the lock, and suspends the task until it is free.
    ///
    /// # Panics
    ///
    /// When polled where the wait could not end.
    #[track_caller]
    pub fn lock(&self) -> impl Future<Output = MutexGuard<'_, T>> {
        let at = Location::caller();
        async move {
            let (inner, held) = self.latch.acquire_async(LOCK, at, self.inner.lock().lock()).await;
            MutexGuard { held, lock: self, inner }
        }
    }

    /// Takes the lock, and blocks the thread until it is free.
    ///
    /// # Panics
    ///
    /// In an asynchronous context, as tokio's; and when the wait could not end.
    #[track_caller]
    pub fn blocking_lock(&self) -> MutexGuard<'_, T> {
        let lock = self.inner.lock();
        let (inner, held) = self.latch.acquire(LOCK, || lock.try_lock().ok(), || lock.blocking_lock());
        MutexGuard { held, lock: self, inner }
    }

    /// The same, with a guard that owns the lock.
    ///
    /// # Panics
    ///
    /// As [`Mutex::blocking_lock`].
    #[track_caller]
    pub fn blocking_lock_owned(self: Arc<Self>) -> OwnedMutexGuard<T> {
        let lock = self.inner.lock();
        let (inner, held) = self.latch.acquire(
            LOCK,
            || Arc::clone(lock).try_lock_owned().ok(),
            || Arc::clone(lock).blocking_lock_owned(),
        );
        held.set_travels();
        OwnedMutexGuard { held, inner, lock: self }
    }

    /// Takes the lock with a guard that owns it, and suspends the task until it is free.
    ///
    /// # Panics
    ///
    /// When polled where the wait could not end.
    #[track_caller]
    pub fn lock_owned(self: Arc<Self>) -> impl Future<Output = OwnedMutexGuard<T>> {
        let at = Location::caller();
        async move {
            let wait = Arc::clone(self.inner.lock()).lock_owned();
            let (inner, held) = self.latch.acquire_async(LOCK, at, wait).await;
            held.set_travels();
            OwnedMutexGuard { held, inner, lock: self }
        }
    }

    /// Takes the lock if nobody has it.
    ///
    /// # Errors
    ///
    /// Somebody has it.
    #[track_caller]
    pub fn try_lock(&self) -> Result<MutexGuard<'_, T>, TryLockError> {
        let inner = self.inner.lock().try_lock()?;
        Ok(MutexGuard { held: self.latch.taken(LOCK), lock: self, inner })
    }

    /// The same, with a guard that owns the lock.
    ///
    /// # Errors
    ///
    /// Somebody has it.
    #[track_caller]
    pub fn try_lock_owned(self: Arc<Self>) -> Result<OwnedMutexGuard<T>, TryLockError> {
        let inner = Arc::clone(self.inner.lock()).try_lock_owned()?;
        let held = self.latch.taken(LOCK);
        held.set_travels();
        Ok(OwnedMutexGuard { held, inner, lock: self })
    }

    /// The value: nobody else has the lock.
    pub fn get_mut(&mut self) -> &mut T {
        self.inner.lock_mut().get_mut()
    }

    /// The value.
    pub fn into_inner(self) -> T {
        self.inner.into_lock().into_inner()
    }
}

/// The lock, until it is dropped.
#[must_use = "if unused the Mutex will immediately unlock"]
pub struct MutexGuard<'a, T> {
    held: Held,
    lock: &'a Mutex<T>,
    inner: sync::MutexGuard<'a, T>,
}

guard_basics!([T] mut MutexGuard<'_, T>, T);

impl<'a, T> MutexGuard<'a, T> {
    /// The same lock, with a part of the value.
    pub fn map<U: ?Sized, F: FnOnce(&mut T) -> &mut U>(this: Self, f: F) -> MappedMutexGuard<'a, U> {
        MappedMutexGuard { held: this.held, inner: sync::MutexGuard::map(this.inner, f) }
    }

    /// The same lock, with a part that may not be there.
    ///
    /// # Errors
    ///
    /// The guard itself.
    pub fn try_map<U: ?Sized, F: FnOnce(&mut T) -> Option<&mut U>>(
        this: Self,
        f: F,
    ) -> Result<MappedMutexGuard<'a, U>, Self> {
        let MutexGuard { held, lock, inner } = this;
        match sync::MutexGuard::try_map(inner, f) {
            Ok(inner) => Ok(MappedMutexGuard { held, inner }),
            Err(inner) => Err(MutexGuard { held, lock, inner }),
        }
    }

    /// The lock.
    pub fn mutex(this: &Self) -> &'a Mutex<T> {
        this.lock
    }
}

/// The lock, with a part of the value.
#[must_use = "if unused the Mutex will immediately unlock"]
pub struct MappedMutexGuard<'a, T: ?Sized> {
    held: Held,
    inner: sync::MappedMutexGuard<'a, T>,
}

guard_basics!([T: ?Sized] mut MappedMutexGuard<'_, T>, T);

impl<'a, T: ?Sized> MappedMutexGuard<'a, T> {
    /// The same lock, with a part of the part.
    pub fn map<U, F: FnOnce(&mut T) -> &mut U>(this: Self, f: F) -> MappedMutexGuard<'a, U> {
        MappedMutexGuard { held: this.held, inner: sync::MappedMutexGuard::map(this.inner, f) }
    }

    /// The same, with a part that may not be there.
    ///
    /// # Errors
    ///
    /// The guard itself.
    pub fn try_map<U, F: FnOnce(&mut T) -> Option<&mut U>>(
        this: Self,
        f: F,
    ) -> Result<MappedMutexGuard<'a, U>, Self> {
        let MappedMutexGuard { held, inner } = this;
        match sync::MappedMutexGuard::try_map(inner, f) {
            Ok(inner) => Ok(MappedMutexGuard { held, inner }),
            Err(inner) => Err(MappedMutexGuard { held, inner }),
        }
    }
}

/// The lock with a share of itself, until it is dropped.
#[must_use = "if unused the Mutex will immediately unlock"]
pub struct OwnedMutexGuard<T> {
    held: Held,
    inner: sync::OwnedMutexGuard<T>,
    lock: Arc<Mutex<T>>,
}

guard_basics!([T] mut OwnedMutexGuard<T>, T);

impl<T> OwnedMutexGuard<T> {
    /// The same lock, with a part of the value.
    pub fn map<U: ?Sized, F: FnOnce(&mut T) -> &mut U>(this: Self, f: F) -> OwnedMappedMutexGuard<T, U> {
        let OwnedMutexGuard { held, inner, lock } = this;
        OwnedMappedMutexGuard { held, inner: sync::OwnedMutexGuard::map(inner, f), lock }
    }

    /// The same lock, with a part that may not be there.
    ///
    /// # Errors
    ///
    /// The guard itself.
    pub fn try_map<U: ?Sized, F: FnOnce(&mut T) -> Option<&mut U>>(
        this: Self,
        f: F,
    ) -> Result<OwnedMappedMutexGuard<T, U>, Self> {
        let OwnedMutexGuard { held, inner, lock } = this;
        match sync::OwnedMutexGuard::try_map(inner, f) {
            Ok(inner) => Ok(OwnedMappedMutexGuard { held, inner, lock }),
            Err(inner) => Err(OwnedMutexGuard { held, inner, lock }),
        }
    }

    /// The lock.
    pub fn mutex(this: &Self) -> &Arc<Mutex<T>> {
        &this.lock
    }
}

/// The lock with a share of itself and a part of the value.
#[must_use = "if unused the Mutex will immediately unlock"]
pub struct OwnedMappedMutexGuard<T, U: ?Sized = T> {
    held: Held,
    inner: sync::OwnedMappedMutexGuard<T, U>,
    lock: Arc<Mutex<T>>,
}

guard_basics!([T, U: ?Sized] mut OwnedMappedMutexGuard<T, U>, U);

impl<T, U: ?Sized> OwnedMappedMutexGuard<T, U> {
    /// The same lock, with a part of the part.
    pub fn map<S, F: FnOnce(&mut U) -> &mut S>(this: Self, f: F) -> OwnedMappedMutexGuard<T, S> {
        let OwnedMappedMutexGuard { held, inner, lock } = this;
        OwnedMappedMutexGuard { held, inner: sync::OwnedMappedMutexGuard::map(inner, f), lock }
    }

    /// The same, with a part that may not be there.
    ///
    /// # Errors
    ///
    /// The guard itself.
    pub fn try_map<S, F: FnOnce(&mut U) -> Option<&mut S>>(
        this: Self,
        f: F,
    ) -> Result<OwnedMappedMutexGuard<T, S>, Self> {
        let OwnedMappedMutexGuard { held, inner, lock } = this;
        match sync::OwnedMappedMutexGuard::try_map(inner, f) {
            Ok(inner) => Ok(OwnedMappedMutexGuard { held, inner, lock }),
            Err(inner) => Err(OwnedMappedMutexGuard { held, inner, lock }),
        }
    }
}
