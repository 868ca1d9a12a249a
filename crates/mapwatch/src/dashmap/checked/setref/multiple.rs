//! The guards that an iterator over a set hands out.

use crate::dashmap::checked::mapref;
use std::hash::Hash;
use std::ops::Deref;

/// A guard of a key.
pub struct RefMulti<'a, K> {
    inner: mapref::multiple::RefMulti<'a, K, ()>,
}

impl<'a, K: Eq + Hash> RefMulti<'a, K> {
    pub(in crate::dashmap) fn new(inner: mapref::multiple::RefMulti<'a, K, ()>) -> Self {
        RefMulti { inner }
    }

    /// The key.
    pub fn key(&self) -> &K {
        self.inner.key()
    }
}

impl<K: Eq + Hash> Deref for RefMulti<'_, K> {
    type Target = K;

    fn deref(&self) -> &K {
        self.key()
    }
}
