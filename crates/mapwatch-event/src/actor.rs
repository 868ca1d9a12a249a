//! Who acts: a task if there is one, else a thread.

use crate::id::ActorId;
use serde::{Deserialize, Serialize};
use std::fmt;

/// What sort of actor.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ActorKind {
    /// An operating system thread.
    #[default]
    Thread,
    /// A future that an executor polls.
    Task,
    /// A logical unit of work, such as a request.
    Scope,
}

impl ActorKind {
    /// The word in reports.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            ActorKind::Thread => "thread",
            ActorKind::Task => "task",
            ActorKind::Scope => "scope",
        }
    }
}

/// One actor as reports and events name it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Actor {
    /// Its number in the session.
    pub id: ActorId,
    /// Thread, task or scope.
    pub kind: ActorKind,
    /// Its name; empty where it has none.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub name: String,
    /// The thread it ran on, where that is somebody else's name; empty for a thread.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub on_thread: String,
}

/// ``task 9 `report` on thread worker-1``, ``thread 3 `settle` ``.
impl fmt::Display for Actor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.kind.word(), self.id)?;
        if !self.name.is_empty() {
            write!(f, " `{}`", self.name)?;
        }
        if !self.on_thread.is_empty() {
            write!(f, " on thread {}", self.on_thread)?;
        }
        Ok(())
    }
}

/// How an actor's life ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum Ending {
    /// It ran to its end.
    Completed,
    /// It panicked.
    Panicked,
    /// It was dropped before its end.
    Cancelled,
    /// It was dropped before anybody polled it.
    NeverPolled,
    /// Nobody could have woken it any more: only the end of its runtime, or of the program, ended it.
    Leaked,
}
