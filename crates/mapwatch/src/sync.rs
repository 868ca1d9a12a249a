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
//! least of seven rounds, all in one run, on two processors that other programs used as well):
//!
//! | | original | watched adds |
//! |---|---|---|
//! | `RefCell`, `borrow_mut` | 0.9 | 21 |
//! | `Mutex` | 21 | 16 |
//! | `RwLock`, `read` | 27 | 14 |
//! | `RwLock`, `write` | 23 | 26 |
//! | `parking_lot::Mutex` | 20 | 31 |
//! | `parking_lot::RwLock`, `read` | 29 | 39 |
//! | `parking_lot::RwLock`, `write` | 18 | 29 |
//!
//! That is more than the ten nanoseconds that were aimed at: a record of the guard (with a look at a coarse clock), and
//! a look at the guards that its taker has. parking_lot's readers are the dearest: their guards have no room for a
//! record, which is found again by a search of eight places.

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
