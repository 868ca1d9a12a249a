//! What provocation knows of a map: which sites nearly met in it, where delays may pay, what they took.

use crate::id::{MapId, Nanos, SiteId};
use serde::{Deserialize, Serialize};

/// Two sites of one map at which two actors were shortly after each other, one of them to write.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct NearMiss {
    /// The sites, in the order of their numbers; twice the same where two actors ran the same code.
    pub sites: [SiteId; 2],
    /// How often.
    pub count: u64,
    /// For each site, the chance in thousandths that the next access there is delayed: where it is above
    /// nothing, a trap is set.
    pub chances: [u32; 2],
    /// Whether the two are kept apart by the program itself, by a lock or a message: they can never meet.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub ordered: bool,
}

/// What provocation knows of one map; replaces what was told of it before.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Provocation {
    /// The map.
    pub map: MapId,
    /// Near misses, the most frequent first; at most 32.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub near_misses: Vec<NearMiss>,
    /// Delays so far.
    pub delays: u64,
    /// Those in which somebody came, or after which something was found.
    pub fruitful: u64,
    /// Time of all delays.
    pub spent: Nanos,
    /// Delays that were not made, because the task's runtime has one thread: nobody could have come.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub in_vain: u64,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde calls it so")]
const fn is_zero(count: &u64) -> bool {
    *count == 0
}
