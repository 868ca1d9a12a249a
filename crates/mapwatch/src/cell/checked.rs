//! A `RefCell` that knows who borrows it.

use mapwatch_core::entry::Shape;
use mapwatch_core::event::{MapKind, Operation};
use mapwatch_core::guard::{Family, Held, Latch, Mode, Refusal, Want};
use std::borrow::Cow;
use std::cell;
use std::cmp::Ordering;
use std::fmt;
use std::ops::{Deref, DerefMut};
use std::panic::Location;

static FAMILY: Family = Family { travels: false, suspends: false, queues: false };

const BORROW: Want = Want::whole(Operation::Borrow, Mode::Shared);
const BORROW_MUT: Want = Want::whole(Operation::BorrowMut, Mode::Exclusive);

/// [`std::cell::RefCell`], watched.
///
/// `cargo bench -p mapwatch --bench locks` says what it costs; beside that, one walk over a stack every few milliseconds
/// per call site.
pub struct RefCell<T: ?Sized> {
    latch: Latch,
    inner: cell::RefCell<T>,
}

impl<T> RefCell<T> {
    /// A cell with `value`.
    #[track_caller]
    pub const fn new(value: T) -> RefCell<T> {
        let latch = Latch::new(MapKind::RefCell, &FAMILY, Shape::of::<RefCell<T>>, Location::caller());
        RefCell { latch, inner: cell::RefCell::new(value) }
    }

    /// The value.
    #[inline]
    pub fn into_inner(self) -> T {
        self.inner.into_inner()
    }

    /// Puts `value` in, and gives the old one.
    ///
    /// # Panics
    ///
    /// When the cell is borrowed.
    #[inline]
    #[track_caller]
    pub fn replace(&self, value: T) -> T {
        std::mem::replace(&mut *self.borrow_mut(), value)
    }

    /// Puts in what `with` makes of the value, and gives the old one.
    ///
    /// # Panics
    ///
    /// When the cell is borrowed.
    #[inline]
    #[track_caller]
    pub fn replace_with<F: FnOnce(&mut T) -> T>(&self, with: F) -> T {
        let mut place = self.borrow_mut();
        let value = with(&mut place);
        std::mem::replace(&mut *place, value)
    }

    /// Swaps the values of two cells.
    ///
    /// # Panics
    ///
    /// When either is borrowed, or both are the same.
    #[inline]
    #[track_caller]
    pub fn swap(&self, other: &RefCell<T>) {
        std::mem::swap(&mut *self.borrow_mut(), &mut *other.borrow_mut());
    }
}

impl<T: Default> RefCell<T> {
    /// The value; its default stays.
    ///
    /// # Panics
    ///
    /// When the cell is borrowed.
    #[track_caller]
    pub fn take(&self) -> T {
        self.replace(T::default())
    }
}

impl<T: ?Sized> RefCell<T> {
    /// Borrows the value.
    ///
    /// # Panics
    ///
    /// When it is borrowed mutably; the report names that borrow.
    #[inline]
    #[track_caller]
    pub fn borrow(&self) -> Ref<'_, T> {
        match self.inner.try_borrow() {
            Ok(inner) => Ref { held: self.latch.borrowed(BORROW), inner },
            Err(_) => {
                self.latch.refuse(BORROW);
                Ref { inner: self.inner.borrow(), held: Held::none() }
            }
        }
    }

    /// Borrows the value, if it is not borrowed mutably.
    ///
    /// # Errors
    ///
    /// The outstanding borrow, by name.
    #[inline]
    #[track_caller]
    pub fn try_borrow(&self) -> Result<Ref<'_, T>, BorrowError> {
        match self.inner.try_borrow() {
            Ok(inner) => Ok(Ref { held: self.latch.borrowed(BORROW), inner }),
            Err(_) => Err(BorrowError(Box::new(self.latch.refusal(BORROW)))),
        }
    }

    /// Borrows the value mutably.
    ///
    /// # Panics
    ///
    /// When it is borrowed; the report names every borrow.
    #[inline]
    #[track_caller]
    pub fn borrow_mut(&self) -> RefMut<'_, T> {
        match self.inner.try_borrow_mut() {
            Ok(inner) => RefMut { held: self.latch.borrowed(BORROW_MUT), inner },
            Err(_) => {
                self.latch.refuse(BORROW_MUT);
                RefMut { inner: self.inner.borrow_mut(), held: Held::none() }
            }
        }
    }

    /// Borrows the value mutably, if it is not borrowed.
    ///
    /// # Errors
    ///
    /// The outstanding borrows, by name.
    #[inline]
    #[track_caller]
    pub fn try_borrow_mut(&self) -> Result<RefMut<'_, T>, BorrowMutError> {
        match self.inner.try_borrow_mut() {
            Ok(inner) => Ok(RefMut { held: self.latch.borrowed(BORROW_MUT), inner }),
            Err(_) => Err(BorrowMutError(Box::new(self.latch.refusal(BORROW_MUT)))),
        }
    }

    /// The value's place.
    #[inline]
    pub fn as_ptr(&self) -> *mut T {
        self.inner.as_ptr()
    }

    /// The value: this cell is borrowed by nobody else.
    #[inline]
    pub fn get_mut(&mut self) -> &mut T {
        self.inner.get_mut()
    }
}

impl<T> crate::Named for RefCell<T> {
    fn named(self, name: impl Into<Cow<'static, str>>) -> Self {
        self.latch.set_name(name.into());
        self
    }
}

impl<T: Clone> Clone for RefCell<T> {
    #[track_caller]
    fn clone(&self) -> RefCell<T> {
        RefCell::new(self.borrow().clone())
    }

    #[track_caller]
    fn clone_from(&mut self, source: &RefCell<T>) {
        self.get_mut().clone_from(&source.borrow());
    }
}

impl<T: Default> Default for RefCell<T> {
    #[track_caller]
    fn default() -> RefCell<T> {
        RefCell::new(T::default())
    }
}

impl<T> From<T> for RefCell<T> {
    #[track_caller]
    fn from(value: T) -> RefCell<T> {
        RefCell::new(value)
    }
}

impl<T: ?Sized + PartialEq> PartialEq for RefCell<T> {
    #[track_caller]
    fn eq(&self, other: &RefCell<T>) -> bool {
        *self.borrow() == *other.borrow()
    }
}

impl<T: ?Sized + Eq> Eq for RefCell<T> {}

impl<T: ?Sized + PartialOrd> PartialOrd for RefCell<T> {
    #[track_caller]
    fn partial_cmp(&self, other: &RefCell<T>) -> Option<Ordering> {
        self.borrow().partial_cmp(&other.borrow())
    }
}

impl<T: ?Sized + Ord> Ord for RefCell<T> {
    #[track_caller]
    fn cmp(&self, other: &RefCell<T>) -> Ordering {
        self.borrow().cmp(&other.borrow())
    }
}

impl<T: ?Sized + fmt::Debug> fmt::Debug for RefCell<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.inner.fmt(f)
    }
}

#[cfg(feature = "serde")]
impl<T: ?Sized + serde::Serialize> serde::Serialize for RefCell<T> {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.inner.serialize(serializer)
    }
}

#[cfg(feature = "serde")]
impl<'de, T: serde::Deserialize<'de>> serde::Deserialize<'de> for RefCell<T> {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<RefCell<T>, D::Error> {
        T::deserialize(deserializer).map(RefCell::new)
    }
}

/// A shared borrow. The record goes before the borrow does, so that nobody is named who has left.
pub struct Ref<'b, T: ?Sized> {
    held: Held,
    inner: cell::Ref<'b, T>,
}

impl<'b, T: ?Sized> Ref<'b, T> {
    /// One more borrow of the same value.
    #[allow(clippy::should_implement_trait, reason = "std's own is no trait's method either")]
    #[inline]
    pub fn clone(orig: &Ref<'b, T>) -> Ref<'b, T> {
        Ref { held: orig.held.again(), inner: cell::Ref::clone(&orig.inner) }
    }

    /// The same borrow, of a part.
    #[inline]
    pub fn map<U: ?Sized, F: FnOnce(&T) -> &U>(orig: Ref<'b, T>, f: F) -> Ref<'b, U> {
        Ref { held: orig.held, inner: cell::Ref::map(orig.inner, f) }
    }

    /// The same borrow, of a part that may not be there.
    ///
    /// # Errors
    ///
    /// The borrow itself.
    #[inline]
    pub fn filter_map<U: ?Sized, F: FnOnce(&T) -> Option<&U>>(
        orig: Ref<'b, T>,
        f: F,
    ) -> Result<Ref<'b, U>, Ref<'b, T>> {
        match cell::Ref::filter_map(orig.inner, f) {
            Ok(inner) => Ok(Ref { held: orig.held, inner }),
            Err(inner) => Err(Ref { held: orig.held, inner }),
        }
    }

    /// The same borrow, of two parts.
    #[inline]
    pub fn map_split<U: ?Sized, V: ?Sized, F: FnOnce(&T) -> (&U, &V)>(
        orig: Ref<'b, T>,
        f: F,
    ) -> (Ref<'b, U>, Ref<'b, V>) {
        let second = orig.held.again();
        let (one, other) = cell::Ref::map_split(orig.inner, f);
        (Ref { held: orig.held, inner: one }, Ref { held: second, inner: other })
    }
}

impl<T: ?Sized> Deref for Ref<'_, T> {
    type Target = T;

    #[inline]
    fn deref(&self) -> &T {
        &self.inner
    }
}

/// A mutable borrow.
pub struct RefMut<'b, T: ?Sized> {
    held: Held,
    inner: cell::RefMut<'b, T>,
}

impl<'b, T: ?Sized> RefMut<'b, T> {
    /// The same borrow, of a part.
    #[inline]
    pub fn map<U: ?Sized, F: FnOnce(&mut T) -> &mut U>(orig: RefMut<'b, T>, f: F) -> RefMut<'b, U> {
        RefMut { held: orig.held, inner: cell::RefMut::map(orig.inner, f) }
    }

    /// The same borrow, of a part that may not be there.
    ///
    /// # Errors
    ///
    /// The borrow itself.
    #[inline]
    pub fn filter_map<U: ?Sized, F: FnOnce(&mut T) -> Option<&mut U>>(
        orig: RefMut<'b, T>,
        f: F,
    ) -> Result<RefMut<'b, U>, RefMut<'b, T>> {
        match cell::RefMut::filter_map(orig.inner, f) {
            Ok(inner) => Ok(RefMut { held: orig.held, inner }),
            Err(inner) => Err(RefMut { held: orig.held, inner }),
        }
    }

    /// The same borrow, of two parts.
    #[inline]
    pub fn map_split<U: ?Sized, V: ?Sized, F: FnOnce(&mut T) -> (&mut U, &mut V)>(
        orig: RefMut<'b, T>,
        f: F,
    ) -> (RefMut<'b, U>, RefMut<'b, V>) {
        let second = orig.held.again();
        let (one, other) = cell::RefMut::map_split(orig.inner, f);
        (RefMut { held: orig.held, inner: one }, RefMut { held: second, inner: other })
    }
}

impl<T: ?Sized> Deref for RefMut<'_, T> {
    type Target = T;

    #[inline]
    fn deref(&self) -> &T {
        &self.inner
    }
}

impl<T: ?Sized> DerefMut for RefMut<'_, T> {
    #[inline]
    fn deref_mut(&mut self) -> &mut T {
        &mut self.inner
    }
}

macro_rules! shown {
    ($($guard:ident),+) => {$(
        impl<T: ?Sized + fmt::Debug> fmt::Debug for $guard<'_, T> {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                (**self).fmt(f)
            }
        }

        impl<T: ?Sized + fmt::Display> fmt::Display for $guard<'_, T> {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                (**self).fmt(f)
            }
        }
    )+};
}

shown!(Ref, RefMut);

/// Why `try_borrow` was refused: the outstanding borrow, in words, by `Debug`.
pub struct BorrowError(Box<Refusal>);

/// Why `try_borrow_mut` was refused: the outstanding borrows, in words, by `Debug`.
pub struct BorrowMutError(Box<Refusal>);

macro_rules! errors {
    ($($error:ident = $short:literal),+) => {$(
        impl fmt::Debug for $error {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "{}\n{}", stringify!($error), self.0.text())
            }
        }

        impl fmt::Display for $error {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str($short)
            }
        }

        impl std::error::Error for $error {}
    )+};
}

errors!(BorrowError = "already mutably borrowed", BorrowMutError = "already borrowed");
