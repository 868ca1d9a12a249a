//! The place of one key in a watched map.

use super::one::RefMut;
use ::dashmap::SharedValue;
use mapwatch_core::event::Operation;
use mapwatch_core::guard::Held;
use mapwatch_core::history::{Deed, Key, Trail};
use mapwatch_core::lent::{LentMut, Writing};
use std::hash::Hash;
use std::mem;

/// A key's place, exclusively held.
pub enum Entry<'a, K, V> {
    /// It has a value.
    Occupied(OccupiedEntry<'a, K, V>),
    /// It has none.
    Vacant(VacantEntry<'a, K, V>),
}

impl<'a, K: Eq + Hash, V> Entry<'a, K, V> {
    /// Changes the value, if there is one.
    pub fn and_modify(self, f: impl FnOnce(&mut V)) -> Self {
        match self {
            Entry::Occupied(mut entry) => {
                f(entry.get_mut());
                Entry::Occupied(entry)
            }
            Entry::Vacant(entry) => Entry::Vacant(entry),
        }
    }

    /// The key.
    pub fn key(&self) -> &K {
        match self {
            Entry::Occupied(entry) => entry.key(),
            Entry::Vacant(entry) => entry.key(),
        }
    }

    /// The key that it was asked for with.
    pub fn into_key(self) -> K {
        match self {
            Entry::Occupied(entry) => entry.into_key(),
            Entry::Vacant(entry) => entry.into_key(),
        }
    }

    /// The value; its default, where there was none.
    pub fn or_default(self) -> RefMut<'a, K, V>
    where
        V: Default,
    {
        self.or_insert_with(V::default)
    }

    /// The value; this one, where there was none.
    #[inline]
    pub fn or_insert(self, value: V) -> RefMut<'a, K, V> {
        match self {
            Entry::Occupied(entry) => entry.into_ref(),
            Entry::Vacant(entry) => entry.insert(value),
        }
    }

    /// The value; what `value` makes, where there was none.
    #[inline]
    pub fn or_insert_with(self, value: impl FnOnce() -> V) -> RefMut<'a, K, V> {
        match self {
            Entry::Occupied(entry) => entry.into_ref(),
            Entry::Vacant(entry) => entry.insert(value()),
        }
    }

    /// The same, where making it may fail.
    ///
    /// # Errors
    ///
    /// That of `value`.
    pub fn or_try_insert_with<E>(self, value: impl FnOnce() -> Result<V, E>) -> Result<RefMut<'a, K, V>, E> {
        match self {
            Entry::Occupied(entry) => Ok(entry.into_ref()),
            Entry::Vacant(entry) => Ok(entry.insert(value()?)),
        }
    }

    /// Puts a value in.
    pub fn insert(self, value: V) -> RefMut<'a, K, V> {
        match self {
            Entry::Occupied(mut entry) => {
                entry.insert(value);
                entry.into_ref()
            }
            Entry::Vacant(entry) => entry.insert(value),
        }
    }

    /// Puts a value in, and stays at the place.
    pub fn insert_entry(self, value: V) -> OccupiedEntry<'a, K, V>
    where
        K: Clone,
    {
        match self {
            Entry::Occupied(mut entry) => {
                entry.insert(value);
                entry
            }
            Entry::Vacant(entry) => entry.insert_entry(value),
        }
    }
}

/// Tells the history, if there is one, what was done at a place that is held: looking and changing were one step.
fn did(trail: Option<(Trail<'_>, Key)>, deed: Deed) {
    if let Some((trail, key)) = trail {
        trail.compound(key, Operation::Entry, deed);
    }
}

/// A place without a value.
pub struct VacantEntry<'a, K, V> {
    held: Held,
    trail: Option<(Trail<'a>, Key)>,
    /// It has room for one entry more.
    shard: Writing<'a, K, V>,
    key: K,
    hash: u64,
}

/// Puts an entry into a shard that has room for it.
#[inline]
fn put<K, V>(shard: Writing<'_, K, V>, hash: u64, key: K, value: V) -> LentMut<'_, K, V> {
    let put = LentMut::find_mut(shard, |table| {
        let no_hash = |_: &_| unreachable!("there is room");
        Some(table.insert_entry(hash, (key, SharedValue::new(value)), no_hash))
    });
    put.unwrap_or_else(|_| unreachable!("it was put in"))
}

impl<'a, K: Eq + Hash, V> VacantEntry<'a, K, V> {
    /// The place of `key`, whose hash is `hash`, in a shard that has room for it.
    #[inline]
    pub(in crate::dashmap) fn new(
        held: Held,
        trail: Option<(Trail<'a>, Key)>,
        shard: Writing<'a, K, V>,
        key: K,
        hash: u64,
    ) -> Self {
        VacantEntry { held, trail, shard, key, hash }
    }

    /// Puts a value in.
    #[inline]
    pub fn insert(self, value: V) -> RefMut<'a, K, V> {
        did(self.trail, Deed::Appeared);
        RefMut::new(self.held, put(self.shard, self.hash, self.key, value))
    }

    /// Puts a value in, and stays at the place.
    pub fn insert_entry(self, value: V) -> OccupiedEntry<'a, K, V>
    where
        K: Clone,
    {
        did(self.trail, Deed::Appeared);
        let VacantEntry { held, trail, shard, key, hash } = self;
        let lent = put(shard, hash, key.clone(), value);
        OccupiedEntry::new(held, trail, lent, key, hash)
    }

    /// The key.
    pub fn into_key(self) -> K {
        self.key
    }

    /// The key.
    pub fn key(&self) -> &K {
        self.held.used();
        &self.key
    }
}

/// A place with a value.
pub struct OccupiedEntry<'a, K, V> {
    held: Held,
    trail: Option<(Trail<'a>, Key)>,
    lent: LentMut<'a, K, V>,
    /// The one that was asked for with.
    key: K,
    hash: u64,
    /// It was told that the value may change.
    told: bool,
}

impl<'a, K: Eq + Hash, V> OccupiedEntry<'a, K, V> {
    /// The place of an entry that was asked for with `key`, whose hash is `hash`.
    #[inline]
    pub(in crate::dashmap) fn new(
        held: Held,
        trail: Option<(Trail<'a>, Key)>,
        lent: LentMut<'a, K, V>,
        key: K,
        hash: u64,
    ) -> Self {
        OccupiedEntry { held, trail, lent, key, hash, told: false }
    }

    /// The value.
    pub fn get(&self) -> &V {
        self.held.used();
        self.lent.pair().1
    }

    /// The value, to change.
    pub fn get_mut(&mut self) -> &mut V {
        self.held.used();
        did(self.trail, Deed::Changed);
        self.told = true;
        self.lent.pair_mut().1
    }

    /// Puts a value in, and gives the old one.
    pub fn insert(&mut self, value: V) -> V {
        self.held.used();
        did(self.trail, Deed::Replaced);
        self.told = true;
        mem::replace(self.lent.pair_mut().1, value)
    }

    /// The guard of the value.
    #[inline]
    pub fn into_ref(self) -> RefMut<'a, K, V> {
        if let Some((trail, key)) = self.trail.filter(|_| !self.told) {
            trail.handed(key, Operation::Entry);
        }
        RefMut::new(self.held, self.lent)
    }

    /// The key that it was asked for with.
    pub fn into_key(self) -> K {
        self.key
    }

    /// The map's key.
    pub fn key(&self) -> &K {
        self.held.used();
        self.lent.pair().0
    }

    /// Takes the value out. The map's key goes while the shard is locked, as the original's does.
    pub fn remove(self) -> V {
        did(self.trail, Deed::Removed);
        let (shard, (key, value)) = self.lent.take(self.hash);
        drop(key);
        drop(self.held);
        drop(shard);
        value
    }

    /// Takes the entry out.
    pub fn remove_entry(self) -> (K, V) {
        did(self.trail, Deed::Removed);
        let (shard, entry) = self.lent.take(self.hash);
        drop(self.held);
        drop(shard);
        entry
    }

    /// Puts the asked-for key and a value in, and gives the old ones.
    pub fn replace_entry(self, value: V) -> (K, V) {
        did(self.trail, Deed::Replaced);
        let (shard, entry) = self.lent.replace(self.hash, self.key, value);
        drop(self.held);
        drop(shard);
        entry
    }
}
