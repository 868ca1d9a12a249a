//! The shards themselves, as the original's feature `raw-api` hands them out.
//!
//! A guard of a shard is the original's and leaves no record: nobody is named who has one, and what is done through
//! it is not in the history.

use super::{DashMap, DashSet, ReadOnlyView};
use ::dashmap::RwLock;
use crossbeam_utils::CachePadded;
use mapwatch_core::lent::Table;
use std::hash::{BuildHasher, Hash};

/// The original's own type of a shard.
pub(super) type Shard<K, V> = CachePadded<RwLock<Table<K, V>>>;

impl<K: Eq + Hash, V, S: BuildHasher + Clone> DashMap<K, V, S> {
    /// The shards.
    pub fn shards(&self) -> &[Shard<K, V>] {
        self.inner.shards()
    }

    /// The shards, to change.
    pub fn shards_mut(&mut self) -> &mut [Shard<K, V>] {
        self.inner.shards_mut()
    }

    /// Gives the shards away.
    pub fn into_shards(self) -> Box<[Shard<K, V>]> {
        self.inner.into_shards()
    }
}

impl<K: Eq + Hash, S: BuildHasher + Clone> DashSet<K, S> {
    /// The shards.
    pub fn shards(&self) -> &[Shard<K, ()>] {
        self.inner.shards()
    }
}

impl<K: Eq + Hash, V, S: BuildHasher + Clone> ReadOnlyView<K, V, S> {
    /// The shards.
    pub fn shards(&self) -> &[Shard<K, V>] {
        self.inner.shards()
    }
}
