//! tokio's `JoinSet`: dropping or shutting it down aborts what is in it, which is noted.

use super::{AbortHandle, Watched};
use mapwatch_core::event::{TaskKind, Through};
use mapwatch_core::task::life::{Abortion, Birth, Life};
use mapwatch_core::task::work::Work;
use std::fmt;
use std::future::Future;
use std::panic::Location;
use std::sync::Arc;
use std::task::{Context, Poll};
use tokio::runtime::Handle;
use tokio::task::{Id, JoinError, LocalSet};

/// [`tokio::task::JoinSet`].
pub struct JoinSet<T> {
    inner: tokio::task::JoinSet<T>,
    abortion: Arc<Abortion>,
    made: &'static Location<'static>,
}

impl<T> JoinSet<T> {
    /// An empty set.
    #[must_use]
    #[track_caller]
    pub fn new() -> JoinSet<T> {
        JoinSet { inner: tokio::task::JoinSet::new(), abortion: Arc::default(), made: Location::caller() }
    }

    /// Tasks in the set, finished ones that were not joined included.
    #[must_use]
    pub fn len(&self) -> usize {
        self.inner.len()
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.inner.is_empty()
    }
}

impl<T: 'static> JoinSet<T> {
    #[track_caller]
    fn prepare(&self, kind: TaskKind) -> Option<Arc<Life>> {
        let set = Some(Arc::clone(&self.abortion));
        let life = Birth { set, ..Birth::new(kind, "", Location::caller()) }.prepare();
        if let (TaskKind::Blocking, Some(life)) = (kind, &life) {
            self.abortion.includes(life);
        }
        life
    }

    /// Spawns a task.
    ///
    /// # Panics
    ///
    /// Outside of a runtime.
    #[track_caller]
    pub fn spawn<F>(&mut self, task: F) -> AbortHandle
    where
        F: Future<Output = T> + Send + 'static,
        T: Send,
    {
        let life = self.prepare(TaskKind::Future);
        AbortHandle::new(self.inner.spawn(Watched::task(task, life.clone())), life)
    }

    /// Spawns a task on a runtime.
    #[track_caller]
    pub fn spawn_on<F>(&mut self, task: F, handle: &Handle) -> AbortHandle
    where
        F: Future<Output = T> + Send + 'static,
        T: Send,
    {
        let life = self.prepare(TaskKind::Future);
        AbortHandle::new(self.inner.spawn_on(Watched::task(task, life.clone()), handle), life)
    }

    /// Spawns a task on the current `LocalSet`.
    ///
    /// # Panics
    ///
    /// Outside of one.
    #[track_caller]
    pub fn spawn_local<F>(&mut self, task: F) -> AbortHandle
    where
        F: Future<Output = T> + 'static,
    {
        let life = self.prepare(TaskKind::Local);
        AbortHandle::new(self.inner.spawn_local(Watched::task(task, life.clone())), life)
    }

    /// Spawns a task on a `LocalSet`.
    #[track_caller]
    pub fn spawn_local_on<F>(&mut self, task: F, local_set: &LocalSet) -> AbortHandle
    where
        F: Future<Output = T> + 'static,
    {
        let life = self.prepare(TaskKind::Local);
        AbortHandle::new(self.inner.spawn_local_on(Watched::task(task, life.clone()), local_set), life)
    }

    /// Runs blocking work.
    ///
    /// # Panics
    ///
    /// Outside of a runtime.
    #[track_caller]
    pub fn spawn_blocking<F>(&mut self, act: F) -> AbortHandle
    where
        F: FnOnce() -> T + Send + 'static,
        T: Send,
    {
        let life = self.prepare(TaskKind::Blocking);
        let work = Work::new(life.clone());
        AbortHandle::new(self.inner.spawn_blocking(move || work.run(act)), life)
    }

    /// Runs blocking work on a runtime's pool.
    #[track_caller]
    pub fn spawn_blocking_on<F>(&mut self, act: F, handle: &Handle) -> AbortHandle
    where
        F: FnOnce() -> T + Send + 'static,
        T: Send,
    {
        let life = self.prepare(TaskKind::Blocking);
        let work = Work::new(life.clone());
        AbortHandle::new(self.inner.spawn_blocking_on(move || work.run(act), handle), life)
    }

    /// Waits for one task; `None` when the set is empty.
    pub async fn join_next(&mut self) -> Option<Result<T, JoinError>> {
        self.inner.join_next().await
    }

    /// Waits for one task, and gives its number.
    pub async fn join_next_with_id(&mut self) -> Option<Result<(Id, T), JoinError>> {
        self.inner.join_next_with_id().await
    }

    /// A task that has ended, if there is one.
    pub fn try_join_next(&mut self) -> Option<Result<T, JoinError>> {
        self.inner.try_join_next()
    }

    /// A task that has ended, and its number.
    pub fn try_join_next_with_id(&mut self) -> Option<Result<(Id, T), JoinError>> {
        self.inner.try_join_next_with_id()
    }

    /// Aborts all, and waits for them.
    #[track_caller]
    pub fn shutdown(&mut self) -> impl Future<Output = ()> {
        self.note(Location::caller(), Through::Shutdown);
        self.inner.shutdown()
    }

    /// Waits for all.
    ///
    /// # Panics
    ///
    /// When one of them panicked or was aborted; the others are aborted then.
    pub async fn join_all(mut self) -> Vec<T> {
        std::mem::take(&mut self.inner).join_all().await
    }

    /// Aborts all.
    #[track_caller]
    pub fn abort_all(&mut self) {
        self.note(Location::caller(), Through::AbortAll);
        self.inner.abort_all();
    }

    /// Lets all go on without the set.
    pub fn detach_all(&mut self) {
        self.inner.detach_all();
    }

    /// Polls for a task that has ended.
    pub fn poll_join_next(&mut self, cx: &mut Context<'_>) -> Poll<Option<Result<T, JoinError>>> {
        self.inner.poll_join_next(cx)
    }

    /// Polls for a task that has ended, and its number.
    pub fn poll_join_next_with_id(
        &mut self,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<(Id, T), JoinError>>> {
        self.inner.poll_join_next_with_id(cx)
    }

    /// What is in the set is aborted here; what comes later is not.
    fn note(&mut self, at: &'static Location<'static>, through: Through) {
        std::mem::take(&mut self.abortion).note(at, through);
    }
}

impl<T> Drop for JoinSet<T> {
    fn drop(&mut self) {
        if !self.inner.is_empty() {
            self.abortion.note(self.made, Through::Drop);
        }
    }
}

impl<T> Default for JoinSet<T> {
    #[track_caller]
    fn default() -> JoinSet<T> {
        JoinSet::new()
    }
}

impl<T> fmt::Debug for JoinSet<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.inner.fmt(f)
    }
}

impl<T, F> FromIterator<F> for JoinSet<T>
where
    F: Future<Output = T> + Send + 'static,
    T: Send + 'static,
{
    fn from_iter<I: IntoIterator<Item = F>>(tasks: I) -> JoinSet<T> {
        let mut set = JoinSet::new();
        tasks.into_iter().for_each(|task| {
            set.spawn(task);
        });
        set
    }
}
