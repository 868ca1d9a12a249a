//! A `DashMap` that knows who holds a guard of it.

#[cfg(feature = "dashmap_arbitrary")]
mod arbitrary;
mod closures;
pub mod iter;
pub mod iter_set;
mod key;
pub mod mapref;
mod operators;
mod raw;
#[cfg(feature = "dashmap_rayon")]
pub mod rayon;
mod read_only;
#[cfg(feature = "serde")]
mod serde;
mod set;
pub mod setref;
mod shards;
#[cfg(feature = "dashmap_typesize")]
mod size;

pub use ::dashmap::{
    Map, RawRwLock, RwLock, RwLockReadGuard, RwLockWriteGuard, SharedValue, TryReserveError, try_result,
};
pub use mapref::entry::{Entry, OccupiedEntry, VacantEntry};
pub use read_only::ReadOnlyView;
pub use set::DashSet;

use iter::{Iter, IterMut};
use mapwatch_core::entry::Shape;
use mapwatch_core::event::{MapKind, Operation};
use mapwatch_core::guard::{Family, Held, Latch, Mode, Part, Want};
use mapwatch_core::history::{Size, Trail};
use mapwatch_core::site::StaticSite;
use shards::All;
use std::borrow::{Borrow, Cow};
use std::collections::hash_map::RandomState;
use std::hash::{BuildHasher, Hash};
use std::panic::Location;

static FAMILY: Family = Family::SHARDED;

/// [`dashmap::DashMap`], watched.
pub struct DashMap<K, V, S = RandomState> {
    latch: Latch,
    inner: ::dashmap::DashMap<K, V, S>,
}

impl<K, V, S> DashMap<K, V, S> {
    #[track_caller]
    fn watched(inner: ::dashmap::DashMap<K, V, S>) -> DashMap<K, V, S> {
        let latch = Latch::new(
            MapKind::DashMap,
            &FAMILY,
            Shape::of_entries::<DashMap<K, V, S>, (K, V)>,
            Location::caller(),
        );
        DashMap { latch, inner }
    }
}

impl<K: Eq + Hash, V> DashMap<K, V, RandomState> {
    /// An empty map.
    #[must_use]
    #[track_caller]
    pub fn new() -> Self {
        Self::with_hasher(RandomState::default())
    }

    /// An empty map with room for `capacity` entries.
    #[must_use]
    #[track_caller]
    pub fn with_capacity(capacity: usize) -> Self {
        Self::with_capacity_and_hasher(capacity, RandomState::default())
    }

    /// An empty map of so many shards: a power of two above one.
    #[must_use]
    #[track_caller]
    pub fn with_shard_amount(shard_amount: usize) -> Self {
        Self::with_hasher_and_shard_amount(RandomState::default(), shard_amount)
    }

    /// The same with room.
    #[must_use]
    #[track_caller]
    pub fn with_capacity_and_shard_amount(capacity: usize, shard_amount: usize) -> Self {
        Self::with_capacity_and_hasher_and_shard_amount(capacity, RandomState::default(), shard_amount)
    }
}

impl<'a, K: 'a + Eq + Hash, V: 'a, S: BuildHasher + Clone> DashMap<K, V, S> {
    /// The map as one that nobody can change any more, so that plain references come out of it.
    pub fn into_read_only(self) -> ReadOnlyView<K, V, S> {
        ReadOnlyView::new(self)
    }

    /// An empty map with a hasher.
    #[track_caller]
    pub fn with_hasher(hasher: S) -> Self {
        Self::watched(::dashmap::DashMap::with_hasher(hasher))
    }

    /// The same with room.
    #[track_caller]
    pub fn with_capacity_and_hasher(capacity: usize, hasher: S) -> Self {
        Self::watched(::dashmap::DashMap::with_capacity_and_hasher(capacity, hasher))
    }

    /// An empty map with a hasher and so many shards.
    #[track_caller]
    pub fn with_hasher_and_shard_amount(hasher: S, shard_amount: usize) -> Self {
        Self::watched(::dashmap::DashMap::with_hasher_and_shard_amount(hasher, shard_amount))
    }

    /// The same with room.
    #[track_caller]
    pub fn with_capacity_and_hasher_and_shard_amount(
        capacity: usize,
        hasher: S,
        shard_amount: usize,
    ) -> Self {
        Self::watched(::dashmap::DashMap::with_capacity_and_hasher_and_shard_amount(
            capacity,
            hasher,
            shard_amount,
        ))
    }

    /// The hash of `item` by the map's hasher.
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

    /// The hasher.
    pub fn hasher(&self) -> &S {
        self.inner.hasher()
    }

    /// Walks over the entries; the iterator holds one shard at a time.
    #[track_caller]
    pub fn iter(&'a self) -> Iter<'a, K, V, S, DashMap<K, V, S>> {
        Iter::new(self, Location::caller())
    }

    /// Walks over the entries, each exclusively.
    #[track_caller]
    pub fn iter_mut(&'a self) -> IterMut<'a, K, V, S, DashMap<K, V, S>> {
        self.overhauled();
        IterMut::new(self, Location::caller())
    }

    /// Gives memory back.
    #[track_caller]
    pub fn shrink_to_fit(&self) {
        self.whole(Operation::Shrink, Mode::Exclusive, || self.inner.shrink_to_fit());
    }

    /// Counts the entries, shard by shard.
    #[track_caller]
    pub fn len(&self) -> usize {
        let length = self.whole(Operation::Len, Mode::Shared, || self.inner.len());
        self.latch.set_size(length, || shards::capacity(&self.inner));
        if let Some(trail) = self.latch.trail() {
            trail.measured(Size::Length);
        }
        length
    }

    /// Whether there are none.
    #[track_caller]
    pub fn is_empty(&self) -> bool {
        let is_empty = self.whole(Operation::Len, Mode::Shared, || self.inner.is_empty());
        if let Some(trail) = self.latch.trail() {
            trail.measured(Size::of(is_empty));
        }
        is_empty
    }

    /// Takes all entries out.
    #[track_caller]
    pub fn clear(&self) {
        self.whole(Operation::Clear, Mode::Exclusive, || self.inner.clear());
        self.overhauled();
    }

    /// The room there is.
    #[track_caller]
    pub fn capacity(&self) -> usize {
        self.whole(Operation::Len, Mode::Shared, || self.inner.capacity())
    }

    /// Makes room in every shard.
    ///
    /// # Errors
    ///
    /// When there is no such memory.
    pub fn try_reserve(&mut self, additional: usize) -> Result<(), TryReserveError> {
        self.inner.try_reserve(additional)
    }

    /// Tells the history that a call may change many entries.
    #[track_caller]
    fn overhauled(&self) {
        if let Some(trail) = self.latch.trail() {
            trail.overhauled();
        }
    }

    #[track_caller]
    fn took(&self, operation: Operation, mode: Mode, part: Part) -> Held {
        self.latch.taken(Want { operation, mode, part, passes: true })
    }

    fn keep(&self, operation: Operation, mode: Mode, part: Part, at: StaticSite) -> Held {
        self.latch.keep_at(Want { operation, mode, part, passes: true }, at)
    }

    #[track_caller]
    fn whole<R>(&self, operation: Operation, mode: Mode, call: impl FnOnce() -> R) -> R {
        self.latch.visit(operation, mode, &All(self.inner.shards()), call)
    }
}

/// The same history, told which shard a key lies in where that matters: while somebody walks over the map.
#[inline]
fn about(trail: Trail<'_>, part: impl FnOnce() -> Part) -> Trail<'_> {
    if trail.is_walked() { trail.about(part()) } else { trail }
}

impl<K, V, S> crate::Named for DashMap<K, V, S> {
    fn named(self, name: impl Into<Cow<'static, str>>) -> Self {
        self.latch.set_name(name.into());
        self
    }
}
