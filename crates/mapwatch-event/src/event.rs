//! Everything that can happen in a session.
//!
//! A session is the events of one run of one process: a [`Header`], then events in the order in which the
//! collector wrote them. Facts (everything but [`Event::Traffic`], [`Event::Holders`],
//! [`Event::TaskStates`], [`Event::Coverage`], [`Event::Provocation`] and [`Event::Spread`]) are never dropped
//! for samples; what was lost is told by [`Event::Loss`].

use crate::actor::{ActorKind, Ending};
use crate::conflict::Conflict;
use crate::id::{ActorId, MapId, Nanos, SiteId};
use crate::map::{MapKind, Operation};
use crate::panic::Panic;
use crate::place::Site;
use crate::provocation::Provocation;
use crate::spread::Spread;
use crate::task::{Coverage, TaskEnded, TaskSpawned, TaskStates};
use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;

/// What is done about findings: `MAPWATCH=off | report | panic | strict`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Policy {
    /// Check nothing (but what memory safety rests on).
    Off,
    /// Report, never panic (except where going on would be undefined behaviour).
    Report,
    /// Panic on certain findings, report the rest.
    #[default]
    Panic,
    /// Panic on hazards and suspects too.
    Strict,
}

impl Policy {
    /// The word of the environment variable.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Policy::Off => "off",
            Policy::Report => "report",
            Policy::Panic => "panic",
            Policy::Strict => "strict",
        }
    }
}

impl fmt::Display for Policy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.word())
    }
}

/// The word was none of `off`, `report`, `panic`, `strict`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct UnknownPolicy;

impl fmt::Display for UnknownPolicy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("expected off, report, panic or strict")
    }
}

impl std::error::Error for UnknownPolicy {}

impl FromStr for Policy {
    type Err = UnknownPolicy;

    fn from_str(word: &str) -> Result<Policy, UnknownPolicy> {
        [Policy::Off, Policy::Report, Policy::Panic, Policy::Strict]
            .into_iter()
            .find(|policy| policy.word().eq_ignore_ascii_case(word.trim()))
            .ok_or(UnknownPolicy)
    }
}

/// The first line of a session.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Header {
    /// Version of the schema, `major.minor`; see [`crate::wire::Schema`].
    pub schema: String,
    /// Version of the crate that wrote it.
    pub writer: String,
    /// Process id.
    pub pid: u32,
    /// Path of the executable.
    pub executable: String,
    /// Arguments, the program's own name left out.
    #[serde(default)]
    pub arguments: Vec<String>,
    /// Start of the session in microseconds since 1970-01-01 UTC: what time stamp 0 means on the wall clock.
    pub started_unix_micros: u64,
    /// What tells one build of the executable from another; empty where nothing does.
    #[serde(default)]
    pub build_id: String,
    /// The policy in force at the start.
    #[serde(default)]
    pub policy: Policy,
    /// Operating system and architecture, `linux-x86_64`.
    #[serde(default)]
    pub target: String,
}

/// What is told with which priority.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Lane {
    /// Maps, actors, growth, conflicts: never dropped for samples.
    Facts,
    /// Accesses and what is counted from them.
    Samples,
}

impl Lane {
    /// The word on the wire and in reports.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Lane::Facts => "facts",
            Lane::Samples => "samples",
        }
    }
}

/// A call site, announced once.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "SiteLine")]
pub struct SiteSeen {
    /// Its number.
    pub id: SiteId,
    /// The place.
    #[serde(flatten)]
    pub site: Site,
}

/// What is read of a [`SiteSeen`]: a flattened field would be kept as a tree first.
#[derive(Deserialize)]
struct SiteLine {
    id: SiteId,
    file: String,
    line: u32,
    column: u32,
}

impl From<SiteLine> for SiteSeen {
    fn from(SiteLine { id, file, line, column }: SiteLine) -> SiteSeen {
        SiteSeen { id, site: Site { file, line, column } }
    }
}

/// An actor, announced once.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ActorSeen {
    /// Its number.
    pub id: ActorId,
    /// Thread, task or scope.
    pub kind: ActorKind,
    /// Its name; empty where it has none.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub name: String,
}

/// An actor's end.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ActorGone {
    /// Its number.
    pub id: ActorId,
    /// How it ended.
    pub ending: Ending,
}

/// A map, announced at its first recorded use.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MapMade {
    /// Its number.
    pub id: MapId,
    /// What sort of container.
    pub kind: MapKind,
    /// Its name; empty where it was given none.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub name: String,
    /// Its full type, shortened to last path segments.
    pub type_name: String,
    /// Bytes of one entry as they lie in the table, `size_of::<(K, V)>()`: what keys and values point to (a
    /// `String`'s text) is not counted. Absent for locks and cells, and before schema 1.4.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub entry_bytes: Option<u64>,
    /// Where it was made.
    pub made: SiteId,
}

/// A map that was given a name after it was announced.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MapNamed {
    /// Its number.
    pub id: MapId,
    /// The name.
    pub name: String,
}

/// A map that was dropped.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MapGone {
    /// Its number.
    pub id: MapId,
}

/// A table that moved to a larger (or smaller) allocation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Growth {
    /// The map.
    pub map: MapId,
    /// Who made it grow.
    pub actor: ActorId,
    /// The call that did.
    pub site: SiteId,
    /// Capacity before, in entries.
    pub before: u64,
    /// Capacity after, in entries.
    pub after: u64,
    /// Entries that moved.
    pub moved: u64,
    /// Time the call took.
    pub took: Nanos,
    /// Iterators that had begun and not been seen to end.
    pub iterators: u32,
}

/// One side that is inside a map now.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Holding {
    /// Who.
    pub actor: ActorId,
    /// With what.
    pub operation: Operation,
    /// Since which call.
    pub site: SiteId,
    /// Since when.
    pub since: Nanos,
}

/// Who is inside a map at this moment; replaces what was told of the map before.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Holders {
    /// The map.
    pub map: MapId,
    /// Everybody inside; empty when the last one has left.
    pub holders: Vec<Holding>,
    /// Everybody who waits to get in, longest first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub waiters: Vec<Holding>,
}

/// Operations of one kind from one site.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SiteTraffic {
    /// The call site.
    pub site: SiteId,
    /// The operation.
    pub operation: Operation,
    /// How many in this span.
    pub count: u64,
}

/// Time that calls of one site spent holding guards, or waiting for them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SiteTime {
    /// The call site.
    pub site: SiteId,
    /// How many ended in this span.
    pub count: u64,
    /// Their time, added up.
    pub total: Nanos,
    /// The longest one.
    pub longest: Nanos,
}

/// One recorded operation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Recent {
    /// When, by the coarse clock.
    pub at: Nanos,
    /// Who.
    pub actor: ActorId,
    /// What.
    pub operation: Operation,
    /// Where.
    pub site: SiteId,
}

/// What happened on one map in a span of time.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MapTraffic {
    /// The map.
    pub map: MapId,
    /// Entries, as of the last recorded write.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub length: Option<u64>,
    /// Capacity in entries, as of the last recorded write; absent for trees.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub capacity: Option<u64>,
    /// Reads in the span.
    pub reads: u64,
    /// Writes in the span.
    pub writes: u64,
    /// Iterations begun in the span.
    pub iterations: u64,
    /// The same by site, busiest first; at most 32.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub sites: Vec<SiteTraffic>,
    /// For how long guards were held, by the site that took them, longest in all first; at most 32.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub held: Vec<SiteTime>,
    /// For how long calls waited, by site, longest in all first; at most 32.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub waited: Vec<SiteTime>,
    /// The last operations of the span, oldest first; at most 8.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub recent: Vec<Recent>,
}

/// What happened on all maps in a span of time; maps without traffic are left out.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Traffic {
    /// Length of the span.
    pub span: Nanos,
    /// Per map.
    pub maps: Vec<MapTraffic>,
}

/// What the recorder could not keep.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Loss {
    /// Which lane.
    pub lane: Lane,
    /// How many since the last such event.
    pub count: u64,
    /// How many since the session began.
    pub total: u64,
    /// Why, in a few words.
    pub reason: String,
}

/// How a session ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum EndReason {
    /// The program returned from `main` or called `exit`.
    Exit,
    /// It aborted.
    Abort,
}

/// The last event of a session that ended in order.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct End {
    /// How.
    pub reason: EndReason,
}

/// One thing that happened.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Event {
    /// A call site, announced once.
    Site(SiteSeen),
    /// An actor, announced once.
    Actor(ActorSeen),
    /// An actor's end.
    ActorGone(ActorGone),
    /// A map, announced at its first recorded use.
    MapMade(MapMade),
    /// A map got a name.
    MapNamed(MapNamed),
    /// A map was dropped.
    MapGone(MapGone),
    /// A table moved.
    Growth(Growth),
    /// Who is inside a map.
    Holders(Holders),
    /// What happened on all maps in a span of time.
    Traffic(Traffic),
    /// Two sides met.
    Conflict(Box<Conflict>),
    /// A life begins.
    TaskSpawned(TaskSpawned),
    /// What tasks do at a moment.
    TaskStates(TaskStates),
    /// A life ends.
    TaskEnded(TaskEnded),
    /// How many tasks of a runtime are watched.
    Coverage(Coverage),
    /// A panic.
    Panic(Box<Panic>),
    /// Near misses and delays in a map.
    Provocation(Provocation),
    /// How the accesses of a map are spread over its shards and keys.
    Spread(Spread),
    /// Something was lost.
    Loss(Loss),
    /// The session ended in order.
    End(End),
}

impl Event {
    /// The lane in which it travels.
    #[must_use]
    pub const fn lane(&self) -> Lane {
        match self {
            Event::Traffic(_)
            | Event::Holders(_)
            | Event::TaskStates(_)
            | Event::Coverage(_)
            | Event::Provocation(_)
            | Event::Spread(_) => Lane::Samples,
            _ => Lane::Facts,
        }
    }
}
