//! What depends on the operating system: sockets in the file system, process groups, signals.
//!
//! `unix` is the real thing; `portable` compiles elsewhere and says what cannot be done, so that recordings
//! can still be opened there.

#[cfg(not(unix))]
mod portable;
#[cfg(unix)]
mod unix;

#[cfg(not(unix))]
pub use portable::*;
#[cfg(unix)]
pub use unix::*;

/// Whether a child has a process group of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Group {
    /// Its own: the terminal's signals do not reach it, the viewer passes them on.
    Own,
    /// The viewer's.
    Shared,
}
