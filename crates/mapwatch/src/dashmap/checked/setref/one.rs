//! The guard that `get` of a set hands out.

use crate::dashmap::checked::mapref;
use std::hash::Hash;
use std::ops::Deref;

/// A guard of a key.
pub struct Ref<'a, K> {
    inner: mapref::one::Ref<'a, K, ()>,
}

impl<'a, K: Eq + Hash> Ref<'a, K> {
    pub(in crate::dashmap) fn new(inner: mapref::one::Ref<'a, K, ()>) -> Self {
        Ref { inner }
    }

    /// The key.
    pub fn key(&self) -> &K {
        self.inner.key()
    }
}

impl<K: Eq + Hash> Deref for Ref<'_, K> {
    type Target = K;

    fn deref(&self) -> &K {
        self.key()
    }
}
