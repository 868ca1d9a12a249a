//! The watched collections, in every build.
//!
//! [`Checked`] is a sentinel and a container of std; its methods take a token from the one and call the other.
//! What std has for every container (`Clone`, `Eq`, `Extend` …) is here, once; what belongs to one of them is in
//! its module.
//! The operators and `IntoIterator` are written per type: blanket implementations for references would send the
//! trait solver of other crates into endless recursion.

mod entry;
mod walk;

pub mod btree_map;
pub mod btree_set;
pub mod hash_map;
pub mod hash_set;

pub use btree_map::BTreeMap;
pub use btree_set::BTreeSet;
pub use hash_map::HashMap;
pub use hash_set::HashSet;
#[doc(no_inline)]
pub use std::collections::*;
pub use walk::Walk;

use crate::named::Named;
use mapwatch_core::entry::Shape;
use mapwatch_core::event::{MapKind, Operation};
use mapwatch_core::{Exclusive, Extent};
use std::borrow::Cow;
use std::cmp::Ordering;
use std::collections;
use std::fmt;
use std::hash::{Hash, Hasher};
use std::panic::Location;
use std::time::Instant;

/// A container `M` of std, watched.
///
/// The sentinel stands first: whatever overruns the memory before the container hits its canary.
#[repr(C)]
pub struct Checked<M> {
    sentinel: Exclusive,
    inner: M,
}

/// What the sentinel is told of a container.
pub trait Container {
    /// What sort it is.
    const KIND: MapKind;

    /// What lies in it.
    type Entry;

    /// How large it is now.
    fn extent(&self) -> Extent;
}

impl<M: Container> Checked<M> {
    #[inline]
    #[track_caller]
    const fn from_inner(inner: M) -> Checked<M> {
        Checked {
            sentinel: Exclusive::new(M::KIND, Shape::of_entries::<M, M::Entry>, Location::caller()),
            inner,
        }
    }

    /// A change that may move the table.
    #[inline]
    #[track_caller]
    fn sized<R>(&mut self, operation: Operation, change: impl FnOnce(&mut M) -> R) -> R {
        let before = self.inner.extent();
        let mut writing = self.sentinel.write(operation);
        let mut began = None;
        if before.is_full() {
            writing.grows();
            began = Some(Instant::now());
        }
        let result = change(&mut self.inner);
        writing.resized(before, self.inner.extent(), began);
        result
    }
}

impl<M> Checked<M> {
    /// The container itself, no longer watched.
    #[inline]
    #[track_caller]
    pub fn into_inner(self) -> M {
        drop(self.sentinel.write(Operation::Write));
        self.inner
    }
}

impl<K, V, S> Container for collections::HashMap<K, V, S> {
    const KIND: MapKind = MapKind::HashMap;
    type Entry = (K, V);

    #[inline]
    fn extent(&self) -> Extent {
        Extent { length: self.len(), capacity: Some(self.capacity()) }
    }
}

impl<T, S> Container for collections::HashSet<T, S> {
    const KIND: MapKind = MapKind::HashSet;
    type Entry = T;

    #[inline]
    fn extent(&self) -> Extent {
        Extent { length: self.len(), capacity: Some(self.capacity()) }
    }
}

impl<K, V> Container for collections::BTreeMap<K, V> {
    const KIND: MapKind = MapKind::BTreeMap;
    type Entry = (K, V);

    #[inline]
    fn extent(&self) -> Extent {
        Extent { length: self.len(), capacity: None }
    }
}

impl<T> Container for collections::BTreeSet<T> {
    const KIND: MapKind = MapKind::BTreeSet;
    type Entry = T;

    #[inline]
    fn extent(&self) -> Extent {
        Extent { length: self.len(), capacity: None }
    }
}

impl<M> Named for Checked<M> {
    fn named(self, name: impl Into<Cow<'static, str>>) -> Self {
        self.sentinel.set_name(name.into());
        self
    }
}

impl<M: Container> From<M> for Checked<M> {
    #[inline]
    #[track_caller]
    fn from(inner: M) -> Self {
        Checked::from_inner(inner)
    }
}

impl<M: Container + Clone> Clone for Checked<M> {
    #[inline]
    #[track_caller]
    fn clone(&self) -> Self {
        let _reading = self.sentinel.read(Operation::Clone);
        let clone = Checked::from_inner(self.inner.clone());
        self.sentinel.walked(Operation::Clone, Location::caller());
        clone
    }

    #[inline]
    #[track_caller]
    fn clone_from(&mut self, source: &Self) {
        let _reading = source.sentinel.read(Operation::Clone);
        self.sized(Operation::Write, |inner| inner.clone_from(&source.inner));
        self.sentinel.overhauled();
    }
}

impl<M: Container + Default> Default for Checked<M> {
    #[inline]
    #[track_caller]
    fn default() -> Self {
        Checked::from_inner(M::default())
    }
}

impl<M: fmt::Debug> fmt::Debug for Checked<M> {
    #[track_caller]
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let _reading = self.sentinel.read(Operation::Read);
        self.inner.fmt(f)
    }
}

impl<M: PartialEq> PartialEq for Checked<M> {
    #[inline]
    #[track_caller]
    fn eq(&self, other: &Self) -> bool {
        let _reading = self.sentinel.read(Operation::Compare);
        let _other = other.sentinel.read(Operation::Compare);
        self.inner == other.inner
    }
}

impl<M: Eq> Eq for Checked<M> {}

impl<M: PartialOrd> PartialOrd for Checked<M> {
    #[inline]
    #[track_caller]
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        let _reading = self.sentinel.read(Operation::Compare);
        let _other = other.sentinel.read(Operation::Compare);
        self.inner.partial_cmp(&other.inner)
    }
}

impl<M: Ord> Ord for Checked<M> {
    #[inline]
    #[track_caller]
    fn cmp(&self, other: &Self) -> Ordering {
        let _reading = self.sentinel.read(Operation::Compare);
        let _other = other.sentinel.read(Operation::Compare);
        self.inner.cmp(&other.inner)
    }
}

impl<M: Hash> Hash for Checked<M> {
    #[inline]
    #[track_caller]
    fn hash<H: Hasher>(&self, state: &mut H) {
        let _reading = self.sentinel.read(Operation::Read);
        self.inner.hash(state);
    }
}

impl<A, M: Container + FromIterator<A>> FromIterator<A> for Checked<M> {
    #[inline]
    #[track_caller]
    fn from_iter<I: IntoIterator<Item = A>>(items: I) -> Self {
        Checked::from_inner(M::from_iter(items))
    }
}

impl<A, M: Container + Extend<A>> Extend<A> for Checked<M> {
    #[inline]
    #[track_caller]
    fn extend<I: IntoIterator<Item = A>>(&mut self, items: I) {
        self.sized(Operation::Extend, |inner| inner.extend(items));
        self.sentinel.overhauled();
    }
}

#[cfg(feature = "serde")]
impl<M: serde::Serialize> serde::Serialize for Checked<M> {
    #[track_caller]
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let _reading = self.sentinel.read(Operation::Read);
        self.inner.serialize(serializer)
    }
}

#[cfg(feature = "serde")]
impl<'de, M: Container + serde::Deserialize<'de>> serde::Deserialize<'de> for Checked<M> {
    #[track_caller]
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        M::deserialize(deserializer).map(Checked::from_inner)
    }
}

/// The four operators of a set type.
macro_rules! operators {
    ([$($generic:ident),*], $set:ty, [$($bound:tt)*]) => {
        operators!(one BitAnd, bitand, [$($generic),*], $set, [$($bound)*]);
        operators!(one BitOr, bitor, [$($generic),*], $set, [$($bound)*]);
        operators!(one BitXor, bitxor, [$($generic),*], $set, [$($bound)*]);
        operators!(one Sub, sub, [$($generic),*], $set, [$($bound)*]);
    };
    (one $operator:ident, $method:ident, [$($generic:ident),*], $set:ty, [$($bound:tt)*]) => {
        impl<$($generic),*> $operator<&$set> for &$set
        where
            $($bound)*
        {
            type Output = $set;

            #[inline]
            #[track_caller]
            fn $method(self, other: &$set) -> $set {
                let _reading = self.sentinel.read(Operation::SetOperation);
                let _other = other.sentinel.read(Operation::SetOperation);
                Checked::from_inner((&self.inner).$method(&other.inner))
            }
        }
    };
}

use operators;
