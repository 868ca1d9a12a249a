//! Recovery: a panic inside one piece of work is caught, told with the work's identity, and the others go on.
//!
//! ```
//! use mapwatch::recover::{Level, Recovery};
//!
//! fn price(item: &str) -> u32 {
//!     item.parse().unwrap()
//! }
//!
//! let answers: Vec<_> = ["7", "seven", "9"]
//!     .into_iter()
//!     .map(|item| Recovery::new("price").field("item", item).redacted("card").run(|| price(item)))
//!     .collect();
//! assert_eq!(answers[0].as_ref().unwrap(), &7);
//! assert!(answers[1].as_ref().unwrap_err().to_string().starts_with("`price` (item=seven card=…) panicked: "));
//! assert_eq!(answers[2].as_ref().unwrap(), &9);
//! ```
//!
//! | what | is recovered by |
//! |---|---|
//! | a closure | [`catch`], [`Recovery::run`] |
//! | a future | [`catch_future`], [`Recovery::future`] |
//! | a request to a `tower` service | `RecoverLayer`, with the feature `tower` |
//!
//! Recovery is no instrumentation: a layer catches in every build and under every policy, but for `panic = "abort"`.
//! While a session is recorded (`MAPWATCH_OUT`, a viewer), the work is a scope with the layer's name and fields, and
//! the panic's event says which layer caught it. In a build where checking is off, that holds for panics, too.
//!
//! Trade-offs. What the work had half changed stays so: the compiler's `UnwindSafe` is not asked for. A lock that was
//! held is poisoned. A layer cannot catch what aborts: a panic in a destructor while unwinding, or in a function that
//! cannot unwind. A stream that is read after the layer's future is done, such as a response's body, is outside of it.
//!
//! | operation | costs |
//! |---|---|
//! | a piece of work | one `catch_unwind` a poll, and the text of its fields |
//! | the same while the session is recorded | a scope beside it: one allocation, a place in a table, two readings of the clock |

mod caught;
mod future;
#[cfg(feature = "tower")]
mod tower;

pub use caught::Caught;
pub use future::Recovered;
#[cfg(feature = "tower")]
pub use tower::{
    Answer, Answering, HttpRequest, Identify, InternalServerError, RecoverLayer, RecoverService,
};

pub use mapwatch_core::event::task::Field;
pub use mapwatch_core::recovery::Level;

use mapwatch_core::event::TaskKind;
use mapwatch_core::recovery;
use mapwatch_core::task::life::{Birth, Life};
use mapwatch_core::task::spans;
use std::any::Any;
use std::borrow::Cow;
use std::fmt::{Display, Write as _};
use std::future::Future;
use std::panic::Location;
use std::sync::Arc;

/// Fields kept of one piece of work.
const FIELDS: usize = 16;
/// Bytes kept of a value.
const BYTES: usize = 512;

/// Calls `act`, and catches its panic under a name.
///
/// # Errors
///
/// The panic.
#[track_caller]
pub fn catch<R>(name: impl Into<Cow<'static, str>>, act: impl FnOnce() -> R) -> Result<R, Caught> {
    Recovery::new(name).run(act)
}

/// A future whose panic is its result: `Err`, under a name.
#[track_caller]
pub fn catch_future<F: Future>(name: impl Into<Cow<'static, str>>, future: F) -> Recovered<F> {
    Recovery::new(name).future(future)
}

/// What to do with a panic once it is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Then {
    /// It is a value from here on.
    Return,
    /// It goes on to whoever catches next.
    Rethrow,
}

/// A recovery layer: its name, how grave its panics are, and the identity of what it is around.
#[derive(Clone, Debug)]
pub struct Recovery {
    name: Cow<'static, str>,
    level: Level,
    fields: Vec<Field>,
    then: Then,
}

impl Recovery {
    /// A layer of this name; its panics are errors.
    #[must_use]
    pub fn new(name: impl Into<Cow<'static, str>>) -> Recovery {
        Recovery { name: name.into(), level: Level::Error, fields: Vec::new(), then: Then::Return }
    }

    /// How grave its panics are: the level of their events.
    #[must_use]
    pub fn level(self, level: Level) -> Recovery {
        Recovery { level, ..self }
    }

    /// An argument of the work, such as the identity of a request: sixteen at most, 512 bytes each.
    ///
    /// It is told as it stands; see [`redacted`](Recovery::redacted).
    #[must_use]
    pub fn field(mut self, name: impl Into<String>, value: impl Display) -> Recovery {
        if self.fields.len() < FIELDS {
            self.fields.push(Field { name: name.into(), value: shortened(value) });
        }
        self
    }

    /// An argument whose value is not told: only that it was there.
    #[must_use]
    pub fn redacted(self, name: impl Into<String>) -> Recovery {
        self.field(name, "…")
    }

    /// The panic is told, and goes on to whoever catches next.
    #[must_use]
    pub fn rethrow(self) -> Recovery {
        Recovery { then: Then::Rethrow, ..self }
    }

    /// Calls `act`, and catches its panic.
    ///
    /// # Errors
    ///
    /// The panic.
    ///
    /// # Panics
    ///
    /// With the caught panic, where the layer was told to [`rethrow`](Recovery::rethrow).
    #[track_caller]
    pub fn run<R>(self, act: impl FnOnce() -> R) -> Result<R, Caught> {
        let life = self.begin(Location::caller());
        let answer = self.enter(life.as_ref(), act)?;
        life.iter().for_each(|life| life.complete());
        Ok(answer)
    }

    /// A future whose panic is its result.
    ///
    /// A panic ends that future alone; it panics itself where the layer was told to [`rethrow`](Recovery::rethrow).
    #[track_caller]
    pub fn future<F: Future>(self, future: F) -> Recovered<F> {
        let life = self.begin(Location::caller());
        Recovered::new(self, life, future)
    }

    /// The scope that stands for the work; `None` where nobody would be told of it.
    fn begin(&self, at: &'static Location<'static>) -> Option<Arc<Life>> {
        if !spans::are_told() {
            return None;
        }
        let level = Field { name: "level".to_owned(), value: self.level.word().to_owned() };
        let fields = std::iter::once(level).chain(self.fields.iter().cloned()).collect();
        Birth { fields, ..Birth::new(TaskKind::Scope, self.name.clone(), at) }.begin()
    }

    /// Calls `act` inside the scope, which stays open unless it panics.
    fn enter<R>(&self, life: Option<&Arc<Life>>, act: impl FnOnce() -> R) -> Result<R, Caught> {
        self.attempt(|| spans::within(life, act))
    }

    /// Calls `act`, which sees to the scope itself.
    fn attempt<R>(&self, act: impl FnOnce() -> R) -> Result<R, Caught> {
        recovery::catch(&self.name, self.level, act).map_err(|payload| self.caught(payload))
    }

    fn caught(&self, payload: Box<dyn Any + Send>) -> Caught {
        let caught = Caught::new(self, payload);
        match self.then {
            Then::Return => caught,
            Then::Rethrow => caught.resume(),
        }
    }
}

fn shortened(value: impl Display) -> String {
    let mut text = String::new();
    // A value that cannot be written is as good as redacted.
    if write!(text, "{value}").is_err() {
        return "…".to_owned();
    }
    if text.len() > BYTES {
        text.truncate(text.floor_char_boundary(BYTES));
        text.push('…');
    }
    text
}
