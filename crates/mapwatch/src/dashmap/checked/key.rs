//! What is done with one key: the history is told while its shard is locked.

use super::mapref::one::{Ref, RefMut};
use super::shards::{self, At, Of};
use super::{DashMap, Entry, OccupiedEntry, VacantEntry, about};
use ::dashmap::SharedValue;
use ::dashmap::try_result::TryResult;
use mapwatch_core::event::Operation;
use mapwatch_core::guard::{Held, Mode};
use mapwatch_core::history::{Key, Suspicion, Trail};
use mapwatch_core::lent::{LentMut, Writing};
use std::borrow::Borrow;
use std::hash::{BuildHasher, Hash};
use std::mem;

impl<'a, K: 'a + Eq + Hash, V: 'a, S: BuildHasher + Clone> DashMap<K, V, S> {
    /// Puts a value in, and gives the old one.
    #[inline]
    #[track_caller]
    pub fn insert(&self, key: K, value: V) -> Option<V> {
        let trail = self.latch.trail();
        self.take_stock(trail);
        let visit = self.latch.enter(Operation::Insert, Mode::Exclusive, &Of(&self.inner, &key));
        let at = shards::at(&self.inner, &key);
        visit.is_about(at.part());
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
        visit.is_about(at.part());
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
        let found = at.find(shard, key);
        if let Some((trail, number)) = looks {
            trail.look(number, Operation::Get, found.is_ok());
        }
        match found {
            Ok(lent) => Some(Ref::new(held, lent)),
            Err(shard) => nothing(held, shard),
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
        let found = at.find_mut(shard, key);
        if let Some((trail, number)) = trail {
            trail.lent(number, Operation::GetMut, found.is_ok());
        }
        match found {
            Ok(lent) => Some(RefMut::new(held, lent)),
            Err(shard) => nothing(held, shard),
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
        let found = at.find(shard, key);
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
        let found = at.find_mut(shard, key);
        let Ok(lent) = found else { return TryResult::Absent };
        let held = self.took(Operation::GetMut, Mode::Exclusive, at.part());
        if let Some(trail) = self.latch.trail() {
            trail.lent(Key::of(key), Operation::GetMut, true);
        }
        TryResult::Present(RefMut::new(held, lent))
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
        visit.is_about(at.part());
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
}

/// No guard is handed out after all; the record goes before the shard is unlocked.
#[inline(always)]
fn nothing<G>(held: Held, shard: impl Sized) -> Option<G> {
    held.discard();
    drop(shard);
    None
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
