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
//! | get | 1 | 24.2 | 1.05 | 2.25 | 30.2 |
//! | get | 2 | 36.4 | 1.30 | 2.64 | 59.8 |
//! | contains_key | 1 | 24.4 | 1.02 | 1.55 | 13.3 |
//! | contains_key | 2 | 47.5 | 0.86 | 1.52 | 24.9 |
//! | insert | 1 | 27.6 | 0.92 | 1.47 | 12.8 |
//! | insert | 2 | 56.0 | 0.97 | 2.13 | 63.2 |
//! | entry | 1 | 26.1 | 1.03 | 2.07 | 27.9 |
//! | entry | 2 | 35.8 | 1.07 | 2.30 | 46.5 |
//! | mostly read | 1 | 25.6 | 1.06 | 1.89 | 22.8 |
//! | mostly read | 2 | 46.9 | 1.07 | 3.90 | 135.8 |
//! | mostly write | 1 | 37.6 | 0.68 | 1.46 | 17.4 |
//! | mostly write | 2 | 62.9 | 0.95 | 2.48 | 92.8 |
//! | one step of an iteration | 1 | 62.4 | 1.00 | 1.50 | 31.4 |
//! | one step of an iteration | 2 | 82.6 | 0.78 | 1.41 | 33.6 |
//!
//! What a `get` pays more is the record of its guard (with a look at a coarse clock), the intent of its call, and moves
//! of a larger guard; on two threads the history of the map's keys as well. The aim was 1.3.
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
