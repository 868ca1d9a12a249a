//! Who is inside a container.
//!
//! Two strengths, chosen by what is sound:
//!
//! | sentinel | for | costs |
//! |---|---|---|
//! | [`Exclusive`] | containers whose API is exclusive by type (`&mut self` changes): only unsafe code can collide | plain loads for a look, one compare-and-swap for a change |
//! | [`Shared`] | containers shared by `&self`: the check is the memory safety | a slot for readers, a compare-and-swap for writers |

mod corruption;
mod exclusive;
mod shared;

use crate::entry::Identity;
use crate::policy::{self, Mode};
use crate::recorder;
use crate::site::StaticSite;
use mapwatch_event::Nanos;
use std::time::Instant;

pub use exclusive::{Cursor, Exclusive, Extent, Reading, Writing};
pub(crate) use shared::{Held, Raised};
pub use shared::{Shared, Span};

/// What stands at both ends of a header: a stray write that reaches the map has to cross it.
pub(crate) const CANARY: u64 = 0x6d61_7077_6174_6368;

/// Tells while somebody records how large a container is; another capacity is a growth event.
#[inline(never)]
fn tell_size(identity: &Identity, at: StaticSite, before: Extent, after: Extent, began: Option<Instant>) {
    if policy::mode() != Mode::Record {
        return;
    }
    let entry = identity.entry();
    entry.resize(after.length, after.capacity);
    if let (Some(old), Some(new)) = (before.capacity, after.capacity)
        && old != new
    {
        let took = began.map_or(Nanos(0), |began| began.elapsed().into());
        let moved = before.length.min(after.length) as u64;
        recorder::growth(entry.id, at, (old as u64, new as u64), moved, took, 0);
    }
}

/// Actor and operation in one word, so that one store tells both.
pub(crate) fn pack(actor: u64, operation: mapwatch_event::Operation) -> u64 {
    actor << 8 | operation as u64
}

/// What [`pack`] put together.
pub(crate) fn unpack(who: u64) -> (u64, mapwatch_event::Operation) {
    let operation = mapwatch_event::Operation::from_byte((who & 0xff) as u8);
    (who >> 8, operation.unwrap_or(mapwatch_event::Operation::Write))
}
