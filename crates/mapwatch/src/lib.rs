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
//! A watched map refuses an access that conflicts with one under way, and panics with both sides. Where
//! `debug_assertions` and the feature `checked` are off, every type is the original and nothing is paid.
//! [`collections`] says what differs, what is left out and what it costs.
//! [`SharedMap`] is Go's map: shared by `&self`, always checked, because there the check is the memory safety.
//!
//! The environment chooses what happens (`MAPWATCH`, see [`Config`]); [`on_conflict`] hands every conflict to a
//! function of yours, as a value.

#[cfg(feature = "arc-swap")]
pub mod arc_swap;
pub mod cell;
pub mod collections;
#[cfg(feature = "dashmap")]
pub mod dashmap;
mod named;
#[cfg(feature = "parking_lot")]
pub mod parking_lot;
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
