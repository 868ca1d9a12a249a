//! Looks at the shards of a map: which one a key lies in, and whether one is taken.

use super::raw::Shard;
use ::dashmap::SharedValue;
use mapwatch_core::guard::{Mode, Part, Shards};
use mapwatch_core::lent::{LentMut, LentRef, Reading, Table, Writing};
use std::borrow::Borrow;
use std::hash::{BuildHasher, Hash, Hasher};

/// The shard of a key, which is hashed when somebody asks.
pub(super) struct Of<'m, 'q, K, V, S, Q: ?Sized>(
    pub(super) &'m ::dashmap::DashMap<K, V, S>,
    pub(super) &'q Q,
);

/// The shard of a key that was hashed.
pub(super) struct At<'m, K, V, S> {
    map: &'m ::dashmap::DashMap<K, V, S>,
    pub(super) hash: u64,
    shard: usize,
}

/// Every shard.
pub(super) struct All<'m, K, V>(pub(super) &'m [Shard<K, V>]);

/// The shard of a key.
pub(super) fn part<K, V, S, Q>(map: &::dashmap::DashMap<K, V, S>, key: &Q) -> Part
where
    K: Eq + Hash + Borrow<Q>,
    Q: Hash + Eq + ?Sized,
    S: BuildHasher + Clone,
{
    at(map, key).part()
}

/// The hash of a key as the original makes it.
#[allow(clippy::manual_hash_one, reason = "a hasher's own `hash_one` need not give the same")]
#[inline]
fn hash_of<Q: Hash + ?Sized>(hasher: &impl BuildHasher, key: &Q) -> u64 {
    let mut hasher = hasher.build_hasher();
    key.hash(&mut hasher);
    hasher.finish()
}

/// The shard that `key` lies in.
#[inline(always)]
pub(super) fn at<'m, K, V, S, Q>(map: &'m ::dashmap::DashMap<K, V, S>, key: &Q) -> At<'m, K, V, S>
where
    K: Eq + Hash + Borrow<Q>,
    Q: Hash + Eq + ?Sized,
    S: BuildHasher + Clone,
{
    let hash = hash_of(map.hasher(), key);
    At { map, hash, shard: map.determine_shard(hash as usize) }
}

impl<'m, K: Eq + Hash, V, S: BuildHasher + Clone> At<'m, K, V, S> {
    /// Which one it is.
    #[inline]
    pub(super) fn part(&self) -> Part {
        Part::Shard(self.shard as u32)
    }

    #[inline]
    fn lock(&self) -> &'m ::dashmap::RwLock<Table<K, V>> {
        &self.map.shards()[self.shard]
    }

    /// Waits for it, to read.
    #[inline]
    pub(super) fn read(&self) -> Reading<'m, K, V> {
        self.lock().read().into()
    }

    /// Waits for it, to change it.
    #[inline]
    pub(super) fn write(&self) -> Writing<'m, K, V> {
        self.lock().write().into()
    }

    /// It, to read, if that needs no waiting.
    #[inline]
    pub(super) fn try_read(&self) -> Option<Reading<'m, K, V>> {
        self.lock().try_read().map(Reading::from)
    }

    /// It, to change it, if that needs no waiting.
    #[inline]
    pub(super) fn try_write(&self) -> Option<Writing<'m, K, V>> {
        self.lock().try_write().map(Writing::from)
    }

    /// The entry of `key`, which is hashed here, in its shard.
    #[inline(always)]
    pub(super) fn find<Q>(
        &self,
        shard: Reading<'m, K, V>,
        key: &Q,
    ) -> Result<LentRef<'m, K, V>, Reading<'m, K, V>>
    where
        K: Borrow<Q>,
        Q: Eq + ?Sized,
    {
        LentRef::find(shard, |table| table.get(self.hash, |(known, _)| key == known.borrow()))
    }

    /// The same, to be changed.
    #[inline(always)]
    pub(super) fn find_mut<Q>(
        &self,
        shard: Writing<'m, K, V>,
        key: &Q,
    ) -> Result<LentMut<'m, K, V>, Writing<'m, K, V>>
    where
        K: Borrow<Q>,
        Q: Eq + ?Sized,
    {
        LentMut::find_mut(shard, |table| table.get_mut(self.hash, |(known, _)| key == known.borrow()))
    }

    /// The same shard, with room for one entry more.
    #[inline]
    pub(super) fn with_room(&self, mut shard: Writing<'m, K, V>) -> Writing<'m, K, V> {
        shard.reserve(1, self.rehash());
        shard
    }

    /// The hash of an entry, for a table that grows.
    #[inline]
    pub(super) fn rehash(&self) -> impl Fn(&(K, SharedValue<V>)) -> u64 {
        |(key, _)| hash_of(self.map.hasher(), key)
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

fn is_busy<K, V>(shards: &[Shard<K, V>], part: Part, mode: Mode) -> bool {
    let shards = match part {
        Part::Shard(shard) => shards.get(shard as usize..=shard as usize).unwrap_or_default(),
        Part::Whole | Part::Some => shards,
    };
    shards.iter().any(|shard| match mode {
        Mode::Shared => shard.try_read().is_none(),
        Mode::Upgradable | Mode::Exclusive => shard.try_write().is_none(),
    })
}

impl<K: Eq + Hash, V, S: BuildHasher + Clone> Shards for At<'_, K, V, S> {
    fn part(&self) -> Part {
        At::part(self)
    }

    fn is_busy(&self, part: Part, mode: Mode) -> bool {
        is_busy(self.map.shards(), part, mode)
    }

    fn count(&self) -> usize {
        self.map.shards().len()
    }
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
        is_busy(self.0.shards(), part, mode)
    }

    fn count(&self) -> usize {
        self.0.shards().len()
    }
}

impl<K, V> Shards for All<'_, K, V> {
    fn part(&self) -> Part {
        Part::Whole
    }

    fn is_busy(&self, part: Part, mode: Mode) -> bool {
        is_busy(self.0, part, mode)
    }

    fn count(&self) -> usize {
        self.0.len()
    }
}
