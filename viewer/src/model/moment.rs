//! When things happened: on the wall clock, the one clock that all sessions share.

use super::session::SessionId;
use mapwatch_event::{Header, Nanos};

/// Nanoseconds since 1970-01-01 UTC. Numbers of strangers may be anything: all sums saturate.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Wall(pub u64);

impl Wall {
    /// A time stamp of a session on the wall clock.
    #[must_use]
    pub fn of(header: &Header, at: Nanos) -> Wall {
        Wall(header.started_unix_micros.saturating_mul(1000).saturating_add(at.0))
    }

    /// Time since an earlier moment; zero where it is a later one.
    #[must_use]
    pub fn since(self, earlier: Wall) -> Nanos {
        Nanos(self.0.saturating_sub(earlier.0))
    }

    /// The time of day, UTC: `22:13:20`.
    #[must_use]
    pub fn time_of_day(self) -> String {
        let seconds = self.0 / 1_000_000_000;
        format!("{:02}:{:02}:{:02}", seconds / 3600 % 24, seconds / 60 % 60, seconds % 60)
    }

    /// A moment some time later.
    #[must_use]
    pub fn after(self, time: Nanos) -> Wall {
        Wall(self.0.saturating_add(time.0))
    }
}

/// A moment in a session.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Moment {
    /// The session.
    pub session: SessionId,
    /// Time since it began.
    pub at: Nanos,
    /// The same on the wall clock.
    pub wall: Wall,
}

/// `1h2m3.5s`, `300ms`, `12` (seconds).
#[must_use]
pub fn duration(text: &str) -> Option<Nanos> {
    let mut rest = text.trim();
    let mut sum: f64 = 0.0;
    if rest.is_empty() {
        return None;
    }
    while !rest.is_empty() {
        let digits = rest.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(rest.len());
        let number: f64 = rest[..digits].parse().ok()?;
        rest = &rest[digits..];
        let letters = rest.find(|c: char| c.is_ascii_digit()).unwrap_or(rest.len());
        let unit = match rest[..letters].trim() {
            "" | "s" => 1e9,
            "h" => 3600e9,
            "m" | "min" => 60e9,
            "ms" => 1e6,
            "us" | "µs" => 1e3,
            "ns" => 1.0,
            _ => return None,
        };
        rest = &rest[letters..];
        sum += number * unit;
    }
    // A float that is too large becomes the largest number.
    Some(Nanos(sum.round() as u64))
}
