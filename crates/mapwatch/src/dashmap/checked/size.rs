//! typesize, as the original has it.

use super::{DashMap, DashSet};
use ::typesize::TypeSize;
use mapwatch_core::event::Operation;
use mapwatch_core::guard::Mode;
use std::hash::{BuildHasher, Hash};

impl<K, V, S> TypeSize for DashMap<K, V, S>
where
    K: TypeSize + Eq + Hash,
    V: TypeSize,
    S: TypeSize + Clone + BuildHasher,
{
    #[track_caller]
    fn extra_size(&self) -> usize {
        self.whole(Operation::Iter, Mode::Shared, || self.inner.extra_size())
    }

    ::typesize::if_typesize_details! {
        fn get_collection_item_count(&self) -> Option<usize> {
            Some(self.len())
        }
    }
}

impl<K, S> TypeSize for DashSet<K, S>
where
    K: TypeSize + Eq + Hash,
    S: TypeSize + Clone + BuildHasher,
{
    #[track_caller]
    fn extra_size(&self) -> usize {
        self.inner.extra_size()
    }

    ::typesize::if_typesize_details! {
        fn get_collection_item_count(&self) -> Option<usize> {
            Some(self.len())
        }
    }
}
