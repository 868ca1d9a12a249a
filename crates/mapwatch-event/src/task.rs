//! Lives: of tasks, watched threads, and logical scopes such as a request.
//!
//! A life is announced by [`TaskSpawned`] and closed by [`TaskEnded`]; what happens between the two is told in
//! samples ([`TaskStates`]), so that a million short tasks cost two lines each.
//! A finished task is finished for good: no later sample speaks of it.

use crate::actor::{ActorKind, Ending};
use crate::id::{ActorId, MapId, Nanos, SiteId};
use serde::{Deserialize, Serialize};

/// What sort of work has this life.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum TaskKind {
    /// A future that was spawned, or that another future polls under a name of its own.
    Future,
    /// A future that stays on the thread that spawned it.
    Local,
    /// A closure on the runtime's pool for blocking work.
    Blocking,
    /// A watched thread.
    Thread,
    /// A logical unit of work inside a task or thread, such as a request.
    Scope,
    /// A span of the `tracing` crate.
    Span,
}

impl TaskKind {
    /// The word in reports.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            TaskKind::Future => "future",
            TaskKind::Local => "local future",
            TaskKind::Blocking => "blocking",
            TaskKind::Thread => "thread",
            TaskKind::Scope => "scope",
            TaskKind::Span => "span",
        }
    }

    /// The sort of actor that it is.
    #[must_use]
    pub const fn actor_kind(self) -> ActorKind {
        match self {
            TaskKind::Future | TaskKind::Local | TaskKind::Blocking => ActorKind::Task,
            TaskKind::Thread => ActorKind::Thread,
            TaskKind::Scope | TaskKind::Span => ActorKind::Scope,
        }
    }
}

/// One named value: an argument of a request, a field of a span. Redacted by whoever wrote it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Field {
    /// Its name.
    pub name: String,
    /// Its value as text.
    pub value: String,
}

/// A life begins.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TaskSpawned {
    /// Its number; a watched thread has its number as a thread.
    pub id: ActorId,
    /// What sort of work.
    pub kind: TaskKind,
    /// Its name; empty where it was given none.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub name: String,
    /// Where it was spawned.
    pub site: SiteId,
    /// The task, thread or scope that spawned it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub parent: Option<ActorId>,
    /// The runtime's own number (tokio's `Id`), where there is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub runtime_id: Option<u64>,
    /// What it was told to carry.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub fields: Vec<Field>,
}

/// What a task does at a moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum TaskState {
    /// It was never polled so far.
    Fresh,
    /// A thread polls it now, or it is a thread, blocking work or a scope under way.
    Running,
    /// It is suspended, and waits to be woken.
    Idle,
    /// It was woken, and waits to be polled.
    Woken,
    /// It is suspended, and nobody is left who could wake it.
    Stranded,
}

impl TaskState {
    /// The word on the wire and in reports.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            TaskState::Fresh => "fresh",
            TaskState::Running => "running",
            TaskState::Idle => "idle",
            TaskState::Woken => "woken",
            TaskState::Stranded => "stranded",
        }
    }
}

/// What polling a task has cost so far.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct TaskPolls {
    /// How often it was polled.
    pub count: u64,
    /// Time in polls, added up.
    pub busy: Nanos,
    /// The longest poll.
    pub longest: Nanos,
    /// When the longest poll ended.
    #[serde(default)]
    pub longest_at: Nanos,
    /// The call that waited longest inside the longest poll, where one had to wait for a guard.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub longest_site: Option<SiteId>,
    /// How often it was woken.
    #[serde(default)]
    pub wakes: u64,
}

/// One task at a moment.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TaskNow {
    /// Its number.
    pub id: ActorId,
    /// What it does.
    pub state: TaskState,
    /// Since when.
    pub since: Nanos,
    /// Its polls so far.
    pub polls: TaskPolls,
    /// Who woke it last.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub woken_by: Option<ActorId>,
    /// The thread that polled it last.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub thread: Option<ActorId>,
}

/// The tasks whose state or count of polls changed in the last span; of the others the last word holds.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TaskStates {
    /// Watched tasks alive now.
    pub alive: u64,
    /// The changed ones.
    pub tasks: Vec<TaskNow>,
}

/// Why a task ended before it was done.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum CancelKind {
    /// Somebody called `abort`, or dropped or shut down the set it was in.
    Abort,
    /// Another branch of a `select!` (or of a race) was done first.
    Select,
    /// A timeout passed.
    Timeout,
    /// Its runtime shut down.
    Shutdown,
    /// Whoever owned it dropped it.
    Dropped,
}

impl CancelKind {
    /// A few words that fit after "cancelled ".
    #[must_use]
    pub const fn words(self) -> &'static str {
        match self {
            CancelKind::Abort => "by abort",
            CancelKind::Select => "as the loser of a select",
            CancelKind::Timeout => "by a timeout",
            CancelKind::Shutdown => "by the shutdown of its runtime",
            CancelKind::Dropped => "by its owner, who dropped it",
        }
    }
}

/// What an abort was called through.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum Through {
    /// The task's own handle.
    Handle,
    /// `abort_all` of the set that it was in.
    AbortAll,
    /// `shutdown` of that set.
    Shutdown,
    /// That set was dropped.
    Drop,
}

/// Who or what ended a task before it was done.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cancelled {
    /// How.
    pub kind: CancelKind,
    /// Who, where somebody did.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub actor: Option<ActorId>,
    /// The call that did it, where one is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub site: Option<SiteId>,
    /// Of an abort, what it was called through; unknown before schema 1.6.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub through: Option<Through>,
}

/// A wait that a drop broke off, or a guard that was given back with it: what a future had when it was dropped.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct GivenUp {
    /// The map or lock.
    pub map: MapId,
    /// The call that waited, or that took the guard.
    pub site: SiteId,
    /// For how long.
    pub span: Nanos,
}

/// A life ends.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TaskEnded {
    /// Its number.
    pub id: ActorId,
    /// How.
    pub ending: Ending,
    /// Who ended it, where it was ended by somebody else; beside another ending, who aborted it in vain.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cancelled: Option<Cancelled>,
    /// Its polls.
    pub polls: TaskPolls,
    /// Maps of which it held a guard when its end began.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub holding: Vec<MapId>,
    /// Waits that its end broke off.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub waited: Vec<GivenUp>,
    /// Guards that were given back with its end; those of `holding` that are not here outlived it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub gave_back: Vec<GivenUp>,
}

/// How many of a runtime's tasks are watched.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Coverage {
    /// Which runtime, numbered as they were met.
    pub runtime: u64,
    /// Tasks alive, by the runtime's own count.
    pub alive: u64,
    /// Watched ones among them.
    pub watched: u64,
    /// Worker threads.
    pub workers: u64,
}
