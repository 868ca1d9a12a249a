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
//! - The shard of a guard is named by the hash that the original made of its key; an iterator hashes once per shard,
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
//! `cargo bench -p mapwatch --bench dashmap --features dashmap`: a thousand entries, least of seven rounds, in
//! nanoseconds for the original and as ratios to it; on two processors that many other programs used as well, so that
//! the ratios say more than the times. `off` is the original itself: what it differs by is the machine.
//!
//! | work | threads | raw (ns) | off | on | on, more (ns) |
//! |---|---|---|---|---|---|
//! | get | 1 | 48.2 | 1.03 | 3.94 | 141.9 |
//! | get | 2 | 62.7 | 0.96 | 3.70 | 169.5 |
//! | contains_key | 1 | 32.2 | 0.95 | 1.36 | 11.7 |
//! | contains_key | 2 | 47.4 | 0.99 | 2.33 | 63.1 |
//! | insert | 1 | 48.5 | 0.89 | 1.67 | 32.2 |
//! | insert | 2 | 55.4 | 0.86 | 1.94 | 51.8 |
//! | entry | 1 | 20.9 | 1.35 | 3.66 | 55.7 |
//! | entry | 2 | 71.6 | 0.73 | 2.45 | 104.1 |
//! | mostly read | 1 | 40.8 | 0.79 | 3.26 | 92.0 |
//! | mostly read | 2 | 59.0 | 0.85 | 3.42 | 142.7 |
//! | mostly write | 1 | 25.5 | 1.07 | 2.30 | 33.1 |
//! | mostly write | 2 | 59.8 | 1.04 | 1.71 | 42.2 |
//! | one step of an iteration | 1 | 32.3 | 1.23 | 1.53 | 17.0 |
//! | one step of an iteration | 2 | 52.1 | 1.17 | 1.43 | 22.2 |
//!
//! What a `get` pays more is the record of its guard, the second hash, and moves of a larger guard.
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
