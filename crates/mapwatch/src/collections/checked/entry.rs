//! Entries of maps.
//!
//! `use hash_map::Entry::{Occupied, Vacant}` is common and does not work through a type alias, so each map has
//! an enum of its own; the two differ in a bound, and one macro writes both.
//! An entry outlives the call that made it: it asks its cursor before each use, and a use that changes the table
//! is a write of its own, so that walks of other threads see it.

use mapwatch_core::event::Operation;
use mapwatch_core::history::{Deed, Key};
use mapwatch_core::{Cursor, Exclusive, Extent, Writing};

/// What an entry needs beside std's: who watches, and what it saw.
#[derive(Clone, Copy)]
pub(super) struct Post<'a> {
    pub(super) sentinel: &'a Exclusive,
    pub(super) cursor: Cursor<'a>,
    /// The number of the key, where a history is kept.
    pub(super) key: Option<Key>,
    /// How large the table is: std's entry hides it.
    pub(super) extent: Extent,
    /// It was told that the value may change.
    pub(super) told: bool,
}

impl<'a> Post<'a> {
    /// Before a use that looks. An entry is idle between its uses, so each one begins and ends.
    #[inline]
    #[track_caller]
    pub(super) fn look(mut self) {
        self.cursor.step();
        self.cursor.end();
    }

    /// After a use that changed the entry: looking and changing were one step.
    #[inline]
    #[track_caller]
    pub(super) fn did(self, operation: Operation, deed: Deed) {
        if let (Some(key), Some(trail)) = (self.key, self.sentinel.trail()) {
            trail.compound(key, operation, deed);
        }
    }

    /// The value is handed out, to be changed or not.
    #[inline]
    #[track_caller]
    pub(super) fn hand(self) {
        if !self.told
            && let (Some(key), Some(trail)) = (self.key, self.sentinel.trail())
        {
            trail.handed(key, Operation::GetMut);
        }
    }

    /// Before the use that changes the table and ends the entry.
    #[inline]
    #[track_caller]
    pub(super) fn write(self, operation: Operation) -> Writing<'a> {
        self.look();
        self.sentinel.write(operation)
    }

    /// The table has another number of entries after this use; it has made room before.
    #[inline]
    pub(super) fn counts(&mut self, writing: &Writing<'_>, length: usize) {
        let before = self.extent;
        self.extent.length = length;
        writing.resized(before, self.extent, None);
    }

    /// Before a use that changes a value, after which the entry goes on.
    #[inline]
    #[track_caller]
    pub(super) fn renew(&mut self, operation: Operation) {
        self.look();
        self.cursor = self.sentinel.cursor_mut(operation);
    }
}

/// `Entry`, `OccupiedEntry` and `VacantEntry` of std's module `$map`, for keys with `$bound`.
macro_rules! entries {
    ($map:ident, { $($bound:ident)? }) => {
        /// See the type of the same name in std.
        pub enum Entry<'a, K, V> {
            /// A vacant entry.
            Vacant(VacantEntry<'a, K, V>),
            /// An occupied entry.
            Occupied(OccupiedEntry<'a, K, V>),
        }

        /// See the type of the same name in std.
        pub struct OccupiedEntry<'a, K, V> {
            post: super::entry::Post<'a>,
            inner: $map::OccupiedEntry<'a, K, V>,
        }

        /// See the type of the same name in std.
        pub struct VacantEntry<'a, K, V> {
            post: super::entry::Post<'a>,
            inner: $map::VacantEntry<'a, K, V>,
        }

        impl<'a, K $(: $bound)?, V> Entry<'a, K, V> {
            #[inline]
            fn new(
                sentinel: &'a mapwatch_core::Exclusive,
                cursor: mapwatch_core::Cursor<'a>,
                key: Option<mapwatch_core::history::Key>,
                extent: mapwatch_core::Extent,
                entry: $map::Entry<'a, K, V>,
            ) -> Entry<'a, K, V> {
                let post = super::entry::Post { sentinel, cursor, key, extent, told: false };
                match entry {
                    $map::Entry::Occupied(inner) => Entry::Occupied(OccupiedEntry { post, inner }),
                    $map::Entry::Vacant(inner) => Entry::Vacant(VacantEntry { post, inner }),
                }
            }

            /// See the method of the same name in std.
            #[inline]
            #[track_caller]
            pub fn or_insert(self, default: V) -> &'a mut V {
                match self {
                    Entry::Occupied(entry) => entry.into_mut(),
                    Entry::Vacant(entry) => entry.insert(default),
                }
            }

            /// See the method of the same name in std.
            #[inline]
            #[track_caller]
            pub fn or_insert_with<F: FnOnce() -> V>(self, default: F) -> &'a mut V {
                match self {
                    Entry::Occupied(entry) => entry.into_mut(),
                    Entry::Vacant(entry) => entry.insert(default()),
                }
            }

            /// See the method of the same name in std.
            #[inline]
            #[track_caller]
            pub fn or_insert_with_key<F: FnOnce(&K) -> V>(self, default: F) -> &'a mut V {
                match self {
                    Entry::Occupied(entry) => entry.into_mut(),
                    Entry::Vacant(entry) => {
                        let value = default(entry.key());
                        entry.insert(value)
                    }
                }
            }

            /// See the method of the same name in std.
            #[inline]
            #[track_caller]
            pub fn or_default(self) -> &'a mut V
            where
                V: Default,
            {
                self.or_insert_with(V::default)
            }

            /// See the method of the same name in std.
            #[inline]
            #[track_caller]
            pub fn key(&self) -> &K {
                match self {
                    Entry::Occupied(entry) => entry.key(),
                    Entry::Vacant(entry) => entry.key(),
                }
            }

            /// See the method of the same name in std.
            #[inline]
            #[track_caller]
            pub fn and_modify<F: FnOnce(&mut V)>(mut self, f: F) -> Self {
                if let Entry::Occupied(entry) = &mut self {
                    f(entry.get_mut());
                }
                self
            }

            /// See the method of the same name in std.
            #[inline]
            #[track_caller]
            pub fn insert_entry(self, value: V) -> OccupiedEntry<'a, K, V> {
                match self {
                    Entry::Occupied(mut entry) => {
                        entry.insert(value);
                        entry
                    }
                    Entry::Vacant(entry) => entry.insert_entry(value),
                }
            }
        }

        impl<'a, K $(: $bound)?, V> OccupiedEntry<'a, K, V> {
            $(
                // Only trees (`first_entry`, `last_entry`) give an occupied entry by itself.
                #[inline]
                fn new(
                    sentinel: &'a mapwatch_core::Exclusive,
                    cursor: mapwatch_core::Cursor<'a>,
                    extent: mapwatch_core::Extent,
                    inner: $map::OccupiedEntry<'a, K, V>,
                ) -> OccupiedEntry<'a, K, V>
                where
                    K: $bound,
                {
                    let post = super::entry::Post { sentinel, cursor, key: None, extent, told: false };
                    OccupiedEntry { post, inner }
                }
            )?

            /// See the method of the same name in std.
            #[inline]
            #[track_caller]
            pub fn key(&self) -> &K {
                self.post.look();
                self.inner.key()
            }

            /// See the method of the same name in std.
            #[inline]
            #[track_caller]
            pub fn get(&self) -> &V {
                self.post.look();
                self.inner.get()
            }

            /// See the method of the same name in std.
            #[inline]
            #[track_caller]
            pub fn get_mut(&mut self) -> &mut V {
                self.post.look();
                self.post.did(Operation::GetMut, mapwatch_core::history::Deed::Changed);
                self.post.told = true;
                self.inner.get_mut()
            }

            /// See the method of the same name in std.
            #[inline]
            #[track_caller]
            pub fn into_mut(self) -> &'a mut V {
                self.post.look();
                self.post.hand();
                self.inner.into_mut()
            }

            /// See the method of the same name in std.
            #[inline]
            #[track_caller]
            pub fn insert(&mut self, value: V) -> V {
                self.post.renew(Operation::Replace);
                self.post.did(Operation::Replace, mapwatch_core::history::Deed::Replaced);
                self.inner.insert(value)
            }

            /// See the method of the same name in std.
            #[inline]
            #[track_caller]
            pub fn remove(mut self) -> V {
                let writing = self.post.write(Operation::Remove);
                self.post.counts(&writing, self.post.extent.length.saturating_sub(1));
                self.post.did(Operation::Remove, mapwatch_core::history::Deed::Removed);
                self.inner.remove()
            }

            /// See the method of the same name in std.
            #[inline]
            #[track_caller]
            pub fn remove_entry(mut self) -> (K, V) {
                let writing = self.post.write(Operation::Remove);
                self.post.counts(&writing, self.post.extent.length.saturating_sub(1));
                self.post.did(Operation::Remove, mapwatch_core::history::Deed::Removed);
                self.inner.remove_entry()
            }
        }

        impl<'a, K $(: $bound)?, V> VacantEntry<'a, K, V> {
            /// See the method of the same name in std.
            #[inline]
            #[track_caller]
            pub fn key(&self) -> &K {
                self.inner.key()
            }

            /// See the method of the same name in std.
            #[inline]
            #[track_caller]
            pub fn into_key(self) -> K {
                self.inner.into_key()
            }

            /// See the method of the same name in std.
            #[inline]
            #[track_caller]
            pub fn insert(mut self, value: V) -> &'a mut V {
                let writing = self.post.write(Operation::Insert);
                self.post.counts(&writing, self.post.extent.length + 1);
                self.post.did(Operation::Insert, mapwatch_core::history::Deed::Appeared);
                self.inner.insert(value)
            }

            /// See the method of the same name in std.
            #[inline]
            #[track_caller]
            pub fn insert_entry(self, value: V) -> OccupiedEntry<'a, K, V> {
                let VacantEntry { mut post, inner } = self;
                let writing = post.write(Operation::Insert);
                post.counts(&writing, post.extent.length + 1);
                post.did(Operation::Insert, mapwatch_core::history::Deed::Appeared);
                let inner = inner.insert_entry(value);
                drop(writing);
                post.cursor = post.sentinel.cursor_mut(Operation::Entry);
                OccupiedEntry { post, inner }
            }
        }

        impl<K: std::fmt::Debug $(+ $bound)?, V: std::fmt::Debug> std::fmt::Debug for Entry<'_, K, V> {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                match self {
                    Entry::Vacant(entry) => f.debug_tuple("Entry").field(entry).finish(),
                    Entry::Occupied(entry) => f.debug_tuple("Entry").field(entry).finish(),
                }
            }
        }

        impl<K: std::fmt::Debug $(+ $bound)?, V: std::fmt::Debug> std::fmt::Debug for OccupiedEntry<'_, K, V> {
            #[track_caller]
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                self.post.look();
                self.inner.fmt(f)
            }
        }

        impl<K: std::fmt::Debug $(+ $bound)?, V> std::fmt::Debug for VacantEntry<'_, K, V> {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                self.inner.fmt(f)
            }
        }
    };
}

pub(super) use entries;
