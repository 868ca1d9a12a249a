//! The watched `BTreeSet` and its iterators.
//!
//! A set operation walks over two sets, so its iterator is a walk within a walk: one cursor for each.

pub use std::collections::btree_set::IntoIter;

use super::{Checked, Walk, operators};
use mapwatch_core::event::Operation;
use std::borrow::Borrow;
use std::collections::btree_set;
use std::ops::{BitAnd, BitOr, BitXor, RangeBounds, Sub};

/// The watched [`std::collections::BTreeSet`].
pub type BTreeSet<T> = Checked<btree_set::BTreeSet<T>>;

/// See [`btree_set::Iter`].
pub type Iter<'a, T> = Walk<'a, btree_set::Iter<'a, T>>;
/// See [`btree_set::Range`].
pub type Range<'a, T> = Walk<'a, btree_set::Range<'a, T>>;
/// See [`btree_set::ExtractIf`].
pub type ExtractIf<'a, T, R, F> = Walk<'a, btree_set::ExtractIf<'a, T, R, F>>;
/// See [`btree_set::Difference`].
pub type Difference<'a, T> = Walk<'a, Walk<'a, btree_set::Difference<'a, T>>>;
/// See [`btree_set::SymmetricDifference`].
pub type SymmetricDifference<'a, T> = Walk<'a, Walk<'a, btree_set::SymmetricDifference<'a, T>>>;
/// See [`btree_set::Intersection`].
pub type Intersection<'a, T> = Walk<'a, Walk<'a, btree_set::Intersection<'a, T>>>;
/// See [`btree_set::Union`].
pub type Union<'a, T> = Walk<'a, Walk<'a, btree_set::Union<'a, T>>>;

impl<T> BTreeSet<T> {
    /// See [`BTreeSet::new`](std::collections::BTreeSet::new).
    #[must_use]
    #[inline]
    #[track_caller]
    pub const fn new() -> BTreeSet<T> {
        Checked::from_inner(btree_set::BTreeSet::new())
    }

    /// See [`BTreeSet::len`](std::collections::BTreeSet::len).
    #[inline]
    #[track_caller]
    pub fn len(&self) -> usize {
        let _reading = self.sentinel.read(Operation::Len);
        self.inner.len()
    }

    /// See [`BTreeSet::is_empty`](std::collections::BTreeSet::is_empty).
    #[inline]
    #[track_caller]
    pub fn is_empty(&self) -> bool {
        let _reading = self.sentinel.read(Operation::Len);
        self.inner.is_empty()
    }

    /// See [`BTreeSet::clear`](std::collections::BTreeSet::clear).
    #[inline]
    #[track_caller]
    pub fn clear(&mut self) {
        let _writing = self.sentinel.write(Operation::Clear);
        self.inner.clear();
    }

    /// See [`BTreeSet::iter`](std::collections::BTreeSet::iter).
    #[inline]
    #[track_caller]
    pub fn iter(&self) -> Iter<'_, T> {
        Walk::new(self.sentinel.cursor(Operation::Iter), self.inner.iter())
    }

    /// See [`BTreeSet::range`](std::collections::BTreeSet::range).
    #[inline]
    #[track_caller]
    pub fn range<K, R>(&self, range: R) -> Range<'_, T>
    where
        K: Ord + ?Sized,
        T: Borrow<K> + Ord,
        R: RangeBounds<K>,
    {
        Walk::new(self.sentinel.cursor(Operation::Range), self.inner.range(range))
    }

    /// See [`BTreeSet::difference`](std::collections::BTreeSet::difference).
    #[inline]
    #[track_caller]
    pub fn difference<'a>(&'a self, other: &'a BTreeSet<T>) -> Difference<'a, T>
    where
        T: Ord,
    {
        let second =
            Walk::new(other.sentinel.cursor(Operation::SetOperation), self.inner.difference(&other.inner));
        Walk::new(self.sentinel.cursor(Operation::SetOperation), second)
    }

    /// See [`BTreeSet::symmetric_difference`](std::collections::BTreeSet::symmetric_difference).
    #[inline]
    #[track_caller]
    pub fn symmetric_difference<'a>(&'a self, other: &'a BTreeSet<T>) -> SymmetricDifference<'a, T>
    where
        T: Ord,
    {
        let second = Walk::new(
            other.sentinel.cursor(Operation::SetOperation),
            self.inner.symmetric_difference(&other.inner),
        );
        Walk::new(self.sentinel.cursor(Operation::SetOperation), second)
    }

    /// See [`BTreeSet::intersection`](std::collections::BTreeSet::intersection).
    #[inline]
    #[track_caller]
    pub fn intersection<'a>(&'a self, other: &'a BTreeSet<T>) -> Intersection<'a, T>
    where
        T: Ord,
    {
        let second =
            Walk::new(other.sentinel.cursor(Operation::SetOperation), self.inner.intersection(&other.inner));
        Walk::new(self.sentinel.cursor(Operation::SetOperation), second)
    }

    /// See [`BTreeSet::union`](std::collections::BTreeSet::union).
    #[inline]
    #[track_caller]
    pub fn union<'a>(&'a self, other: &'a BTreeSet<T>) -> Union<'a, T>
    where
        T: Ord,
    {
        let second =
            Walk::new(other.sentinel.cursor(Operation::SetOperation), self.inner.union(&other.inner));
        Walk::new(self.sentinel.cursor(Operation::SetOperation), second)
    }

    /// See [`BTreeSet::is_disjoint`](std::collections::BTreeSet::is_disjoint).
    #[inline]
    #[track_caller]
    pub fn is_disjoint(&self, other: &BTreeSet<T>) -> bool
    where
        T: Ord,
    {
        let _reading = self.sentinel.read(Operation::Compare);
        let _other = other.sentinel.read(Operation::Compare);
        self.inner.is_disjoint(&other.inner)
    }

    /// See [`BTreeSet::is_subset`](std::collections::BTreeSet::is_subset).
    #[inline]
    #[track_caller]
    pub fn is_subset(&self, other: &BTreeSet<T>) -> bool
    where
        T: Ord,
    {
        let _reading = self.sentinel.read(Operation::Compare);
        let _other = other.sentinel.read(Operation::Compare);
        self.inner.is_subset(&other.inner)
    }

    /// See [`BTreeSet::is_superset`](std::collections::BTreeSet::is_superset).
    #[inline]
    #[track_caller]
    pub fn is_superset(&self, other: &BTreeSet<T>) -> bool
    where
        T: Ord,
    {
        let _reading = self.sentinel.read(Operation::Compare);
        let _other = other.sentinel.read(Operation::Compare);
        self.inner.is_superset(&other.inner)
    }

    /// See [`BTreeSet::contains`](std::collections::BTreeSet::contains).
    #[inline]
    #[track_caller]
    pub fn contains<Q>(&self, value: &Q) -> bool
    where
        T: Borrow<Q> + Ord,
        Q: Ord + ?Sized,
    {
        let _reading = self.sentinel.read(Operation::Contains);
        self.inner.contains(value)
    }

    /// See [`BTreeSet::get`](std::collections::BTreeSet::get).
    #[inline]
    #[track_caller]
    pub fn get<Q>(&self, value: &Q) -> Option<&T>
    where
        T: Borrow<Q> + Ord,
        Q: Ord + ?Sized,
    {
        let _reading = self.sentinel.read(Operation::Get);
        self.inner.get(value)
    }

    /// See [`BTreeSet::remove`](std::collections::BTreeSet::remove).
    #[inline]
    #[track_caller]
    pub fn remove<Q>(&mut self, value: &Q) -> bool
    where
        T: Borrow<Q> + Ord,
        Q: Ord + ?Sized,
    {
        let _writing = self.sentinel.write(Operation::Remove);
        self.inner.remove(value)
    }

    /// See [`BTreeSet::take`](std::collections::BTreeSet::take).
    #[inline]
    #[track_caller]
    pub fn take<Q>(&mut self, value: &Q) -> Option<T>
    where
        T: Borrow<Q> + Ord,
        Q: Ord + ?Sized,
    {
        let _writing = self.sentinel.write(Operation::Remove);
        self.inner.take(value)
    }

    /// See [`BTreeSet::first`](std::collections::BTreeSet::first).
    #[inline]
    #[track_caller]
    pub fn first(&self) -> Option<&T>
    where
        T: Ord,
    {
        let _reading = self.sentinel.read(Operation::Peek);
        self.inner.first()
    }

    /// See [`BTreeSet::last`](std::collections::BTreeSet::last).
    #[inline]
    #[track_caller]
    pub fn last(&self) -> Option<&T>
    where
        T: Ord,
    {
        let _reading = self.sentinel.read(Operation::Peek);
        self.inner.last()
    }

    /// See [`BTreeSet::pop_first`](std::collections::BTreeSet::pop_first).
    #[inline]
    #[track_caller]
    pub fn pop_first(&mut self) -> Option<T>
    where
        T: Ord,
    {
        let _writing = self.sentinel.write(Operation::Pop);
        self.inner.pop_first()
    }

    /// See [`BTreeSet::pop_last`](std::collections::BTreeSet::pop_last).
    #[inline]
    #[track_caller]
    pub fn pop_last(&mut self) -> Option<T>
    where
        T: Ord,
    {
        let _writing = self.sentinel.write(Operation::Pop);
        self.inner.pop_last()
    }

    /// See [`BTreeSet::insert`](std::collections::BTreeSet::insert).
    #[inline]
    #[track_caller]
    pub fn insert(&mut self, value: T) -> bool
    where
        T: Ord,
    {
        let _writing = self.sentinel.write(Operation::Insert);
        self.inner.insert(value)
    }

    /// See [`BTreeSet::replace`](std::collections::BTreeSet::replace).
    #[inline]
    #[track_caller]
    pub fn replace(&mut self, value: T) -> Option<T>
    where
        T: Ord,
    {
        let _writing = self.sentinel.write(Operation::Replace);
        self.inner.replace(value)
    }

    /// See [`BTreeSet::retain`](std::collections::BTreeSet::retain).
    #[inline]
    #[track_caller]
    pub fn retain<F>(&mut self, f: F)
    where
        T: Ord,
        F: FnMut(&T) -> bool,
    {
        let _writing = self.sentinel.write(Operation::Retain);
        self.inner.retain(f);
    }

    /// See [`BTreeSet::append`](std::collections::BTreeSet::append).
    #[inline]
    #[track_caller]
    pub fn append(&mut self, other: &mut BTreeSet<T>)
    where
        T: Ord,
    {
        let _writing = self.sentinel.write(Operation::Append);
        let _other = other.sentinel.write(Operation::Append);
        self.inner.append(&mut other.inner);
    }

    /// See [`BTreeSet::split_off`](std::collections::BTreeSet::split_off).
    #[inline]
    #[track_caller]
    pub fn split_off<Q>(&mut self, value: &Q) -> BTreeSet<T>
    where
        T: Borrow<Q> + Ord,
        Q: Ord + ?Sized,
    {
        let _writing = self.sentinel.write(Operation::SplitOff);
        Checked::from_inner(self.inner.split_off(value))
    }

    /// See [`BTreeSet::extract_if`](std::collections::BTreeSet::extract_if).
    #[inline]
    #[track_caller]
    pub fn extract_if<F, R>(&mut self, range: R, pred: F) -> ExtractIf<'_, T, R, F>
    where
        T: Ord,
        R: RangeBounds<T>,
        F: FnMut(&T) -> bool,
    {
        Walk::new(self.sentinel.cursor_mut(Operation::ExtractIf), self.inner.extract_if(range, pred))
    }
}

impl<T, const N: usize> From<[T; N]> for BTreeSet<T>
where
    T: Ord,
{
    #[inline]
    #[track_caller]
    fn from(values: [T; N]) -> Self {
        Checked::from_inner(btree_set::BTreeSet::from(values))
    }
}

impl<T> From<BTreeSet<T>> for btree_set::BTreeSet<T> {
    #[inline]
    #[track_caller]
    fn from(watched: BTreeSet<T>) -> Self {
        watched.into_inner()
    }
}

operators!([T], BTreeSet<T>, [T: Ord + Clone]);

impl<T> IntoIterator for BTreeSet<T> {
    type Item = T;
    type IntoIter = IntoIter<T>;

    #[inline]
    #[track_caller]
    fn into_iter(self) -> Self::IntoIter {
        self.into_inner().into_iter()
    }
}

impl<'a, T> IntoIterator for &'a BTreeSet<T> {
    type Item = &'a T;
    type IntoIter = Iter<'a, T>;

    #[inline]
    #[track_caller]
    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}
