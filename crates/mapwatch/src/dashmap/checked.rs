//! A `DashMap` that knows who holds a guard of it.

pub mod iter;
pub mod iter_set;
pub mod mapref;
mod operators;
mod read_only;
#[cfg(feature = "serde")]
mod serde;
mod set;
pub mod setref;
mod shards;

pub use ::dashmap::{Map, SharedValue, TryReserveError, try_result};
pub use mapref::entry::{Entry, OccupiedEntry, VacantEntry};
pub use read_only::ReadOnlyView;
pub use set::DashSet;

use ::dashmap::try_result::TryResult;
use iter::{Iter, IterMut};
use mapref::one::{Ref, RefMut};
use mapwatch_core::event::{MapKind, Operation};
use mapwatch_core::guard::{Family, Held, Latch, Mode, Part, Want};
use mapwatch_core::site::StaticSite;
use shards::{All, Of};
use std::any::type_name;
use std::borrow::{Borrow, Cow};
use std::collections::hash_map::RandomState;
use std::hash::{BuildHasher, Hash};
use std::panic::Location;

static FAMILY: Family = Family { travels: true, suspends: false, queues: false };

/// [`dashmap::DashMap`], watched.
pub struct DashMap<K, V, S = RandomState> {
    latch: Latch,
    inner: ::dashmap::DashMap<K, V, S>,
}

impl<K, V, S> DashMap<K, V, S> {
    #[track_caller]
    fn watched(inner: ::dashmap::DashMap<K, V, S>) -> DashMap<K, V, S> {
        let latch = Latch::new(MapKind::DashMap, &FAMILY, type_name::<DashMap<K, V, S>>, Location::caller());
        DashMap { latch, inner }
    }
}

impl<K: Eq + Hash, V> DashMap<K, V, RandomState> {
    /// An empty map.
    #[must_use]
    #[track_caller]
    pub fn new() -> Self {
        Self::watched(::dashmap::DashMap::new())
    }

    /// An empty map with room for `capacity` entries.
    #[must_use]
    #[track_caller]
    pub fn with_capacity(capacity: usize) -> Self {
        Self::watched(::dashmap::DashMap::with_capacity(capacity))
    }

    /// An empty map of so many shards: a power of two above one.
    #[must_use]
    #[track_caller]
    pub fn with_shard_amount(shard_amount: usize) -> Self {
        Self::watched(::dashmap::DashMap::with_shard_amount(shard_amount))
    }

    /// The same with room.
    #[must_use]
    #[track_caller]
    pub fn with_capacity_and_shard_amount(capacity: usize, shard_amount: usize) -> Self {
        Self::watched(::dashmap::DashMap::with_capacity_and_shard_amount(capacity, shard_amount))
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

    /// Puts a value in, and gives the old one.
    #[inline]
    #[track_caller]
    pub fn insert(&self, key: K, value: V) -> Option<V> {
        let part = self.part(&key);
        self.latch.visit(Operation::Insert, Mode::Exclusive, &shards::Known(&self.inner, part), || {
            self.inner.insert(key, value)
        })
    }

    /// Takes an entry out.
    #[inline]
    #[track_caller]
    pub fn remove<Q>(&self, key: &Q) -> Option<(K, V)>
    where
        K: Borrow<Q>,
        Q: Hash + Eq + ?Sized,
    {
        self.latch.visit(Operation::Remove, Mode::Exclusive, &Of(&self.inner, key), || self.inner.remove(key))
    }

    /// Takes an entry out, if `f` says so.
    #[track_caller]
    pub fn remove_if<Q>(&self, key: &Q, f: impl FnOnce(&K, &V) -> bool) -> Option<(K, V)>
    where
        K: Borrow<Q>,
        Q: Hash + Eq + ?Sized,
    {
        let at = Location::caller();
        self.latch.visit(Operation::Remove, Mode::Exclusive, &Of(&self.inner, key), || {
            self.inner.remove_if(key, |k, v| {
                let _held = self.keep(Operation::Remove, Mode::Exclusive, self.part(key), at);
                f(k, v)
            })
        })
    }

    /// The same, where `f` may change the value.
    #[track_caller]
    pub fn remove_if_mut<Q>(&self, key: &Q, f: impl FnOnce(&K, &mut V) -> bool) -> Option<(K, V)>
    where
        K: Borrow<Q>,
        Q: Hash + Eq + ?Sized,
    {
        let at = Location::caller();
        self.latch.visit(Operation::Remove, Mode::Exclusive, &Of(&self.inner, key), || {
            self.inner.remove_if_mut(key, |k, v| {
                let _held = self.keep(Operation::Remove, Mode::Exclusive, self.part(key), at);
                f(k, v)
            })
        })
    }

    /// Walks over the entries; the iterator holds one shard at a time.
    #[track_caller]
    pub fn iter(&'a self) -> Iter<'a, K, V, S, DashMap<K, V, S>> {
        Iter::new(self, Location::caller())
    }

    /// Walks over the entries, each exclusively.
    #[track_caller]
    pub fn iter_mut(&'a self) -> IterMut<'a, K, V, S, DashMap<K, V, S>> {
        IterMut::new(self, Location::caller())
    }

    /// A guard of a value.
    #[inline]
    #[track_caller]
    pub fn get<Q>(&'a self, key: &Q) -> Option<Ref<'a, K, V>>
    where
        K: Borrow<Q>,
        Q: Hash + Eq + ?Sized,
    {
        let call = || self.inner.get(key);
        let (inner, held) = self.latch.visit_and_hold(
            Operation::Get,
            Mode::Shared,
            &Of(&self.inner, key),
            |_| self.part(key),
            call,
        )?;
        Some(Ref::new(held, inner))
    }

    /// An exclusive guard of a value.
    #[inline]
    #[track_caller]
    pub fn get_mut<Q>(&'a self, key: &Q) -> Option<RefMut<'a, K, V>>
    where
        K: Borrow<Q>,
        Q: Hash + Eq + ?Sized,
    {
        let call = || self.inner.get_mut(key);
        let (inner, held) = self.latch.visit_and_hold(
            Operation::GetMut,
            Mode::Exclusive,
            &Of(&self.inner, key),
            |_| self.part(key),
            call,
        )?;
        Some(RefMut::new(held, inner))
    }

    /// A guard of a value, if that needs no waiting.
    #[inline]
    #[track_caller]
    pub fn try_get<Q>(&'a self, key: &Q) -> TryResult<Ref<'a, K, V>>
    where
        K: Borrow<Q>,
        Q: Hash + Eq + ?Sized,
    {
        match self.inner.try_get(key) {
            TryResult::Present(inner) => {
                let held = self.took(Operation::Get, Mode::Shared, self.part(key));
                TryResult::Present(Ref::new(held, inner))
            }
            TryResult::Absent => TryResult::Absent,
            TryResult::Locked => TryResult::Locked,
        }
    }

    /// An exclusive guard of a value, if that needs no waiting.
    #[inline]
    #[track_caller]
    pub fn try_get_mut<Q>(&'a self, key: &Q) -> TryResult<RefMut<'a, K, V>>
    where
        K: Borrow<Q>,
        Q: Hash + Eq + ?Sized,
    {
        match self.inner.try_get_mut(key) {
            TryResult::Present(inner) => {
                let held = self.took(Operation::GetMut, Mode::Exclusive, self.part(key));
                TryResult::Present(RefMut::new(held, inner))
            }
            TryResult::Absent => TryResult::Absent,
            TryResult::Locked => TryResult::Locked,
        }
    }

    /// Gives memory back.
    #[track_caller]
    pub fn shrink_to_fit(&self) {
        self.whole(Operation::Shrink, Mode::Exclusive, || self.inner.shrink_to_fit());
    }

    /// Keeps the entries that `f` wants.
    #[track_caller]
    pub fn retain(&self, mut f: impl FnMut(&K, &mut V) -> bool) {
        let at = Location::caller();
        self.whole(Operation::Retain, Mode::Exclusive, || {
            let mut held = None;
            self.inner.retain(|k, v| {
                held.get_or_insert_with(|| self.keep(Operation::Retain, Mode::Exclusive, Part::Some, at));
                f(k, v)
            });
        });
    }

    /// Counts the entries, shard by shard.
    #[track_caller]
    pub fn len(&self) -> usize {
        let length = self.whole(Operation::Len, Mode::Shared, || self.inner.len());
        self.latch.set_size(length, None);
        length
    }

    /// Whether there are none.
    #[track_caller]
    pub fn is_empty(&self) -> bool {
        self.whole(Operation::Len, Mode::Shared, || self.inner.is_empty())
    }

    /// Takes all entries out.
    #[track_caller]
    pub fn clear(&self) {
        self.whole(Operation::Clear, Mode::Exclusive, || self.inner.clear());
    }

    /// The room there is.
    #[track_caller]
    pub fn capacity(&self) -> usize {
        self.whole(Operation::Len, Mode::Shared, || self.inner.capacity())
    }

    /// Replaces a value by what `f` makes of it.
    #[track_caller]
    pub fn alter<Q>(&self, key: &Q, f: impl FnOnce(&K, V) -> V)
    where
        K: Borrow<Q>,
        Q: Hash + Eq + ?Sized,
    {
        let at = Location::caller();
        self.latch.visit(Operation::Alter, Mode::Exclusive, &Of(&self.inner, key), || {
            self.inner.alter(key, |k, v| {
                let _held = self.keep(Operation::Alter, Mode::Exclusive, self.part(key), at);
                f(k, v)
            });
        });
    }

    /// Replaces every value.
    #[track_caller]
    pub fn alter_all(&self, mut f: impl FnMut(&K, V) -> V) {
        let at = Location::caller();
        self.whole(Operation::Alter, Mode::Exclusive, || {
            let mut held = None;
            self.inner.alter_all(|k, v| {
                held.get_or_insert_with(|| self.keep(Operation::Alter, Mode::Exclusive, Part::Some, at));
                f(k, v)
            });
        });
    }

    /// Shows a value to `f`.
    #[track_caller]
    pub fn view<Q, R>(&self, key: &Q, f: impl FnOnce(&K, &V) -> R) -> Option<R>
    where
        K: Borrow<Q>,
        Q: Hash + Eq + ?Sized,
    {
        let at = Location::caller();
        self.latch.visit(Operation::View, Mode::Shared, &Of(&self.inner, key), || {
            self.inner.view(key, |k, v| {
                let _held = self.keep(Operation::View, Mode::Shared, self.part(key), at);
                f(k, v)
            })
        })
    }

    /// Whether there is such a key.
    #[inline]
    #[track_caller]
    pub fn contains_key<Q>(&self, key: &Q) -> bool
    where
        K: Borrow<Q>,
        Q: Hash + Eq + ?Sized,
    {
        self.latch.visit(Operation::ContainsKey, Mode::Shared, &Of(&self.inner, key), || {
            self.inner.contains_key(key)
        })
    }

    /// The place of a key, exclusively.
    #[inline]
    #[track_caller]
    pub fn entry(&'a self, key: K) -> Entry<'a, K, V> {
        let part = self.part(&key);
        let at = Location::caller();
        let inner =
            self.latch.visit(Operation::Entry, Mode::Exclusive, &shards::Known(&self.inner, part), || {
                self.inner.entry(key)
            });
        Entry::new(self.keep(Operation::Entry, Mode::Exclusive, part, at), inner)
    }

    /// The same, if that needs no waiting.
    #[inline]
    #[track_caller]
    pub fn try_entry(&'a self, key: K) -> Option<Entry<'a, K, V>> {
        let part = self.part(&key);
        let inner = self.inner.try_entry(key)?;
        Some(Entry::new(self.took(Operation::Entry, Mode::Exclusive, part), inner))
    }

    /// Makes room in every shard.
    ///
    /// # Errors
    ///
    /// When there is no such memory.
    pub fn try_reserve(&mut self, additional: usize) -> Result<(), TryReserveError> {
        self.inner.try_reserve(additional)
    }

    fn part<Q>(&self, key: &Q) -> Part
    where
        K: Borrow<Q>,
        Q: Hash + Eq + ?Sized,
    {
        shards::part(&self.inner, key)
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
        self.latch.visit(operation, mode, &All(&self.inner), call)
    }
}

impl<K, V, S> crate::Named for DashMap<K, V, S> {
    fn named(self, name: impl Into<Cow<'static, str>>) -> Self {
        self.latch.set_name(name.into());
        self
    }
}
