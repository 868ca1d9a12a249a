//! std's locks, always watched.

mod condvar;
mod mutex;
mod rwlock;

pub use condvar::Condvar;
pub use mutex::{Mutex, MutexGuard};
pub use rwlock::{RwLock, RwLockReadGuard, RwLockWriteGuard};

use std::sync::{LockResult, PoisonError, TryLockError, TryLockResult};

/// A guard that was had or not; poison is no obstacle. Without it a guard stays in registers, and whoever has the guard
/// can ask for it again.
#[inline]
fn had<G>(tried: TryLockResult<G>) -> Option<G> {
    match tried {
        Ok(guard) => Some(guard),
        Err(TryLockError::Poisoned(poisoned)) => Some(poisoned.into_inner()),
        Err(TryLockError::WouldBlock) => None,
    }
}

/// A guard that was waited for.
#[inline]
fn whole<G>(result: LockResult<G>) -> G {
    result.unwrap_or_else(PoisonError::into_inner)
}

/// A guard as std hands it out.
#[inline]
fn told<G>(guard: G, is_poisoned: bool) -> LockResult<G> {
    if is_poisoned { Err(PoisonError::new(guard)) } else { Ok(guard) }
}

/// The same result, with a watched guard in it.
#[inline]
fn watched<G, W>(result: LockResult<G>, watch: impl FnOnce(G) -> W) -> LockResult<W> {
    match result {
        Ok(guard) => Ok(watch(guard)),
        Err(poisoned) => Err(PoisonError::new(watch(poisoned.into_inner()))),
    }
}

/// The same for an attempt.
#[inline]
fn tried<G, W>(result: TryLockResult<G>, watch: impl FnOnce(G) -> W) -> TryLockResult<W> {
    match result {
        Ok(guard) => Ok(watch(guard)),
        Err(TryLockError::Poisoned(poisoned)) => {
            Err(TryLockError::Poisoned(PoisonError::new(watch(poisoned.into_inner()))))
        }
        Err(TryLockError::WouldBlock) => Err(TryLockError::WouldBlock),
    }
}

/// What `Mutex` and `RwLock` have in common beside locking.
macro_rules! lock_basics {
    ($lock:ident, $kind:expr, $word:literal) => {
        impl<T> $lock<T> {
            #[doc = concat!("A ", $word, " around `value`.")]
            #[track_caller]
            pub const fn new(value: T) -> $lock<T> {
                let latch = Latch::new($kind, &FAMILY, Shape::of::<$lock<T>>, Location::caller());
                $lock { latch, inner: sync::$lock::new(value) }
            }

            /// The value.
            ///
            /// # Errors
            ///
            /// The value all the same, where a holder panicked.
            #[inline]
            pub fn into_inner(self) -> LockResult<T> {
                self.inner.into_inner()
            }
        }

        impl<T: ?Sized> $lock<T> {
            /// Whether a holder panicked.
            #[inline]
            pub fn is_poisoned(&self) -> bool {
                self.inner.is_poisoned()
            }

            /// Forgets that a holder panicked.
            #[inline]
            pub fn clear_poison(&self) {
                self.inner.clear_poison();
            }

            /// The value: nobody else has the lock.
            ///
            /// # Errors
            ///
            /// The value all the same, where a holder panicked.
            #[inline]
            pub fn get_mut(&mut self) -> LockResult<&mut T> {
                self.inner.get_mut()
            }
        }

        impl<T> crate::Named for $lock<T> {
            fn named(self, name: impl Into<Cow<'static, str>>) -> Self {
                self.latch.set_name(name.into());
                self
            }
        }

        impl<T: Default> Default for $lock<T> {
            #[track_caller]
            fn default() -> $lock<T> {
                $lock::new(T::default())
            }
        }

        impl<T> From<T> for $lock<T> {
            #[track_caller]
            fn from(value: T) -> $lock<T> {
                $lock::new(value)
            }
        }

        impl<T: ?Sized + fmt::Debug> fmt::Debug for $lock<T> {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.inner.fmt(f)
            }
        }

        #[cfg(feature = "serde")]
        impl<T: ?Sized + serde::Serialize> serde::Serialize for $lock<T> {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                self.inner.serialize(serializer)
            }
        }

        #[cfg(feature = "serde")]
        impl<'de, T: serde::Deserialize<'de>> serde::Deserialize<'de> for $lock<T> {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<$lock<T>, D::Error> {
                T::deserialize(deserializer).map($lock::new)
            }
        }
    };
}

/// A guard shows its value.
macro_rules! guard_basics {
    ($guard:ident) => {
        impl<T: ?Sized> Deref for $guard<'_, T> {
            type Target = T;

            #[inline]
            fn deref(&self) -> &T {
                &self.inner
            }
        }

        impl<T: ?Sized + fmt::Debug> fmt::Debug for $guard<'_, T> {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                (**self).fmt(f)
            }
        }

        impl<T: ?Sized + fmt::Display> fmt::Display for $guard<'_, T> {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                (**self).fmt(f)
            }
        }
    };
}

use {guard_basics, lock_basics};
