//! The traits of a watched map: what it has in common with any collection, and the original's operators.

use super::DashMap;
use super::iter::{Iter, OwningIter};
use super::mapref::multiple::RefMulti;
use super::mapref::one::{Ref, RefMut};
use mapwatch_core::event::Operation;
use mapwatch_core::guard::Mode;
use std::borrow::Borrow;
use std::fmt;
use std::hash::{BuildHasher, Hash};
use std::ops::{BitAnd, BitOr, Shl, Shr, Sub};

impl<K: Eq + Hash + Clone, V: Clone, S: BuildHasher + Clone> DashMap<K, V, S> {
    /// A copy of what is in it.
    #[track_caller]
    pub(super) fn copied(&self) -> ::dashmap::DashMap<K, V, S> {
        self.whole(Operation::Clone, Mode::Shared, || self.inner.clone())
    }
}

impl<K: Eq + Hash + Clone, V: Clone, S: BuildHasher + Clone> Clone for DashMap<K, V, S> {
    #[track_caller]
    fn clone(&self) -> Self {
        DashMap::watched(self.copied())
    }
}

impl<K, V, S> Default for DashMap<K, V, S>
where
    K: Eq + Hash,
    S: Default + BuildHasher + Clone,
{
    #[track_caller]
    fn default() -> Self {
        Self::with_hasher(S::default())
    }
}

impl<K: Eq + Hash + fmt::Debug, V: fmt::Debug, S: BuildHasher + Clone> fmt::Debug for DashMap<K, V, S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut map = f.debug_map();
        for entry in self {
            let (key, value) = entry.pair();
            map.entry(key, value);
        }
        map.finish()
    }
}

impl<'a, K: 'a + Eq + Hash, V: 'a, S: BuildHasher + Clone> Shl<(K, V)> for &'a DashMap<K, V, S> {
    type Output = Option<V>;

    #[track_caller]
    fn shl(self, (key, value): (K, V)) -> Option<V> {
        self.insert(key, value)
    }
}

macro_rules! operators {
    ($($operator:ident::$method:ident($map:ident, $key:ident) -> $output:ty = $body:expr;)+) => {$(
        impl<'a, K: 'a + Eq + Hash, V: 'a, S: BuildHasher + Clone, Q> $operator<&Q> for &'a DashMap<K, V, S>
        where
            K: Borrow<Q>,
            Q: Hash + Eq + ?Sized,
        {
            type Output = $output;

            #[track_caller]
            fn $method(self, $key: &Q) -> $output {
                let $map = self;
                $body
            }
        }
    )+};
}

operators! {
    Shr::shr(map, key) -> Ref<'a, K, V> = map.get(key).expect("no such key in the map");
    BitOr::bitor(map, key) -> RefMut<'a, K, V> = map.get_mut(key).expect("no such key in the map");
    Sub::sub(map, key) -> Option<(K, V)> = map.remove(key);
    BitAnd::bitand(map, key) -> bool = map.contains_key(key);
}

impl<K: Eq + Hash, V, S: BuildHasher + Clone> IntoIterator for DashMap<K, V, S> {
    type Item = (K, V);
    type IntoIter = OwningIter<K, V, S>;

    fn into_iter(self) -> OwningIter<K, V, S> {
        OwningIter::new(self.inner.into_iter())
    }
}

impl<'a, K: Eq + Hash, V, S: BuildHasher + Clone> IntoIterator for &'a DashMap<K, V, S> {
    type Item = RefMulti<'a, K, V>;
    type IntoIter = Iter<'a, K, V, S, DashMap<K, V, S>>;

    #[track_caller]
    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

impl<K: Eq + Hash, V, S: BuildHasher + Clone> Extend<(K, V)> for DashMap<K, V, S> {
    fn extend<I: IntoIterator<Item = (K, V)>>(&mut self, entries: I) {
        self.inner.extend(entries);
    }
}

impl<K: Eq + Hash, V, S: BuildHasher + Clone + Default> FromIterator<(K, V)> for DashMap<K, V, S> {
    #[track_caller]
    fn from_iter<I: IntoIterator<Item = (K, V)>>(entries: I) -> Self {
        DashMap::watched(entries.into_iter().collect())
    }
}
