//! `dashmap`, with maps and sets that know who holds a guard of theirs where checking is on.
//!
//! A call that would wait for ever for a guard that its own caller keeps panics with both sides; so does a wait
//! that closes a circle of several. A call that only another shard saved is told, with the odds.
//!
//! | module | what it is |
//! |---|---|
//! | [`original`] | the crate `dashmap` 6 |
//! | [`checked`] | always watched |
//! | this one | the original's names; `checked`'s where `debug_assertions` or the feature `checked` is on, else a plain re-export |
//!
//! # What differs while watching is on
//!
//! - A map is larger by its sentinel, a guard by 16 bytes. Shards and hashing are the original's.
//! - A guard hashes its key a second time, so that its shard can be named; an iterator once per shard,
//!   `iter_mut` once per entry.
//! - A certain self-deadlock is told after half a second: the guards are `Send`, and might come back free from
//!   another thread.
//! - The closures of `retain` and `alter_all` do not say which shard they are in; a report names the map alone.
//! - `Clone` of a `DashMap` or `DashSet` asks for `S: BuildHasher`.
//!
//! Left out: the trait `Map` is the original's and not implemented by the watched map; the methods of the feature
//! `raw-api` that hand out shards; rayon's parallel iterators; `arbitrary` and `typesize`.

pub mod checked;

/// The crate itself.
pub mod original {
    pub use ::dashmap::*;
}

#[cfg(any(debug_assertions, feature = "checked"))]
#[doc(inline)]
pub use checked::{
    DashMap, DashSet, Entry, OccupiedEntry, ReadOnlyView, VacantEntry, iter, iter_set, mapref, setref,
};
#[doc(no_inline)]
pub use original::*;
