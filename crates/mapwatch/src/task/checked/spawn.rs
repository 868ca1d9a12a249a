//! Spawning on tokio, with tokio's signatures.

use super::{JoinHandle, Watched};
use mapwatch_core::event::TaskKind;
use mapwatch_core::task::life::{Birth, Life};
use mapwatch_core::task::number_of;
use mapwatch_core::task::work::Work;
use std::borrow::Cow;
use std::future::Future;
use std::panic::Location;
use std::sync::Arc;

/// Spawns tasks under a name.
#[derive(Clone, Debug, Default)]
pub struct Builder {
    name: Cow<'static, str>,
}

impl Builder {
    /// A builder without a name.
    #[must_use]
    pub fn new() -> Builder {
        Builder::default()
    }

    /// The name of what is spawned.
    #[must_use]
    pub fn name(self, name: impl Into<Cow<'static, str>>) -> Builder {
        Builder { name: name.into() }
    }

    #[track_caller]
    fn prepare(self, kind: TaskKind) -> Option<Arc<Life>> {
        Birth::new(kind, self.name, Location::caller()).prepare()
    }

    /// [`tokio::spawn`].
    ///
    /// # Panics
    ///
    /// Outside of a runtime.
    #[track_caller]
    pub fn spawn<F>(self, future: F) -> JoinHandle<F::Output>
    where
        F: Future + Send + 'static,
        F::Output: Send + 'static,
    {
        let life = self.prepare(TaskKind::Future);
        let handle = tokio::spawn(Watched::task(future, life.clone()));
        JoinHandle::new(handle, life)
    }

    /// [`tokio::task::spawn_local`].
    ///
    /// # Panics
    ///
    /// Outside of a `LocalSet`.
    #[track_caller]
    pub fn spawn_local<F>(self, future: F) -> JoinHandle<F::Output>
    where
        F: Future + 'static,
        F::Output: 'static,
    {
        let life = self.prepare(TaskKind::Local);
        let handle = tokio::task::spawn_local(Watched::task(future, life.clone()));
        JoinHandle::new(handle, life)
    }

    /// [`tokio::task::spawn_blocking`].
    ///
    /// # Panics
    ///
    /// Outside of a runtime.
    #[track_caller]
    pub fn spawn_blocking<F, R>(self, act: F) -> JoinHandle<R>
    where
        F: FnOnce() -> R + Send + 'static,
        R: Send + 'static,
    {
        let life = self.prepare(TaskKind::Blocking);
        let work = Work::new(life.clone());
        let handle = tokio::task::spawn_blocking(move || work.run(act));
        JoinHandle::new(handle, life)
    }
}

/// Tells a life tokio's number of it, and then the world of the life.
pub(super) fn introduce(life: Option<&Arc<Life>>, id: tokio::task::Id) {
    if let Some(life) = life {
        life.set_runtime_id(number_of(id));
        life.appear();
    }
}

/// [`tokio::spawn`].
///
/// # Panics
///
/// Outside of a runtime.
#[track_caller]
pub fn spawn<F>(future: F) -> JoinHandle<F::Output>
where
    F: Future + Send + 'static,
    F::Output: Send + 'static,
{
    Builder::new().spawn(future)
}

/// [`tokio::task::spawn_local`].
///
/// # Panics
///
/// Outside of a `LocalSet`.
#[track_caller]
pub fn spawn_local<F>(future: F) -> JoinHandle<F::Output>
where
    F: Future + 'static,
    F::Output: 'static,
{
    Builder::new().spawn_local(future)
}

/// [`tokio::task::spawn_blocking`].
///
/// # Panics
///
/// Outside of a runtime.
#[track_caller]
pub fn spawn_blocking<F, R>(act: F) -> JoinHandle<R>
where
    F: FnOnce() -> R + Send + 'static,
    R: Send + 'static,
{
    Builder::new().spawn_blocking(act)
}
