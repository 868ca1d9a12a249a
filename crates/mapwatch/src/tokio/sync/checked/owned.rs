//! Guards that own their `RwLock`.

use super::guard_basics;
use super::rwlock::RwLock;
use ::tokio::sync;
use mapwatch_core::guard::{Held, Mode};
use std::fmt;
use std::ops::{Deref, DerefMut};
use std::sync::Arc;

/// The lock for reading with a share of itself, until it is dropped.
#[must_use = "if unused the RwLock will immediately unlock"]
pub struct OwnedRwLockReadGuard<T, U: ?Sized = T> {
    pub(super) held: Held,
    pub(super) inner: sync::OwnedRwLockReadGuard<T, U>,
    pub(super) lock: Arc<RwLock<T>>,
}

guard_basics!([T, U: ?Sized] OwnedRwLockReadGuard<T, U>, U);

impl<T, U: ?Sized> OwnedRwLockReadGuard<T, U> {
    /// The same lock, with a part of the value.
    pub fn map<S: ?Sized, F: FnOnce(&U) -> &S>(this: Self, f: F) -> OwnedRwLockReadGuard<T, S> {
        let OwnedRwLockReadGuard { held, inner, lock } = this;
        let inner = sync::OwnedRwLockReadGuard::map(inner, f);
        OwnedRwLockReadGuard { held, inner, lock }
    }

    /// The same, with a part that may not be there.
    ///
    /// # Errors
    ///
    /// The guard itself.
    pub fn try_map<S: ?Sized, F: FnOnce(&U) -> Option<&S>>(
        this: Self,
        f: F,
    ) -> Result<OwnedRwLockReadGuard<T, S>, Self> {
        let OwnedRwLockReadGuard { held, inner, lock } = this;
        match sync::OwnedRwLockReadGuard::try_map(inner, f) {
            Ok(inner) => Ok(OwnedRwLockReadGuard { held, inner, lock }),
            Err(inner) => Err(OwnedRwLockReadGuard { held, inner, lock }),
        }
    }

    /// The lock.
    pub fn rwlock(this: &Self) -> &Arc<RwLock<T>> {
        &this.lock
    }
}

/// The lock for writing with a share of itself, until it is dropped.
#[must_use = "if unused the RwLock will immediately unlock"]
pub struct OwnedRwLockWriteGuard<T> {
    pub(super) held: Held,
    pub(super) inner: sync::OwnedRwLockWriteGuard<T>,
    pub(super) lock: Arc<RwLock<T>>,
}

guard_basics!([T] mut OwnedRwLockWriteGuard<T>, T);

impl<T> OwnedRwLockWriteGuard<T> {
    /// The same lock, with a part of the value.
    pub fn map<U: ?Sized, F: FnOnce(&mut T) -> &mut U>(
        this: Self,
        f: F,
    ) -> OwnedRwLockMappedWriteGuard<T, U> {
        let OwnedRwLockWriteGuard { held, inner, lock } = this;
        let inner = sync::OwnedRwLockWriteGuard::map(inner, f);
        OwnedRwLockMappedWriteGuard { held, inner, lock }
    }

    /// The same, with a part that may not be there.
    ///
    /// # Errors
    ///
    /// The guard itself.
    pub fn try_map<U: ?Sized, F: FnOnce(&mut T) -> Option<&mut U>>(
        this: Self,
        f: F,
    ) -> Result<OwnedRwLockMappedWriteGuard<T, U>, Self> {
        let OwnedRwLockWriteGuard { held, inner, lock } = this;
        match sync::OwnedRwLockWriteGuard::try_map(inner, f) {
            Ok(inner) => Ok(OwnedRwLockMappedWriteGuard { held, inner, lock }),
            Err(inner) => Err(OwnedRwLockWriteGuard { held, inner, lock }),
        }
    }

    /// The same lock, from now on for reading, with a part of the value.
    pub fn downgrade_map<U: ?Sized, F: FnOnce(&T) -> &U>(this: Self, f: F) -> OwnedRwLockReadGuard<T, U> {
        let OwnedRwLockWriteGuard { held, inner, lock } = this;
        let inner = sync::OwnedRwLockWriteGuard::downgrade_map(inner, f);
        held.set_mode(Mode::Shared);
        OwnedRwLockReadGuard { held, inner, lock }
    }

    /// The same, with a part that may not be there.
    ///
    /// # Errors
    ///
    /// The guard itself.
    pub fn try_downgrade_map<U: ?Sized, F: FnOnce(&T) -> Option<&U>>(
        this: Self,
        f: F,
    ) -> Result<OwnedRwLockReadGuard<T, U>, Self> {
        let OwnedRwLockWriteGuard { held, inner, lock } = this;
        match sync::OwnedRwLockWriteGuard::try_downgrade_map(inner, f) {
            Ok(inner) => {
                held.set_mode(Mode::Shared);
                Ok(OwnedRwLockReadGuard { held, inner, lock })
            }
            Err(inner) => Err(OwnedRwLockWriteGuard { held, inner, lock }),
        }
    }

    /// The lock.
    pub fn rwlock(this: &Self) -> &Arc<RwLock<T>> {
        &this.lock
    }

    /// The same lock, as a mapped guard.
    pub fn into_mapped(this: Self) -> OwnedRwLockMappedWriteGuard<T> {
        let OwnedRwLockWriteGuard { held, inner, lock } = this;
        OwnedRwLockMappedWriteGuard { held, inner: sync::OwnedRwLockWriteGuard::into_mapped(inner), lock }
    }

    /// The same lock, from now on for reading; no writer comes between.
    pub fn downgrade(self) -> OwnedRwLockReadGuard<T> {
        let OwnedRwLockWriteGuard { held, inner, lock } = self;
        let inner = inner.downgrade();
        held.set_mode(Mode::Shared);
        OwnedRwLockReadGuard { held, inner, lock }
    }
}

/// The lock for writing with a share of itself and a part of the value.
#[must_use = "if unused the RwLock will immediately unlock"]
pub struct OwnedRwLockMappedWriteGuard<T, U: ?Sized = T> {
    pub(super) held: Held,
    pub(super) inner: sync::OwnedRwLockMappedWriteGuard<T, U>,
    pub(super) lock: Arc<RwLock<T>>,
}

guard_basics!([T, U: ?Sized] mut OwnedRwLockMappedWriteGuard<T, U>, U);

impl<T, U: ?Sized> OwnedRwLockMappedWriteGuard<T, U> {
    /// The same lock, with a part of the value.
    pub fn map<S: ?Sized, F: FnOnce(&mut U) -> &mut S>(
        this: Self,
        f: F,
    ) -> OwnedRwLockMappedWriteGuard<T, S> {
        let OwnedRwLockMappedWriteGuard { held, inner, lock } = this;
        let inner = sync::OwnedRwLockMappedWriteGuard::map(inner, f);
        OwnedRwLockMappedWriteGuard { held, inner, lock }
    }

    /// The same, with a part that may not be there.
    ///
    /// # Errors
    ///
    /// The guard itself.
    pub fn try_map<S: ?Sized, F: FnOnce(&mut U) -> Option<&mut S>>(
        this: Self,
        f: F,
    ) -> Result<OwnedRwLockMappedWriteGuard<T, S>, Self> {
        let OwnedRwLockMappedWriteGuard { held, inner, lock } = this;
        match sync::OwnedRwLockMappedWriteGuard::try_map(inner, f) {
            Ok(inner) => Ok(OwnedRwLockMappedWriteGuard { held, inner, lock }),
            Err(inner) => Err(OwnedRwLockMappedWriteGuard { held, inner, lock }),
        }
    }

    /// The lock.
    pub fn rwlock(this: &Self) -> &Arc<RwLock<T>> {
        &this.lock
    }
}
