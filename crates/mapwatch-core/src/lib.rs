//! Sentinels, holders, conflicts and the recorder.

pub mod sentinel;

pub use mapwatch_event as event;
pub use sentinel::{Cursor, Exclusive, Extent, Reading, Writing};
