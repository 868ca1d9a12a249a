//! arbitrary, as the original has it: for the map, not for the set.

use super::DashMap;
use ::arbitrary::{Arbitrary, Result, Unstructured};
use std::hash::{BuildHasher, Hash};

impl<'a, K, V, S> Arbitrary<'a> for DashMap<K, V, S>
where
    K: Eq + Hash + Arbitrary<'a>,
    V: Arbitrary<'a>,
    S: Default + BuildHasher + Clone,
{
    fn arbitrary(u: &mut Unstructured<'a>) -> Result<Self> {
        ::dashmap::DashMap::arbitrary(u).map(DashMap::watched)
    }
}
