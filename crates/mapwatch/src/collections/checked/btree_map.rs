//! The watched `BTreeMap`, its entries and iterators.
//!
//! Iterators that own their tree (`IntoIter`, `IntoKeys`, `IntoValues`) are std's own: nobody else can be inside.

pub use std::collections::btree_map::{IntoIter, IntoKeys, IntoValues};

use super::entry::entries;
use super::{Checked, Container as _, Walk};
use mapwatch_core::event::Operation;
use mapwatch_core::history::{Deed, Size};
use mapwatch_core::ordered;
use std::borrow::Borrow;
use std::collections::btree_map;
use std::ops::{Index, RangeBounds};

/// The watched [`std::collections::BTreeMap`].
pub type BTreeMap<K, V> = Checked<btree_map::BTreeMap<K, V>>;

/// See [`btree_map::Iter`].
pub type Iter<'a, K, V> = Walk<'a, btree_map::Iter<'a, K, V>>;
/// See [`btree_map::IterMut`].
pub type IterMut<'a, K, V> = Walk<'a, btree_map::IterMut<'a, K, V>>;
/// See [`btree_map::Keys`].
pub type Keys<'a, K, V> = Walk<'a, btree_map::Keys<'a, K, V>>;
/// See [`btree_map::Values`].
pub type Values<'a, K, V> = Walk<'a, btree_map::Values<'a, K, V>>;
/// See [`btree_map::ValuesMut`].
pub type ValuesMut<'a, K, V> = Walk<'a, btree_map::ValuesMut<'a, K, V>>;
/// See [`btree_map::Range`].
pub type Range<'a, K, V> = Walk<'a, btree_map::Range<'a, K, V>>;
/// See [`btree_map::RangeMut`].
pub type RangeMut<'a, K, V> = Walk<'a, btree_map::RangeMut<'a, K, V>>;
/// See [`btree_map::ExtractIf`].
pub type ExtractIf<'a, K, V, R, F> = Walk<'a, btree_map::ExtractIf<'a, K, V, R, F>>;

entries!(btree_map, { Ord });

impl<K, V> BTreeMap<K, V> {
    /// Tells the history, if there is one, of a look at a key.
    #[inline]
    #[track_caller]
    fn looked<Q: ?Sized>(&self, key: &Q, operation: Operation, present: bool) {
        if let Some(trail) = self.sentinel.trail_of_look()
            && let Some(key) = ordered::number(key)
        {
            trail.look(key, operation, present);
        }
    }

    /// Tells the history, if there is one, of a removal.
    #[inline]
    #[track_caller]
    fn removed<Q: ?Sized>(&self, key: &Q, found: bool) {
        if let Some(trail) = self.sentinel.trail()
            && let Some(key) = ordered::number(key)
        {
            trail.removed(key, Operation::Remove, found).tell();
        }
    }

    /// Tells the history, if there is one, of an entry that was taken out for its place: looked at in the same step.
    #[inline]
    #[track_caller]
    fn popped(&self, key: &K) {
        if let Some(trail) = self.sentinel.trail()
            && let Some(key) = ordered::number(key)
        {
            trail.compound(key, Operation::Pop, Deed::Removed);
        }
    }
}

impl<K, V> BTreeMap<K, V> {
    /// See [`BTreeMap::new`](std::collections::BTreeMap::new).
    #[must_use]
    #[inline]
    #[track_caller]
    pub const fn new() -> BTreeMap<K, V> {
        Checked::from_inner(btree_map::BTreeMap::new())
    }

    /// See [`BTreeMap::len`](std::collections::BTreeMap::len).
    #[inline]
    #[track_caller]
    pub fn len(&self) -> usize {
        let _reading = self.sentinel.read(Operation::Len);
        self.sentinel.measured(Size::Length);
        self.inner.len()
    }

    /// See [`BTreeMap::is_empty`](std::collections::BTreeMap::is_empty).
    #[inline]
    #[track_caller]
    pub fn is_empty(&self) -> bool {
        let _reading = self.sentinel.read(Operation::Len);
        let is_empty = self.inner.is_empty();
        self.sentinel.measured(Size::of(is_empty));
        is_empty
    }

    /// See [`BTreeMap::clear`](std::collections::BTreeMap::clear).
    #[inline]
    #[track_caller]
    pub fn clear(&mut self) {
        self.sentinel.overhauled();
        let _writing = self.sentinel.write(Operation::Clear);
        self.inner.clear();
    }

    /// See [`BTreeMap::iter`](std::collections::BTreeMap::iter).
    #[inline]
    #[track_caller]
    pub fn iter(&self) -> Iter<'_, K, V> {
        Walk::new(self.sentinel.cursor(Operation::Iter), self.inner.iter())
    }

    /// See [`BTreeMap::iter_mut`](std::collections::BTreeMap::iter_mut).
    #[inline]
    #[track_caller]
    pub fn iter_mut(&mut self) -> IterMut<'_, K, V> {
        self.sentinel.overhauled();
        Walk::new(self.sentinel.cursor_mut(Operation::IterMut), self.inner.iter_mut())
    }

    /// See [`BTreeMap::keys`](std::collections::BTreeMap::keys).
    #[inline]
    #[track_caller]
    pub fn keys(&self) -> Keys<'_, K, V> {
        Walk::new(self.sentinel.cursor(Operation::Keys), self.inner.keys())
    }

    /// See [`BTreeMap::values`](std::collections::BTreeMap::values).
    #[inline]
    #[track_caller]
    pub fn values(&self) -> Values<'_, K, V> {
        Walk::new(self.sentinel.cursor(Operation::Values), self.inner.values())
    }

    /// See [`BTreeMap::values_mut`](std::collections::BTreeMap::values_mut).
    #[inline]
    #[track_caller]
    pub fn values_mut(&mut self) -> ValuesMut<'_, K, V> {
        self.sentinel.overhauled();
        Walk::new(self.sentinel.cursor_mut(Operation::ValuesMut), self.inner.values_mut())
    }

    /// See [`BTreeMap::into_keys`](std::collections::BTreeMap::into_keys).
    #[inline]
    #[track_caller]
    pub fn into_keys(self) -> IntoKeys<K, V> {
        self.into_inner().into_keys()
    }

    /// See [`BTreeMap::into_values`](std::collections::BTreeMap::into_values).
    #[inline]
    #[track_caller]
    pub fn into_values(self) -> IntoValues<K, V> {
        self.into_inner().into_values()
    }

    /// See [`BTreeMap::get`](std::collections::BTreeMap::get).
    #[inline]
    #[track_caller]
    pub fn get<Q>(&self, k: &Q) -> Option<&V>
    where
        K: Borrow<Q> + Ord,
        Q: Ord + ?Sized,
    {
        let _reading = self.sentinel.read(Operation::Get);
        let found = self.inner.get(k);
        self.looked(k, Operation::Get, found.is_some());
        found
    }

    /// See [`BTreeMap::get_key_value`](std::collections::BTreeMap::get_key_value).
    #[inline]
    #[track_caller]
    pub fn get_key_value<Q>(&self, k: &Q) -> Option<(&K, &V)>
    where
        K: Borrow<Q> + Ord,
        Q: Ord + ?Sized,
    {
        let _reading = self.sentinel.read(Operation::Get);
        let found = self.inner.get_key_value(k);
        self.looked(k, Operation::Get, found.is_some());
        found
    }

    /// See [`BTreeMap::contains_key`](std::collections::BTreeMap::contains_key).
    #[inline]
    #[track_caller]
    pub fn contains_key<Q>(&self, k: &Q) -> bool
    where
        K: Borrow<Q> + Ord,
        Q: Ord + ?Sized,
    {
        let _reading = self.sentinel.read(Operation::ContainsKey);
        let found = self.inner.contains_key(k);
        self.looked(k, Operation::ContainsKey, found);
        found
    }

    /// See [`BTreeMap::get_mut`](std::collections::BTreeMap::get_mut).
    #[inline]
    #[track_caller]
    pub fn get_mut<Q>(&mut self, k: &Q) -> Option<&mut V>
    where
        K: Borrow<Q> + Ord,
        Q: Ord + ?Sized,
    {
        let _writing = self.sentinel.write(Operation::GetMut);
        let found = self.inner.get_mut(k);
        if let Some(trail) = self.sentinel.trail()
            && let Some(key) = ordered::number(k)
        {
            trail.lent(key, Operation::GetMut, found.is_some());
        }
        found
    }

    /// See [`BTreeMap::remove`](std::collections::BTreeMap::remove).
    #[inline]
    #[track_caller]
    pub fn remove<Q>(&mut self, k: &Q) -> Option<V>
    where
        K: Borrow<Q> + Ord,
        Q: Ord + ?Sized,
    {
        let writing = self.sentinel.write(Operation::Remove);
        let removed = self.inner.remove(k);
        drop(writing);
        self.removed(k, removed.is_some());
        removed
    }

    /// See [`BTreeMap::remove_entry`](std::collections::BTreeMap::remove_entry).
    #[inline]
    #[track_caller]
    pub fn remove_entry<Q>(&mut self, k: &Q) -> Option<(K, V)>
    where
        K: Borrow<Q> + Ord,
        Q: Ord + ?Sized,
    {
        let writing = self.sentinel.write(Operation::Remove);
        let removed = self.inner.remove_entry(k);
        drop(writing);
        self.removed(k, removed.is_some());
        removed
    }

    /// See [`BTreeMap::first_key_value`](std::collections::BTreeMap::first_key_value).
    #[inline]
    #[track_caller]
    pub fn first_key_value(&self) -> Option<(&K, &V)>
    where
        K: Ord,
    {
        let _reading = self.sentinel.read(Operation::Peek);
        self.inner.first_key_value()
    }

    /// See [`BTreeMap::last_key_value`](std::collections::BTreeMap::last_key_value).
    #[inline]
    #[track_caller]
    pub fn last_key_value(&self) -> Option<(&K, &V)>
    where
        K: Ord,
    {
        let _reading = self.sentinel.read(Operation::Peek);
        self.inner.last_key_value()
    }

    /// See [`BTreeMap::pop_first`](std::collections::BTreeMap::pop_first).
    #[inline]
    #[track_caller]
    pub fn pop_first(&mut self) -> Option<(K, V)>
    where
        K: Ord,
    {
        let _writing = self.sentinel.write(Operation::Pop);
        let popped = self.inner.pop_first();
        if let Some((key, _)) = &popped {
            self.popped(key);
        }
        popped
    }

    /// See [`BTreeMap::pop_last`](std::collections::BTreeMap::pop_last).
    #[inline]
    #[track_caller]
    pub fn pop_last(&mut self) -> Option<(K, V)>
    where
        K: Ord,
    {
        let _writing = self.sentinel.write(Operation::Pop);
        let popped = self.inner.pop_last();
        if let Some((key, _)) = &popped {
            self.popped(key);
        }
        popped
    }

    /// See [`BTreeMap::first_entry`](std::collections::BTreeMap::first_entry).
    #[inline]
    #[track_caller]
    pub fn first_entry(&mut self) -> Option<OccupiedEntry<'_, K, V>>
    where
        K: Ord,
    {
        self.sentinel.overhauled();
        let cursor = self.sentinel.cursor_mut(Operation::Entry);
        let extent = self.inner.extent();
        self.inner.first_entry().map(|entry| OccupiedEntry::new(&self.sentinel, cursor, extent, entry))
    }

    /// See [`BTreeMap::last_entry`](std::collections::BTreeMap::last_entry).
    #[inline]
    #[track_caller]
    pub fn last_entry(&mut self) -> Option<OccupiedEntry<'_, K, V>>
    where
        K: Ord,
    {
        self.sentinel.overhauled();
        let cursor = self.sentinel.cursor_mut(Operation::Entry);
        let extent = self.inner.extent();
        self.inner.last_entry().map(|entry| OccupiedEntry::new(&self.sentinel, cursor, extent, entry))
    }

    /// See [`BTreeMap::insert`](std::collections::BTreeMap::insert).
    #[inline]
    #[track_caller]
    pub fn insert(&mut self, key: K, value: V) -> Option<V>
    where
        K: Ord,
    {
        let number = self.sentinel.trail().and_then(|_| ordered::number(&key));
        let writing = self.sentinel.write(Operation::Insert);
        let replaced = self.inner.insert(key, value);
        drop(writing);
        if let (Some(number), Some(trail)) = (number, self.sentinel.trail()) {
            trail.inserted(number, Operation::Insert, replaced.is_some()).tell();
        }
        replaced
    }

    /// See [`BTreeMap::retain`](std::collections::BTreeMap::retain).
    #[inline]
    #[track_caller]
    pub fn retain<F>(&mut self, f: F)
    where
        K: Ord,
        F: FnMut(&K, &mut V) -> bool,
    {
        self.sentinel.overhauled();
        let _writing = self.sentinel.write(Operation::Retain);
        self.inner.retain(f);
    }

    /// See [`BTreeMap::append`](std::collections::BTreeMap::append).
    #[inline]
    #[track_caller]
    pub fn append(&mut self, other: &mut BTreeMap<K, V>)
    where
        K: Ord,
    {
        self.sentinel.overhauled();
        let _writing = self.sentinel.write(Operation::Append);
        let _other = other.sentinel.write(Operation::Append);
        self.inner.append(&mut other.inner);
    }

    /// See [`BTreeMap::split_off`](std::collections::BTreeMap::split_off).
    #[inline]
    #[track_caller]
    pub fn split_off<Q>(&mut self, key: &Q) -> BTreeMap<K, V>
    where
        K: Borrow<Q> + Ord,
        Q: Ord + ?Sized,
    {
        self.sentinel.overhauled();
        let _writing = self.sentinel.write(Operation::SplitOff);
        Checked::from_inner(self.inner.split_off(key))
    }

    /// See [`BTreeMap::range`](std::collections::BTreeMap::range).
    #[inline]
    #[track_caller]
    pub fn range<T, R>(&self, range: R) -> Range<'_, K, V>
    where
        T: Ord + ?Sized,
        K: Borrow<T> + Ord,
        R: RangeBounds<T>,
    {
        Walk::new(self.sentinel.cursor(Operation::Range), self.inner.range(range))
    }

    /// See [`BTreeMap::range_mut`](std::collections::BTreeMap::range_mut).
    #[inline]
    #[track_caller]
    pub fn range_mut<T, R>(&mut self, range: R) -> RangeMut<'_, K, V>
    where
        T: Ord + ?Sized,
        K: Borrow<T> + Ord,
        R: RangeBounds<T>,
    {
        self.sentinel.overhauled();
        Walk::new(self.sentinel.cursor_mut(Operation::RangeMut), self.inner.range_mut(range))
    }

    /// See [`BTreeMap::entry`](std::collections::BTreeMap::entry).
    #[inline]
    #[track_caller]
    pub fn entry(&mut self, key: K) -> Entry<'_, K, V>
    where
        K: Ord,
    {
        let number = self.sentinel.trail().and_then(|_| ordered::number(&key));
        let cursor = self.sentinel.cursor_mut(Operation::Entry);
        Entry::new(&self.sentinel, cursor, number, self.inner.extent(), self.inner.entry(key))
    }

    /// See [`BTreeMap::extract_if`](std::collections::BTreeMap::extract_if).
    #[inline]
    #[track_caller]
    pub fn extract_if<F, R>(&mut self, range: R, pred: F) -> ExtractIf<'_, K, V, R, F>
    where
        K: Ord,
        R: RangeBounds<K>,
        F: FnMut(&K, &mut V) -> bool,
    {
        self.sentinel.overhauled();
        Walk::new(self.sentinel.cursor_mut(Operation::ExtractIf), self.inner.extract_if(range, pred))
    }
}

impl<K, V, const N: usize> From<[(K, V); N]> for BTreeMap<K, V>
where
    K: Ord,
{
    #[inline]
    #[track_caller]
    fn from(entries: [(K, V); N]) -> Self {
        Checked::from_inner(btree_map::BTreeMap::from(entries))
    }
}

impl<K, V> From<BTreeMap<K, V>> for btree_map::BTreeMap<K, V> {
    #[inline]
    #[track_caller]
    fn from(watched: BTreeMap<K, V>) -> Self {
        watched.into_inner()
    }
}

impl<K, Q, V> Index<&Q> for BTreeMap<K, V>
where
    K: Borrow<Q> + Ord,
    Q: Ord + ?Sized,
{
    type Output = V;

    #[inline]
    #[track_caller]
    fn index(&self, key: &Q) -> &V {
        self.get(key).expect("no entry found for key")
    }
}

impl<K, V> IntoIterator for BTreeMap<K, V> {
    type Item = (K, V);
    type IntoIter = IntoIter<K, V>;

    #[inline]
    #[track_caller]
    fn into_iter(self) -> Self::IntoIter {
        self.into_inner().into_iter()
    }
}

impl<'a, K, V> IntoIterator for &'a BTreeMap<K, V> {
    type Item = (&'a K, &'a V);
    type IntoIter = Iter<'a, K, V>;

    #[inline]
    #[track_caller]
    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

impl<'a, K, V> IntoIterator for &'a mut BTreeMap<K, V> {
    type Item = (&'a K, &'a mut V);
    type IntoIter = IterMut<'a, K, V>;

    #[inline]
    #[track_caller]
    fn into_iter(self) -> Self::IntoIter {
        self.iter_mut()
    }
}
