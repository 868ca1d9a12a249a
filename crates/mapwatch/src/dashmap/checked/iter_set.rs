//! Iterators over a watched set.

use super::setref::multiple::RefMulti;
use std::hash::{BuildHasher, Hash};

/// Gives the keys away.
pub struct OwningIter<K, S> {
    inner: super::iter::OwningIter<K, (), S>,
}

impl<K: Eq + Hash, S: BuildHasher + Clone> OwningIter<K, S> {
    pub(super) fn new(inner: super::iter::OwningIter<K, (), S>) -> Self {
        OwningIter { inner }
    }
}

impl<K: Eq + Hash, S: BuildHasher + Clone> Iterator for OwningIter<K, S> {
    type Item = K;

    fn next(&mut self) -> Option<K> {
        self.inner.next().map(|(key, ())| key)
    }
}

/// Walks over the keys.
pub struct Iter<'a, K, S, M> {
    inner: super::iter::Iter<'a, K, (), S, M>,
}

impl<'a, K: Eq + Hash, S: BuildHasher + Clone, M> Iter<'a, K, S, M> {
    pub(super) fn new(inner: super::iter::Iter<'a, K, (), S, M>) -> Self {
        Iter { inner }
    }
}

impl<'a, K: Eq + Hash, S: BuildHasher + Clone, M> Iterator for Iter<'a, K, S, M> {
    type Item = RefMulti<'a, K>;

    fn next(&mut self) -> Option<RefMulti<'a, K>> {
        self.inner.next().map(RefMulti::new)
    }
}
