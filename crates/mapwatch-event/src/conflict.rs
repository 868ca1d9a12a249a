//! Two sides that met in one map, as a value.
//!
//! A conflict is self-contained: it repeats the map, the actors and the sites it speaks of, so that a handler,
//! a report and a log need nothing beside it.
//! Text comes last, in [`crate::report`].

use crate::actor::Actor;
use crate::category::{Category, Grade};
use crate::id::{ConflictId, Nanos};
use crate::map::{MapFacts, Operation};
use crate::panic::Note;
use crate::place::{Site, Stack};
use serde::{Deserialize, Serialize};

/// The part a side plays.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum Role {
    /// Was inside first.
    Holder,
    /// Came second, and was refused or warned.
    Attempt,
    /// Looked, and relied on what it saw.
    Look,
    /// Came between a look and the act.
    Between,
    /// Acted on an outdated look.
    Act,
    /// Waits for another side.
    Waiter,
    /// Did the first half of an update.
    Begun,
    /// Would have been the other half.
    Missing,
    /// Gave the work up that acts.
    Cancel,
}

impl Role {
    /// The word on the wire and in reports.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Role::Holder => "holder",
            Role::Attempt => "attempt",
            Role::Look => "look",
            Role::Between => "between",
            Role::Act => "act",
            Role::Waiter => "waiter",
            Role::Begun => "begun",
            Role::Missing => "missing",
            Role::Cancel => "cancel",
        }
    }
}

/// One side of a conflict.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Side {
    /// The part it plays.
    pub role: Role,
    /// What it did or wanted to do.
    pub operation: Operation,
    /// Who.
    pub actor: Actor,
    /// The call in the user's source.
    pub site: Site,
    /// For how long it had been inside, where that is known; of a look, and of who came between, how long before
    /// the act that was.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub held_for: Option<Nanos>,
    /// The source line at the site, trimmed, where the source is there; else empty.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub source: String,
    /// Its backtrace.
    #[serde(default)]
    pub stack: Stack,
}

/// What became of a conflict under the policy in force.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Outcome {
    /// The attempt panicked.
    Panicked,
    /// It was told, and the program went on.
    Reported,
    /// The operation was left out, because a panic was already unwinding and going on would have been undefined.
    Refused,
    /// The process was aborted: unwinding would have run the destructor of a broken map.
    Aborted,
}

/// One earlier operation on the map.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PastOperation {
    /// When, by the coarse clock.
    pub at: Nanos,
    /// Who.
    pub actor: Actor,
    /// What.
    pub operation: Operation,
    /// Where in the source.
    pub site: Site,
}

/// Two (or more) sides that met in one map.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Conflict {
    /// Its number in the session.
    pub id: ConflictId,
    /// What is wrong.
    pub category: Category,
    /// How sure that is.
    pub grade: Grade,
    /// When, since the session began.
    pub at: Nanos,
    /// The map they met in.
    pub map: MapFacts,
    /// Everybody involved: those inside first, the attempt last.
    pub sides: Vec<Side>,
    /// What happened, in one sentence.
    pub cause: String,
    /// What to do, in one sentence; the category's own where nothing better is known.
    pub cure: String,
    /// The last operations on this map, oldest first; empty where nothing recorded them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub history: Vec<PastOperation>,
    /// Nearby events of the `tracing` crate, oldest first; empty where nobody listens to them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub context: Vec<Note>,
    /// What became of it.
    pub outcome: Outcome,
}

impl Conflict {
    /// The side that came second; in a conflict of one side, that one.
    #[must_use]
    pub fn attempt(&self) -> Option<&Side> {
        self.sides.iter().rfind(|side| matches!(side.role, Role::Attempt | Role::Act)).or(self.sides.last())
    }

    /// The first side that was inside before the attempt.
    #[must_use]
    pub fn holder(&self) -> Option<&Side> {
        self.sides.iter().find(|side| !matches!(side.role, Role::Attempt | Role::Act))
    }

    /// What makes two conflicts the same finding: category and the sites of all sides, in order.
    #[must_use]
    pub fn same_finding_key(&self) -> (Category, Vec<&Site>) {
        (self.category, self.sides.iter().map(|side| &side.site).collect())
    }
}
