//! The program of `api.rs`: here `collections` stands for `std::collections`.

mod entries;
mod hash_map;
mod hash_set;
mod iterators;
mod traps;
mod tree_map;
mod tree_set;

use super::collections;
use std::hash::BuildHasherDefault;

/// A hasher without secrets, so that two tables with the same history have the same order.
type Fixed = BuildHasherDefault<collections::hash_map::DefaultHasher>;
