//! A map that nobody can change any more: nothing waits, so nothing is watched.

use super::DashMap;
use std::borrow::Borrow;
use std::collections::hash_map::RandomState;
use std::fmt;
use std::hash::{BuildHasher, Hash};

/// [`dashmap::ReadOnlyView`], with the watched map's sentinel kept for the way back.
pub struct ReadOnlyView<K, V, S = RandomState> {
    latch: mapwatch_core::guard::Latch,
    pub(super) inner: ::dashmap::ReadOnlyView<K, V, S>,
}

impl<K: Eq + Hash + Clone, V: Clone, S: BuildHasher + Clone> Clone for ReadOnlyView<K, V, S> {
    #[track_caller]
    fn clone(&self) -> Self {
        DashMap::watched(self.inner.clone().into_inner()).into_read_only()
    }
}

impl<K: Eq + Hash + fmt::Debug, V: fmt::Debug, S: BuildHasher + Clone> fmt::Debug for ReadOnlyView<K, V, S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.inner.fmt(f)
    }
}

impl<K, V, S> ReadOnlyView<K, V, S> {
    /// The map, which can be changed again.
    pub fn into_inner(self) -> DashMap<K, V, S> {
        DashMap { latch: self.latch, inner: self.inner.into_inner() }
    }
}

impl<'a, K: 'a + Eq + Hash, V: 'a, S: BuildHasher + Clone> ReadOnlyView<K, V, S> {
    pub(super) fn new(map: DashMap<K, V, S>) -> Self {
        ReadOnlyView { latch: map.latch, inner: map.inner.into_read_only() }
    }

    /// Counts the entries.
    pub fn len(&self) -> usize {
        self.inner.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.inner.is_empty()
    }

    /// The room there is.
    pub fn capacity(&self) -> usize {
        self.inner.capacity()
    }

    /// Whether there is such a key.
    pub fn contains_key<Q>(&'a self, key: &Q) -> bool
    where
        K: Borrow<Q>,
        Q: Hash + Eq + ?Sized,
    {
        self.inner.contains_key(key)
    }

    /// A value.
    pub fn get<Q>(&'a self, key: &Q) -> Option<&'a V>
    where
        K: Borrow<Q>,
        Q: Hash + Eq + ?Sized,
    {
        self.inner.get(key)
    }

    /// An entry.
    pub fn get_key_value<Q>(&'a self, key: &Q) -> Option<(&'a K, &'a V)>
    where
        K: Borrow<Q>,
        Q: Hash + Eq + ?Sized,
    {
        self.inner.get_key_value(key)
    }

    /// All entries.
    pub fn iter(&'a self) -> impl Iterator<Item = (&'a K, &'a V)> + 'a {
        self.inner.iter()
    }

    /// All keys.
    pub fn keys(&'a self) -> impl Iterator<Item = &'a K> + 'a {
        self.inner.keys()
    }

    /// All values.
    pub fn values(&'a self) -> impl Iterator<Item = &'a V> + 'a {
        self.inner.values()
    }
}
