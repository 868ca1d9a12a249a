//! A cell that many threads may use and none may overlap in: `Sync` without waiting.
//!
//! Any number of [`Look`]s or one [`Change`] at a time; whoever would overlap is refused by the
//! [sentinel](crate::sentinel::Shared), which panics with both sides.
//! The sentinel is exact, so the references handed out here are as good as a lock's.

use crate::entry::Shape;
use crate::sentinel::{Held, Raised, Shared, Span};
use crate::site::StaticSite;
use mapwatch_event::{MapKind, Operation};
use std::borrow::Cow;
use std::cell::UnsafeCell;
use std::fmt;
use std::marker::PhantomData;
use std::ops::{Deref, DerefMut};
use std::ptr::NonNull;

/// The cell.
pub struct SharedCell<T> {
    sentinel: Shared,
    value: UnsafeCell<T>,
}

// SAFETY: through `&SharedCell<T>` a thread gets `&T` beside other threads' (needs `T: Sync`), or `&mut T`, with
// which it may move a `T` to itself (needs `T: Send`); the sentinel lets no `&mut T` overlap with anything.
unsafe impl<T: Send + Sync> Sync for SharedCell<T> {}

impl<T> SharedCell<T> {
    /// A cell that holds `value`.
    #[must_use]
    pub const fn new(value: T, kind: MapKind, shape: fn() -> Shape, made: StaticSite) -> SharedCell<T> {
        SharedCell { sentinel: Shared::new(kind, shape, made), value: UnsafeCell::new(value) }
    }

    /// Gives the cell a name for reports.
    pub fn set_name(&self, name: Cow<'static, str>) {
        self.sentinel.set_name(name);
    }

    /// The sentinel, for what a container has to tell it.
    #[inline]
    pub const fn sentinel(&self) -> &Shared {
        &self.sentinel
    }

    /// Looks at the value; `None` only when refused while a panic unwinds.
    ///
    /// # Panics
    ///
    /// When a writer is inside.
    #[inline(always)]
    #[track_caller]
    pub fn look(&self, operation: Operation, span: Span) -> Option<Look<'_, T>> {
        let held = self.sentinel.enter_shared(operation, span)?;
        // SAFETY: the pointer comes from a live `UnsafeCell`, and while `held` is alive the sentinel lets no
        // writer in, so a shared reference is valid.
        let value = unsafe { &*self.value.get() };
        Some(Look { value: NonNull::from(value), held, lent: PhantomData })
    }

    /// Changes the value; `None` only when refused while a panic unwinds.
    ///
    /// # Panics
    ///
    /// When anybody is inside.
    #[inline]
    #[track_caller]
    pub fn change(&self, operation: Operation, span: Span) -> Option<Change<'_, T>> {
        let raised = self.sentinel.enter_exclusive(operation, span)?;
        // SAFETY: the pointer comes from a live `UnsafeCell`, and while `raised` is alive the sentinel lets
        // nobody else in, so an exclusive reference is valid.
        let value = unsafe { &mut *self.value.get() };
        Some(Change { value: NonNull::from(value), raised, lent: PhantomData })
    }

    /// The value, without a check: the borrow is the proof.
    pub const fn get_mut(&mut self) -> &mut T {
        self.value.get_mut()
    }

    /// The value, without a check: there is nobody else.
    pub fn into_inner(self) -> T {
        self.value.into_inner()
    }
}

/// A shared look at a value, or at a part of it.
pub struct Look<'a, U: ?Sized> {
    value: NonNull<U>,
    held: Held<'a>,
    lent: PhantomData<&'a U>,
}

// SAFETY: a `Look` is a `&U` with a place in the sentinel; the place may be given back from any thread.
unsafe impl<U: ?Sized + Sync> Send for Look<'_, U> {}
// SAFETY: as above; `&Look` gives nothing but `&U`.
unsafe impl<U: ?Sized + Sync> Sync for Look<'_, U> {}

impl<'a, U: ?Sized> Look<'a, U> {
    /// The same look, at a part of the value.
    #[inline]
    pub fn map<V: ?Sized>(self, part: impl for<'b> FnOnce(&'b U) -> &'b V) -> Look<'a, V> {
        let value = NonNull::from(part(&self));
        Look { value, held: self.held, lent: PhantomData }
    }

    /// The same look, at a part of the value, if there is one.
    #[inline]
    pub fn filter_map<V: ?Sized>(
        self,
        part: impl for<'b> FnOnce(&'b U) -> Option<&'b V>,
    ) -> Option<Look<'a, V>> {
        let value = NonNull::from(part(&self)?);
        Some(Look { value, held: self.held, lent: PhantomData })
    }

    /// Two parts of the value at once, each with its own place.
    #[inline]
    pub fn filter_map_split<V: ?Sized, W: ?Sized>(
        self,
        parts: impl for<'b> FnOnce(&'b U) -> Option<(&'b V, &'b W)>,
    ) -> Option<(Look<'a, V>, Look<'a, W>)> {
        let (one, other) = parts(&self)?;
        let (one, other) = (NonNull::from(one), NonNull::from(other));
        let held = self.held.clone();
        Some((
            Look { value: one, held, lent: PhantomData },
            Look { value: other, held: self.held, lent: PhantomData },
        ))
    }
}

impl<U: ?Sized> Deref for Look<'_, U> {
    type Target = U;

    #[inline]
    fn deref(&self) -> &U {
        // SAFETY: `value` came from a reference into the cell, and `held` keeps writers out while `self` lives.
        unsafe { self.value.as_ref() }
    }
}

impl<U: ?Sized + fmt::Debug> fmt::Debug for Look<'_, U> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        (**self).fmt(f)
    }
}

/// An exclusive hold on a value, or on a part of it.
pub struct Change<'a, U: ?Sized> {
    value: NonNull<U>,
    raised: Raised<'a>,
    lent: PhantomData<&'a mut U>,
}

// SAFETY: a `Change` is a `&mut U` with the sentinel's write mark, which may be taken back from any thread.
unsafe impl<U: ?Sized + Send> Send for Change<'_, U> {}
// SAFETY: `&Change` gives nothing but `&U`.
unsafe impl<U: ?Sized + Sync> Sync for Change<'_, U> {}

impl<'a, U: ?Sized> Change<'a, U> {
    /// The same hold, on a part of the value.
    #[inline]
    pub fn map<V: ?Sized>(mut self, part: impl for<'b> FnOnce(&'b mut U) -> &'b mut V) -> Change<'a, V> {
        let value = NonNull::from(part(&mut self));
        Change { value, raised: self.raised, lent: PhantomData }
    }

    /// The same hold, on a part of the value, if there is one.
    #[inline]
    pub fn filter_map<V: ?Sized>(
        mut self,
        part: impl for<'b> FnOnce(&'b mut U) -> Option<&'b mut V>,
    ) -> Option<Change<'a, V>> {
        let value = NonNull::from(part(&mut self)?);
        Some(Change { value, raised: self.raised, lent: PhantomData })
    }
}

impl<U: ?Sized> Deref for Change<'_, U> {
    type Target = U;

    #[inline]
    fn deref(&self) -> &U {
        // SAFETY: `value` came from an exclusive reference into the cell; `raised` keeps everybody else out.
        unsafe { self.value.as_ref() }
    }
}

impl<U: ?Sized> DerefMut for Change<'_, U> {
    #[inline]
    fn deref_mut(&mut self) -> &mut U {
        // SAFETY: as in `deref`, and `&mut self` is the only way to this pointer.
        unsafe { self.value.as_mut() }
    }
}

impl<U: ?Sized + fmt::Debug> fmt::Debug for Change<'_, U> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        (**self).fmt(f)
    }
}

/// A container whose entries can be walked over while a [`Look`] is held.
///
/// The methods are generic over the borrow, so that no reference can be kept beyond it.
pub trait Walked {
    /// What a step gives.
    type Item<'b>: Copy
    where
        Self: 'b;
    /// The iterator.
    type Iter<'b>: Iterator<Item = Self::Item<'b>>
    where
        Self: 'b;

    /// Begins a walk.
    fn walk(&self) -> Self::Iter<'_>;

    /// The same item, for a shorter time.
    fn shorten<'short, 'long: 'short>(item: Self::Item<'long>) -> Self::Item<'short>
    where
        Self: 'long;
}

/// A walk over the entries; every [`Step`] keeps the place until it is dropped, too.
pub struct Walk<'a, T: Walked + 'a> {
    // Declared, and so dropped, before the place.
    iter: T::Iter<'a>,
    held: Held<'a>,
}

/// One entry of a walk.
pub struct Step<'a, T: Walked + 'a> {
    item: T::Item<'a>,
    _held: Held<'a>,
}

impl<'a, T: Walked> Look<'a, T> {
    /// Turns the look into a walk.
    #[inline]
    #[must_use]
    pub fn walk(self) -> Walk<'a, T> {
        // SAFETY: `value` came from a reference into the cell, which lives for 'a. No writer gets in while
        // `held` lives, and `held` goes with the iterator and with every item that comes out of it; both hand
        // out nothing that lives longer than themselves.
        let value: &'a T = unsafe { self.value.as_ref() };
        Walk { iter: value.walk(), held: self.held }
    }
}

impl<'a, T: Walked> Iterator for Walk<'a, T> {
    type Item = Step<'a, T>;

    #[inline]
    fn next(&mut self) -> Option<Step<'a, T>> {
        let item = self.iter.next()?;
        Some(Step { item, _held: self.held.clone() })
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        self.iter.size_hint()
    }
}

impl<T: Walked> Step<'_, T> {
    /// The entry.
    #[inline]
    pub fn get(&self) -> T::Item<'_> {
        T::shorten(self.item)
    }
}
