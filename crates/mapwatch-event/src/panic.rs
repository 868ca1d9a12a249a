//! A panic, with what its thread was doing at that moment.
//!
//! Like a conflict, a panic is self-contained: it repeats actors, maps and sites by name.

use crate::actor::Actor;
use crate::id::{ConflictId, MapId, Nanos};
use crate::map::Operation;
use crate::place::{Site, Stack};
use crate::task::{Field, TaskKind};
use serde::{Deserialize, Serialize};

/// A scope that was open: outermost first in a list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ScopeSeen {
    /// A logical scope, a span, or a future inside the task.
    pub kind: TaskKind,
    /// Its name.
    pub name: String,
    /// What it was told to carry, such as the identity of a request.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub fields: Vec<Field>,
}

/// A guard that was alive, or a wait that was under way.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MapTouched {
    /// The map.
    pub map: MapId,
    /// Its name, or what stands for it.
    pub title: String,
    /// What was done or wanted.
    pub operation: Operation,
    /// The call.
    pub site: Site,
    /// For how long.
    pub span: Nanos,
}

/// One of the actor's last operations.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ActorOperation {
    /// When, by the coarse clock.
    pub at: Nanos,
    /// The map.
    pub map: MapId,
    /// Its name, or what stands for it.
    pub title: String,
    /// What.
    pub operation: Operation,
    /// The call.
    pub site: Site,
}

/// One event of the `tracing` crate, near a conflict or a panic.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Note {
    /// When.
    pub at: Nanos,
    /// Its level: `ERROR`, `WARN`, `INFO`, `DEBUG`, `TRACE`.
    pub level: String,
    /// Its target.
    pub target: String,
    /// Its message, and its fields after that.
    pub text: String,
}

/// A panic.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Panic {
    /// Its number in the session, from 1.
    pub id: u64,
    /// The thread that panicked.
    pub thread: Actor,
    /// Who panicked: the task if there is one, else the thread.
    pub actor: Actor,
    /// Scopes that were open, outermost first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub scopes: Vec<ScopeSeen>,
    /// The message; cut at 16 KiB.
    pub message: String,
    /// Where it panicked.
    pub location: Site,
    /// Its backtrace.
    #[serde(default)]
    pub stack: Stack,
    /// The conflict that it was started by, where one was: the exact root cause.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub conflict: Option<ConflictId>,
    /// Whether it cannot be caught: the process aborts.
    #[serde(default)]
    pub fatal: bool,
    /// The recovery layer that will catch it, unless the program does so first; empty where none of ours will.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub caught_by: String,
    /// Guards that the actor held.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub held: Vec<MapTouched>,
    /// Guards that it waited for.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub waited: Vec<MapTouched>,
    /// Its last operations, oldest first; empty where nothing recorded them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub operations: Vec<ActorOperation>,
    /// Nearby events of the `tracing` crate, oldest first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub context: Vec<Note>,
}
