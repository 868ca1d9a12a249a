//! serde, as the original has it.

use super::{DashMap, DashSet, mapref, setref};
use ::serde::de::{Deserialize, Deserializer};
use ::serde::ser::{Serialize, SerializeMap, SerializeSeq, Serializer};
use std::hash::{BuildHasher, Hash};

impl<K: Serialize + Eq + Hash, V: Serialize, H: BuildHasher + Clone> Serialize for DashMap<K, V, H> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(self.len()))?;
        for entry in self {
            map.serialize_entry(entry.key(), entry.value())?;
        }
        map.end()
    }
}

impl<'de, K, V, S> Deserialize<'de> for DashMap<K, V, S>
where
    K: Deserialize<'de> + Eq + Hash,
    V: Deserialize<'de>,
    S: BuildHasher + Clone + Default,
{
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        ::dashmap::DashMap::deserialize(deserializer).map(DashMap::watched)
    }
}

impl<K: Serialize + Eq + Hash, H: BuildHasher + Clone> Serialize for DashSet<K, H> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut sequence = serializer.serialize_seq(Some(self.len()))?;
        for key in self.iter() {
            sequence.serialize_element(key.key())?;
        }
        sequence.end()
    }
}

impl<'de, K: Deserialize<'de> + Eq + Hash, S: BuildHasher + Clone + Default> Deserialize<'de>
    for DashSet<K, S>
{
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        ::dashmap::DashSet::<K, S>::deserialize(deserializer).map(|set| set.into_iter().collect())
    }
}

macro_rules! guards {
    ($(<$($generic:ident),+> $value:ident: $guard:ty;)+) => {$(
        impl<$($generic),+> Serialize for $guard
        where
            K: Eq + Hash,
            $value: Serialize,
        {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                (**self).serialize(serializer)
            }
        }
    )+};
}

guards! {
    <K, V> V: mapref::multiple::RefMulti<'_, K, V>;
    <K, V> V: mapref::multiple::RefMutMulti<'_, K, V>;
    <K, V> V: mapref::one::Ref<'_, K, V>;
    <K, V> V: mapref::one::RefMut<'_, K, V>;
    <K, V, T> T: mapref::one::MappedRef<'_, K, V, T>;
    <K, V, T> T: mapref::one::MappedRefMut<'_, K, V, T>;
    <K> K: setref::multiple::RefMulti<'_, K>;
    <K> K: setref::one::Ref<'_, K>;
}
