//! Where in the source: sites, frames, stacks.

use serde::{Deserialize, Serialize};
use std::fmt;
use std::panic::Location;

/// A place in the source: file, line (from 1), column (from 1).
///
/// The file is as the compiler wrote it: relative to where it was started for path dependencies, absolute
/// for the registry.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Site {
    /// Path of the file, as the compiler knew it.
    pub file: String,
    /// Line, from 1; 0 when unknown.
    pub line: u32,
    /// Column, from 1; 0 when unknown.
    pub column: u32,
}

impl Site {
    /// Whether it lies in std, whose `collect`, `Default` or `LazyLock` hides its own caller from what it makes; or in
    /// mapwatch itself, as where `LazyLock::new(Default::default)` makes a watched lock.
    #[must_use]
    pub fn is_in_std(&self) -> bool {
        const LIBRARIES: [&str; 3] = ["/library/core/src/", "/library/alloc/src/", "/library/std/src/"];
        let file = self.file.replace('\\', "/");
        let ours =
            file.split("/mapwatch-").skip(1).any(|rest| rest.starts_with(|c: char| c.is_ascii_digit()));
        ours || file.contains("crates/mapwatch/src/")
            || LIBRARIES.iter().any(|library| file.contains(library))
    }
}

impl From<&Location<'_>> for Site {
    fn from(at: &Location<'_>) -> Site {
        Site { file: at.file().to_owned(), line: at.line(), column: at.column() }
    }
}

impl fmt::Display for Site {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}:{}", self.file, self.line, self.column)
    }
}

/// One frame of a resolved backtrace.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Frame {
    /// Demangled function name without the hash; empty where there are no symbols.
    #[serde(default)]
    pub function: String,
    /// Source file, absolute where the debug information says so; empty where there is none.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub file: String,
    /// Line, from 1; 0 when unknown.
    #[serde(default)]
    pub line: u32,
    /// Column, from 1; 0 when unknown.
    #[serde(default)]
    pub column: u32,
    /// Whether the frame is the user's: not std's, not a registry crate's, not mapwatch's own.
    #[serde(default)]
    pub user: bool,
}

/// A backtrace, innermost frame first, or the reason why there is none.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stack {
    /// Frames, innermost first; inlined ones included.
    #[serde(default)]
    pub frames: Vec<Frame>,
    /// What the reader has to know about these frames: when they were taken, or why there are none.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub note: String,
}

impl Stack {
    /// A stack that could not be had, and why.
    #[must_use]
    pub fn absent(why: impl Into<String>) -> Stack {
        Stack { frames: Vec::new(), note: why.into() }
    }

    /// The user's frames; all frames where none is recognised as the user's.
    pub fn user_frames(&self) -> impl Iterator<Item = &Frame> {
        let any = self.frames.iter().any(|frame| frame.user);
        self.frames.iter().filter(move |frame| frame.user || !any)
    }
}
