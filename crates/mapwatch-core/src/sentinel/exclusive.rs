//! The sentinel of a container whose API is exclusive by type (`&self` looks, `&mut self` changes).
//! PLACEHOLDER BODY: signatures are final, the body is being written.

use mapwatch_event::{MapKind, Operation};
use std::borrow::Cow;
use std::marker::PhantomData;
use std::panic::Location;

/// How large a table is: entries, and entries it can take before it moves (`None` for trees).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Extent {
    /// Entries.
    pub length: usize,
    /// Entries it can take before it moves; `None` for trees.
    pub capacity: Option<usize>,
}

/// The sentinel.
#[derive(Debug)]
pub struct Exclusive {
    made: &'static Location<'static>,
}

/// A look in progress; ends when dropped.
#[derive(Debug)]
pub struct Reading<'a>(PhantomData<&'a Exclusive>);

/// A change in progress; ends when dropped.
#[derive(Debug)]
pub struct Writing<'a>(PhantomData<&'a Exclusive>);

/// An access that outlives the call: iterators, entries. Has no destructor, like std's iterators.
#[derive(Clone, Copy, Debug, Default)]
pub struct Cursor<'a>(PhantomData<&'a Exclusive>);

impl Exclusive {
    /// A sentinel made at `made`; `type_name` is `std::any::type_name::<M>` of the container.
    pub const fn new(kind: MapKind, type_name: fn() -> &'static str, made: &'static Location<'static>) -> Exclusive {
        let _ = (kind, type_name);
        Exclusive { made }
    }

    /// Gives the container a name for reports.
    pub fn set_name(&self, name: Cow<'static, str>) {
        let _ = (name, self.made);
    }

    /// Begins a look (`&self`). # Panics on conflict.
    #[inline]
    #[track_caller]
    pub fn read(&self, operation: Operation) -> Reading<'_> {
        let _ = operation;
        Reading(PhantomData)
    }

    /// Begins a change (`&mut self`). # Panics on conflict.
    #[inline]
    #[track_caller]
    pub fn write(&self, operation: Operation) -> Writing<'_> {
        let _ = operation;
        Writing(PhantomData)
    }

    /// Begins a change that may move the table: `before` is its size now; give the size after to `Writing::resized`.
    #[inline]
    #[track_caller]
    pub fn write_sized(&self, operation: Operation, before: Extent) -> Writing<'_> {
        let _ = (operation, before);
        Writing(PhantomData)
    }

    /// Begins a walk over shared entries (`iter`, `keys`, `range`, set operations).
    #[inline]
    #[track_caller]
    pub fn cursor(&self, operation: Operation) -> Cursor<'_> {
        let _ = operation;
        Cursor(PhantomData)
    }

    /// Begins a walk or a guard over exclusive entries (`iter_mut`, `drain`, `extract_if`, `entry`).
    #[inline]
    #[track_caller]
    pub fn cursor_mut(&self, operation: Operation) -> Cursor<'_> {
        let _ = operation;
        Cursor(PhantomData)
    }
}

impl Writing<'_> {
    /// Ends the change and says how large the table is now; a different capacity is a growth event.
    #[inline]
    pub fn resized(self, after: Extent) {
        let _ = after;
    }
}

impl Cursor<'_> {
    /// To be called before every use of the iterator or entry behind it. # Panics on conflict.
    #[inline]
    #[track_caller]
    pub fn step(&mut self) {}

    /// To be called when the iterator has returned `None`: the walk has ended.
    #[inline]
    pub fn end(&mut self) {}
}
