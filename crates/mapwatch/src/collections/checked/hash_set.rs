//! The watched `HashSet` and its iterators.
//!
//! A set operation walks over two sets, so its iterator is a walk within a walk: one cursor for each.

pub use std::collections::hash_set::IntoIter;

use super::{Checked, Walk, operators};
use mapwatch_core::event::Operation;
use mapwatch_core::history::{self, Deed, Key, snapshot};
use std::borrow::Borrow;
use std::collections::{TryReserveError, hash_set};
use std::hash::{BuildHasher, Hash, RandomState};
use std::ops::{BitAnd, BitOr, BitXor, Sub};

/// The watched [`std::collections::HashSet`].
pub type HashSet<T, S = RandomState> = Checked<hash_set::HashSet<T, S>>;

/// See [`hash_set::Iter`].
pub type Iter<'a, T> = Walk<'a, hash_set::Iter<'a, T>>;
/// See [`hash_set::Drain`].
pub type Drain<'a, T> = Walk<'a, hash_set::Drain<'a, T>>;
/// See [`hash_set::ExtractIf`].
pub type ExtractIf<'a, T, F> = Walk<'a, hash_set::ExtractIf<'a, T, F>>;
/// See [`hash_set::Difference`].
pub type Difference<'a, T, S> = Walk<'a, Walk<'a, hash_set::Difference<'a, T, S>>>;
/// See [`hash_set::SymmetricDifference`].
pub type SymmetricDifference<'a, T, S> = Walk<'a, Walk<'a, hash_set::SymmetricDifference<'a, T, S>>>;
/// See [`hash_set::Intersection`].
pub type Intersection<'a, T, S> = Walk<'a, Walk<'a, hash_set::Intersection<'a, T, S>>>;
/// See [`hash_set::Union`].
pub type Union<'a, T, S> = Walk<'a, Walk<'a, hash_set::Union<'a, T, S>>>;

impl<T> HashSet<T, RandomState> {
    /// See [`HashSet::new`](std::collections::HashSet::new).
    #[must_use]
    #[inline]
    #[track_caller]
    pub fn new() -> HashSet<T, RandomState> {
        Checked::from_inner(hash_set::HashSet::new())
    }

    /// See [`HashSet::with_capacity`](std::collections::HashSet::with_capacity).
    #[must_use]
    #[inline]
    #[track_caller]
    pub fn with_capacity(capacity: usize) -> HashSet<T, RandomState> {
        Checked::from_inner(hash_set::HashSet::with_capacity(capacity))
    }
}

impl<T, S> HashSet<T, S> {
    /// See [`HashSet::with_hasher`](std::collections::HashSet::with_hasher).
    #[must_use]
    #[inline]
    #[track_caller]
    pub const fn with_hasher(hasher: S) -> HashSet<T, S> {
        Checked::from_inner(hash_set::HashSet::with_hasher(hasher))
    }

    /// See [`HashSet::with_capacity_and_hasher`](std::collections::HashSet::with_capacity_and_hasher).
    #[must_use]
    #[inline]
    #[track_caller]
    pub fn with_capacity_and_hasher(capacity: usize, hasher: S) -> HashSet<T, S> {
        Checked::from_inner(hash_set::HashSet::with_capacity_and_hasher(capacity, hasher))
    }

    /// See [`HashSet::capacity`](std::collections::HashSet::capacity).
    #[inline]
    #[track_caller]
    pub fn capacity(&self) -> usize {
        let _reading = self.sentinel.read(Operation::Len);
        self.inner.capacity()
    }

    /// See [`HashSet::len`](std::collections::HashSet::len).
    #[inline]
    #[track_caller]
    pub fn len(&self) -> usize {
        let _reading = self.sentinel.read(Operation::Len);
        self.inner.len()
    }

    /// See [`HashSet::is_empty`](std::collections::HashSet::is_empty).
    #[inline]
    #[track_caller]
    pub fn is_empty(&self) -> bool {
        let _reading = self.sentinel.read(Operation::Len);
        self.inner.is_empty()
    }

    /// See [`HashSet::clear`](std::collections::HashSet::clear).
    #[inline]
    #[track_caller]
    pub fn clear(&mut self) {
        let writing = self.sentinel.write(Operation::Clear);
        self.inner.clear();
        drop(writing);
        self.sentinel.overhauled();
    }

    /// See [`HashSet::hasher`](std::collections::HashSet::hasher).
    #[inline]
    #[track_caller]
    pub fn hasher(&self) -> &S {
        let _reading = self.sentinel.read(Operation::Peek);
        self.inner.hasher()
    }

    /// See [`HashSet::iter`](std::collections::HashSet::iter).
    #[inline]
    #[track_caller]
    pub fn iter(&self) -> Iter<'_, T> {
        Walk::new(self.sentinel.cursor(Operation::Iter), self.inner.iter())
    }

    /// See [`HashSet::drain`](std::collections::HashSet::drain).
    #[inline]
    #[track_caller]
    pub fn drain(&mut self) -> Drain<'_, T> {
        self.sentinel.overhauled();
        Walk::new(self.sentinel.cursor_mut(Operation::Drain), self.inner.drain())
    }

    /// See [`HashSet::extract_if`](std::collections::HashSet::extract_if).
    #[inline]
    #[track_caller]
    pub fn extract_if<F>(&mut self, pred: F) -> ExtractIf<'_, T, F>
    where
        F: FnMut(&T) -> bool,
    {
        self.sentinel.overhauled();
        Walk::new(self.sentinel.cursor_mut(Operation::ExtractIf), self.inner.extract_if(pred))
    }

    /// See [`HashSet::retain`](std::collections::HashSet::retain).
    #[inline]
    #[track_caller]
    pub fn retain<F>(&mut self, f: F)
    where
        F: FnMut(&T) -> bool,
    {
        let writing = self.sentinel.write(Operation::Retain);
        self.inner.retain(f);
        drop(writing);
        self.sentinel.overhauled();
    }
}

impl<T, S> HashSet<T, S>
where
    T: Eq + Hash,
    S: BuildHasher,
{
    /// See [`HashSet::reserve`](std::collections::HashSet::reserve).
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

    /// See [`HashSet::shrink_to_fit`](std::collections::HashSet::shrink_to_fit).
    #[inline]
    #[track_caller]
    pub fn shrink_to_fit(&mut self) {
        self.sized(Operation::Shrink, hash_set::HashSet::shrink_to_fit);
    }

    /// See [`HashSet::shrink_to`](std::collections::HashSet::shrink_to).
    #[inline]
    #[track_caller]
    pub fn shrink_to(&mut self, min_capacity: usize) {
        self.sized(Operation::Shrink, |inner| inner.shrink_to(min_capacity));
    }

    /// See [`HashSet::difference`](std::collections::HashSet::difference).
    #[inline]
    #[track_caller]
    pub fn difference<'a>(&'a self, other: &'a HashSet<T, S>) -> Difference<'a, T, S> {
        let second =
            Walk::new(other.sentinel.cursor(Operation::SetOperation), self.inner.difference(&other.inner));
        Walk::new(self.sentinel.cursor(Operation::SetOperation), second)
    }

    /// See [`HashSet::symmetric_difference`](std::collections::HashSet::symmetric_difference).
    #[inline]
    #[track_caller]
    pub fn symmetric_difference<'a>(&'a self, other: &'a HashSet<T, S>) -> SymmetricDifference<'a, T, S> {
        let second = Walk::new(
            other.sentinel.cursor(Operation::SetOperation),
            self.inner.symmetric_difference(&other.inner),
        );
        Walk::new(self.sentinel.cursor(Operation::SetOperation), second)
    }

    /// See [`HashSet::intersection`](std::collections::HashSet::intersection).
    #[inline]
    #[track_caller]
    pub fn intersection<'a>(&'a self, other: &'a HashSet<T, S>) -> Intersection<'a, T, S> {
        let second =
            Walk::new(other.sentinel.cursor(Operation::SetOperation), self.inner.intersection(&other.inner));
        Walk::new(self.sentinel.cursor(Operation::SetOperation), second)
    }

    /// See [`HashSet::union`](std::collections::HashSet::union).
    #[inline]
    #[track_caller]
    pub fn union<'a>(&'a self, other: &'a HashSet<T, S>) -> Union<'a, T, S> {
        let second =
            Walk::new(other.sentinel.cursor(Operation::SetOperation), self.inner.union(&other.inner));
        Walk::new(self.sentinel.cursor(Operation::SetOperation), second)
    }

    /// See [`HashSet::is_disjoint`](std::collections::HashSet::is_disjoint).
    #[inline]
    #[track_caller]
    pub fn is_disjoint(&self, other: &HashSet<T, S>) -> bool {
        let _reading = self.sentinel.read(Operation::Compare);
        let _other = other.sentinel.read(Operation::Compare);
        self.inner.is_disjoint(&other.inner)
    }

    /// See [`HashSet::is_subset`](std::collections::HashSet::is_subset).
    #[inline]
    #[track_caller]
    pub fn is_subset(&self, other: &HashSet<T, S>) -> bool {
        let _reading = self.sentinel.read(Operation::Compare);
        let _other = other.sentinel.read(Operation::Compare);
        self.inner.is_subset(&other.inner)
    }

    /// See [`HashSet::is_superset`](std::collections::HashSet::is_superset).
    #[inline]
    #[track_caller]
    pub fn is_superset(&self, other: &HashSet<T, S>) -> bool {
        let _reading = self.sentinel.read(Operation::Compare);
        let _other = other.sentinel.read(Operation::Compare);
        self.inner.is_superset(&other.inner)
    }

    /// Tells the history, if there is one, of a look.
    #[inline]
    #[track_caller]
    fn looked<Q: Hash + ?Sized>(&self, value: &Q, operation: Operation, present: bool) {
        if let Some(trail) = self.sentinel.trail_of_look() {
            trail.look(Key::of(value), operation, present);
        }
        if snapshot::is_any() {
            history::looked_into_snapshot(std::ptr::from_ref(self).addr(), Key::of(value), present);
        }
    }

    /// Tells the history, if there is one, of a removal.
    #[inline]
    #[track_caller]
    fn removed<Q: Hash + ?Sized>(&self, value: &Q, found: bool) {
        if let (true, Some(trail)) = (found, self.sentinel.trail()) {
            trail.compound(Key::of(value), Operation::Remove, Deed::Removed);
        }
    }

    /// See [`HashSet::contains`](std::collections::HashSet::contains).
    #[inline]
    #[track_caller]
    pub fn contains<Q>(&self, value: &Q) -> bool
    where
        T: Borrow<Q>,
        Q: Hash + Eq + ?Sized,
    {
        let _reading = self.sentinel.read(Operation::Contains);
        let found = self.inner.contains(value);
        self.looked(value, Operation::Contains, found);
        found
    }

    /// See [`HashSet::get`](std::collections::HashSet::get).
    #[inline]
    #[track_caller]
    pub fn get<Q>(&self, value: &Q) -> Option<&T>
    where
        T: Borrow<Q>,
        Q: Hash + Eq + ?Sized,
    {
        let _reading = self.sentinel.read(Operation::Get);
        let found = self.inner.get(value);
        self.looked(value, Operation::Get, found.is_some());
        found
    }

    /// See [`HashSet::remove`](std::collections::HashSet::remove).
    #[inline]
    #[track_caller]
    pub fn remove<Q>(&mut self, value: &Q) -> bool
    where
        T: Borrow<Q>,
        Q: Hash + Eq + ?Sized,
    {
        let writing = self.sentinel.write(Operation::Remove);
        let removed = self.inner.remove(value);
        drop(writing);
        self.removed(value, removed);
        removed
    }

    /// See [`HashSet::take`](std::collections::HashSet::take).
    #[inline]
    #[track_caller]
    pub fn take<Q>(&mut self, value: &Q) -> Option<T>
    where
        T: Borrow<Q>,
        Q: Hash + Eq + ?Sized,
    {
        let writing = self.sentinel.write(Operation::Remove);
        let taken = self.inner.take(value);
        drop(writing);
        self.removed(value, taken.is_some());
        taken
    }

    /// See [`HashSet::insert`](std::collections::HashSet::insert).
    #[inline]
    #[track_caller]
    pub fn insert(&mut self, value: T) -> bool {
        let number = self.sentinel.trail().map(|_| Key::of(&value));
        let new = self.sized(Operation::Insert, |inner| inner.insert(value));
        if let (Some(number), Some(trail)) = (number, self.sentinel.trail()) {
            trail.inserted(number, Operation::Insert, !new).tell();
        }
        new
    }

    /// See [`HashSet::replace`](std::collections::HashSet::replace).
    #[inline]
    #[track_caller]
    pub fn replace(&mut self, value: T) -> Option<T> {
        self.sized(Operation::Replace, |inner| inner.replace(value))
    }
}

impl<T, const N: usize> From<[T; N]> for HashSet<T, RandomState>
where
    T: Eq + Hash,
{
    #[inline]
    #[track_caller]
    fn from(values: [T; N]) -> Self {
        Checked::from_inner(hash_set::HashSet::from(values))
    }
}

impl<T, S> From<HashSet<T, S>> for hash_set::HashSet<T, S> {
    #[inline]
    #[track_caller]
    fn from(watched: HashSet<T, S>) -> Self {
        watched.into_inner()
    }
}

operators!([T, S], HashSet<T, S>, [T: Eq + Hash + Clone, S: BuildHasher + Default]);

impl<T, S> IntoIterator for HashSet<T, S> {
    type Item = T;
    type IntoIter = IntoIter<T>;

    #[inline]
    #[track_caller]
    fn into_iter(self) -> Self::IntoIter {
        self.into_inner().into_iter()
    }
}

impl<'a, T, S> IntoIterator for &'a HashSet<T, S> {
    type Item = &'a T;
    type IntoIter = Iter<'a, T>;

    #[inline]
    #[track_caller]
    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}
