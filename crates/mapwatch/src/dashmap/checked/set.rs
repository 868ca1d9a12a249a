//! A `DashSet` that knows who holds a guard of it.

use super::iter_set::{Iter, OwningIter};
use super::setref::one::Ref;
use super::{DashMap, FAMILY};
use mapwatch_core::entry::Shape;
use mapwatch_core::event::MapKind;
use mapwatch_core::guard::Latch;
use std::borrow::{Borrow, Cow};
use std::collections::hash_map::RandomState;
use std::fmt;
use std::hash::{BuildHasher, Hash};
use std::panic::Location;

/// [`dashmap::DashSet`], watched.
pub struct DashSet<K, S = RandomState> {
    pub(super) inner: DashMap<K, (), S>,
}

impl<K, S> DashSet<K, S> {
    #[track_caller]
    fn watched(inner: ::dashmap::DashMap<K, (), S>) -> DashSet<K, S> {
        let latch =
            Latch::new(MapKind::DashSet, &FAMILY, Shape::of_entries::<DashSet<K, S>, K>, Location::caller());
        DashSet { inner: DashMap { latch, inner } }
    }
}

impl<K: Eq + Hash + fmt::Debug, S: BuildHasher + Clone> fmt::Debug for DashSet<K, S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.inner.fmt(f)
    }
}

impl<K: Eq + Hash + Clone, S: BuildHasher + Clone> Clone for DashSet<K, S> {
    #[track_caller]
    fn clone(&self) -> Self {
        DashSet::watched(self.inner.copied())
    }
}

impl<K, S> Default for DashSet<K, S>
where
    K: Eq + Hash,
    S: Default + BuildHasher + Clone,
{
    #[track_caller]
    fn default() -> Self {
        Self::with_hasher(S::default())
    }
}

impl<K: Eq + Hash> DashSet<K, RandomState> {
    /// An empty set.
    #[must_use]
    #[track_caller]
    pub fn new() -> Self {
        Self::with_hasher(RandomState::default())
    }

    /// An empty set with room for `capacity` keys.
    #[must_use]
    #[track_caller]
    pub fn with_capacity(capacity: usize) -> Self {
        Self::with_capacity_and_hasher(capacity, RandomState::default())
    }
}

impl<'a, K: 'a + Eq + Hash, S: BuildHasher + Clone> DashSet<K, S> {
    /// An empty set with a hasher.
    #[track_caller]
    pub fn with_hasher(hasher: S) -> Self {
        Self::watched(::dashmap::DashMap::with_hasher(hasher))
    }

    /// The same with room.
    #[track_caller]
    pub fn with_capacity_and_hasher(capacity: usize, hasher: S) -> Self {
        Self::watched(::dashmap::DashMap::with_capacity_and_hasher(capacity, hasher))
    }

    /// The hash of `item` by the set's hasher.
    pub fn hash_usize<T: Hash>(&self, item: &T) -> usize {
        self.inner.hash_usize(item)
    }

    /// The shard that `key` lies in.
    pub fn determine_map<Q>(&self, key: &Q) -> usize
    where
        K: Borrow<Q>,
        Q: Hash + Eq + ?Sized,
    {
        self.inner.determine_map(key)
    }

    /// The shard of a hash.
    pub fn determine_shard(&self, hash: usize) -> usize {
        self.inner.determine_shard(hash)
    }

    /// Puts a key in; `false` where it was in already.
    #[track_caller]
    pub fn insert(&self, key: K) -> bool {
        self.inner.insert(key, ()).is_none()
    }

    /// Takes a key out.
    #[track_caller]
    pub fn remove<Q>(&self, key: &Q) -> Option<K>
    where
        K: Borrow<Q>,
        Q: Hash + Eq + ?Sized,
    {
        self.inner.remove(key).map(|(k, ())| k)
    }

    /// Takes a key out, if `f` says so.
    #[track_caller]
    pub fn remove_if<Q>(&self, key: &Q, f: impl FnOnce(&K) -> bool) -> Option<K>
    where
        K: Borrow<Q>,
        Q: Hash + Eq + ?Sized,
    {
        self.inner.remove_if(key, |k, ()| f(k)).map(|(k, ())| k)
    }

    /// Walks over the keys; the iterator holds one shard at a time.
    #[track_caller]
    pub fn iter(&'a self) -> Iter<'a, K, S, DashMap<K, (), S>> {
        Iter::new(self.inner.iter())
    }

    /// A guard of a key.
    #[track_caller]
    pub fn get<Q>(&'a self, key: &Q) -> Option<Ref<'a, K>>
    where
        K: Borrow<Q>,
        Q: Hash + Eq + ?Sized,
    {
        Some(Ref::new(self.inner.get(key)?))
    }

    /// Gives memory back.
    #[track_caller]
    pub fn shrink_to_fit(&self) {
        self.inner.shrink_to_fit();
    }

    /// Keeps the keys that `f` wants.
    #[track_caller]
    pub fn retain(&self, mut f: impl FnMut(&K) -> bool) {
        self.inner.retain(|k, ()| f(k));
    }

    /// Counts the keys, shard by shard.
    #[track_caller]
    pub fn len(&self) -> usize {
        self.inner.len()
    }

    /// Whether there are none.
    #[track_caller]
    pub fn is_empty(&self) -> bool {
        self.inner.is_empty()
    }

    /// Takes all keys out.
    #[track_caller]
    pub fn clear(&self) {
        self.inner.clear();
    }

    /// The room there is.
    #[track_caller]
    pub fn capacity(&self) -> usize {
        self.inner.capacity()
    }

    /// Whether there is such a key.
    #[track_caller]
    pub fn contains<Q>(&self, key: &Q) -> bool
    where
        K: Borrow<Q>,
        Q: Hash + Eq + ?Sized,
    {
        self.inner.contains_key(key)
    }
}

impl<K, S> crate::Named for DashSet<K, S> {
    fn named(self, name: impl Into<Cow<'static, str>>) -> Self {
        DashSet { inner: self.inner.named(name) }
    }
}

impl<K: Eq + Hash, S: BuildHasher + Clone> IntoIterator for DashSet<K, S> {
    type Item = K;
    type IntoIter = OwningIter<K, S>;

    fn into_iter(self) -> OwningIter<K, S> {
        OwningIter::new(self.inner.into_iter())
    }
}

impl<K: Eq + Hash, S: BuildHasher + Clone> Extend<K> for DashSet<K, S> {
    fn extend<T: IntoIterator<Item = K>>(&mut self, keys: T) {
        self.inner.extend(keys.into_iter().map(|k| (k, ())));
    }
}

impl<K: Eq + Hash, S: BuildHasher + Clone + Default> FromIterator<K> for DashSet<K, S> {
    #[track_caller]
    fn from_iter<I: IntoIterator<Item = K>>(keys: I) -> Self {
        let mut set = DashSet::default();
        set.extend(keys);
        set
    }
}
