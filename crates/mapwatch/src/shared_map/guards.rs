//! What a `SharedMap` hands out: guards and walks, each of which keeps its place in the map until dropped.

use super::TableLook;
use mapwatch_core::cell::{Change, Look, Step, Walk, Walked};
use mapwatch_core::event::Operation;
use mapwatch_core::history::Trail;
use std::collections::{HashMap, hash_map};
use std::fmt;
use std::ops::{Deref, DerefMut};

/// The table in the cell; `None` until the map is initialised.
pub(super) struct Table<K, V, S>(pub(super) Option<HashMap<K, V, S>>);

impl<K, V, S> Walked for Table<K, V, S> {
    type Item<'b>
        = (&'b K, &'b V)
    where
        Self: 'b;
    type Iter<'b>
        = hash_map::Iter<'b, K, V>
    where
        Self: 'b;

    fn walk(&self) -> hash_map::Iter<'_, K, V> {
        self.0.as_ref().map(HashMap::iter).unwrap_or_default()
    }

    fn shorten<'short, 'long: 'short>(item: (&'long K, &'long V)) -> (&'short K, &'short V) {
        item
    }
}

/// A guard of one entry, to look at.
pub struct Ref<'a, K, V> {
    pub(super) key: Look<'a, K>,
    pub(super) value: Look<'a, V>,
}

impl<K, V> Ref<'_, K, V> {
    /// The key.
    #[inline]
    pub fn key(&self) -> &K {
        &self.key
    }

    /// The value.
    #[inline]
    pub fn value(&self) -> &V {
        &self.value
    }
}

impl<K, V> Deref for Ref<'_, K, V> {
    type Target = V;

    #[inline]
    fn deref(&self) -> &V {
        &self.value
    }
}

impl<K: fmt::Debug, V: fmt::Debug> fmt::Debug for Ref<'_, K, V> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Ref").field("key", self.key()).field("value", self.value()).finish()
    }
}

/// A guard of one value, to change.
pub struct RefMut<'a, V>(Place<'a, V>);

enum Place<'a, V> {
    /// In the map.
    Inside(Change<'a, V>),
    /// Nowhere: the access was refused while a panic unwound, and the value goes with this guard.
    Detached(Box<V>),
}

impl<'a, V> RefMut<'a, V> {
    pub(super) fn inside(change: Change<'a, V>) -> RefMut<'a, V> {
        RefMut(Place::Inside(change))
    }

    pub(super) fn detached(value: V) -> RefMut<'a, V> {
        RefMut(Place::Detached(Box::new(value)))
    }
}

impl<V> Deref for RefMut<'_, V> {
    type Target = V;

    #[inline]
    fn deref(&self) -> &V {
        match &self.0 {
            Place::Inside(change) => change,
            Place::Detached(value) => value,
        }
    }
}

impl<V> DerefMut for RefMut<'_, V> {
    #[inline]
    fn deref_mut(&mut self) -> &mut V {
        match &mut self.0 {
            Place::Inside(change) => change,
            Place::Detached(value) => value,
        }
    }
}

impl<V: fmt::Debug> fmt::Debug for RefMut<'_, V> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        (**self).fmt(f)
    }
}

/// A walk over the entries.
pub struct Iter<'a, K, V, S> {
    walk: Option<Walk<'a, Table<K, V, S>>>,
    /// Told when the walk has seen everything.
    end: Option<(Trail<'a>, Operation)>,
}

impl<'a, K, V, S> Iter<'a, K, V, S> {
    /// A walk; over nothing when the access was refused while a panic unwound.
    pub(super) fn new(
        look: Option<TableLook<'a, K, V, S>>,
        operation: Operation,
        trail: Option<Trail<'a>>,
    ) -> Iter<'a, K, V, S> {
        Iter { walk: look.map(Look::walk), end: trail.map(|trail| (trail, operation)) }
    }
}

impl<'a, K, V, S> Iterator for Iter<'a, K, V, S> {
    type Item = Pair<'a, K, V, S>;

    #[inline]
    fn next(&mut self) -> Option<Pair<'a, K, V, S>> {
        let pair = self.walk.as_mut()?.next().map(Pair);
        if pair.is_none()
            && let Some((trail, operation)) = self.end.take()
        {
            trail.walked(operation);
        }
        pair
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        self.walk.as_ref().map_or((0, Some(0)), Walk::size_hint)
    }
}

/// One entry of a walk.
pub struct Pair<'a, K, V, S>(Step<'a, Table<K, V, S>>);

impl<K, V, S> Pair<'_, K, V, S> {
    /// The key.
    #[inline]
    pub fn key(&self) -> &K {
        self.0.get().0
    }

    /// The value.
    #[inline]
    pub fn value(&self) -> &V {
        self.0.get().1
    }

    /// Both.
    #[inline]
    pub fn pair(&self) -> (&K, &V) {
        self.0.get()
    }
}

impl<K: fmt::Debug, V: fmt::Debug, S> fmt::Debug for Pair<'_, K, V, S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.pair().fmt(f)
    }
}

macro_rules! halves {
    ($($(#[$doc:meta])* $walk:ident, $item:ident, $half:ident: $target:ident, $accessor:ident;)+) => {$(
        $(#[$doc])*
        pub struct $walk<'a, K, V, S>(Iter<'a, K, V, S>);

        impl<'a, K, V, S> $walk<'a, K, V, S> {
            pub(super) fn new(iter: Iter<'a, K, V, S>) -> Self {
                $walk(iter)
            }
        }

        impl<'a, K, V, S> Iterator for $walk<'a, K, V, S> {
            type Item = $item<'a, K, V, S>;

            #[inline]
            fn next(&mut self) -> Option<Self::Item> {
                self.0.next().map($item)
            }

            fn size_hint(&self) -> (usize, Option<usize>) {
                self.0.size_hint()
            }
        }

        #[doc = concat!("One ", stringify!($half), " of a walk.")]
        pub struct $item<'a, K, V, S>(Pair<'a, K, V, S>);

        impl<K, V, S> Deref for $item<'_, K, V, S> {
            type Target = $target;

            #[inline]
            fn deref(&self) -> &$target {
                self.0.$accessor()
            }
        }

        impl<K, V, S> fmt::Debug for $item<'_, K, V, S> where $target: fmt::Debug {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                (**self).fmt(f)
            }
        }
    )+};
}

halves! {
    /// A walk over the keys.
    Keys, Key, key: K, key;
    /// A walk over the values.
    Values, Value, value: V, value;
}
