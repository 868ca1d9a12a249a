//! `tokio::sync`, with a `Mutex` and a `RwLock` that know which task holds them where checking is on.
//!
//! A task that waits for its own guard, and tasks that wait for each other in a circle, are told when the last one
//! begins to wait: it panics there, and the others go on. Holding a guard across an `.await` is what these locks
//! are for, and is never told.
//!
//! | module | what it is |
//! |---|---|
//! | [`original`] | tokio's |
//! | [`checked`] | always watched |
//! | this one | tokio's names; the two locks and their guards are `checked`'s where `debug_assertions` or the feature `checked` is on, all the rest is tokio's |
//!
//! # What differs while watching is on
//!
//! - A lock allocates once, at its first use, and its value must have a size: there is no `Mutex<dyn Trait>`.
//! - Who may give up waiting (`select!`, `timeout`, `join!`) is not refused: such a wait can end.
//! - Guards that own their lock often go to another task, where nobody sees them: where the source tells that a task
//!   still has one it is refused at once, where it does not after a second, and where it says that the guard was given
//!   away the wait is told as a stall when it lasts.

pub mod checked;

/// tokio's own.
pub mod original {
    pub use ::tokio::sync::*;
}

#[cfg(any(debug_assertions, feature = "checked"))]
#[doc(inline)]
pub use checked::{
    MappedMutexGuard, Mutex, MutexGuard, OwnedMappedMutexGuard, OwnedMutexGuard, OwnedRwLockMappedWriteGuard,
    OwnedRwLockReadGuard, OwnedRwLockWriteGuard, RwLock, RwLockMappedWriteGuard, RwLockReadGuard,
    RwLockWriteGuard,
};
#[doc(no_inline)]
pub use original::*;
