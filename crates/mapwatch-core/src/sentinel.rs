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

pub use exclusive::{Cursor, Exclusive, Extent, Reading, Writing};
pub(crate) use shared::{Held, Raised};
pub use shared::{Shared, Span};

/// What stands at both ends of a header: a stray write that reaches the map has to cross it.
pub(crate) const CANARY: u64 = 0x6d61_7077_6174_6368;

/// Actor and operation in one word, so that one store tells both.
pub(crate) fn pack(actor: u64, operation: mapwatch_event::Operation) -> u64 {
    actor << 8 | operation as u64
}

/// What [`pack`] put together.
pub(crate) fn unpack(who: u64) -> (u64, mapwatch_event::Operation) {
    let operation = mapwatch_event::Operation::from_byte((who & 0xff) as u8);
    (who >> 8, operation.unwrap_or(mapwatch_event::Operation::Write))
}
