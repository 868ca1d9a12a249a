//! parking_lot's locks, always watched.

pub use mapwatch_core::raw::{Condvar, RawFairMutex, RawMutex, RawRwLock};

use ::parking_lot::RawThreadId;
use ::parking_lot::lock_api::{self, GetThreadId as _, RawMutex as _, RawRwLock as _};
use mapwatch_core::raw::{latch_of_mutex, latch_of_rwlock};
use std::borrow::Cow;

/// [`parking_lot::Mutex`], watched.
pub type Mutex<T> = lock_api::Mutex<RawMutex, T>;

/// The lock, until it is dropped.
pub type MutexGuard<'a, T> = lock_api::MutexGuard<'a, RawMutex, T>;

/// The lock, with a part of the value.
pub type MappedMutexGuard<'a, T> = lock_api::MappedMutexGuard<'a, RawMutex, T>;

/// A mutex in a constant.
pub const fn const_mutex<T>(val: T) -> Mutex<T> {
    Mutex::from_raw(RawMutex::INIT, val)
}

/// [`parking_lot::FairMutex`], watched.
pub type FairMutex<T> = lock_api::Mutex<RawFairMutex, T>;

/// The fair lock, until it is dropped.
pub type FairMutexGuard<'a, T> = lock_api::MutexGuard<'a, RawFairMutex, T>;

/// The fair lock, with a part of the value.
pub type MappedFairMutexGuard<'a, T> = lock_api::MappedMutexGuard<'a, RawFairMutex, T>;

/// A fair mutex in a constant.
pub const fn const_fair_mutex<T>(val: T) -> FairMutex<T> {
    FairMutex::from_raw(RawFairMutex::INIT, val)
}

/// [`parking_lot::ReentrantMutex`], watched: its thread may lock it again.
pub type ReentrantMutex<T> = lock_api::ReentrantMutex<RawMutex, RawThreadId, T>;

/// The reentrant lock, until it is dropped.
pub type ReentrantMutexGuard<'a, T> = lock_api::ReentrantMutexGuard<'a, RawMutex, RawThreadId, T>;

/// The reentrant lock, with a part of the value.
pub type MappedReentrantMutexGuard<'a, T> = lock_api::MappedReentrantMutexGuard<'a, RawMutex, RawThreadId, T>;

/// A reentrant mutex in a constant.
pub const fn const_reentrant_mutex<T>(val: T) -> ReentrantMutex<T> {
    ReentrantMutex::from_raw(RawMutex::INIT, RawThreadId::INIT, val)
}

/// [`parking_lot::RwLock`], watched.
pub type RwLock<T> = lock_api::RwLock<RawRwLock, T>;

/// The lock for reading, until it is dropped.
pub type RwLockReadGuard<'a, T> = lock_api::RwLockReadGuard<'a, RawRwLock, T>;

/// The lock for writing, until it is dropped.
pub type RwLockWriteGuard<'a, T> = lock_api::RwLockWriteGuard<'a, RawRwLock, T>;

/// The lock for reading, with a part of the value.
pub type MappedRwLockReadGuard<'a, T> = lock_api::MappedRwLockReadGuard<'a, RawRwLock, T>;

/// The lock for writing, with a part of the value.
pub type MappedRwLockWriteGuard<'a, T> = lock_api::MappedRwLockWriteGuard<'a, RawRwLock, T>;

/// The lock for reading, by the one reader who may become the writer.
pub type RwLockUpgradableReadGuard<'a, T> = lock_api::RwLockUpgradableReadGuard<'a, RawRwLock, T>;

/// A lock for readers and writers in a constant.
pub const fn const_rwlock<T>(val: T) -> RwLock<T> {
    RwLock::from_raw(RawRwLock::INIT, val)
}

macro_rules! named {
    ($($lock:ident by $latch:ident),+) => {$(
        impl<T> crate::Named for $lock<T> {
            fn named(self, name: impl Into<Cow<'static, str>>) -> Self {
                $latch(&self).set_name(name.into());
                self
            }
        }
    )+};
}

named!(Mutex by latch_of_mutex, FairMutex by latch_of_mutex, RwLock by latch_of_rwlock);
