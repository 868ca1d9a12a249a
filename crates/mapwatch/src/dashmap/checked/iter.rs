//! Iterators over a watched map: each stands on one shard at a time, and says on which.

use super::DashMap;
use super::mapref::multiple::{RefMulti, RefMutMulti};
use ::dashmap::SharedValue;
use hashbrown::raw::RawTable;
use mapwatch_core::event::Operation;
use mapwatch_core::guard::{Held, Mode, Part, Want};
use mapwatch_core::history::walk::Walk;
use mapwatch_core::site::StaticSite;
use std::collections::hash_map::RandomState;
use std::hash::{BuildHasher, Hash};
use std::marker::PhantomData;
use std::ops::Deref;
use std::sync::Arc;

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

/// The shard that an iterator stands on.
struct Stand<'a, K, V, S> {
    map: &'a DashMap<K, V, S>,
    /// The call that made the iterator.
    site: StaticSite,
    operation: Operation,
    mode: Mode,
    /// The shard's number; none before the first step.
    shard: Option<usize>,
    /// Entries of it that are still to come.
    left: usize,
    held: Arc<Held>,
}

impl<'a, K: Eq + Hash, V, S: BuildHasher + Clone> Stand<'a, K, V, S> {
    fn before(map: &'a DashMap<K, V, S>, site: StaticSite, operation: Operation, mode: Mode) -> Self {
        Stand { map, site, operation, mode, shard: None, left: 0, held: Arc::new(Held::none()) }
    }

    fn want(&self, shard: usize) -> Want {
        Want { operation: self.operation, mode: self.mode, part: Part::Shard(shard as u32), passes: true }
    }

    /// Waits for the next shard that has entries, as the original is about to, so that the wait is judged; gives how
    /// many it has.
    ///
    /// Nothing of ours is kept: the original begins with the shards before it, and to wait for an earlier shard
    /// with a guard of a later one closes circles that the program does not have.
    fn look_ahead(&self) -> usize {
        let ahead = self.shard.map_or(0, |shard| shard + 1);
        let shards = self.map.inner.shards().iter().enumerate().skip(ahead);
        let mut counts = shards.map(|(shard, lock)| match self.mode {
            Mode::Shared => self.count(shard, || lock.try_read(), || lock.read()),
            Mode::Upgradable | Mode::Exclusive => self.count(shard, || lock.try_write(), || lock.write()),
        });
        counts.find(|count| *count > 0).unwrap_or(0)
    }

    /// The entries of a shard, which may have to be waited for.
    fn count<G: Deref<Target = RawTable<(K, SharedValue<V>)>>>(
        &self,
        shard: usize,
        attempt: impl FnMut() -> Option<G>,
        block: impl FnOnce() -> G,
    ) -> usize {
        let (guard, held) = self.map.latch.acquire_at(self.want(shard), self.site, attempt, block);
        let count = guard.len();
        // The record goes first: nobody is named who has left.
        drop(held);
        drop(guard);
        count
    }

    /// The original has this shard now, with so many entries to come.
    fn stand_on(&mut self, shard: usize, left: impl FnOnce() -> usize) {
        if self.shard != Some(shard) {
            let held = self.map.latch.keep_at(self.want(shard), self.site);
            self.left = left();
            self.shard = Some(shard);
            self.held = Arc::new(held);
        }
    }

    /// The original gave its last item. An iterator at its end still keeps the last shard, as the original's does.
    fn end(&mut self) {
        self.stand_on(self.map.inner.shards().len() - 1, || 0);
        self.left = 0;
    }
}

/// Walks over the entries.
pub struct Iter<'a, K, V, S = RandomState, M = DashMap<K, V, S>> {
    stand: Stand<'a, K, V, S>,
    inner: ::dashmap::iter::Iter<'a, K, V, S>,
    marker: PhantomData<fn() -> M>,
    /// What is told of this walk; the last field, so that it goes when no shard is locked any more.
    walk: Option<Walk>,
}

impl<'a, K: Eq + Hash, V, S: BuildHasher + Clone, M> Iter<'a, K, V, S, M> {
    pub(super) fn new(map: &'a DashMap<K, V, S>, site: StaticSite) -> Self {
        let stand = Stand::before(map, site, Operation::Iter, Mode::Shared);
        Iter { stand, inner: map.inner.iter(), marker: PhantomData, walk: None }
    }

    /// A step that may leave the shard.
    fn step(&mut self) -> Option<RefMulti<'a, K, V>> {
        let Stand { map, .. } = self.stand;
        if self.walk.is_none() && self.stand.shard.is_none() {
            self.walk = map.latch.walk(self.stand.site);
        }
        self.stand.look_ahead();
        let Some(item) = self.inner.next() else {
            self.stand.end();
            return None;
        };
        let shard = map.inner.determine_map(item.key());
        // Readers pass each other, so that the entries can be counted while the original has the shard.
        self.stand.stand_on(shard, || map.inner.shards()[shard].try_read().map_or(0, |guard| guard.len()));
        if let Some(walk) = &self.walk {
            walk.stands_on(shard);
        }
        self.stand.left = self.stand.left.saturating_sub(1);
        Some(RefMulti::new(Arc::clone(&self.stand.held), item))
    }
}

impl<K: Clone + Hash + Eq, V: Clone, S: Clone + BuildHasher> Clone for Iter<'_, K, V, S> {
    fn clone(&self) -> Self {
        Iter::new(self.stand.map, self.stand.site)
    }
}

impl<'a, K: Eq + Hash, V, S: BuildHasher + Clone, M> Iterator for Iter<'a, K, V, S, M> {
    type Item = RefMulti<'a, K, V>;

    #[inline]
    fn next(&mut self) -> Option<RefMulti<'a, K, V>> {
        if self.stand.left == 0 {
            let item = self.step();
            if item.is_none() {
                self.stand.map.latch.walked(Operation::Iter, self.stand.site);
                self.walk.iter_mut().for_each(Walk::ended);
            }
            return item;
        }
        self.stand.left -= 1;
        self.inner.next().map(|item| RefMulti::new(Arc::clone(&self.stand.held), item))
    }
}

/// Walks over the entries, each exclusively.
pub struct IterMut<'a, K, V, S = RandomState, M = DashMap<K, V, S>> {
    stand: Stand<'a, K, V, S>,
    inner: ::dashmap::iter::IterMut<'a, K, V, S>,
    marker: PhantomData<fn() -> M>,
}

impl<'a, K: Eq + Hash, V, S: BuildHasher + Clone, M> IterMut<'a, K, V, S, M> {
    pub(super) fn new(map: &'a DashMap<K, V, S>, site: StaticSite) -> Self {
        let stand = Stand::before(map, site, Operation::IterMut, Mode::Exclusive);
        IterMut { stand, inner: map.inner.iter_mut(), marker: PhantomData }
    }
}

impl<'a, K: Eq + Hash, V, S: BuildHasher + Clone, M> Iterator for IterMut<'a, K, V, S, M> {
    type Item = RefMutMulti<'a, K, V>;

    fn next(&mut self) -> Option<RefMutMulti<'a, K, V>> {
        let ahead = if self.stand.left == 0 { self.stand.look_ahead() } else { 0 };
        let Some(item) = self.inner.next() else {
            self.stand.end();
            return None;
        };
        // Others may have come since the look ahead, and nobody can count while the original has the shard: the
        // shard of each item is asked for.
        self.stand.stand_on(self.stand.map.inner.determine_map(item.key()), || ahead);
        self.stand.left = self.stand.left.saturating_sub(1);
        Some(RefMutMulti::new(Arc::clone(&self.stand.held), item))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A map of four shards, of which the first is empty; and a key that would lie there.
    fn with_an_empty_shard() -> (DashMap<u32, u32>, u32) {
        let map = DashMap::with_shard_amount(4);
        let first = (0..).find(|key| map.determine_map(key) == 0).expect("a hasher that spreads");
        (0..64).filter(|key| map.determine_map(key) != 0).for_each(|key| _ = map.insert(key, key));
        (map, first)
    }

    /// Between the look ahead and the original's step, somebody takes the empty shard, which the original goes
    /// through, and then any of those behind it: had the look kept one, neither could go on.
    fn others_have_all(map: &DashMap<u32, u32>, first: u32) {
        let place = map.inner.try_entry(first);
        assert!(place.is_some());
        let mut behind = map.inner.shards().iter().skip(1);
        assert!(behind.all(|shard| shard.try_write().is_some()));
    }

    #[test]
    fn a_look_ahead_keeps_no_shard() {
        let (map, first) = with_an_empty_shard();
        let walk: Iter<'_, u32, u32> = map.iter();
        assert!(walk.stand.look_ahead() > 0);
        others_have_all(&map, first);
        let count = map.len();
        assert_eq!(walk.count(), count);

        let walk: IterMut<'_, u32, u32> = map.iter_mut();
        assert!(walk.stand.look_ahead() > 0);
        others_have_all(&map, first);
        assert_eq!(walk.count(), count);
    }
}
