//! tokio's handles, which note who aborts.

use mapwatch_core::task::life::Life;
use std::future::Future;
use std::panic::Location;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use tokio::task::{Id, JoinError};

/// [`tokio::task::JoinHandle`].
#[derive(Debug)]
pub struct JoinHandle<T> {
    inner: tokio::task::JoinHandle<T>,
    life: Option<Arc<Life>>,
    /// Somebody waits for it.
    awaited: bool,
}

impl<T> JoinHandle<T> {
    pub(super) fn new(inner: tokio::task::JoinHandle<T>, life: Option<Arc<Life>>) -> JoinHandle<T> {
        super::spawn::introduce(life.as_ref(), inner.id());
        JoinHandle { inner, life, awaited: false }
    }

    /// Aborts the task, and notes that this call did.
    #[track_caller]
    pub fn abort(&self) {
        note_abort(self.life.as_ref(), Location::caller());
        self.inner.abort();
    }

    /// Whether the task has ended.
    #[must_use]
    pub fn is_finished(&self) -> bool {
        self.inner.is_finished()
    }

    /// A handle that can abort the task, and nothing else.
    #[must_use]
    pub fn abort_handle(&self) -> AbortHandle {
        AbortHandle { inner: self.inner.abort_handle(), life: self.life.clone() }
    }

    /// tokio's number of the task.
    #[must_use]
    pub fn id(&self) -> Id {
        self.inner.id()
    }
}

impl<T> Unpin for JoinHandle<T> {}

impl<T> Future for JoinHandle<T> {
    type Output = Result<T, JoinError>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let answer = Pin::new(&mut self.inner).poll(cx);
        self.awaited = answer.is_pending();
        answer
    }
}

/// A timeout, or the branch of a `select!` that won, drops the handle that was waited for; what it stands for goes on.
impl<T> Drop for JoinHandle<T> {
    fn drop(&mut self) {
        if let (true, Some(life)) = (self.awaited, &self.life) {
            life.note_left();
        }
    }
}

/// [`tokio::task::AbortHandle`].
#[derive(Clone, Debug)]
pub struct AbortHandle {
    inner: tokio::task::AbortHandle,
    life: Option<Arc<Life>>,
}

impl AbortHandle {
    pub(super) fn new(inner: tokio::task::AbortHandle, life: Option<Arc<Life>>) -> AbortHandle {
        super::spawn::introduce(life.as_ref(), inner.id());
        AbortHandle { inner, life }
    }

    /// Aborts the task, and notes that this call did.
    #[track_caller]
    pub fn abort(&self) {
        note_abort(self.life.as_ref(), Location::caller());
        self.inner.abort();
    }

    /// Whether the task has ended.
    #[must_use]
    pub fn is_finished(&self) -> bool {
        self.inner.is_finished()
    }

    /// tokio's number of the task.
    #[must_use]
    pub fn id(&self) -> Id {
        self.inner.id()
    }
}

fn note_abort(life: Option<&Arc<Life>>, at: &'static Location<'static>) {
    if let Some(life) = life {
        life.note_abort(at);
    }
}
