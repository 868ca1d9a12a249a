//! Iterators over a watched map: each stands on one shard at a time, and says on which.

use super::DashMap;
use super::mapref::multiple::{RefMulti, RefMutMulti};
use ::dashmap::RwLock;
use mapwatch_core::event::Operation;
use mapwatch_core::guard::{Held, Mode, Part, Want};
use mapwatch_core::history::walk::Walk;
use mapwatch_core::lent::{Items, Reading, Table, Writing};
use mapwatch_core::site::StaticSite;
use std::collections::hash_map::RandomState;
use std::hash::{BuildHasher, Hash};
use std::marker::PhantomData;

/// Gives the entries away.
pub struct OwningIter<K, V, S = RandomState> {
    inner: ::dashmap::iter::OwningIter<K, V, S>,
}

impl<K: Eq + Hash, V, S: BuildHasher + Clone> OwningIter<K, V, S> {
    pub(super) fn new(inner: ::dashmap::iter::OwningIter<K, V, S>) -> Self {
        OwningIter { inner }
    }
}

impl<K: Eq + Hash, V, S: BuildHasher + Clone> Iterator for OwningIter<K, V, S> {
    type Item = (K, V);

    #[inline]
    fn next(&mut self) -> Option<(K, V)> {
        self.inner.next()
    }
}

/// Where an iterator is on its way from shard to shard.
struct Way<'a, K, V, S> {
    map: &'a DashMap<K, V, S>,
    /// The call that made the iterator.
    site: StaticSite,
    operation: Operation,
    mode: Mode,
    /// The shard that comes next.
    next: usize,
}

impl<'a, K: Eq + Hash, V, S: BuildHasher + Clone> Way<'a, K, V, S> {
    fn new(map: &'a DashMap<K, V, S>, site: StaticSite, operation: Operation, mode: Mode) -> Self {
        Way { map, site, operation, mode, next: 0 }
    }

    /// Waits for the next shard, and that wait is judged. The shard before is still held, as the original holds it.
    fn step<G>(
        &mut self,
        attempt: impl Fn(&'a RwLock<Table<K, V>>) -> Option<G>,
        block: impl Fn(&'a RwLock<Table<K, V>>) -> G,
    ) -> Option<(G, Held)> {
        let lock = self.map.inner.shards().get(self.next)?;
        let part = Part::Shard(self.next as u32);
        self.next += 1;
        let want = Want { operation: self.operation, mode: self.mode, part, passes: true };
        Some(self.map.latch.acquire_at(want, self.site, || attempt(lock), || block(lock)))
    }
}

/// Walks over the entries.
pub struct Iter<'a, K, V, S = RandomState, M = DashMap<K, V, S>> {
    way: Way<'a, K, V, S>,
    /// Those of the shard that it stands on. At its end it still keeps the last one, as the original's does.
    items: Option<Items<Reading<'a, K, V>, K, V>>,
    marker: PhantomData<fn() -> M>,
    /// What is told of this walk; the last field, so that it goes when no shard is locked any more.
    walk: Option<Walk>,
}

impl<'a, K: Eq + Hash, V, S: BuildHasher + Clone, M> Iter<'a, K, V, S, M> {
    pub(super) fn new(map: &'a DashMap<K, V, S>, site: StaticSite) -> Self {
        let way = Way::new(map, site, Operation::Iter, Mode::Shared);
        Iter { way, items: None, marker: PhantomData, walk: None }
    }

    /// Goes to the next shard; `false` at the end.
    #[inline(never)]
    fn step(&mut self) -> bool {
        let (latch, site) = (&self.way.map.latch, self.way.site);
        if self.items.is_none() && self.walk.is_none() {
            self.walk = latch.walk(site);
        }
        let Some((guard, held)) = self.way.step(RwLock::try_read, RwLock::read) else {
            latch.walked(Operation::Iter, site);
            self.walk.iter_mut().for_each(Walk::ended);
            return false;
        };
        if let Some(walk) = &self.walk {
            walk.stands_on(self.way.next - 1);
        }
        self.items = Some(Items::reading(held, guard.into()));
        true
    }
}

impl<K: Clone + Hash + Eq, V: Clone, S: Clone + BuildHasher> Clone for Iter<'_, K, V, S> {
    fn clone(&self) -> Self {
        Iter::new(self.way.map, self.way.site)
    }
}

impl<'a, K: Eq + Hash, V, S: BuildHasher + Clone, M> Iterator for Iter<'a, K, V, S, M> {
    type Item = RefMulti<'a, K, V>;

    #[inline]
    fn next(&mut self) -> Option<RefMulti<'a, K, V>> {
        loop {
            if let Some(item) = self.items.as_mut().and_then(Items::next) {
                return Some(RefMulti::new(item));
            }
            if !self.step() {
                return None;
            }
        }
    }
}

/// Walks over the entries, each exclusively.
pub struct IterMut<'a, K, V, S = RandomState, M = DashMap<K, V, S>> {
    way: Way<'a, K, V, S>,
    /// As of [`Iter`].
    items: Option<Items<Writing<'a, K, V>, K, V>>,
    marker: PhantomData<fn() -> M>,
}

impl<'a, K: Eq + Hash, V, S: BuildHasher + Clone, M> IterMut<'a, K, V, S, M> {
    pub(super) fn new(map: &'a DashMap<K, V, S>, site: StaticSite) -> Self {
        let way = Way::new(map, site, Operation::IterMut, Mode::Exclusive);
        IterMut { way, items: None, marker: PhantomData }
    }
}

impl<'a, K: Eq + Hash, V, S: BuildHasher + Clone, M> Iterator for IterMut<'a, K, V, S, M> {
    type Item = RefMutMulti<'a, K, V>;

    #[inline]
    fn next(&mut self) -> Option<RefMutMulti<'a, K, V>> {
        loop {
            if let Some(item) = self.items.as_mut().and_then(Items::next) {
                return Some(RefMutMulti::new(item));
            }
            let (guard, held) = self.way.step(RwLock::try_write, RwLock::write)?;
            self.items = Some(Items::writing(held, guard.into()));
        }
    }
}
