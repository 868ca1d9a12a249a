//! The watched `HashMap`, its entries and iterators.
//!
//! Iterators that own their table (`IntoIter`, `IntoKeys`, `IntoValues`) are std's own: nobody else can be inside.

pub use std::collections::hash_map::{DefaultHasher, IntoIter, IntoKeys, IntoValues, RandomState};

use super::entry::entries;
use super::{Checked, Container as _, Walk};
use mapwatch_core::event::Operation;
use mapwatch_core::history::{self, Key, Size, snapshot};
use std::borrow::Borrow;
use std::collections::{TryReserveError, hash_map};
use std::hash::{BuildHasher, Hash};
use std::ops::Index;

/// The watched [`std::collections::HashMap`].
pub type HashMap<K, V, S = RandomState> = Checked<hash_map::HashMap<K, V, S>>;

/// See [`hash_map::Iter`].
pub type Iter<'a, K, V> = Walk<'a, hash_map::Iter<'a, K, V>>;
/// See [`hash_map::IterMut`].
pub type IterMut<'a, K, V> = Walk<'a, hash_map::IterMut<'a, K, V>>;
/// See [`hash_map::Keys`].
pub type Keys<'a, K, V> = Walk<'a, hash_map::Keys<'a, K, V>>;
/// See [`hash_map::Values`].
pub type Values<'a, K, V> = Walk<'a, hash_map::Values<'a, K, V>>;
/// See [`hash_map::ValuesMut`].
pub type ValuesMut<'a, K, V> = Walk<'a, hash_map::ValuesMut<'a, K, V>>;
/// See [`hash_map::Drain`].
pub type Drain<'a, K, V> = Walk<'a, hash_map::Drain<'a, K, V>>;
/// See [`hash_map::ExtractIf`].
pub type ExtractIf<'a, K, V, F> = Walk<'a, hash_map::ExtractIf<'a, K, V, F>>;

entries!(hash_map, {});

impl<K, V> HashMap<K, V, RandomState> {
    /// See [`HashMap::new`](std::collections::HashMap::new).
    #[must_use]
    #[inline]
    #[track_caller]
    pub fn new() -> HashMap<K, V, RandomState> {
        Checked::from_inner(hash_map::HashMap::new())
    }

    /// See [`HashMap::with_capacity`](std::collections::HashMap::with_capacity).
    #[must_use]
    #[inline]
    #[track_caller]
    pub fn with_capacity(capacity: usize) -> HashMap<K, V, RandomState> {
        Checked::from_inner(hash_map::HashMap::with_capacity(capacity))
    }
}

impl<K, V, S> HashMap<K, V, S> {
    /// See [`HashMap::with_hasher`](std::collections::HashMap::with_hasher).
    #[must_use]
    #[inline]
    #[track_caller]
    pub const fn with_hasher(hash_builder: S) -> HashMap<K, V, S> {
        Checked::from_inner(hash_map::HashMap::with_hasher(hash_builder))
    }

    /// See [`HashMap::with_capacity_and_hasher`](std::collections::HashMap::with_capacity_and_hasher).
    #[must_use]
    #[inline]
    #[track_caller]
    pub fn with_capacity_and_hasher(capacity: usize, hasher: S) -> HashMap<K, V, S> {
        Checked::from_inner(hash_map::HashMap::with_capacity_and_hasher(capacity, hasher))
    }

    /// See [`HashMap::capacity`](std::collections::HashMap::capacity).
    #[inline]
    #[track_caller]
    pub fn capacity(&self) -> usize {
        let _reading = self.sentinel.read(Operation::Len);
        self.inner.capacity()
    }

    /// See [`HashMap::len`](std::collections::HashMap::len).
    #[inline]
    #[track_caller]
    pub fn len(&self) -> usize {
        let _reading = self.sentinel.read(Operation::Len);
        self.sentinel.measured(Size::Length);
        self.inner.len()
    }

    /// See [`HashMap::is_empty`](std::collections::HashMap::is_empty).
    #[inline]
    #[track_caller]
    pub fn is_empty(&self) -> bool {
        let _reading = self.sentinel.read(Operation::Len);
        let is_empty = self.inner.is_empty();
        self.sentinel.measured(Size::of(is_empty));
        is_empty
    }

    /// See [`HashMap::clear`](std::collections::HashMap::clear).
    #[inline]
    #[track_caller]
    pub fn clear(&mut self) {
        let _writing = self.sentinel.write(Operation::Clear);
        self.sentinel.overhauled();
        self.inner.clear();
    }

    /// See [`HashMap::hasher`](std::collections::HashMap::hasher).
    #[inline]
    #[track_caller]
    pub fn hasher(&self) -> &S {
        let _reading = self.sentinel.read(Operation::Peek);
        self.inner.hasher()
    }

    /// See [`HashMap::iter`](std::collections::HashMap::iter).
    #[inline]
    #[track_caller]
    pub fn iter(&self) -> Iter<'_, K, V> {
        Walk::new(self.sentinel.cursor(Operation::Iter), self.inner.iter())
    }

    /// See [`HashMap::iter_mut`](std::collections::HashMap::iter_mut).
    #[inline]
    #[track_caller]
    pub fn iter_mut(&mut self) -> IterMut<'_, K, V> {
        self.sentinel.overhauled();
        Walk::new(self.sentinel.cursor_mut(Operation::IterMut), self.inner.iter_mut())
    }

    /// See [`HashMap::keys`](std::collections::HashMap::keys).
    #[inline]
    #[track_caller]
    pub fn keys(&self) -> Keys<'_, K, V> {
        Walk::new(self.sentinel.cursor(Operation::Keys), self.inner.keys())
    }

    /// See [`HashMap::values`](std::collections::HashMap::values).
    #[inline]
    #[track_caller]
    pub fn values(&self) -> Values<'_, K, V> {
        Walk::new(self.sentinel.cursor(Operation::Values), self.inner.values())
    }

    /// See [`HashMap::values_mut`](std::collections::HashMap::values_mut).
    #[inline]
    #[track_caller]
    pub fn values_mut(&mut self) -> ValuesMut<'_, K, V> {
        self.sentinel.overhauled();
        Walk::new(self.sentinel.cursor_mut(Operation::ValuesMut), self.inner.values_mut())
    }

    /// See [`HashMap::into_keys`](std::collections::HashMap::into_keys).
    #[inline]
    #[track_caller]
    pub fn into_keys(self) -> IntoKeys<K, V> {
        self.into_inner().into_keys()
    }

    /// See [`HashMap::into_values`](std::collections::HashMap::into_values).
    #[inline]
    #[track_caller]
    pub fn into_values(self) -> IntoValues<K, V> {
        self.into_inner().into_values()
    }

    /// See [`HashMap::drain`](std::collections::HashMap::drain).
    #[inline]
    #[track_caller]
    pub fn drain(&mut self) -> Drain<'_, K, V> {
        self.sentinel.overhauled();
        Walk::new(self.sentinel.cursor_mut(Operation::Drain), self.inner.drain())
    }

    /// See [`HashMap::extract_if`](std::collections::HashMap::extract_if).
    #[inline]
    #[track_caller]
    pub fn extract_if<F>(&mut self, pred: F) -> ExtractIf<'_, K, V, F>
    where
        F: FnMut(&K, &mut V) -> bool,
    {
        self.sentinel.overhauled();
        Walk::new(self.sentinel.cursor_mut(Operation::ExtractIf), self.inner.extract_if(pred))
    }

    /// See [`HashMap::retain`](std::collections::HashMap::retain).
    #[inline]
    #[track_caller]
    pub fn retain<F>(&mut self, f: F)
    where
        F: FnMut(&K, &mut V) -> bool,
    {
        let _writing = self.sentinel.write(Operation::Retain);
        self.sentinel.overhauled();
        self.inner.retain(f);
    }
}

impl<K, V, S> HashMap<K, V, S>
where
    K: Eq + Hash,
    S: BuildHasher,
{
    /// Tells the history, if there is one, of a look at a key.
    #[inline]
    #[track_caller]
    fn looked<Q: Hash + ?Sized>(&self, key: &Q, operation: Operation, present: bool) {
        if let Some(trail) = self.sentinel.trail_of_look() {
            trail.look(Key::of(key), operation, present);
        }
        if snapshot::is_any() {
            history::looked_into_snapshot(std::ptr::from_ref(self).addr(), Key::of(key), present);
        }
    }

    /// Tells the history, if there is one, of a removal.
    #[inline]
    #[track_caller]
    fn removed<Q: Hash + ?Sized>(&self, key: &Q, found: bool) {
        if let Some(trail) = self.sentinel.trail() {
            trail.removed(Key::of(key), Operation::Remove, found).tell();
        }
    }

    /// See [`HashMap::reserve`](std::collections::HashMap::reserve).
    #[inline]
    #[track_caller]
    pub fn reserve(&mut self, additional: usize) {
        self.sized(Operation::Reserve, |inner| inner.reserve(additional));
    }

    /// See the method of the same name in std.
    ///
    /// # Errors
    ///
    /// When the capacity overflows, or the allocator refuses.
    #[inline]
    #[track_caller]
    pub fn try_reserve(&mut self, additional: usize) -> Result<(), TryReserveError> {
        self.sized(Operation::Reserve, |inner| inner.try_reserve(additional))
    }

    /// See [`HashMap::shrink_to_fit`](std::collections::HashMap::shrink_to_fit).
    #[inline]
    #[track_caller]
    pub fn shrink_to_fit(&mut self) {
        self.sized(Operation::Shrink, hash_map::HashMap::shrink_to_fit);
    }

    /// See [`HashMap::shrink_to`](std::collections::HashMap::shrink_to).
    #[inline]
    #[track_caller]
    pub fn shrink_to(&mut self, min_capacity: usize) {
        self.sized(Operation::Shrink, |inner| inner.shrink_to(min_capacity));
    }

    /// See [`HashMap::get`](std::collections::HashMap::get).
    #[inline]
    #[track_caller]
    pub fn get<Q>(&self, k: &Q) -> Option<&V>
    where
        K: Borrow<Q>,
        Q: Hash + Eq + ?Sized,
    {
        let _reading = self.sentinel.read(Operation::Get);
        let found = self.inner.get(k);
        self.looked(k, Operation::Get, found.is_some());
        found
    }

    /// See [`HashMap::get_key_value`](std::collections::HashMap::get_key_value).
    #[inline]
    #[track_caller]
    pub fn get_key_value<Q>(&self, k: &Q) -> Option<(&K, &V)>
    where
        K: Borrow<Q>,
        Q: Hash + Eq + ?Sized,
    {
        let _reading = self.sentinel.read(Operation::Get);
        let found = self.inner.get_key_value(k);
        self.looked(k, Operation::Get, found.is_some());
        found
    }

    /// See [`HashMap::contains_key`](std::collections::HashMap::contains_key).
    #[inline]
    #[track_caller]
    pub fn contains_key<Q>(&self, k: &Q) -> bool
    where
        K: Borrow<Q>,
        Q: Hash + Eq + ?Sized,
    {
        let _reading = self.sentinel.read(Operation::ContainsKey);
        let found = self.inner.contains_key(k);
        self.looked(k, Operation::ContainsKey, found);
        found
    }

    /// See [`HashMap::get_mut`](std::collections::HashMap::get_mut).
    #[inline]
    #[track_caller]
    pub fn get_mut<Q>(&mut self, k: &Q) -> Option<&mut V>
    where
        K: Borrow<Q>,
        Q: Hash + Eq + ?Sized,
    {
        let _writing = self.sentinel.write(Operation::GetMut);
        let found = self.inner.get_mut(k);
        if let Some(trail) = self.sentinel.trail() {
            trail.lent(Key::of(k), Operation::GetMut, found.is_some());
        }
        found
    }

    /// See [`HashMap::remove`](std::collections::HashMap::remove).
    #[inline]
    #[track_caller]
    pub fn remove<Q>(&mut self, k: &Q) -> Option<V>
    where
        K: Borrow<Q>,
        Q: Hash + Eq + ?Sized,
    {
        let writing = self.sentinel.write(Operation::Remove);
        let removed = self.inner.remove(k);
        drop(writing);
        self.removed(k, removed.is_some());
        removed
    }

    /// See [`HashMap::remove_entry`](std::collections::HashMap::remove_entry).
    #[inline]
    #[track_caller]
    pub fn remove_entry<Q>(&mut self, k: &Q) -> Option<(K, V)>
    where
        K: Borrow<Q>,
        Q: Hash + Eq + ?Sized,
    {
        let writing = self.sentinel.write(Operation::Remove);
        let removed = self.inner.remove_entry(k);
        drop(writing);
        self.removed(k, removed.is_some());
        removed
    }

    /// See [`HashMap::get_disjoint_mut`](std::collections::HashMap::get_disjoint_mut).
    #[inline]
    #[track_caller]
    pub fn get_disjoint_mut<Q, const N: usize>(&mut self, ks: [&Q; N]) -> [Option<&mut V>; N]
    where
        K: Borrow<Q>,
        Q: Hash + Eq + ?Sized,
    {
        let _writing = self.sentinel.write(Operation::GetMut);
        self.sentinel.overhauled();
        self.inner.get_disjoint_mut(ks)
    }

    /// See [`HashMap::insert`](std::collections::HashMap::insert).
    #[inline]
    #[track_caller]
    pub fn insert(&mut self, k: K, v: V) -> Option<V> {
        if self.sentinel.trail().is_some() {
            return self.insert_remembered(k, v);
        }
        self.sized(Operation::Insert, |inner| inner.insert(k, v))
    }

    /// The same, told to the history.
    #[inline(never)]
    #[track_caller]
    fn insert_remembered(&mut self, k: K, v: V) -> Option<V> {
        let key = Key::of(&k);
        let replaced = self.sized(Operation::Insert, |inner| inner.insert(k, v));
        if let Some(trail) = self.sentinel.trail() {
            trail.inserted(key, Operation::Insert, replaced.is_some()).tell();
        }
        replaced
    }

    /// See [`HashMap::entry`](std::collections::HashMap::entry).
    #[inline]
    #[track_caller]
    pub fn entry(&mut self, key: K) -> Entry<'_, K, V> {
        // std makes room when the entry is asked for. Its entry hides the table, so a growth is seen only if it is
        // brought forward; a full table is the only one that grows.
        if self.inner.len() == self.inner.capacity() && !self.inner.contains_key(&key) {
            self.sized(Operation::Entry, |inner| inner.reserve(1));
        }
        let number = self.sentinel.trail().map(|_| Key::of(&key));
        let cursor = self.sentinel.cursor_mut(Operation::Entry);
        Entry::new(&self.sentinel, cursor, number, self.inner.extent(), self.inner.entry(key))
    }
}

impl<K, V, const N: usize> From<[(K, V); N]> for HashMap<K, V, RandomState>
where
    K: Eq + Hash,
{
    #[inline]
    #[track_caller]
    fn from(entries: [(K, V); N]) -> Self {
        Checked::from_inner(hash_map::HashMap::from(entries))
    }
}

impl<K, V, S> From<HashMap<K, V, S>> for hash_map::HashMap<K, V, S> {
    #[inline]
    #[track_caller]
    fn from(watched: HashMap<K, V, S>) -> Self {
        watched.into_inner()
    }
}

impl<K, Q, V, S> Index<&Q> for HashMap<K, V, S>
where
    K: Eq + Hash + Borrow<Q>,
    Q: Eq + Hash + ?Sized,
    S: BuildHasher,
{
    type Output = V;

    #[inline]
    #[track_caller]
    fn index(&self, key: &Q) -> &V {
        self.get(key).expect("no entry found for key")
    }
}

impl<K, V, S> IntoIterator for HashMap<K, V, S> {
    type Item = (K, V);
    type IntoIter = IntoIter<K, V>;

    #[inline]
    #[track_caller]
    fn into_iter(self) -> Self::IntoIter {
        self.into_inner().into_iter()
    }
}

impl<'a, K, V, S> IntoIterator for &'a HashMap<K, V, S> {
    type Item = (&'a K, &'a V);
    type IntoIter = Iter<'a, K, V>;

    #[inline]
    #[track_caller]
    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

impl<'a, K, V, S> IntoIterator for &'a mut HashMap<K, V, S> {
    type Item = (&'a K, &'a mut V);
    type IntoIter = IterMut<'a, K, V>;

    #[inline]
    #[track_caller]
    fn into_iter(self) -> Self::IntoIter {
        self.iter_mut()
    }
}
