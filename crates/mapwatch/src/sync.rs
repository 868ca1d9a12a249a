//! `std::sync`, with a `Mutex`, a `RwLock` and a `Condvar` that know who holds what where checking is on.
//!
//! A second `lock` by the one who holds the first panics instead of hanging; so does a wait that closes a circle
//! of several. Reading twice, and taking two locks in both orders, are told before they hang.
//!
//! | module | what it is |
//! |---|---|
//! | [`original`] | std's |
//! | [`checked`] | always watched |
//! | this one | std's names; the two locks, their guards and `Condvar` are `checked`'s where `debug_assertions` or the feature `checked` is on, all the rest is std's |
//!
//! Errors are std's own (`PoisonError`, `TryLockError`), with a watched guard inside.
//! Left out: what is unstable in std.
//! A watched lock is larger by its sentinel, a guard by 24 bytes.

pub mod checked;

/// std's own.
pub mod original {
    pub use std::sync::*;
}

#[cfg(any(debug_assertions, feature = "checked"))]
#[doc(inline)]
pub use checked::{Condvar, Mutex, MutexGuard, RwLock, RwLockReadGuard, RwLockWriteGuard};
#[doc(no_inline)]
pub use original::*;
