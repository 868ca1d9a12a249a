//! Iterators over a watched map: each stands on one shard at a time, and says on which.

use super::DashMap;
use super::mapref::multiple::{RefMulti, RefMutMulti};
use mapwatch_core::event::Operation;
use mapwatch_core::guard::{Held, Mode, Part, Want};
use mapwatch_core::site::StaticSite;
use std::collections::hash_map::RandomState;
use std::hash::{BuildHasher, Hash};
use std::marker::PhantomData;
use std::sync::Arc;

pub use ::dashmap::iter::OwningIter;

/// The shard that an iterator stands on.
struct Stand {
    /// Its number; none before the first step.
    shard: Option<usize>,
    /// Entries of it that are still to come.
    left: usize,
    held: Arc<Held>,
}

impl Stand {
    fn nowhere() -> Stand {
        Stand { shard: None, left: 0, held: Arc::new(Held::none()) }
    }

    /// The shards ahead.
    fn ahead(&self) -> usize {
        self.shard.map_or(0, |shard| shard + 1)
    }
}

fn want(operation: Operation, mode: Mode, shard: usize) -> Want {
    Want { operation, mode, part: Part::Shard(shard as u32), passes: true }
}

/// Walks over the entries.
pub struct Iter<'a, K, V, S = RandomState, M = DashMap<K, V, S>> {
    stand: Stand,
    inner: ::dashmap::iter::Iter<'a, K, V, S>,
    map: &'a DashMap<K, V, S>,
    site: StaticSite,
    marker: PhantomData<fn() -> M>,
}

impl<'a, K: Eq + Hash, V, S: BuildHasher + Clone, M> Iter<'a, K, V, S, M> {
    pub(super) fn new(map: &'a DashMap<K, V, S>, site: StaticSite) -> Self {
        Iter { stand: Stand::nowhere(), inner: map.inner.iter(), map, site, marker: PhantomData }
    }

    /// A step that may leave the shard.
    fn step(&mut self) -> Option<RefMulti<'a, K, V>> {
        self.look_ahead();
        let Some(item) = self.inner.next() else {
            // An iterator at its end still keeps the last shard, as the original's does.
            self.stand_on(self.map.inner.shards().len() - 1);
            self.stand.left = 0;
            return None;
        };
        self.stand_on(self.map.inner.determine_map(item.key()));
        self.stand.left = self.stand.left.saturating_sub(1);
        Some(RefMulti::new(Arc::clone(&self.stand.held), item))
    }

    /// Waits for the next shard that has entries, as the original is about to, so that the wait is judged.
    ///
    /// Nothing of ours is kept: the original begins with the shards before it, and to wait for an earlier shard
    /// with a guard of a later one closes circles that the program does not have.
    fn look_ahead(&self) {
        let shards = self.map.inner.shards();
        for (shard, lock) in shards.iter().enumerate().skip(self.stand.ahead()) {
            let want = want(Operation::Iter, Mode::Shared, shard);
            let attempt = || lock.try_read();
            let (guard, held) = self.map.latch.acquire_at(want, self.site, attempt, || lock.read());
            let left = guard.len();
            drop(held);
            drop(guard);
            if left > 0 {
                return;
            }
        }
    }

    /// The original has this shard now; readers pass each other, so that its entries can be counted.
    fn stand_on(&mut self, shard: usize) {
        if self.stand.shard != Some(shard) {
            let held = self.map.latch.keep_at(want(Operation::Iter, Mode::Shared, shard), self.site);
            let left = self.map.inner.shards()[shard].try_read().map_or(0, |guard| guard.len());
            self.stand = Stand { shard: Some(shard), left, held: Arc::new(held) };
        }
    }
}

impl<K: Clone + Hash + Eq, V: Clone, S: Clone + BuildHasher> Clone for Iter<'_, K, V, S> {
    fn clone(&self) -> Self {
        Iter::new(self.map, self.site)
    }
}

impl<'a, K: Eq + Hash, V, S: BuildHasher + Clone, M> Iterator for Iter<'a, K, V, S, M> {
    type Item = RefMulti<'a, K, V>;

    #[inline]
    fn next(&mut self) -> Option<RefMulti<'a, K, V>> {
        if self.stand.left == 0 {
            let item = self.step();
            if item.is_none() {
                self.map.latch.walked(Operation::Iter, self.site);
            }
            return item;
        }
        self.stand.left -= 1;
        self.inner.next().map(|item| RefMulti::new(Arc::clone(&self.stand.held), item))
    }
}

/// Walks over the entries, each exclusively.
pub struct IterMut<'a, K, V, S = RandomState, M = DashMap<K, V, S>> {
    stand: Stand,
    inner: ::dashmap::iter::IterMut<'a, K, V, S>,
    map: &'a DashMap<K, V, S>,
    site: StaticSite,
    marker: PhantomData<fn() -> M>,
}

impl<'a, K: Eq + Hash, V, S: BuildHasher + Clone, M> IterMut<'a, K, V, S, M> {
    pub(super) fn new(map: &'a DashMap<K, V, S>, site: StaticSite) -> Self {
        IterMut { stand: Stand::nowhere(), inner: map.inner.iter_mut(), map, site, marker: PhantomData }
    }

    /// Waits for the next shard that has entries, as the original is about to; gives how many.
    fn look_ahead(&self) -> usize {
        let shards = self.map.inner.shards();
        for (shard, lock) in shards.iter().enumerate().skip(self.stand.ahead()) {
            let want = want(Operation::IterMut, Mode::Exclusive, shard);
            let attempt = || lock.try_write();
            let (guard, held) = self.map.latch.acquire_at(want, self.site, attempt, || lock.write());
            let left = guard.len();
            // The record goes first; an exclusive guard cannot be kept while the original takes its own.
            drop(held);
            drop(guard);
            if left > 0 {
                return left;
            }
        }
        0
    }

    fn stand_on(&mut self, shard: usize, left: usize) {
        if self.stand.shard != Some(shard) {
            let held = self.map.latch.keep_at(want(Operation::IterMut, Mode::Exclusive, shard), self.site);
            self.stand = Stand { shard: Some(shard), left, held: Arc::new(held) };
        }
    }
}

impl<'a, K: Eq + Hash, V, S: BuildHasher + Clone, M> Iterator for IterMut<'a, K, V, S, M> {
    type Item = RefMutMulti<'a, K, V>;

    fn next(&mut self) -> Option<RefMutMulti<'a, K, V>> {
        let ahead = if self.stand.left == 0 { self.look_ahead() } else { 0 };
        let Some(item) = self.inner.next() else {
            // An iterator at its end still keeps the last shard, as the original's does.
            self.stand_on(self.map.inner.shards().len() - 1, 0);
            return None;
        };
        self.stand_on(self.map.inner.determine_map(item.key()), ahead);
        self.stand.left = self.stand.left.saturating_sub(1);
        Some(RefMutMulti::new(Arc::clone(&self.stand.held), item))
    }
}
