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
//!
//! # What it costs
//!
//! A lock and its end, in nanoseconds, on one thread (`cargo bench -p mapwatch --bench locks --features parking_lot`,
//! least of seven rounds, on two processors that many other programs used as well):
//!
//! | | original | watched |
//! |---|---|---|
//! | `RefCell`, `borrow_mut` | 1.4 | 22 |
//! | `Mutex` | 6 | 25 |
//! | `RwLock`, `read` | 8 | 60 |
//! | `RwLock`, `write` | 7 | 66 |
//! | `parking_lot::Mutex` | 6 | 31 |
//! | `parking_lot::RwLock`, `read` | 9 | 189 |
//! | `parking_lot::RwLock`, `write` | 10 | 44 |
//!
//! That is more than the ten nanoseconds that were aimed at. parking_lot's readers are the dearest: their records are
//! found again by a search.

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
