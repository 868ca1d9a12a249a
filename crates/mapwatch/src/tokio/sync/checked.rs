//! tokio's locks, always watched.

mod mutex;
mod owned;
mod rwlock;

pub use mutex::{MappedMutexGuard, Mutex, MutexGuard, OwnedMappedMutexGuard, OwnedMutexGuard};
pub use owned::{OwnedRwLockMappedWriteGuard, OwnedRwLockReadGuard, OwnedRwLockWriteGuard};
pub use rwlock::{RwLock, RwLockMappedWriteGuard, RwLockReadGuard, RwLockWriteGuard};

use std::sync::{Arc, Mutex as Blocking, OnceLock, PoisonError};

/// tokio's lock in an `Arc` of its own, so that owned guards can be had; made at its first use, because constants
/// cannot allocate.
struct Inner<L, S> {
    seed: Blocking<Option<S>>,
    lock: OnceLock<Arc<L>>,
    make: fn(S) -> L,
}

impl<L, S> Inner<L, S> {
    const fn new(seed: S, make: fn(S) -> L) -> Inner<L, S> {
        Inner { seed: Blocking::new(Some(seed)), lock: OnceLock::new(), make }
    }

    fn lock(&self) -> &Arc<L> {
        self.lock.get_or_init(|| {
            let seed = self.seed.lock().unwrap_or_else(PoisonError::into_inner).take();
            Arc::new((self.make)(seed.expect("a lock is made once")))
        })
    }

    /// The lock, which nobody else has: each owned guard keeps the watched lock around this one.
    fn lock_mut(&mut self) -> &mut L {
        self.lock();
        self.lock
            .get_mut()
            .and_then(Arc::get_mut)
            .expect("owned guards keep the lock from being borrowed mutably")
    }

    fn into_lock(self) -> L {
        self.lock();
        self.lock.into_inner().and_then(Arc::into_inner).expect("owned guards keep the lock from being moved")
    }
}

/// What both locks have in common.
macro_rules! lock_basics {
    ($lock:ident) => {
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

        impl<T: fmt::Debug> fmt::Debug for $lock<T> {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.inner.lock().fmt(f)
            }
        }
    };
}

/// A guard shows its value, and tells where it is used.
macro_rules! guard_basics {
    ([$($generics:tt)*] $guard:ty, $target:ty) => {
        impl<$($generics)*> Deref for $guard {
            type Target = $target;

            #[inline]
            fn deref(&self) -> &$target {
                self.held.used();
                &self.inner
            }
        }

        impl<$($generics)*> fmt::Debug for $guard
        where
            $target: fmt::Debug,
        {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                (**self).fmt(f)
            }
        }

        impl<$($generics)*> fmt::Display for $guard
        where
            $target: fmt::Display,
        {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                (**self).fmt(f)
            }
        }
    };
    ([$($generics:tt)*] mut $guard:ty, $target:ty) => {
        guard_basics!([$($generics)*] $guard, $target);

        impl<$($generics)*> DerefMut for $guard {
            #[inline]
            fn deref_mut(&mut self) -> &mut $target {
                self.held.used();
                &mut self.inner
            }
        }
    };
}

use {guard_basics, lock_basics};
