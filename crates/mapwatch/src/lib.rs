//! Drop-in maps that know who is inside.
//!
//! Put `mapwatch::` before the path, and `std::` falls away:
//!
//! ```
//! use mapwatch::collections::{BTreeMap, HashMap};
//!
//! let mut stock = HashMap::from([("bolt", 10), ("nut", 4)]);
//! *stock.entry("bolt").or_insert(0) += 1;
//! let sorted: BTreeMap<_, _> = stock.into_iter().collect();
//! assert_eq!(sorted.first_key_value(), Some((&"bolt", &11)));
//! ```
//!
//! A watched type refuses an access that conflicts with one under way, or a wait that cannot end, and panics
//! with both sides: who, at which line, since when, with which stack. Where `debug_assertions` and the feature
//! `checked` are off, every type is the original and nothing is paid.
//!
//! | module | watches | feature | what goes wrong there |
//! |---|---|---|---|
//! | [`collections`] | `HashMap`, `HashSet`, `BTreeMap`, `BTreeSet` | | unsafe code that lets two in |
//! | [`shared_map`] | [`SharedMap`]: Go's map, shared by `&self`; always checked, because there the check is the memory safety | | overlapping use, use before it is made |
//! | [`cell`] | `RefCell` | | a borrow inside a borrow |
//! | [`sync`] | `Mutex`, `RwLock`, `Condvar` | | locked twice, in circles, in two orders; look, unlock, act |
//! | `dashmap` | `DashMap`, `DashSet` | `dashmap` | a call into the map while a guard of it is alive; look, then act |
//! | `parking_lot` | its locks | `parking_lot` | as `sync` |
//! | `tokio::sync` | `Mutex`, `RwLock` | `tokio` | circles of suspended tasks |
//! | `arc_swap` | `ArcSwap`, `ArcSwapOption` | `arc-swap` | a store over a snapshot that was overtaken |
//! | [`task`], [`thread`] | futures, tasks, threads: their lives, and panics | (`tokio`) | cancelled halfway, never polled, leaked |
//! | [`recover`] | panics, caught with the identity of the request that they end | (`tower`) | one request takes the others down |
//! | `metrics` | nothing itself: what the others see, counted for Prometheus and the like | `metrics` | |
//!
//! Each module's page says what differs from the original while watching, what is left out, and what it costs.
//!
//! The environment chooses what happens (`MAPWATCH`, see [`Config`]); [`on_conflict`] hands every conflict to a
//! function of yours, as a value; [`allow()`] silences a finding that somebody has looked at.

#[cfg(feature = "arc-swap")]
pub mod arc_swap;
pub mod cell;
pub mod collections;
#[cfg(feature = "dashmap")]
pub mod dashmap;
#[cfg(feature = "metrics")]
pub mod metrics;
mod named;
#[cfg(feature = "parking_lot")]
pub mod parking_lot;
pub mod recover;
pub mod shared_map;
pub mod sync;
pub mod task;
pub mod thread;
#[cfg(feature = "tokio")]
pub mod tokio;

pub use collections::{BTreeMap, BTreeSet, HashMap, HashSet};
pub use mapwatch_core::allow::allow;
pub use mapwatch_core::event::{Category, Conflict, Grade, Policy, Report, Role, Side};
pub use mapwatch_core::panics::watch as watch_panics;
pub use mapwatch_core::policy::{Capture, Config, on_conflict};
pub use mapwatch_core::provoke::{Delays, delays};
pub use named::Named;
pub use shared_map::SharedMap;
