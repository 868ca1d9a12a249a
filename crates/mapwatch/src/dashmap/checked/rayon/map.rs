//! Parallel iterators over a map.

use crate::dashmap::checked::DashMap;
use crate::dashmap::checked::mapref::multiple::{RefMulti, RefMutMulti};
use crate::dashmap::checked::raw::Shard;
use crate::dashmap::checked::shards::All;
use ::rayon::iter::plumbing::UnindexedConsumer;
use ::rayon::iter::{
    FromParallelIterator, IndexedParallelIterator, IntoParallelIterator, ParallelExtend, ParallelIterator,
};
use mapwatch_core::event::Operation;
use mapwatch_core::guard::{Held, Latch, Mode, Part, Want};
use mapwatch_core::lent::Items;
use mapwatch_core::site::StaticSite;
use std::hash::{BuildHasher, Hash};
use std::panic::Location;

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

/// The map that a parallel iterator goes over, and the call that made it.
struct Origin<'a> {
    latch: &'a Latch,
    site: StaticSite,
}

impl<'a> Origin<'a> {
    #[track_caller]
    fn of<K, V, S>(map: &'a DashMap<K, V, S>) -> Origin<'a> {
        Origin { latch: &map.latch, site: Location::caller() }
    }

    /// Judges whether the caller may wait for every shard: the threads that do it have nothing of the caller's.
    fn may_wait<K, V>(&self, operation: Operation, mode: Mode, shards: &[Shard<K, V>]) {
        self.latch.visit_at(operation, mode, self.site, &All(shards), || ());
    }

    /// Writes down that a shard is held.
    fn hold(&self, operation: Operation, mode: Mode, shard: usize) -> Held {
        let want = Want { operation, mode, part: Part::Shard(shard as u32), passes: true };
        self.latch.keep_at(want, self.site)
    }
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
        Iter { origin: Some(Origin::of(self)), shards: self.inner.shards() }
    }
}

/// Walks over the entries, shard beside shard.
pub struct Iter<'a, K, V> {
    origin: Option<Origin<'a>>,
    shards: &'a [Shard<K, V>],
}

impl<'a, K, V> Iter<'a, K, V> {
    /// Over a map that nobody can change.
    pub(super) fn of_view(shards: &'a [Shard<K, V>]) -> Self {
        Iter { origin: None, shards }
    }
}

impl<'a, K, V> ParallelIterator for Iter<'a, K, V>
where
    K: Send + Sync + Eq + Hash,
    V: Send + Sync,
{
    type Item = RefMulti<'a, K, V>;

    fn drive_unindexed<C: UnindexedConsumer<Self::Item>>(self, consumer: C) -> C::Result {
        let Iter { origin, shards } = self;
        if let Some(origin) = &origin {
            origin.may_wait(Operation::Iter, Mode::Shared, shards);
        }
        let items = |(shard, lock): (usize, &'a Shard<K, V>)| {
            let guard = lock.read();
            let hold = |origin: &Origin<'_>| origin.hold(Operation::Iter, Mode::Shared, shard);
            let held = origin.as_ref().map_or(Held::none(), hold);
            Items::reading(held, guard.into()).map(RefMulti::new)
        };
        shards.into_par_iter().enumerate().flat_map_iter(items).drive_unindexed(consumer)
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
        IterMut { origin: Origin::of(self), shards: self.inner.shards() }
    }
}

/// Walks over the entries, shard beside shard, each exclusively.
pub struct IterMut<'a, K, V> {
    origin: Origin<'a>,
    shards: &'a [Shard<K, V>],
}

impl<'a, K, V> ParallelIterator for IterMut<'a, K, V>
where
    K: Send + Sync + Eq + Hash,
    V: Send + Sync,
{
    type Item = RefMutMulti<'a, K, V>;

    fn drive_unindexed<C: UnindexedConsumer<Self::Item>>(self, consumer: C) -> C::Result {
        let IterMut { origin, shards } = self;
        origin.may_wait(Operation::IterMut, Mode::Exclusive, shards);
        let items = |(shard, lock): (usize, &'a Shard<K, V>)| {
            let guard = lock.write();
            let held = origin.hold(Operation::IterMut, Mode::Exclusive, shard);
            Items::writing(held, guard.into()).map(RefMutMulti::new)
        };
        shards.into_par_iter().enumerate().flat_map_iter(items).drive_unindexed(consumer)
    }
}
