//! The guards that iterators hand out; those of one shard share a record, as they share the shard's lock.

use mapwatch_core::guard::Held;
use std::hash::Hash;
use std::ops::{Deref, DerefMut};
use std::sync::Arc;

/// A guard of an entry.
pub struct RefMulti<'a, K, V> {
    held: Arc<Held>,
    inner: ::dashmap::mapref::multiple::RefMulti<'a, K, V>,
}

impl<'a, K: Eq + Hash, V> RefMulti<'a, K, V> {
    #[inline]
    pub(in crate::dashmap) fn new(
        held: Arc<Held>,
        inner: ::dashmap::mapref::multiple::RefMulti<'a, K, V>,
    ) -> Self {
        RefMulti { held, inner }
    }

    /// The key.
    pub fn key(&self) -> &K {
        self.pair().0
    }

    /// The value.
    pub fn value(&self) -> &V {
        self.pair().1
    }

    /// Both.
    #[inline]
    pub fn pair(&self) -> (&K, &V) {
        self.held.used();
        self.inner.pair()
    }
}

impl<K: Eq + Hash, V> Deref for RefMulti<'_, K, V> {
    type Target = V;

    fn deref(&self) -> &V {
        self.value()
    }
}

/// An exclusive guard of an entry.
pub struct RefMutMulti<'a, K, V> {
    held: Arc<Held>,
    inner: ::dashmap::mapref::multiple::RefMutMulti<'a, K, V>,
}

impl<'a, K: Eq + Hash, V> RefMutMulti<'a, K, V> {
    #[inline]
    pub(in crate::dashmap) fn new(
        held: Arc<Held>,
        inner: ::dashmap::mapref::multiple::RefMutMulti<'a, K, V>,
    ) -> Self {
        RefMutMulti { held, inner }
    }

    /// The key.
    pub fn key(&self) -> &K {
        self.pair().0
    }

    /// The value.
    pub fn value(&self) -> &V {
        self.pair().1
    }

    /// The value, to change.
    pub fn value_mut(&mut self) -> &mut V {
        self.pair_mut().1
    }

    /// Both.
    #[inline]
    pub fn pair(&self) -> (&K, &V) {
        self.held.used();
        self.inner.pair()
    }

    /// Both, the value to change.
    #[inline]
    pub fn pair_mut(&mut self) -> (&K, &mut V) {
        self.held.used();
        self.inner.pair_mut()
    }
}

impl<K: Eq + Hash, V> Deref for RefMutMulti<'_, K, V> {
    type Target = V;

    fn deref(&self) -> &V {
        self.value()
    }
}

impl<K: Eq + Hash, V> DerefMut for RefMutMulti<'_, K, V> {
    fn deref_mut(&mut self) -> &mut V {
        self.value_mut()
    }
}
