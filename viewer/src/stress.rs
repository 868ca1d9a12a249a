//! Many runs of one program, provoked and plain, and what came of them: numbers first, text at the very end.
//!
//! | module | holds |
//! |---|---|
//! | [`trial`] | one run |
//! | [`tally`] | all runs: how often each finding was found, and how sure that makes one |
//! | [`text`], [`json`] | the table, for people and for programs |

pub mod json;
pub mod tally;
pub mod text;
pub mod trial;

use clap::ValueEnum;

/// With provocation or without.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, ValueEnum)]
pub enum Manner {
    /// With delays where a race may hide.
    Provoked,
    /// As it is.
    Plain,
}

impl Manner {
    /// Both, in the order in which they take turns.
    pub const ALL: [Manner; 2] = [Manner::Provoked, Manner::Plain];

    /// The word in tables.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Manner::Provoked => "provoked",
            Manner::Plain => "plain",
        }
    }
}

/// Why there were fewer runs than asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stop {
    /// Somebody asked for it.
    Asked,
    /// The time for all runs is over.
    Time,
    /// Something was found, and that was enough.
    Found,
}

impl Stop {
    /// For a sentence that begins with "stopped early:".
    #[must_use]
    pub const fn words(self) -> &'static str {
        match self {
            Stop::Asked => "asked to",
            Stop::Time => "the time is over",
            Stop::Found => "something was found",
        }
    }

    /// The word in JSON.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Stop::Asked => "asked",
            Stop::Time => "time",
            Stop::Found => "found",
        }
    }
}
