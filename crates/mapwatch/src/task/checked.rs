//! Futures, tasks and scopes that are always watched.

#[cfg(feature = "tokio")]
mod handle;
#[cfg(feature = "tokio")]
mod set;
#[cfg(feature = "tokio")]
mod spawn;

#[cfg(feature = "tokio")]
pub use handle::{AbortHandle, JoinHandle};
#[cfg(feature = "tokio")]
pub use set::JoinSet;
#[cfg(feature = "tokio")]
pub use spawn::{Builder, spawn, spawn_blocking, spawn_local};

pub use mapwatch_core::task::watched::Watched;

use mapwatch_core::event::TaskKind;
use mapwatch_core::task::life::Birth;
use mapwatch_core::task::work::Work;
use std::borrow::Cow;
use std::future::Future;
use std::panic::Location;

/// Gives a future a name and a life.
pub trait Watch: Future + Sized {
    /// The same future, watched under a name.
    ///
    /// Spawned on an executor that mapwatch does not know, it is a task of its own. Awaited inside a task, it is a
    /// named part of that task: a branch of a `select!`, the inside of a timeout.
    #[track_caller]
    fn watched(self, name: impl Into<Cow<'static, str>>) -> Watched<Self> {
        Watched::part(self, Birth::new(TaskKind::Future, name, Location::caller()).begin())
    }
}

impl<F: Future> Watch for F {}

/// A future as a logical scope, such as a request: what happens in it is told to have happened there.
#[track_caller]
pub fn scope<F: Future>(name: impl Into<Cow<'static, str>>, future: F) -> Watched<F> {
    Watched::part(future, Birth::new(TaskKind::Scope, name, Location::caller()).begin())
}

/// A call as a logical scope.
#[track_caller]
pub fn sync_scope<R>(name: impl Into<Cow<'static, str>>, act: impl FnOnce() -> R) -> R {
    Work::new(Birth::new(TaskKind::Scope, name, Location::caller()).begin()).run(act)
}
