//! parking_lot 0.12, with locks that know who holds what where checking is on. Feature `parking_lot`.
//!
//! A second `lock` by the one who holds the first panics instead of hanging; so does a wait that closes a circle
//! of several, and an `upgrade` or a `write` behind the caller's own read. Reading twice (but for
//! `read_recursive`), and taking two locks in both orders, are told before they hang.
//!
//! | module | what it is |
//! |---|---|
//! | [`original`] | parking_lot's |
//! | [`checked`] | always watched |
//! | this one | parking_lot's names; `checked`'s where `debug_assertions` or the feature `checked` is on, else parking_lot's own types |
//!
//! Every lock and guard of parking_lot is an alias of a type of `lock_api` that is generic over a raw lock, and so it
//! is here: the watched ones differ by the raw lock alone ([`RawMutex`], [`RawFairMutex`], [`RawRwLock`]). All their
//! methods and traits are there, the mapped and the `Arc` guards included, and code that is generic over
//! `lock_api`'s raw locks takes them.
//!
//! Features of parking_lot are switched on by those of the same names here: `parking_lot_arc_lock`,
//! `parking_lot_deadlock_detection`, `parking_lot_hardware_lock_elision`, `parking_lot_owning_ref`,
//! `parking_lot_send_guard`; `serde` is this crate's own.
//!
//! # What differs while watching is on
//!
//! - A raw lock is a `const`, made nowhere: a report calls a lock by where it was first taken, until it is
//!   [named](crate::Named).
//! - A lock is larger by its sentinel; guards have their own size.
//! - The site of a `ReentrantMutex` is inside `lock_api`, which hides its caller there; the stacks name it.
//! - Guards of several reads by one thread are told apart by their order: the last one is taken to end first.
//!
//! # Why 0.12
//!
//! Nearly every crate that depends on parking_lot asks for 0.12, and the two do not mix. 0.13 is another interface:
//! it has no `const_*` functions (its `new` is `const`), a type `RecursiveRwLock` in the place of the recursive
//! reads, no lock elision, and raw locks of `lock_api` 0.5 that hand a state to each guard.
//! That state is what a watched guard would like to have; a family for 0.13 comes when code that uses it does.

pub mod checked;

/// parking_lot's own.
pub mod original {
    pub use ::parking_lot::*;
}

#[cfg(any(debug_assertions, feature = "checked"))]
#[doc(inline)]
pub use checked::{
    Condvar, FairMutex, FairMutexGuard, MappedFairMutexGuard, MappedMutexGuard, MappedReentrantMutexGuard,
    MappedRwLockReadGuard, MappedRwLockWriteGuard, Mutex, MutexGuard, RawFairMutex, RawMutex, RawRwLock,
    ReentrantMutex, ReentrantMutexGuard, RwLock, RwLockReadGuard, RwLockUpgradableReadGuard,
    RwLockWriteGuard, const_fair_mutex, const_mutex, const_reentrant_mutex, const_rwlock,
};
#[doc(no_inline)]
pub use original::*;
