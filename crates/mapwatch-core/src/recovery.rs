//! Who will catch a panic of this thread: recovery layers, from the outermost to the innermost.
//!
//! A layer catches whatever is recorded or not; it is written down here only while somebody is told of panics.

use crate::task::{self, spans};
use crate::thread;
use std::borrow::Cow;
use std::cell::RefCell;
use std::panic::{AssertUnwindSafe, catch_unwind};

/// How grave a panic is that a layer caught.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Level {
    /// Somebody should look at it.
    #[default]
    Error,
    /// Somebody may look at it.
    Warn,
    /// It is worth a line.
    Info,
    /// It is expected: foreign code is tried out.
    Debug,
}

impl Level {
    /// The word in fields, as the `tracing` crate writes it.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Level::Error => "ERROR",
            Level::Warn => "WARN",
            Level::Info => "INFO",
            Level::Debug => "DEBUG",
        }
    }
}

/// One layer that is open on this thread.
struct Catcher {
    name: Cow<'static, str>,
    level: Level,
    /// The task or thread that it was opened in: a task inside is caught by its runtime first.
    actor: u64,
}

thread_local! {
    static CATCHERS: RefCell<Vec<Catcher>> = const { RefCell::new(Vec::new()) };
}

/// Messages of panics that nothing can catch (`core/src/panicking.rs`).
const UNCATCHABLE: [&str; 2] =
    ["panic in a function that cannot unwind", "panic in a destructor during cleanup"];

/// Calls `act`, and catches its panic; while it runs, a panic of this thread is told to be caught by this layer.
///
/// # Errors
///
/// What the panic carried.
#[allow(clippy::ptr_arg, reason = "a name that is static is kept as such")]
pub fn catch<R>(name: &Cow<'static, str>, level: Level, act: impl FnOnce() -> R) -> std::thread::Result<R> {
    // Only what was pushed is popped: recording may end meanwhile.
    let pushed = spans::are_told() && push(Catcher { name: name.clone(), level, actor: actor() });
    let answer = catch_unwind(AssertUnwindSafe(act));
    if pushed {
        let _ = CATCHERS.try_with(|open| open.borrow_mut().pop());
    }
    answer
}

fn push(catcher: Catcher) -> bool {
    CATCHERS.try_with(|open| open.borrow_mut().push(catcher)).is_ok()
}

fn actor() -> u64 {
    task::current().unwrap_or_else(thread::actor)
}

/// The layer that will catch a panic of `actor` on this thread, unless the program's own code does before.
pub(crate) fn catcher_of(actor: u64, message: &str) -> Option<(String, Level)> {
    if cfg!(panic = "abort") || UNCATCHABLE.iter().any(|text| message.starts_with(text)) {
        return None;
    }
    let innermost = |open: &RefCell<Vec<Catcher>>| {
        let open = open.borrow();
        let catcher = open.last().filter(|catcher| catcher.actor == actor)?;
        Some((catcher.name.clone().into_owned(), catcher.level))
    };
    CATCHERS.try_with(innermost).ok().flatten()
}
