//! How the accesses of one map are spread: over its shards, and over its keys.

use crate::id::MapId;
use serde::{Deserialize, Serialize};

/// A key that many accesses name; it is not told itself.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct HotKey {
    /// A hash that is the key's own as long as the session lasts, and says nothing about the key to others.
    pub hash: u32,
    /// How many of the samples named it.
    pub count: u64,
}

/// How the accesses of one map are spread; replaces what was told of it before.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Spread {
    /// The map.
    pub map: MapId,
    /// Accesses of each shard since somebody records, in the order of the shards; empty for a map without shards.
    /// What names no key (an iteration, a `clear`) is not among them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub shards: Vec<u64>,
    /// The keys that most samples named, the hottest first; at most 8.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub keys: Vec<HotKey>,
    /// How many accesses were looked at for their keys: one in eight, chosen at random.
    #[serde(default)]
    pub samples: u64,
}
