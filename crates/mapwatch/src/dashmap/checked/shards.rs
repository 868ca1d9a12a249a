//! Looks at the shards of a map: which one a key lies in, and whether one is taken.

use super::remember::{Before, Remember};
use mapwatch_core::guard::{Mode, Part, Shards};
use std::borrow::Borrow;
use std::hash::{BuildHasher, Hash};

/// The shard of a key, which is hashed when somebody asks.
pub(super) struct Of<'m, 'q, K, V, S, Q: ?Sized>(
    pub(super) &'m ::dashmap::DashMap<K, V, S>,
    pub(super) &'q Q,
);

/// Every shard.
pub(super) struct All<'m, K, V, S>(pub(super) &'m ::dashmap::DashMap<K, V, S>);

/// The shard of a key.
pub(super) fn part<K, V, S, Q>(map: &::dashmap::DashMap<K, V, S>, key: &Q) -> Part
where
    K: Eq + Hash + Borrow<Q>,
    Q: Hash + Eq + ?Sized,
    S: BuildHasher + Clone,
{
    Part::Shard(map.determine_map(key) as u32)
}

/// The shard of a key that the original has just hashed.
#[inline]
pub(super) fn part_since<K, V, S, Q>(
    map: &::dashmap::DashMap<K, V, Remember<S>>,
    before: Before,
    key: &Q,
) -> Part
where
    K: Eq + Hash + Borrow<Q>,
    Q: Hash + Eq + ?Sized,
    S: BuildHasher + Clone,
{
    match before.only_hash() {
        Some(hash) => Part::Shard(map.determine_shard(hash as usize) as u32),
        None => part(map, key),
    }
}

/// How many entries each shard has; `None` where one is locked.
#[cold]
pub(super) fn fill<K: Eq + Hash, V, S: BuildHasher + Clone>(
    map: &::dashmap::DashMap<K, V, S>,
) -> Option<Vec<usize>> {
    map.shards().iter().map(|shard| shard.try_read().map(|guard| guard.len())).collect()
}

/// The room in all shards; `None` where one is locked.
#[cold]
pub(super) fn capacity<K: Eq + Hash, V, S: BuildHasher + Clone>(
    map: &::dashmap::DashMap<K, V, S>,
) -> Option<usize> {
    map.shards().iter().map(|shard| shard.try_read().map(|guard| guard.capacity())).sum()
}

fn is_busy<K: Eq + Hash, V, S: BuildHasher + Clone>(
    map: &::dashmap::DashMap<K, V, S>,
    part: Part,
    mode: Mode,
) -> bool {
    let shards = match part {
        Part::Shard(shard) => map.shards().get(shard as usize..=shard as usize).unwrap_or_default(),
        Part::Whole | Part::Some => map.shards(),
    };
    shards.iter().any(|shard| match mode {
        Mode::Shared => shard.try_read().is_none(),
        Mode::Upgradable | Mode::Exclusive => shard.try_write().is_none(),
    })
}

impl<K, V, S, Q> Shards for Of<'_, '_, K, V, S, Q>
where
    K: Eq + Hash + Borrow<Q>,
    Q: Hash + Eq + ?Sized,
    S: BuildHasher + Clone,
{
    fn part(&self) -> Part {
        part(self.0, self.1)
    }

    fn is_busy(&self, part: Part, mode: Mode) -> bool {
        is_busy(self.0, part, mode)
    }

    fn count(&self) -> usize {
        self.0.shards().len()
    }
}

impl<K: Eq + Hash, V, S: BuildHasher + Clone> Shards for All<'_, K, V, S> {
    fn part(&self) -> Part {
        Part::Whole
    }

    fn is_busy(&self, part: Part, mode: Mode) -> bool {
        is_busy(self.0, part, mode)
    }

    fn count(&self) -> usize {
        self.0.shards().len()
    }
}
