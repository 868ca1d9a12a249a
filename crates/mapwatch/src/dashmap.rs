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
//! - A map is larger by its sentinel, a guard by 8 bytes. Shards and hashing are the original's.
//! - Guards, entries and iterators are made of the original's shards, not of its guards. They go to other threads where
//!   keys and values could: exclusive guards and entries ask for `K` and `V` that are `Send` and `Sync` (the original for
//!   `Sync`), so does `RefMutMulti` to be shared; iterators ask for both, the original for the one that is meant.
//! - A certain self-deadlock is told after a second: the guards are `Send`, and might come back free from
//!   another thread.
//! - The closures of `retain` and `alter_all` do not say which shard they are in; a report names the map alone.
//! - `Clone` of a `DashMap` or `DashSet` asks for `S: BuildHasher`.
//! - The shards that `shards`, `shards_mut` and `into_shards` hand out are the original's: what is done with them is
//!   not watched, and a wait behind a guard of one is not told.
//! - `par_iter_mut` asks that the map can be shared between threads, hasher included.
//!
//! # What it costs
//!
//! `cargo bench -p mapwatch --bench dashmap --features dashmap`: a thousand entries, least of seven rounds, in
//! nanoseconds for the original and as ratios to it, on two processors. `off` is the original itself: what it differs by
//! is the machine.
//!
//! | work | threads | raw (ns) | off | on | on, more (ns) |
//! |---|---|---|---|---|---|
//! | get | 1 | 15.9 | 0.99 | 1.29 | 4.6 |
//! | get | 2 | 52.5 | 0.99 | 1.20 | 10.5 |
//! | contains_key | 1 | 15.9 | 1.00 | 1.09 | 1.5 |
//! | contains_key | 2 | 54.4 | 0.97 | 1.05 | 2.9 |
//! | insert | 1 | 16.1 | 1.04 | 1.12 | 1.9 |
//! | insert | 2 | 115.2 | 1.00 | 1.02 | 2.2 |
//! | entry | 1 | 15.5 | 1.03 | 1.33 | 5.1 |
//! | entry | 2 | 97.0 | 1.07 | 1.39 | 38.1 |
//! | mostly read | 1 | 18.1 | 0.99 | 1.26 | 4.7 |
//! | mostly read | 2 | 69.2 | 0.95 | 1.27 | 18.6 |
//! | mostly write | 1 | 16.2 | 1.02 | 1.16 | 2.6 |
//! | mostly write | 2 | 115.8 | 1.01 | 1.18 | 21.2 |
//! | one step of an iteration | 1 | 36.1 | 0.96 | 0.80 | -7.2 |
//! | one step of an iteration | 2 | 35.2 | 1.00 | 0.85 | -5.5 |
//!
//! The aim was 1.3; over it are entries, and a `get` where the feature `tokio` asks which task it is (1.4). On two threads
//! most of the time goes into handing the shards' locks from one processor to the other, and each figure may be a quarter
//! off. A walk is faster than the original's because its steps are inlined.
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
