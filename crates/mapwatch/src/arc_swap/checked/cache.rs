//! [`arc_swap::cache`] for the watched type.

pub use arc_swap::cache::Access;

use super::ArcSwapAny;
use arc_swap::RefCnt;
use arc_swap::strategy::Strategy;
use std::ops::Deref;

/// See [`arc_swap::cache::Cache`].
#[derive(Clone, Debug)]
pub struct Cache<A, T> {
    arc_swap: A,
    cached: T,
}

impl<A, T, S> Cache<A, T>
where
    A: Deref<Target = ArcSwapAny<T, S>>,
    T: RefCnt,
    S: Strategy<T>,
{
    /// See [`arc_swap::cache::Cache::new`].
    #[track_caller]
    pub fn new(arc_swap: A) -> Self {
        let cached = arc_swap.load_full();
        Cache { arc_swap, cached }
    }

    /// See [`arc_swap::cache::Cache::arc_swap`].
    pub fn arc_swap(&self) -> &A::Target {
        &self.arc_swap
    }

    /// See [`arc_swap::cache::Cache::load`].
    #[track_caller]
    pub fn load(&mut self) -> &T {
        let current = self.arc_swap.load();
        if RefCnt::as_ptr(&*current) != RefCnt::as_ptr(&self.cached) {
            self.cached = arc_swap::Guard::into_inner(current);
        }
        &self.cached
    }

    /// See [`arc_swap::cache::Cache::map`].
    pub fn map<F, U>(self, f: F) -> MapCache<A, T, F>
    where
        F: FnMut(&T) -> &U,
    {
        MapCache { inner: self, projection: f }
    }
}

impl<A, T, S> Access<T::Target> for Cache<A, T>
where
    A: Deref<Target = ArcSwapAny<T, S>>,
    T: Deref<Target = <T as RefCnt>::Base> + RefCnt,
    S: Strategy<T>,
{
    #[track_caller]
    fn load(&mut self) -> &T::Target {
        self.load()
    }
}

impl<A, T, S> From<A> for Cache<A, T>
where
    A: Deref<Target = ArcSwapAny<T, S>>,
    T: RefCnt,
    S: Strategy<T>,
{
    #[track_caller]
    fn from(arc_swap: A) -> Self {
        Cache::new(arc_swap)
    }
}

/// See [`arc_swap::cache::MapCache`].
#[derive(Clone, Debug)]
pub struct MapCache<A, T, F> {
    inner: Cache<A, T>,
    projection: F,
}

impl<A, T, S, F, U> Access<U> for MapCache<A, T, F>
where
    A: Deref<Target = ArcSwapAny<T, S>>,
    T: RefCnt,
    S: Strategy<T>,
    F: FnMut(&T) -> &U,
{
    #[track_caller]
    fn load(&mut self) -> &U {
        (self.projection)(self.inner.load())
    }
}
