//! Panic logs to verdicts: scan, unwrap, parse, classify, group, advise.
//!
//! [`Triage`] reads files, folders, archives or a stream and gives a [`Summary`]: the bugs in them, how often
//! each was seen, what its category is and why, and what to do about it.
//!
//! ```
//! use mapwatch_triage::{Triage, print};
//!
//! let mut triage = Triage::new();
//! triage.read_bytes("app.log", b"thread 'main' panicked at src/a.rs:1:2:\nattempt to divide by zero\n");
//! let summary = triage.finish();
//! let mut out = Vec::new();
//! print::text::write(&mut out, &summary, print::text::Detail::default()).unwrap();
//! assert!(String::from_utf8(out).unwrap().starts_with("1 bug, 1 report"));
//! ```
//!
//! Trade-offs first. Everything is heuristics over foreign text: what looks like a panic and cannot be read is
//! listed, never guessed at; a line without one of the literals in `literal.rs` is never looked at, so a hook
//! with words of its own must be told by a record's fields. A report without a backtrace can only be grouped by
//! its words and its file. Parsers do not fail and do not panic.
//!
//! | step | module | cost |
//! |---|---|---|
//! | find lines worth looking at | `literal`, `scan` | one vectorised pass, all cores |
//! | take envelopes off | [`envelope`] | each line inside a report, once |
//! | put interleaved lines together | `assemble` | the same |
//! | read a report | `parse` | once per distinct text |
//! | classify | [`classify`], `rules.txt` | once per distinct text |
//! | fingerprint, group | [`fingerprint`], [`group`] | constant per report |
//! | causes and followers | `link` | constant per report |
//! | what earlier runs saw | [`history`] | two statements per group |
//! | advice | [`knowledge`], [`response`], [`alarm`] | per group |
//! | the result | [`summary`] | what is kept per group |
//! | output | [`print`](mod@print) | per group |
//!
//! Memory is a few blocks of 4 MiB per core and what is kept per group, whatever the input's size.
//!
//! Without the feature `logs` only the judgement of a panic is left (`classify`, `knowledge`, `fingerprint`): what a
//! running program needs that judges its own.
#![cfg_attr(not(feature = "logs"), allow(dead_code, reason = "parts of the parsers serve the logs alone"))]

#[cfg(feature = "logs")]
pub mod alarm;
#[cfg(feature = "logs")]
mod assemble;
#[cfg(feature = "logs")]
mod binary;
pub mod classify;
pub mod envelope;
pub mod fingerprint;
#[cfg(feature = "logs")]
pub mod group;
#[cfg(feature = "logs")]
pub mod history;
pub mod knowledge;
#[cfg(feature = "logs")]
mod link;
pub mod literal;
mod parse;
pub mod plain;
#[cfg(feature = "logs")]
pub mod print;
pub mod report;
#[cfg(feature = "logs")]
pub mod response;
#[cfg(feature = "logs")]
mod scan;
#[cfg(feature = "logs")]
pub mod source;
#[cfg(feature = "logs")]
pub mod summary;
pub mod time;
#[cfg(feature = "logs")]
pub mod triage;

pub use classify::{Evidence, Rules, Verdict};
pub use parse::{Ending, Signal};
#[cfg(feature = "logs")]
pub use scan::Progress;
#[cfg(feature = "logs")]
pub use summary::{Exit, Summary};
#[cfg(feature = "logs")]
pub use triage::{Follow, Triage};
