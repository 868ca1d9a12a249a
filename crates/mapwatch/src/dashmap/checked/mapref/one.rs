//! The guards of single values. In each, the record goes before the lock does: nobody is named who has left.

use mapwatch_core::guard::{Held, Mode};
use std::fmt;
use std::hash::Hash;
use std::ops::{Deref, DerefMut};

macro_rules! guards {
    ($($(#[$doc:meta])* $name:ident<$value:ident $(, $more:ident)?>;)+) => {$(
        $(#[$doc])*
        pub struct $name<'a, K, V $(, $more)?> {
            held: Held,
            inner: ::dashmap::mapref::one::$name<'a, K, V $(, $more)?>,
        }

        impl<'a, K: Eq + Hash, V $(, $more)?> $name<'a, K, V $(, $more)?> {
            /// The key.
            pub fn key(&self) -> &K {
                self.pair().0
            }

            /// The value.
            pub fn value(&self) -> &$value {
                self.pair().1
            }

            /// Both.
            #[inline]
            pub fn pair(&self) -> (&K, &$value) {
                self.held.used();
                self.inner.pair()
            }
        }

        impl<K: Eq + Hash, V $(, $more)?> Deref for $name<'_, K, V $(, $more)?> {
            type Target = $value;

            #[inline]
            fn deref(&self) -> &$value {
                self.value()
            }
        }
    )+};
}

guards! {
    /// A guard of a value.
    Ref<V>;
    /// An exclusive guard of a value.
    RefMut<V>;
    /// A guard of a part of a value.
    MappedRef<T, T>;
    /// An exclusive guard of a part of a value.
    MappedRefMut<T, T>;
}

macro_rules! exclusive {
    ($($name:ident<$value:ident $(, $more:ident)?>;)+) => {$(
        impl<K: Eq + Hash, V $(, $more)?> $name<'_, K, V $(, $more)?> {
            /// The value, to change.
            pub fn value_mut(&mut self) -> &mut $value {
                self.pair_mut().1
            }

            /// Both, the value to change.
            #[inline]
            pub fn pair_mut(&mut self) -> (&K, &mut $value) {
                self.held.used();
                self.inner.pair_mut()
            }
        }

        impl<K: Eq + Hash, V $(, $more)?> DerefMut for $name<'_, K, V $(, $more)?> {
            #[inline]
            fn deref_mut(&mut self) -> &mut $value {
                self.value_mut()
            }
        }
    )+};
}

exclusive! {
    RefMut<V>;
    MappedRefMut<T, T>;
}

macro_rules! mapped {
    ($($name:ident<$value:ident $(, $more:ident)?> to $mapped:ident, $part:ident, ($($borrow:tt)+);)+) => {$(
        impl<'a, K: Eq + Hash, V $(, $more)?> $name<'a, K, V $(, $more)?> {
            /// The same guard, of a part.
            pub fn map<F, $part>(self, f: F) -> $mapped<'a, K, V, $part>
            where
                F: FnOnce($($borrow)+ $value) -> $($borrow)+ $part,
            {
                $mapped { held: self.held, inner: self.inner.map(f) }
            }

            /// The same guard, of a part that may not be there.
            ///
            /// # Errors
            ///
            /// The guard itself.
            pub fn try_map<F, $part>(self, f: F) -> Result<$mapped<'a, K, V, $part>, Self>
            where
                F: FnOnce($($borrow)+ $value) -> Option<$($borrow)+ $part>,
            {
                match self.inner.try_map(f) {
                    Ok(inner) => Ok($mapped { held: self.held, inner }),
                    Err(inner) => Err($name { held: self.held, inner }),
                }
            }
        }
    )+};
}

mapped! {
    Ref<V> to MappedRef, T, (&);
    RefMut<V> to MappedRefMut, T, (&mut);
    MappedRef<T, T> to MappedRef, T2, (&);
    MappedRefMut<T, T> to MappedRefMut, T2, (&mut);
}

impl<'a, K: Eq + Hash, V> Ref<'a, K, V> {
    #[inline]
    pub(in crate::dashmap) fn new(held: Held, inner: ::dashmap::mapref::one::Ref<'a, K, V>) -> Self {
        Ref { held, inner }
    }
}

impl<'a, K: Eq + Hash, V> RefMut<'a, K, V> {
    #[inline]
    pub(in crate::dashmap) fn new(held: Held, inner: ::dashmap::mapref::one::RefMut<'a, K, V>) -> Self {
        RefMut { held, inner }
    }

    /// The same guard, shared from now on.
    pub fn downgrade(self) -> Ref<'a, K, V> {
        let inner = self.inner.downgrade();
        self.held.set_mode(Mode::Shared);
        Ref { held: self.held, inner }
    }
}

impl<K: Eq + Hash + fmt::Debug, V: fmt::Debug> fmt::Debug for Ref<'_, K, V> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.inner.fmt(f)
    }
}

impl<K: Eq + Hash + fmt::Debug, V: fmt::Debug> fmt::Debug for RefMut<'_, K, V> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.inner.fmt(f)
    }
}

impl<K: Eq + Hash + fmt::Debug, V, T: fmt::Debug> fmt::Debug for MappedRef<'_, K, V, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.inner.fmt(f)
    }
}

impl<K: Eq + Hash + fmt::Debug, V, T: fmt::Debug> fmt::Debug for MappedRefMut<'_, K, V, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.inner.fmt(f)
    }
}

impl<K: Eq + Hash, V, T: fmt::Display> fmt::Display for MappedRef<'_, K, V, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.value().fmt(f)
    }
}

impl<K: Eq + Hash, V, T: AsRef<U>, U: ?Sized> AsRef<U> for MappedRef<'_, K, V, T> {
    fn as_ref(&self) -> &U {
        self.value().as_ref()
    }
}
