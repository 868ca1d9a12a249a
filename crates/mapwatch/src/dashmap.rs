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
//! - A certain self-deadlock is told after a second: the guards are `Send`, and might come back free from
//!   another thread.
//! - The closures of `retain` and `alter_all` do not say which shard they are in; a report names the map alone.
//! - `Clone` of a `DashMap` or `DashSet` asks for `S: BuildHasher`.
//!
//! - The shards that `shards`, `shards_mut` and `into_shards` hand out are the original's: what is done with them is
//!   not watched, and a wait behind a guard of one is not told.
//! - `par_iter_mut` asks that the map can be shared between threads, hasher included.
//!
//! # What it costs
//!
//! Beside the original, on one thread and a thousand entries (`cargo bench -p mapwatch --bench dashmap --features
//! dashmap`, least of seven rounds, on two processors that many other programs used as well): `get` 4.2 times,
//! `contains_key` 1.4, `insert` 3.0, `entry` 2.8, nine gets and an insertion 2.6, a walk no more than the original.
//! The aim was 1.3.
//!
//! Left out: the trait `Map` is the original's and not implemented by the watched map. It asks for the original's own
//! iterators, and has unsafe methods, which only the island of `mapwatch-core` may.
//!
//! Features of dashmap are switched on by those of the same names here: `dashmap_arbitrary`, `dashmap_inline`,
//! `dashmap_rayon`, `dashmap_typesize`; `serde` is this crate's own, and what `raw-api` adds is always there.

pub mod checked;

/// The crate itself.
pub mod original {
    pub use ::dashmap::*;
}

#[cfg(all(feature = "dashmap_rayon", any(debug_assertions, feature = "checked")))]
#[doc(inline)]
pub use checked::rayon;
#[cfg(any(debug_assertions, feature = "checked"))]
#[doc(inline)]
pub use checked::{
    DashMap, DashSet, Entry, OccupiedEntry, ReadOnlyView, VacantEntry, iter, iter_set, mapref, setref,
};
#[doc(no_inline)]
pub use original::*;
