//! A `DashMap` that knows who holds a guard of it.

#[cfg(feature = "dashmap_arbitrary")]
mod arbitrary;
pub mod iter;
pub mod iter_set;
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

use ::dashmap::try_result::TryResult;
use iter::{Iter, IterMut};
use mapref::one::{Ref, RefMut};
use mapwatch_core::entry::Shape;
use mapwatch_core::event::{MapKind, Operation};
use mapwatch_core::guard::{Family, Held, Latch, Mode, Part, Want};
use mapwatch_core::history::{Deed, Key, Size, Suspicion, Trail};
use mapwatch_core::lent::{LentMut, LentRef, Writing};
use mapwatch_core::site::StaticSite;
use shards::{All, At, Of};
use std::borrow::{Borrow, Cow};
use std::collections::hash_map::RandomState;
use std::hash::{BuildHasher, Hash};
use std::mem;
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

    /// Puts a value in, and gives the old one.
    #[inline]
    #[track_caller]
    pub fn insert(&self, key: K, value: V) -> Option<V> {
        let trail = self.latch.trail();
        self.take_stock(trail);
        let visit = self.latch.enter(Operation::Insert, Mode::Exclusive, &Of(&self.inner, &key));
        let at = shards::at(&self.inner, &key);
        let about_it = trail.map(|trail| (about(trail, || at.part()), Key::of(&key)));
        let mut shard = at.write();
        let replaced = match shard.get_mut(at.hash, |(known, _)| *known == key) {
            Some((_, old)) => Some(mem::replace(old.get_mut(), value)),
            None => {
                shard.insert(at.hash, (key, SharedValue::new(value)), at.rehash());
                None
            }
        };
        let suspicion = about_it.map_or(Suspicion::NONE, |(trail, number)| {
            trail.inserted(number, Operation::Insert, replaced.is_some())
        });
        drop(shard);
        visit.end();
        suspicion.tell();
        replaced
    }

    /// Takes an entry out.
    #[inline]
    #[track_caller]
    pub fn remove<Q>(&self, key: &Q) -> Option<(K, V)>
    where
        K: Borrow<Q>,
        Q: Hash + Eq + ?Sized,
    {
        let trail = self.latch.trail();
        let visit = self.latch.enter(Operation::Remove, Mode::Exclusive, &Of(&self.inner, key));
        let at = shards::at(&self.inner, key);
        let about_it = trail.map(|trail| (about(trail, || at.part()), Key::of(key)));
        let mut shard = at.write();
        let removed = shard.remove_entry(at.hash, |(known, _)| key == known.borrow());
        let suspicion = about_it.map_or(Suspicion::NONE, |(trail, number)| {
            trail.removed(number, Operation::Remove, removed.is_some())
        });
        drop(shard);
        visit.end();
        suspicion.tell();
        removed.map(|(key, value)| (key, value.into_inner()))
    }

    /// Takes an entry out, if `f` says so.
    #[track_caller]
    pub fn remove_if<Q>(&self, key: &Q, f: impl FnOnce(&K, &V) -> bool) -> Option<(K, V)>
    where
        K: Borrow<Q>,
        Q: Hash + Eq + ?Sized,
    {
        let (at, trail) =
            (Location::caller(), self.latch.trail().map(|trail| about(trail, || self.part(key))));
        self.latch.visit(Operation::Remove, Mode::Exclusive, &Of(&self.inner, key), || {
            self.inner.remove_if(key, |k, v| {
                let _held = self.keep(Operation::Remove, Mode::Exclusive, self.part(key), at);
                let goes = f(k, v);
                did(trail, goes, key, Operation::Remove, Deed::Removed);
                goes
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
        let (at, trail) =
            (Location::caller(), self.latch.trail().map(|trail| about(trail, || self.part(key))));
        self.latch.visit(Operation::Remove, Mode::Exclusive, &Of(&self.inner, key), || {
            self.inner.remove_if_mut(key, |k, v| {
                let _held = self.keep(Operation::Remove, Mode::Exclusive, self.part(key), at);
                let goes = f(k, v);
                did(trail, true, key, Operation::Remove, if goes { Deed::Removed } else { Deed::Changed });
                goes
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
        self.overhauled();
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
        let looks = self.latch.trail().and_then(|trail| trail.for_look(key));
        let at = shards::at(&self.inner, key);
        let (shard, held) =
            self.latch.lend(Operation::Get, Mode::Shared, &at, || at.try_read(), || at.read());
        let found = LentRef::find(shard, |table| table.get(at.hash, |(known, _)| key == known.borrow()));
        if let Some((trail, number)) = looks {
            trail.look(number, Operation::Get, found.is_ok());
        }
        match found {
            Ok(lent) => Some(Ref::new(held, lent)),
            Err(shard) => {
                held.discard();
                drop(shard);
                None
            }
        }
    }

    /// An exclusive guard of a value.
    #[inline]
    #[track_caller]
    pub fn get_mut<Q>(&'a self, key: &Q) -> Option<RefMut<'a, K, V>>
    where
        K: Borrow<Q>,
        Q: Hash + Eq + ?Sized,
    {
        let trail = self.latch.trail().map(|trail| (trail, Key::of(key)));
        let at = shards::at(&self.inner, key);
        let (shard, held) =
            self.latch.lend(Operation::GetMut, Mode::Exclusive, &at, || at.try_write(), || at.write());
        let found =
            LentMut::find_mut(shard, |table| table.get_mut(at.hash, |(known, _)| key == known.borrow()));
        if let Some((trail, number)) = trail {
            trail.lent(number, Operation::GetMut, found.is_ok());
        }
        match found {
            Ok(lent) => Some(RefMut::new(held, lent)),
            Err(shard) => {
                held.discard();
                drop(shard);
                None
            }
        }
    }

    /// A guard of a value, if that needs no waiting.
    #[inline]
    #[track_caller]
    pub fn try_get<Q>(&'a self, key: &Q) -> TryResult<Ref<'a, K, V>>
    where
        K: Borrow<Q>,
        Q: Hash + Eq + ?Sized,
    {
        let at = shards::at(&self.inner, key);
        let Some(shard) = at.try_read() else { return TryResult::Locked };
        let found = LentRef::find(shard, |table| table.get(at.hash, |(known, _)| key == known.borrow()));
        let present = found.ok().map(|lent| (self.took(Operation::Get, Mode::Shared, at.part()), lent));
        if let Some(trail) = self.latch.trail() {
            trail.look(Key::of(key), Operation::Get, present.is_some());
        }
        present.map_or(TryResult::Absent, |(held, lent)| TryResult::Present(Ref::new(held, lent)))
    }

    /// An exclusive guard of a value, if that needs no waiting.
    #[inline]
    #[track_caller]
    pub fn try_get_mut<Q>(&'a self, key: &Q) -> TryResult<RefMut<'a, K, V>>
    where
        K: Borrow<Q>,
        Q: Hash + Eq + ?Sized,
    {
        let at = shards::at(&self.inner, key);
        let Some(shard) = at.try_write() else { return TryResult::Locked };
        let found =
            LentMut::find_mut(shard, |table| table.get_mut(at.hash, |(known, _)| key == known.borrow()));
        let Ok(lent) = found else { return TryResult::Absent };
        let held = self.took(Operation::GetMut, Mode::Exclusive, at.part());
        if let Some(trail) = self.latch.trail() {
            trail.lent(Key::of(key), Operation::GetMut, true);
        }
        TryResult::Present(RefMut::new(held, lent))
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
        self.overhauled();
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

    /// Replaces a value by what `f` makes of it.
    #[track_caller]
    pub fn alter<Q>(&self, key: &Q, f: impl FnOnce(&K, V) -> V)
    where
        K: Borrow<Q>,
        Q: Hash + Eq + ?Sized,
    {
        let (at, trail) = (Location::caller(), self.latch.trail());
        self.latch.visit(Operation::Alter, Mode::Exclusive, &Of(&self.inner, key), || {
            self.inner.alter(key, |k, v| {
                let _held = self.keep(Operation::Alter, Mode::Exclusive, self.part(key), at);
                did(trail, true, key, Operation::Alter, Deed::Changed);
                f(k, v)
            });
        });
    }

    /// Replaces every value.
    #[track_caller]
    pub fn alter_all(&self, mut f: impl FnMut(&K, V) -> V) {
        let at = Location::caller();
        self.overhauled();
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
        let trail = self.latch.trail();
        let looked = |present| {
            if let Some(trail) = trail {
                trail.look(Key::of(key), Operation::View, present);
            }
        };
        self.latch.visit(Operation::View, Mode::Shared, &Of(&self.inner, key), || {
            let shown = self.inner.view(key, |k, v| {
                let _held = self.keep(Operation::View, Mode::Shared, self.part(key), at);
                looked(true);
                f(k, v)
            });
            if shown.is_none() {
                looked(false);
            }
            shown
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
        let looks = self.latch.trail().and_then(|trail| trail.for_look(key));
        let visit = self.latch.enter(Operation::ContainsKey, Mode::Shared, &Of(&self.inner, key));
        let at = shards::at(&self.inner, key);
        let shard = at.read();
        let is_there = shard.get(at.hash, |(known, _)| key == known.borrow()).is_some();
        if let Some((trail, number)) = looks {
            trail.look(number, Operation::ContainsKey, is_there);
        }
        drop(shard);
        visit.end();
        is_there
    }

    /// The place of a key, exclusively.
    #[inline]
    #[track_caller]
    pub fn entry(&'a self, key: K) -> Entry<'a, K, V> {
        let trail = self.latch.trail();
        self.take_stock(trail);
        let at = shards::at(&self.inner, &key);
        let trail = trail.map(|trail| (about(trail, || at.part()), Key::of(&key)));
        let lent = self.latch.lend(Operation::Entry, Mode::Exclusive, &at, || at.try_write(), || at.write());
        place(&at, lent, trail, key)
    }

    /// The same, if that needs no waiting.
    #[inline]
    #[track_caller]
    pub fn try_entry(&'a self, key: K) -> Option<Entry<'a, K, V>> {
        let at = shards::at(&self.inner, &key);
        let trail = self.latch.trail().map(|trail| (trail.about(at.part()), Key::of(&key)));
        let shard = at.try_write()?;
        let held = self.took(Operation::Entry, Mode::Exclusive, at.part());
        Some(place(&at, (shard, held), trail, key))
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

    /// Tells how the entries lie over the shards, when that is asked.
    #[inline]
    fn take_stock(&self, trail: Option<Trail<'_>>) {
        if let Some(trail) = trail
            && trail.is_stock_due()
        {
            self.take_stock_now(trail);
        }
    }

    #[cold]
    #[inline(never)]
    fn take_stock_now(&self, trail: Trail<'_>) {
        let fill = shards::fill(&self.inner);
        if let Some(fill) = &fill {
            self.latch.set_size(fill.iter().sum(), || shards::capacity(&self.inner));
        }
        trail.took_stock(fill.as_deref());
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

/// The place of `key` in its shard.
#[inline(always)]
fn place<'a, K: Eq + Hash, V, S: BuildHasher + Clone>(
    at: &At<'a, K, V, S>,
    (shard, held): (Writing<'a, K, V>, Held),
    trail: Option<(Trail<'a>, Key)>,
    key: K,
) -> Entry<'a, K, V> {
    match LentMut::find_mut(shard, |table| table.get_mut(at.hash, |(known, _)| *known == key)) {
        Ok(lent) => Entry::Occupied(OccupiedEntry::new(held, trail, lent, key, at.hash)),
        Err(shard) => Entry::Vacant(VacantEntry::new(held, trail, at.with_room(shard), key, at.hash)),
    }
}

/// Tells the history, if there is one, what was done in a step that looked as well.
fn did<Q: Hash + ?Sized>(trail: Option<Trail<'_>>, done: bool, key: &Q, operation: Operation, deed: Deed) {
    if let Some(trail) = trail.filter(|_| done) {
        trail.compound(Key::of(key), operation, deed);
    }
}

impl<K, V, S> crate::Named for DashMap<K, V, S> {
    fn named(self, name: impl Into<Cow<'static, str>>) -> Self {
        self.latch.set_name(name.into());
        self
    }
}
