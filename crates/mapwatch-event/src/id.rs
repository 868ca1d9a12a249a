//! Newtypes for the numbers that events refer to.
//!
//! A number is announced once in a session (by `site`, `actor` or `map-made`) and referred to afterwards.
//! Numbers start at 1; 0 never names anything.

use serde::{Deserialize, Serialize};
use std::fmt;

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident($raw:ty)),+ $(,)?) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(pub $raw);

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }
    )+};
}

ids! {
    /// One watched map of a session.
    MapId(u64),
    /// One call site of a session, interned.
    SiteId(u64),
    /// One conflict of a session.
    ConflictId(u64),
    /// The place of an event in its session's stream; consecutive from 1, so that a gap is a loss.
    Seq(u64),
}

/// One actor (thread, task or scope) of a session.
///
/// Threads, tasks and scopes that are watched have numbers of their own. A task that only its runtime knows has
/// the runtime's number, which is shown with a `t` before it: `t17`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct ActorId(pub u64);

impl ActorId {
    /// Set in the number of a task, so that it is no thread's; not shown.
    pub const TASK: u64 = 1 << 48;
    /// Set beside [`ActorId::TASK`] where the rest is the runtime's number.
    pub const RUNTIME: u64 = 1 << 49;

    /// The part that is shown.
    #[must_use]
    pub const fn number(self) -> u64 {
        self.0 & (ActorId::TASK - 1)
    }
}

impl fmt::Display for ActorId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0 & ActorId::RUNTIME == 0 {
            return self.number().fmt(f);
        }
        f.pad(&format!("t{}", self.number()))
    }
}

/// A time or a span of time in nanoseconds; as a time stamp it counts from the start of the session.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Nanos(pub u64);

impl Nanos {
    /// The span from `earlier` to `self`; zero where the coarse clock makes it negative.
    #[must_use]
    pub const fn since(self, earlier: Nanos) -> Nanos {
        Nanos(self.0.saturating_sub(earlier.0))
    }
}

impl From<std::time::Duration> for Nanos {
    fn from(span: std::time::Duration) -> Nanos {
        Nanos(u64::try_from(span.as_nanos()).unwrap_or(u64::MAX))
    }
}

/// A span as a person writes it, in at most seven columns: `740 ns`, `3.2 ms`, `41 s`, `3m 20s`, `2h 5m`, `12d 4h`.
impl fmt::Display for Nanos {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        const UNITS: [(u64, &str); 3] = [(1_000_000_000, "s"), (1_000_000, "ms"), (1_000, "µs")];
        let seconds = self.0 / 1_000_000_000;
        let (minutes, hours, days) = (seconds / 60, seconds / 3600, seconds / 86_400);
        match (minutes, hours, days) {
            (0, ..) => {}
            (_, 0, _) => return write!(f, "{minutes}m {}s", seconds % 60),
            (_, _, 0) => return write!(f, "{hours}h {}m", minutes % 60),
            (_, _, 1..100) => return write!(f, "{days}d {}h", hours % 24),
            _ => return write!(f, "{days}d"),
        }
        for (unit, name) in UNITS {
            if self.0 >= unit {
                let whole = self.0 / unit;
                let tenth = self.0 % unit * 10 / unit;
                return if whole >= 10 || tenth == 0 {
                    write!(f, "{whole} {name}")
                } else {
                    write!(f, "{whole}.{tenth} {name}")
                };
            }
        }
        write!(f, "{} ns", self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::{ActorId, Nanos};

    #[test]
    fn a_runtimes_number_is_told_from_our_own() {
        assert_eq!(ActorId(ActorId::TASK | 17).to_string(), "17");
        assert_eq!(ActorId(ActorId::TASK | ActorId::RUNTIME | 17).to_string(), "t17");
    }

    #[test]
    fn spans_read_as_people_write_them() {
        let check = |nanos, text: &str| assert_eq!(Nanos(nanos).to_string(), text);
        check(0, "0 ns");
        check(999, "999 ns");
        check(1_000, "1 µs");
        check(3_240_000, "3.2 ms");
        check(41_900_000, "41 ms");
        check(1_000_000_000, "1 s");
        check(59_999_999_999, "59 s");
        check(200_000_000_000, "3m 20s");
        check(7_500_000_000_000, "2h 5m");
        check(86_399_000_000_000, "23h 59m");
        check(361_000_000_000_000, "4d 4h");
        check(8_640_000_000_000_000, "100d");
        for shift in 0..64 {
            for time in [1 << shift, (1_u64 << shift) - 1, u64::MAX >> shift] {
                assert!(Nanos(time).to_string().chars().count() <= 7, "{time}");
            }
        }
    }
}
