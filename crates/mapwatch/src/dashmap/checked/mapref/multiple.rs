//! The guards that iterators hand out; those of one shard share a record, as they share the shard's lock.

use mapwatch_core::lent::{ItemMut, ItemRef};
use std::hash::Hash;
use std::ops::{Deref, DerefMut};

macro_rules! guards {
    ($($(#[$doc:meta])* $name:ident: $item:ident;)+) => {$(
        $(#[$doc])*
        pub struct $name<'a, K, V> {
            lent: $item<'a, K, V>,
        }

        impl<'a, K: Eq + Hash, V> $name<'a, K, V> {
            #[inline]
            pub(in crate::dashmap) fn new(lent: $item<'a, K, V>) -> Self {
                $name { lent }
            }

            /// The key.
            pub fn key(&self) -> &K {
                self.pair().0
            }

            /// The value.
            pub fn value(&self) -> &V {
                self.pair().1
            }

            /// Both.
            #[inline]
            pub fn pair(&self) -> (&K, &V) {
                self.lent.held().used();
                self.lent.pair()
            }
        }

        impl<K: Eq + Hash, V> Deref for $name<'_, K, V> {
            type Target = V;

            fn deref(&self) -> &V {
                self.value()
            }
        }
    )+};
}

guards! {
    /// A guard of an entry.
    RefMulti: ItemRef;
    /// An exclusive guard of an entry.
    RefMutMulti: ItemMut;
}

impl<K: Eq + Hash, V> RefMutMulti<'_, K, V> {
    /// The value, to change.
    pub fn value_mut(&mut self) -> &mut V {
        self.pair_mut().1
    }

    /// Both, the value to change.
    #[inline]
    pub fn pair_mut(&mut self) -> (&K, &mut V) {
        self.lent.held().used();
        self.lent.pair_mut()
    }
}

impl<K: Eq + Hash, V> DerefMut for RefMutMulti<'_, K, V> {
    fn deref_mut(&mut self) -> &mut V {
        self.value_mut()
    }
}
