//! Logical races: a look, somebody else's change, and an act that relies on the look.
//!
//! Each story is told by threads that run one after the other, so that the order is the same in every run.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

#[cfg(feature = "arc-swap")]
#[path = "logic/arc_swap.rs"]
mod arc_swap;
#[path = "logic/correct.rs"]
mod correct;
#[path = "logic/findings.rs"]
mod findings;
#[path = "logic/shared_map.rs"]
mod shared_map;
