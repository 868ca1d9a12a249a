//! What one report in a log says, once its envelope is off.
//!
//! A report is a panic, a fatal error, a race, a sanitizer's finding, a line that tells how a process ended.
//! It is a value: parsers make it, the classifier and the fingerprint read it, printers show it.

use mapwatch_event::{Category, Frame, Site};
use serde::{Deserialize, Serialize};
use std::fmt;

/// Whose runtime wrote the report.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Language {
    /// Rust's standard library, a panic hook, a Rust crate.
    #[default]
    Rust,
    /// The Go runtime or its race detector.
    Go,
    /// A sanitizer, the kernel, a shell, a service manager: the language cannot be told.
    Native,
}

impl Language {
    /// The word in reports and JSON.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Language::Rust => "rust",
            Language::Go => "go",
            Language::Native => "native",
        }
    }
}

/// What sort of report.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Kind {
    /// A panic, Rust's or Go's.
    #[default]
    Panic,
    /// Go's `fatal error:` or Rust's `fatal runtime error:`; cannot be recovered from.
    Fatal,
    /// A race detector's finding.
    Race,
    /// A thread ran out of stack.
    StackOverflow,
    /// The allocator gave up.
    AllocFailure,
    /// An address, leak, memory or undefined-behaviour sanitizer, or Miri.
    Sanitizer,
    /// A deadlock detector's finding.
    Deadlock,
    /// A watched map's own report, or a conflict in an event stream.
    Watched,
    /// A join handle that says its task or thread panicked.
    TaskPanic,
    /// A `main` that returned an error.
    ErrorExit,
    /// A line about the end of a process: signal, exit code, out-of-memory killer.
    Exit,
    /// A dump of all goroutines that was asked for.
    Dump,
}

impl Kind {
    /// The word in reports, JSON and fingerprints.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Kind::Panic => "panic",
            Kind::Fatal => "fatal",
            Kind::Race => "race",
            Kind::StackOverflow => "stack-overflow",
            Kind::AllocFailure => "alloc-failure",
            Kind::Sanitizer => "sanitizer",
            Kind::Deadlock => "deadlock",
            Kind::Watched => "watched",
            Kind::TaskPanic => "task-panic",
            Kind::ErrorExit => "error-exit",
            Kind::Exit => "exit",
            Kind::Dump => "dump",
        }
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.word())
    }
}

/// One report, without its envelope.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Report {
    /// Whose runtime wrote it.
    pub language: Language,
    /// What sort it is.
    pub kind: Kind,
    /// The message, lines joined with `\n`; empty where the panic had none.
    pub message: String,
    /// Name of the thread, or `goroutine 18`; empty where the report does not say.
    pub thread: String,
    /// Where it says it happened; for Go, the first frame that is the application's.
    pub location: Option<Site>,
    /// Frames, innermost first; `user` tells the application's from libraries'.
    pub frames: Vec<Frame>,
    /// The second side of a race, where there is one.
    pub other_frames: Vec<Frame>,
    /// A category that the report itself states (a watched map's first line ends with it).
    pub stated: Option<Category>,
    /// Lines after the report that belong to it, such as `thread caused non-unwinding panic`.
    pub trailers: Vec<String>,
    /// Goroutines by state and stack, biggest bucket first, where the report dumped them.
    pub goroutines: Vec<Bucket>,
    /// Whether it is a watched map's report that a panic with the same words may follow.
    pub announced: bool,
    /// Whether the program went on after it (`recover`).
    pub recovered: bool,
    /// Whether two threads wrote into the same line, so that parts of the report are lost.
    pub torn: bool,
}

/// Goroutines (or threads) that wait at the same place in the same state.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Bucket {
    /// `semacquire`, `chan receive`, `running` …
    pub state: String,
    /// The innermost frame of the application; the innermost of all where there is none.
    pub top: String,
    /// How many.
    pub count: u64,
    /// The longest wait among them, in minutes; 0 where none is told.
    pub minutes: u64,
}

impl Report {
    /// The innermost frame that is the application's own.
    #[must_use]
    pub fn top_user_frame(&self) -> Option<&Frame> {
        self.frames.iter().find(|frame| frame.user)
    }

    /// The first line of the message.
    #[must_use]
    pub fn headline(&self) -> &str {
        self.message.lines().map(str::trim).find(|line| !line.is_empty()).unwrap_or_default()
    }
}

/// Where in the input something was found.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
pub struct Place {
    /// The file as it was named; `-` for standard input.
    pub file: String,
    /// Line, from 1; 0 where it is not known.
    pub line: u64,
    /// Byte offset of the line (in the decompressed text).
    pub offset: u64,
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.line == 0 { f.write_str(&self.file) } else { write!(f, "{}:{}", self.file, self.line) }
    }
}
