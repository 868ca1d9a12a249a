//! An `ArcSwap` that remembers who loaded which snapshot.

pub mod access;
pub mod cache;

pub use arc_swap::{AsRaw, DefaultStrategy, Guard, RefCnt, strategy};
pub use cache::Cache;

use access::{Access, Map};
use arc_swap::strategy::{CaS, Strategy};
use mapwatch_core::entry::Shape;
use mapwatch_core::event::{MapKind, Operation};
use mapwatch_core::guard::{Family, Latch};
use std::borrow::Cow;
use std::fmt;
use std::panic::Location;
use std::sync::{Arc, Weak};

static FAMILY: Family = Family { travels: true, suspends: false, queues: false };

/// [`arc_swap::ArcSwapAny`], watched.
///
/// A load costs about forty nanoseconds more while its history is kept, and one comparison before that.
pub struct ArcSwapAny<T: RefCnt, S: Strategy<T> = DefaultStrategy> {
    latch: Latch,
    inner: arc_swap::ArcSwapAny<T, S>,
}

/// [`arc_swap::ArcSwap`], watched.
pub type ArcSwap<T> = ArcSwapAny<Arc<T>>;
/// [`arc_swap::ArcSwapOption`], watched.
pub type ArcSwapOption<T> = ArcSwapAny<Option<Arc<T>>>;
/// `arc_swap::ArcSwapWeak`, watched.
pub type ArcSwapWeak<T> = ArcSwapAny<Weak<T>>;

/// What tells two snapshots apart: where they lie.
fn stamp<T: RefCnt>(snapshot: &T) -> u64 {
    RefCnt::as_ptr(snapshot).addr() as u64
}

impl<T: RefCnt, S: Strategy<T>> ArcSwapAny<T, S> {
    #[track_caller]
    const fn watched(inner: arc_swap::ArcSwapAny<T, S>) -> ArcSwapAny<T, S> {
        let latch = Latch::new(MapKind::ArcSwap, &FAMILY, Shape::of::<ArcSwapAny<T, S>>, Location::caller());
        ArcSwapAny { latch, inner }
    }

    /// See [`arc_swap::ArcSwapAny::new`].
    #[track_caller]
    pub fn new(val: T) -> ArcSwapAny<T, S>
    where
        S: Default,
    {
        ArcSwapAny::watched(arc_swap::ArcSwapAny::new(val))
    }

    /// See [`arc_swap::ArcSwapAny::with_strategy`].
    #[track_caller]
    pub fn with_strategy(val: T, strategy: S) -> ArcSwapAny<T, S> {
        ArcSwapAny::watched(arc_swap::ArcSwapAny::with_strategy(val, strategy))
    }

    /// See [`arc_swap::ArcSwapAny::into_inner`].
    pub fn into_inner(self) -> T {
        self.inner.into_inner()
    }

    /// See [`arc_swap::ArcSwapAny::load_full`].
    #[track_caller]
    pub fn load_full(&self) -> T {
        self.latch.pass(Operation::Load);
        let snapshot = self.inner.load_full();
        self.loaded(&snapshot);
        snapshot
    }

    /// See [`arc_swap::ArcSwapAny::load`].
    #[inline]
    #[track_caller]
    pub fn load(&self) -> Guard<T, S> {
        self.latch.pass(Operation::Load);
        let snapshot = self.inner.load();
        self.loaded(&snapshot);
        snapshot
    }

    #[inline]
    #[track_caller]
    fn loaded(&self, snapshot: &T) {
        if let Some(trail) = self.latch.trail() {
            trail.loaded(Operation::Load, stamp(snapshot));
        }
    }

    /// See [`arc_swap::ArcSwapAny::store`].
    ///
    /// # Panics
    ///
    /// Under the policy `strict`, when it replaced another snapshot than the one that its actor had loaded.
    #[track_caller]
    pub fn store(&self, val: T) {
        self.latch.pass(Operation::Store);
        match self.latch.trail() {
            None => self.inner.store(val),
            Some(trail) => {
                trail.stored(Operation::Store, size_of::<T::Base>(), || stamp(&self.inner.swap(val))).tell();
            }
        }
    }

    /// See [`arc_swap::ArcSwapAny::swap`].
    ///
    /// # Panics
    ///
    /// As [`ArcSwapAny::store`].
    #[track_caller]
    pub fn swap(&self, new: T) -> T {
        self.latch.pass(Operation::Store);
        let Some(trail) = self.latch.trail() else { return self.inner.swap(new) };
        let mut replaced = None;
        let swap = || stamp(replaced.insert(self.inner.swap(new)));
        trail.stored(Operation::Store, size_of::<T::Base>(), swap).tell();
        replaced.expect("`stored` swaps")
    }

    /// See [`arc_swap::ArcSwapAny::compare_and_swap`].
    #[track_caller]
    pub fn compare_and_swap<C>(&self, current: C, new: T) -> Guard<T, S>
    where
        C: AsRaw<T::Base>,
        S: CaS<T>,
    {
        self.latch.pass(Operation::Store);
        let expected = current.as_raw();
        let previous = self.inner.compare_and_swap(current, new);
        if std::ptr::addr_eq(RefCnt::as_ptr(&*previous), expected) {
            self.replaced(&previous);
        }
        previous
    }

    /// See [`arc_swap::ArcSwapAny::rcu`].
    #[track_caller]
    pub fn rcu<R, F>(&self, f: F) -> T
    where
        F: FnMut(&T) -> R,
        R: Into<T>,
        S: CaS<T>,
    {
        self.latch.pass(Operation::Store);
        let replaced = self.inner.rcu(f);
        self.replaced(&replaced);
        replaced
    }

    /// A step that saw what it replaced.
    #[track_caller]
    fn replaced(&self, replaced: &T) {
        if let Some(trail) = self.latch.trail() {
            trail.stepped(Operation::Store, size_of::<T::Base>(), stamp(replaced));
        }
    }

    /// See [`arc_swap::ArcSwapAny::map`].
    pub fn map<I, R, F>(&self, f: F) -> Map<&Self, I, F>
    where
        F: Fn(&I) -> &R + Clone,
        Self: Access<I>,
    {
        Map::new(self, f)
    }
}

impl<T, S: Strategy<Arc<T>>> ArcSwapAny<Arc<T>, S> {
    /// See [`arc_swap::ArcSwap`].
    #[track_caller]
    pub fn from_pointee(val: T) -> Self
    where
        S: Default,
    {
        ArcSwapAny::new(Arc::new(val))
    }
}

impl<T, S: Strategy<Option<Arc<T>>>> ArcSwapAny<Option<Arc<T>>, S> {
    /// See [`arc_swap::ArcSwapOption`].
    #[track_caller]
    pub fn from_pointee<V: Into<Option<T>>>(val: V) -> Self
    where
        S: Default,
    {
        ArcSwapAny::new(val.into().map(Arc::new))
    }

    /// See [`arc_swap::ArcSwapOption`].
    #[track_caller]
    pub fn empty() -> Self
    where
        S: Default,
    {
        ArcSwapAny::new(None)
    }
}

impl<T> ArcSwapOption<T> {
    /// See [`arc_swap::ArcSwapOption`].
    #[track_caller]
    pub const fn const_empty() -> Self {
        ArcSwapAny::watched(arc_swap::ArcSwapOption::const_empty())
    }
}

impl<T: RefCnt, S: Strategy<T>> crate::Named for ArcSwapAny<T, S> {
    fn named(self, name: impl Into<Cow<'static, str>>) -> Self {
        self.latch.set_name(name.into());
        self
    }
}

impl<T: RefCnt, S: Default + Strategy<T>> From<T> for ArcSwapAny<T, S> {
    #[track_caller]
    fn from(val: T) -> Self {
        ArcSwapAny::new(val)
    }
}

impl<T: RefCnt + Default, S: Default + Strategy<T>> Default for ArcSwapAny<T, S> {
    #[track_caller]
    fn default() -> Self {
        ArcSwapAny::new(T::default())
    }
}

impl<T: RefCnt + fmt::Debug, S: Strategy<T>> fmt::Debug for ArcSwapAny<T, S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.inner.fmt(f)
    }
}

impl<T: RefCnt + fmt::Display, S: Strategy<T>> fmt::Display for ArcSwapAny<T, S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.inner.fmt(f)
    }
}
