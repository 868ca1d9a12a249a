//! What can be wrong with a program: one table.
//!
//! A category has a stable code (kebab-case, the same on the wire, in reports and in logs), a grade, a title
//! and a one-sentence cure. The first three titles and that of `uninitialised-map` are the Go runtime's own
//! words (`runtime/map.go`), so that people and log tools find them by the words they know.
//! Longer prose (scenario, before and after, links) is the knowledge base's, on the desk.

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::fmt;
use std::str::FromStr;

/// How sure a finding is, and so what the default policy does with it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Grade {
    /// Worth knowing; nothing is wrong yet.
    Note,
    /// A logical race, seen with evidence.
    Suspect,
    /// Would fail with other luck.
    Hazard,
    /// Cannot be right: panics under the default policy.
    Certain,
    /// Seen in a log, not by a watched map: a panic's root cause.
    Logged,
}

impl Grade {
    /// The word on the wire and in reports.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Grade::Note => "note",
            Grade::Suspect => "suspect",
            Grade::Hazard => "hazard",
            Grade::Certain => "certain",
            Grade::Logged => "logged",
        }
    }
}

impl fmt::Display for Grade {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.word())
    }
}

macro_rules! categories {
    ($($variant:ident = $code:literal, $grade:ident, $title:literal, $cure:literal;)+) => {
        /// A kind of finding or root cause. See the table in DESIGN section 7.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[non_exhaustive]
        pub enum Category {
            $(#[doc = concat!("`", $code, "`: ", $title, ".")] $variant,)+
        }

        impl Category {
            /// Every category, in the order of the table.
            pub const ALL: &'static [Category] = &[$(Category::$variant,)+];

            /// The stable code, kebab-case.
            #[must_use]
            pub const fn code(self) -> &'static str {
                match self { $(Category::$variant => $code,)+ }
            }

            /// How sure a finding of this category is at its surest.
            #[must_use]
            pub const fn grade(self) -> Grade {
                match self { $(Category::$variant => Grade::$grade,)+ }
            }

            /// A few words; Go's own where Go has them.
            #[must_use]
            pub const fn title(self) -> &'static str {
                match self { $(Category::$variant => $title,)+ }
            }

            /// What usually cures it, in one sentence; empty where that depends on the program.
            #[must_use]
            pub const fn cure(self) -> &'static str {
                match self { $(Category::$variant => $cure,)+ }
            }
        }
    };
}

categories! {
    // Conflicts that a watched map sees itself.
    ConcurrentWrites = "concurrent-writes", Certain, "concurrent map writes",
        "put the map behind a lock, use a concurrent map, or send the writes over a channel to one owner";
    ConcurrentReadWrite = "concurrent-read-write", Certain, "concurrent map read and map write",
        "put the map behind a read-write lock, use a concurrent map, or publish snapshots";
    ConcurrentIterationWrite = "concurrent-iteration-write", Certain, "concurrent map iteration and map write",
        "collect what the loop needs before it writes, or hold one lock over the loop and the writes";
    ReentrantBorrow = "reentrant-borrow", Certain, "re-entrant borrow",
        "end the first borrow before calling out: take the value out, or split the work in two phases";
    SelfDeadlock = "self-deadlock", Certain, "self-deadlock",
        "drop the guard, or scope it, before the second call into the same map";
    SelfDeadlockHazard = "self-deadlock-hazard", Hazard, "self-deadlock avoided by luck",
        "drop the guard before the second call: the shards differed only this time";
    RecursiveRead = "recursive-read", Hazard, "recursive read lock",
        "take one read guard and pass it down";
    Deadlock = "deadlock", Certain, "deadlock",
        "take the locks in one order everywhere";
    LockOrderInversion = "lock-order-inversion", Hazard, "lock order inversion",
        "take the locks in one order everywhere";
    GuardAcrossAwait = "guard-across-await", Hazard, "guard held across an await",
        "end the guard before the `.await`, or use an async lock";
    CheckThenAct = "check-then-act", Suspect, "check, then act",
        "use one compound operation: `entry`, `remove_if`, `get_or_insert_with`";
    LostUpdate = "lost-update", Suspect, "lost update",
        "change the value in place: `entry`, `alter`, `get_mut`, `rcu`";
    InitRace = "init-race", Suspect, "double initialisation",
        "look again under the write lock, or use `OnceLock`, `LazyLock`, `entry`";
    StaleSnapshot = "stale-snapshot", Suspect, "decision on a stale snapshot",
        "use `rcu` or compare-and-swap, or decide on the live map";
    CancelledMidUpdate = "cancelled-mid-update", Suspect, "cancelled in the middle of an update",
        "finish the update before the `.await`, or undo it in a drop guard";
    LeakedEntry = "leaked-entry", Suspect, "entry left behind",
        "remove the entry in a drop guard";
    AccessAfterCancel = "access-after-cancel", Suspect, "access after cancellation",
        "check the token at every step of the traversal";
    DanglingReference = "dangling-reference", Certain, "dangling reference into a map",
        "hand out guards or clones, or keep values in `Arc` or `Box`";
    HeaderCorruption = "header-corruption", Certain, "map header overwritten",
        "look for unsafe code that writes past the field before the map, or through a stale pointer to it";
    UninitialisedMap = "uninitialised-map", Certain, "assignment to entry in nil map",
        "initialise the map before the first write: `SharedMap::new`, `OnceLock`, `LazyLock`";
    Stall = "stall", Hazard, "stall",
        "look at what the holder waits for; end the guard before it waits";
    ShardSkew = "shard-skew", Note, "keys crowd in few shards",
        "use a hasher that spreads keys over the high bits";
    UnboundedGrowth = "unbounded-growth", Note, "map only grows",
        "cap it, or remove entries when their owners end";
    WeakIteration = "weak-iteration", Note, "the map changed while it was iterated",
        "iterate over a snapshot where every entry must be seen";
    // Root causes of panics and crashes that logs show.
    ConcurrentMap = "concurrent-map", Logged, "concurrent use of a map", "";
    ProbableMapRace = "probable-map-race", Logged, "probably a race on a map", "";
    DataRace = "data-race", Logged, "data race", "";
    PoisonedLock = "poisoned-lock", Logged, "poisoned lock", "";
    ClosedChannel = "closed-channel", Logged, "closed channel", "";
    ChannelFullOrLagged = "channel-full-or-lagged", Logged, "channel full or lagged", "";
    ChannelEmptyOrTimeout = "channel-empty-or-timeout", Logged, "channel empty or timed out", "";
    CancelledOrDeadline = "cancelled-or-deadline", Logged, "cancelled or past its deadline", "";
    PropagatedPanic = "propagated-panic", Logged, "panic of another thread or task", "";
    AsyncRuntimeMisuse = "async-runtime-misuse", Logged, "misuse of the async runtime", "";
    FuturePolledAgain = "future-polled-again", Logged, "future polled after it ended", "";
    SyncMisuse = "sync-misuse", Logged, "misuse of a synchronisation primitive", "";
    IndexOutOfBounds = "index-out-of-bounds", Logged, "index out of bounds", "";
    MissingKey = "missing-key", Logged, "missing key", "";
    CharBoundary = "char-boundary", Logged, "slice inside a character", "";
    DivideByZero = "divide-by-zero", Logged, "division by zero", "";
    ArithmeticOverflow = "arithmetic-overflow", Logged, "arithmetic overflow", "";
    TimeArithmetic = "time-arithmetic", Logged, "time arithmetic", "";
    CapacityOverflow = "capacity-overflow", Logged, "capacity overflow", "";
    Oom = "oom", Logged, "out of memory", "";
    StackOverflow = "stack-overflow", Logged, "stack overflow", "";
    UbOrSegfault = "ub-or-segfault", Logged, "undefined behaviour or segmentation fault", "";
    PanicInNounwind = "panic-in-nounwind", Logged, "panic where unwinding is not allowed", "";
    TlsDestroyed = "tls-destroyed", Logged, "thread-local used after its end", "";
    NilDeref = "nil-deref", Logged, "nil dereference", "";
    TypeAssertion = "type-assertion", Logged, "failed type assertion", "";
    ApiContract = "api-contract", Logged, "broken contract of an API", "";
    ResourceExhaustion = "resource-exhaustion", Logged, "resource exhausted", "";
    BrokenPipe = "broken-pipe", Logged, "broken pipe", "";
    OsError = "os-error", Logged, "operating system error", "";
    EnvOrConfig = "env-or-config", Logged, "environment or configuration", "";
    ParseOrDecode = "parse-or-decode", Logged, "could not parse or decode", "";
    Assertion = "assertion", Logged, "failed assertion", "";
    NotImplemented = "not-implemented", Logged, "not implemented", "";
    UnwrapNone = "unwrap-none", Logged, "unwrap of `None`", "";
    UnwrapErr = "unwrap-err", Logged, "unwrap of an `Err`", "";
    ExplicitPanic = "explicit-panic", Logged, "explicit panic", "";
    AbortSignal = "abort-signal", Logged, "abort", "";
    KilledByOs = "killed-by-os", Logged, "killed by the operating system", "";
    UnknownRuntimeFatal = "unknown-runtime-fatal", Logged, "fatal error of the runtime", "";
    NilMap = "nil-map", Logged, "assignment to entry in nil map", "";
    AppInvariant = "app-invariant", Logged, "broken invariant of the application", "";
}

impl fmt::Display for Category {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.code())
    }
}

/// The code was none of this version's; newer writers may know more categories.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnknownCategory(pub String);

impl fmt::Display for UnknownCategory {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "unknown category `{}`", self.0)
    }
}

impl std::error::Error for UnknownCategory {}

impl FromStr for Category {
    type Err = UnknownCategory;

    fn from_str(code: &str) -> Result<Category, UnknownCategory> {
        Category::ALL
            .iter()
            .copied()
            .find(|category| category.code() == code)
            .ok_or_else(|| UnknownCategory(code.to_owned()))
    }
}

impl Serialize for Category {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.code())
    }
}

impl<'de> Deserialize<'de> for Category {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Category, D::Error> {
        let code = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
        code.parse().map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_kebab_case_unique_and_come_back() {
        let mut seen = std::collections::BTreeSet::new();
        for category in Category::ALL {
            let code = category.code();
            assert!(code.bytes().all(|b| b.is_ascii_lowercase() || b == b'-'), "{code}");
            assert!(seen.insert(code), "{code} twice");
            assert_eq!(code.parse(), Ok(*category));
        }
    }

    #[test]
    fn what_a_map_sees_itself_names_a_cure() {
        for category in Category::ALL {
            assert_eq!(category.cure().is_empty(), category.grade() == Grade::Logged, "{category}");
        }
    }
}
