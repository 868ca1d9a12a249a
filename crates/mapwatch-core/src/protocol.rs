//! The concurrent protocols, each as a small type that knows nothing of maps, threads or files.
//!
//! | module | what it settles |
//! |---|---|
//! | [`word`] | one word of state and its transitions, as pure functions |
//! | [`slots`] | where a thread publishes which maps it is reading |
//! | [`claim`] | one writer at a time, exactly, where nearly always the same thread writes |
//! | [`gate`] | many readers or one writer, exactly: what the memory safety of `SharedCell` rests on |
//! | [`register`] | what a thread has and is about to do: of two that stand in each other's way, one sees the other |
//! | [`summons`] | how the second side of a conflict gets the first one's testimony |
//! | [`ring`] | one thread's last records, read by the collector without stopping it |
//!
//! Everything here is built on `crate::sync`, so that loom can run it.

pub mod claim;
pub mod gate;
pub mod register;
pub mod ring;
pub mod slots;
pub mod summons;
pub mod word;

#[cfg(all(test, loom))]
mod litmus;
#[cfg(all(test, loom))]
mod loom_tests;
