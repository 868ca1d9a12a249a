//! The nouns of mapwatch and the one form in which they travel.
//!
//! This is the only crate that both sides link: the watched program (through `mapwatch-core`) writes these
//! values, the desk (`mapview`, triage) reads them.
//! It does no I/O and reads no clock: every time stamp is handed in, in nanoseconds since the session began.
//!
//! | module | holds |
//! |---|---|
//! | [`id`] | newtypes for the numbers that events refer to |
//! | [`category`] | what can be wrong: code, grade, title, cure |
//! | [`place`] | where in the source: sites, frames, stacks |
//! | [`actor`] | who acts: threads, tasks, scopes |
//! | [`map`] | what is acted on: kinds, operations, facts about one map |
//! | [`task`] | lives: of tasks, watched threads, scopes |
//! | [`mod@panic`] | a panic, with what its thread was doing |
//! | [`provocation`] | near misses, and the delays that were made of them |
//! | [`spread`] | how accesses are spread over shards and keys |
//! | [`conflict`] | two sides that met, as a value |
//! | [`report`] | the text of a conflict: its one `Display` |
//! | [`event`] | everything that can happen in a session |
//! | [`wire`] | JSON Lines: encode a line, decode a line, never fail on a stranger |

pub mod actor;
pub mod category;
pub mod conflict;
pub mod event;
pub mod id;
pub mod map;
pub mod panic;
pub mod place;
pub mod provocation;
pub mod report;
pub mod spread;
pub mod task;
pub mod wire;

pub use actor::{Actor, ActorKind, Ending};
pub use category::{Category, Grade};
pub use conflict::{Conflict, Outcome, PastOperation, Role, Side};
pub use event::{Event, Header, Lane, Policy};
pub use id::{ActorId, ConflictId, MapId, Nanos, Seq, SiteId};
pub use map::{Access, MapFacts, MapKind, Operation};
pub use panic::{Note, Panic};
pub use place::{Frame, Site, Stack};
pub use provocation::{NearMiss, Provocation};
pub use report::Report;
pub use spread::{HotKey, Spread};
pub use task::{CancelKind, TaskKind, TaskState, Through};
