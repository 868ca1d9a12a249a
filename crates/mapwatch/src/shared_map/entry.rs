//! The entry of a key: look and change in one exclusive access.

use super::extent;
use super::guards::{RefMut, Table};
use mapwatch_core::cell::Change;
use mapwatch_core::event::Operation;
use mapwatch_core::history::{Deed, Key, Trail};
use mapwatch_core::{Extent, Shared};
use std::hash::{BuildHasher, Hash};
use std::time::Instant;

/// The entry of a key; everybody else is refused while it lives.
pub enum Entry<'a, K, V, S> {
    /// There is a value.
    Occupied(OccupiedEntry<'a, K, V>),
    /// There is none.
    Vacant(VacantEntry<'a, K, V, S>),
}

/// An entry with a value.
pub struct OccupiedEntry<'a, K, V> {
    key: K,
    value: RefMut<'a, V>,
    trail: Option<(Trail<'a>, Key)>,
    /// It was told that the value may change.
    told: bool,
}

/// An entry without a value.
pub struct VacantEntry<'a, K, V, S> {
    key: K,
    sentinel: &'a Shared,
    /// `None` when the access was refused while a panic unwound.
    table: Option<Change<'a, Table<K, V, S>>>,
    trail: Option<(Trail<'a>, Key)>,
}

/// Tells the history, if there is one, what was done to the entry in the step that looked at it.
fn did(trail: Option<(Trail<'_>, Key)>, deed: Deed) {
    if let Some((trail, key)) = trail {
        trail.compound(key, Operation::Entry, deed);
    }
}

impl<'a, K: Eq + Hash, V, S: BuildHasher> Entry<'a, K, V, S> {
    pub(super) fn new(
        sentinel: &'a Shared,
        table: Option<Change<'a, Table<K, V, S>>>,
        key: K,
        trail: Option<(Trail<'a>, Key)>,
    ) -> Entry<'a, K, V, S> {
        let occupied = |table: &Table<K, V, S>| table.0.as_ref().is_some_and(|map| map.contains_key(&key));
        match table {
            Some(table) if occupied(&table) => {
                let value = table.filter_map(|table| table.0.as_mut()?.get_mut(&key));
                match value {
                    Some(value) => Entry::Occupied(OccupiedEntry {
                        key,
                        value: RefMut::inside(value),
                        trail,
                        told: false,
                    }),
                    // An `Eq` that contradicts itself: what was there is not found again.
                    None => Entry::Vacant(VacantEntry { key, sentinel, table: None, trail }),
                }
            }
            table => Entry::Vacant(VacantEntry { key, sentinel, table, trail }),
        }
    }

    /// The value, or `default`.
    #[inline]
    #[track_caller]
    pub fn or_insert(self, default: V) -> RefMut<'a, V> {
        self.or_insert_with(|| default)
    }

    /// The value, or what `default` makes.
    ///
    /// `default` runs inside the map: it must not use it.
    #[inline]
    #[track_caller]
    pub fn or_insert_with(self, default: impl FnOnce() -> V) -> RefMut<'a, V> {
        match self {
            Entry::Occupied(entry) => entry.into_mut(),
            Entry::Vacant(entry) => entry.insert(default()),
        }
    }

    /// The value, or the type's default.
    #[inline]
    #[track_caller]
    pub fn or_default(self) -> RefMut<'a, V>
    where
        V: Default,
    {
        self.or_insert_with(V::default)
    }

    /// Changes the value, if there is one.
    #[inline]
    #[must_use = "the entry goes on"]
    pub fn and_modify(mut self, change: impl FnOnce(&mut V)) -> Self {
        if let Entry::Occupied(entry) = &mut self {
            change(&mut entry.value);
            did(entry.trail, Deed::Changed);
            entry.told = true;
        }
        self
    }

    /// The key.
    #[inline]
    pub fn key(&self) -> &K {
        match self {
            Entry::Occupied(entry) => &entry.key,
            Entry::Vacant(entry) => &entry.key,
        }
    }
}

impl<'a, K, V> OccupiedEntry<'a, K, V> {
    /// The key that was asked for.
    #[inline]
    pub fn key(&self) -> &K {
        &self.key
    }

    /// The value.
    #[inline]
    pub fn get(&self) -> &V {
        &self.value
    }

    /// The value, to change.
    #[inline]
    pub fn get_mut(&mut self) -> &mut V {
        did(self.trail, Deed::Changed);
        self.told = true;
        &mut self.value
    }

    /// The value's guard.
    #[inline]
    pub fn into_mut(self) -> RefMut<'a, V> {
        if let Some((trail, key)) = self.trail.filter(|_| !self.told) {
            trail.handed(key, Operation::Entry);
        }
        self.value
    }

    /// Replaces the value, and gives the old one.
    #[inline]
    pub fn insert(&mut self, value: V) -> V {
        did(self.trail, Deed::Replaced);
        std::mem::replace(&mut self.value, value)
    }
}

impl<'a, K: Eq + Hash, V, S: BuildHasher> VacantEntry<'a, K, V, S> {
    /// The key that was asked for.
    #[inline]
    pub fn key(&self) -> &K {
        &self.key
    }

    /// Takes the key back.
    #[inline]
    pub fn into_key(self) -> K {
        self.key
    }

    /// Stores a value, and gives its guard.
    #[inline]
    #[track_caller]
    pub fn insert(self, value: V) -> RefMut<'a, V> {
        let VacantEntry { key, sentinel, table, trail } = self;
        let Some(mut table) = table else { return RefMut::detached(value) };
        let Some(map) = table.0.as_mut() else { return RefMut::detached(value) };
        did(trail, Deed::Appeared);
        let before = extent(map);
        let began = before.is_full().then(Instant::now);
        if began.is_some() {
            map.reserve(1);
        }
        sentinel.resized(before, Extent { length: before.length + 1, ..extent(map) }, began);
        RefMut::inside(table.map(|table| {
            let map = table.0.get_or_insert_with(|| unreachable!("seen a line above"));
            map.entry(key).or_insert(value)
        }))
    }
}
