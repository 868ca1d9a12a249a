//! Parallel iterators over a map.

use crate::dashmap::checked::mapref::multiple::{RefMulti, RefMutMulti};
use crate::dashmap::checked::{DashMap, shards};
use ::rayon::iter::plumbing::UnindexedConsumer;
use ::rayon::iter::{FromParallelIterator, IntoParallelIterator, ParallelExtend, ParallelIterator};
use mapwatch_core::event::Operation;
use mapwatch_core::guard::{Held, Mode, Want};
use mapwatch_core::site::StaticSite;
use std::hash::{BuildHasher, Hash};
use std::panic::Location;
use std::sync::Arc;

pub use ::dashmap::rayon::map::OwningIter;

impl<K, V, S> ParallelExtend<(K, V)> for DashMap<K, V, S>
where
    K: Send + Sync + Eq + Hash,
    V: Send + Sync,
    S: Send + Sync + Clone + BuildHasher,
{
    fn par_extend<I: IntoParallelIterator<Item = (K, V)>>(&mut self, entries: I) {
        self.inner.par_extend(entries);
    }
}

impl<K, V, S> ParallelExtend<(K, V)> for &'_ DashMap<K, V, S>
where
    K: Send + Sync + Eq + Hash,
    V: Send + Sync,
    S: Send + Sync + Clone + BuildHasher,
{
    fn par_extend<I: IntoParallelIterator<Item = (K, V)>>(&mut self, entries: I) {
        let map: &DashMap<K, V, S> = self;
        entries.into_par_iter().for_each(|(key, value)| {
            map.insert(key, value);
        });
    }
}

impl<K, V, S> FromParallelIterator<(K, V)> for DashMap<K, V, S>
where
    K: Send + Sync + Eq + Hash,
    V: Send + Sync,
    S: Send + Sync + Clone + Default + BuildHasher,
{
    #[track_caller]
    fn from_par_iter<I: IntoParallelIterator<Item = (K, V)>>(entries: I) -> Self {
        DashMap::watched(::dashmap::DashMap::from_par_iter(entries))
    }
}

impl<K, V, S> IntoParallelIterator for DashMap<K, V, S>
where
    K: Send + Eq + Hash,
    V: Send,
    S: Send + Clone + BuildHasher,
{
    type Iter = OwningIter<K, V>;
    type Item = (K, V);

    fn into_par_iter(self) -> OwningIter<K, V> {
        self.inner.into_par_iter()
    }
}

/// What a parallel iterator asks of its map, whatever the map's hasher is.
trait Sharded<K> {
    /// Judges whether the caller may wait for every shard.
    fn may_visit(&self, operation: Operation, mode: Mode);
    /// Writes down that an item of this key is held.
    fn hold(&self, operation: Operation, mode: Mode, key: &K, at: StaticSite) -> Held;
}

impl<K: Eq + Hash, V, S: BuildHasher + Clone> Sharded<K> for DashMap<K, V, S> {
    #[track_caller]
    fn may_visit(&self, operation: Operation, mode: Mode) {
        self.whole(operation, mode, || ());
    }

    fn hold(&self, operation: Operation, mode: Mode, key: &K, at: StaticSite) -> Held {
        let part = shards::part(&self.inner, key);
        self.latch.keep_at(Want { operation, mode, part, passes: true }, at)
    }
}

/// The map that an iterator's items belong to, and the call that made it.
struct Origin<'a, K> {
    map: &'a (dyn Sharded<K> + Sync),
    site: StaticSite,
}

impl<'a, K, V, S> IntoParallelIterator for &'a DashMap<K, V, S>
where
    K: Send + Sync + Eq + Hash,
    V: Send + Sync,
    S: Send + Sync + Clone + BuildHasher,
{
    type Iter = Iter<'a, K, V>;
    type Item = RefMulti<'a, K, V>;

    #[track_caller]
    fn into_par_iter(self) -> Iter<'a, K, V> {
        let origin = Origin { map: self, site: Location::caller() };
        Iter { origin: Some(origin), inner: (&self.inner).into_par_iter() }
    }
}

/// Walks over the entries, shard beside shard.
pub struct Iter<'a, K, V> {
    origin: Option<Origin<'a, K>>,
    inner: ::dashmap::rayon::map::Iter<'a, K, V>,
}

impl<'a, K, V> Iter<'a, K, V> {
    /// Over a map that nobody can change.
    pub(super) fn of_view(inner: ::dashmap::rayon::map::Iter<'a, K, V>) -> Self {
        Iter { origin: None, inner }
    }
}

impl<'a, K, V> ParallelIterator for Iter<'a, K, V>
where
    K: Send + Sync + Eq + Hash,
    V: Send + Sync,
{
    type Item = RefMulti<'a, K, V>;

    fn drive_unindexed<C: UnindexedConsumer<Self::Item>>(self, consumer: C) -> C::Result {
        let Iter { origin, inner } = self;
        if let Some(origin) = &origin {
            origin.map.may_visit(Operation::Iter, Mode::Shared);
        }
        let watched = |item: ::dashmap::mapref::multiple::RefMulti<'a, K, V>| {
            let held = match &origin {
                Some(origin) => origin.map.hold(Operation::Iter, Mode::Shared, item.key(), origin.site),
                None => Held::none(),
            };
            RefMulti::new(Arc::new(held), item)
        };
        inner.map(watched).drive_unindexed(consumer)
    }
}

impl<'a, K, V> IntoParallelIterator for &'a mut DashMap<K, V>
where
    K: Send + Sync + Eq + Hash,
    V: Send + Sync,
{
    type Iter = IterMut<'a, K, V>;
    type Item = RefMutMulti<'a, K, V>;

    #[track_caller]
    fn into_par_iter(self) -> IterMut<'a, K, V> {
        self.par_iter_mut()
    }
}

impl<K, V, S> DashMap<K, V, S>
where
    K: Send + Sync + Eq + Hash,
    V: Send + Sync,
    S: Send + Sync + Clone + BuildHasher,
{
    /// Walks over the entries, shard beside shard, each exclusively.
    #[track_caller]
    pub fn par_iter_mut(&self) -> IterMut<'_, K, V> {
        self.overhauled();
        let origin = Origin { map: self, site: Location::caller() };
        IterMut { origin, inner: self.inner.par_iter_mut() }
    }
}

/// Walks over the entries, shard beside shard, each exclusively.
pub struct IterMut<'a, K, V> {
    origin: Origin<'a, K>,
    inner: ::dashmap::rayon::map::IterMut<'a, K, V>,
}

impl<'a, K, V> ParallelIterator for IterMut<'a, K, V>
where
    K: Send + Sync + Eq + Hash,
    V: Send + Sync,
{
    type Item = RefMutMulti<'a, K, V>;

    fn drive_unindexed<C: UnindexedConsumer<Self::Item>>(self, consumer: C) -> C::Result {
        let IterMut { origin, inner } = self;
        origin.map.may_visit(Operation::IterMut, Mode::Exclusive);
        let watched = |item: ::dashmap::mapref::multiple::RefMutMulti<'a, K, V>| {
            let held = origin.map.hold(Operation::IterMut, Mode::Exclusive, item.key(), origin.site);
            RefMutMulti::new(Arc::new(held), item)
        };
        inner.map(watched).drive_unindexed(consumer)
    }
}
