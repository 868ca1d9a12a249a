//! The guards of single values. In each, the record goes before the lock does, so that nobody is named who has left; but
//! for a closure that panics in `map`.

use mapwatch_core::guard::{Held, Mode};
use mapwatch_core::lent::{LentMut, LentRef};
use std::fmt;
use std::hash::Hash;
use std::marker::PhantomData;
use std::ops::{Deref, DerefMut};

macro_rules! guards {
    ($($(#[$doc:meta])* $name:ident<$value:ident $(, $more:ident)?>: $lent:ident $(, $stays:ty)?;)+) => {$(
        $(#[$doc])*
        pub struct $name<'a, K, V $(, $more)?> {
            held: Held,
            lent: $lent<'a, K, V, $value>,
            $(stays: PhantomData<$stays>,)?
        }

        impl<'a, K: Eq + Hash, V $(, $more)?> $name<'a, K, V $(, $more)?> {
            #[inline]
            pub(in crate::dashmap) fn new(held: Held, lent: $lent<'a, K, V, $value>) -> Self {
                $name { held, lent, $(stays: PhantomData::<$stays>,)? }
            }

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
                self.lent.pair()
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
    Ref<V>: LentRef;
    /// An exclusive guard of a value.
    RefMut<V>: LentMut;
    /// A guard of a part of a value. It stays on its thread, as the original's does.
    MappedRef<T, T>: LentRef, *const T;
    /// An exclusive guard of a part of a value. It stays on its thread, as the original's does.
    ///
    /// What is put there has to live as long as what was there:
    ///
    /// ```compile_fail,E0597
    /// use mapwatch::dashmap::checked::DashMap;
    /// use mapwatch::dashmap::checked::mapref::one::MappedRefMut;
    ///
    /// let map: DashMap<u8, &'static str> = DashMap::new();
    /// map.insert(1, "long");
    /// let short = String::from("short");
    /// let mut part: MappedRefMut<'_, u8, &'static str, &str> = map.get_mut(&1).unwrap().map(|value| value);
    /// *part = &short;
    /// drop(short);
    /// ```
    MappedRefMut<T, T>: LentMut, *const T;
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
                self.lent.pair_mut()
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
    ($($name:ident<$value:ident $(, $more:ident)?> to $mapped:ident, $part:ident, $map:ident($($borrow:tt)+);)+) => {$(
        impl<'a, K: Eq + Hash, V $(, $more)?> $name<'a, K, V $(, $more)?> {
            /// The same guard, of a part.
            pub fn map<F, $part>(self, f: F) -> $mapped<'a, K, V, $part>
            where
                F: FnOnce($($borrow)+ $value) -> $($borrow)+ $part,
            {
                match self.try_map(|value| Some(f(value))) {
                    Ok(mapped) => mapped,
                    Err(_) => unreachable!("a part was found"),
                }
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
                let held = self.held;
                match self.lent.$map(f) {
                    Ok(lent) => Ok($mapped::new(held, lent)),
                    Err(lent) => Err($name::new(held, lent)),
                }
            }
        }
    )+};
}

mapped! {
    Ref<V> to MappedRef, T, map(&);
    RefMut<V> to MappedRefMut, T, map_mut(&mut);
    MappedRef<T, T> to MappedRef, T2, map(&);
    MappedRefMut<T, T> to MappedRefMut, T2, map_mut(&mut);
}

impl<'a, K: Eq + Hash, V> RefMut<'a, K, V> {
    /// The same guard, shared from now on.
    pub fn downgrade(self) -> Ref<'a, K, V> {
        let lent = self.lent.downgrade();
        self.held.set_mode(Mode::Shared);
        Ref { held: self.held, lent }
    }
}

macro_rules! shown {
    ($($name:ident<$value:ident $(, $more:ident)?>;)+) => {$(
        impl<K: Eq + Hash + fmt::Debug, V $(, $more)?> fmt::Debug for $name<'_, K, V $(, $more)?>
        where
            $value: fmt::Debug,
        {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                let (key, value) = self.pair();
                f.debug_struct(stringify!($name)).field("k", key).field("v", value).finish()
            }
        }
    )+};
}

shown! {
    Ref<V>;
    RefMut<V>;
    MappedRef<T, T>;
    MappedRefMut<T, T>;
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
