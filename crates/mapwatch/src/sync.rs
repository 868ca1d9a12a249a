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
//! least of seven rounds, all in one run):
//!
//! | | original | watched adds |
//! |---|---|---|
//! | `RefCell`, `borrow_mut` | 0.5 | 6.3 |
//! | `Mutex` | 12.7 | 4.4 |
//! | `RwLock`, `read` | 15.8 | 1.5 |
//! | `RwLock`, `write` | 13.1 | 4.8 |
//! | `parking_lot::Mutex` | 13.0 | 5.2 |
//! | `parking_lot::RwLock`, `read` | 16.6 | 7.9 |
//! | `parking_lot::RwLock`, `write` | 12.9 | 3.5 |
//!
//! That is a record of the guard and a look at the guards that its taker has; part of it passes while the processor waits
//! for the lock's own word. A record has the time: where several threads use what is watched, a thread of ours tells it
//! while locks are busy; in a program of one thread the system is asked, which adds 4 to 6 ns (`RefCell` 11 to 13,
//! `Mutex` 8). The feature `tokio` adds one: which task takes the lock is asked. parking_lot's readers are the dearest:
//! their guards have no room for a record, which is found again by a search of eight places. Two threads at one lock wait
//! for each other most of the time, watched or not; the benchmark has them.

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
