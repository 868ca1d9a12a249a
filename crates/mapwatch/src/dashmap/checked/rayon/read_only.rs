//! Parallel iterators over a map that nobody can change.

use super::map::{Iter, OwningIter};
use crate::dashmap::checked::ReadOnlyView;
use crate::dashmap::checked::mapref::multiple::RefMulti;
use ::rayon::iter::IntoParallelIterator;
use std::hash::{BuildHasher, Hash};

impl<K, V, S> IntoParallelIterator for ReadOnlyView<K, V, S>
where
    K: Send + Eq + Hash,
    V: Send,
    S: Send + Clone + BuildHasher,
{
    type Iter = OwningIter<K, V>;
    type Item = (K, V);

    fn into_par_iter(self) -> OwningIter<K, V> {
        self.inner.into_par_iter()
    }
}

impl<'a, K, V, S> IntoParallelIterator for &'a ReadOnlyView<K, V, S>
where
    K: Send + Sync + Eq + Hash,
    V: Send + Sync,
    S: Send + Sync + Clone + BuildHasher,
{
    type Iter = Iter<'a, K, V>;
    type Item = RefMulti<'a, K, V>;

    fn into_par_iter(self) -> Iter<'a, K, V> {
        Iter::of_view(self.inner.shards())
    }
}
