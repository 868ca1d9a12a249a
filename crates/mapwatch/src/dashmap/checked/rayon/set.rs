//! Parallel iterators over a set.

use crate::dashmap::checked::DashSet;
use crate::dashmap::checked::setref::multiple::RefMulti;
use ::rayon::iter::plumbing::UnindexedConsumer;
use ::rayon::iter::{FromParallelIterator, IntoParallelIterator, ParallelExtend, ParallelIterator};
use std::hash::{BuildHasher, Hash};

impl<K, S> ParallelExtend<K> for DashSet<K, S>
where
    K: Send + Sync + Eq + Hash,
    S: Send + Sync + Clone + BuildHasher,
{
    fn par_extend<I: IntoParallelIterator<Item = K>>(&mut self, keys: I) {
        (&*self).par_extend(keys);
    }
}

impl<K, S> ParallelExtend<K> for &'_ DashSet<K, S>
where
    K: Send + Sync + Eq + Hash,
    S: Send + Sync + Clone + BuildHasher,
{
    fn par_extend<I: IntoParallelIterator<Item = K>>(&mut self, keys: I) {
        let set: &DashSet<K, S> = self;
        keys.into_par_iter().for_each(|key| {
            set.insert(key);
        });
    }
}

impl<K, S> FromParallelIterator<K> for DashSet<K, S>
where
    K: Send + Sync + Eq + Hash,
    S: Send + Sync + Clone + Default + BuildHasher,
{
    #[track_caller]
    fn from_par_iter<I: IntoParallelIterator<Item = K>>(keys: I) -> Self {
        let set = DashSet::default();
        (&set).par_extend(keys);
        set
    }
}

impl<K, S> IntoParallelIterator for DashSet<K, S>
where
    K: Send + Eq + Hash,
    S: Send + Clone + BuildHasher,
{
    type Iter = OwningIter<K>;
    type Item = K;

    fn into_par_iter(self) -> OwningIter<K> {
        OwningIter { inner: self.inner.into_par_iter() }
    }
}

/// Gives the keys away.
pub struct OwningIter<K> {
    inner: super::map::OwningIter<K, ()>,
}

impl<K: Send + Eq + Hash> ParallelIterator for OwningIter<K> {
    type Item = K;

    fn drive_unindexed<C: UnindexedConsumer<K>>(self, consumer: C) -> C::Result {
        self.inner.map(|(key, ())| key).drive_unindexed(consumer)
    }
}

impl<'a, K, S> IntoParallelIterator for &'a DashSet<K, S>
where
    K: Send + Sync + Eq + Hash,
    S: Send + Sync + Clone + BuildHasher,
{
    type Iter = Iter<'a, K>;
    type Item = RefMulti<'a, K>;

    #[track_caller]
    fn into_par_iter(self) -> Iter<'a, K> {
        Iter { inner: (&self.inner).into_par_iter() }
    }
}

/// Walks over the keys, shard beside shard.
pub struct Iter<'a, K> {
    inner: super::map::Iter<'a, K, ()>,
}

impl<'a, K: Send + Sync + Eq + Hash> ParallelIterator for Iter<'a, K> {
    type Item = RefMulti<'a, K>;

    fn drive_unindexed<C: UnindexedConsumer<Self::Item>>(self, consumer: C) -> C::Result {
        self.inner.map(RefMulti::new).drive_unindexed(consumer)
    }
}
