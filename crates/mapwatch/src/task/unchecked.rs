//! What tokio and std have no names for, where checking is off: nothing but the future itself.

use std::borrow::Cow;
use std::future::Future;

/// The future itself.
pub type Watched<F> = F;

/// Gives a future a name; see the checked one.
pub trait Watch: Future + Sized {
    /// The future itself.
    fn watched(self, name: impl Into<Cow<'static, str>>) -> Self {
        let _ = name;
        self
    }
}

impl<F: Future> Watch for F {}

/// The future itself.
pub fn scope<F: Future>(name: impl Into<Cow<'static, str>>, future: F) -> F {
    future.watched(name)
}

/// Calls `act`.
pub fn sync_scope<R>(name: impl Into<Cow<'static, str>>, act: impl FnOnce() -> R) -> R {
    drop(name.into());
    act()
}

/// Spawns tasks; the name is not kept.
#[cfg(feature = "tokio")]
#[derive(Clone, Debug, Default)]
pub struct Builder(());

#[cfg(feature = "tokio")]
impl Builder {
    /// A builder.
    #[must_use]
    pub fn new() -> Builder {
        Builder(())
    }

    /// Takes no note of the name.
    #[must_use]
    pub fn name(self, name: impl Into<Cow<'static, str>>) -> Builder {
        drop(name.into());
        self
    }

    /// `tokio::spawn`.
    pub fn spawn<F>(self, future: F) -> tokio::task::JoinHandle<F::Output>
    where
        F: Future + Send + 'static,
        F::Output: Send + 'static,
    {
        tokio::spawn(future)
    }

    /// `tokio::task::spawn_local`.
    pub fn spawn_local<F>(self, future: F) -> tokio::task::JoinHandle<F::Output>
    where
        F: Future + 'static,
        F::Output: 'static,
    {
        tokio::task::spawn_local(future)
    }

    /// `tokio::task::spawn_blocking`.
    pub fn spawn_blocking<F, R>(self, act: F) -> tokio::task::JoinHandle<R>
    where
        F: FnOnce() -> R + Send + 'static,
        R: Send + 'static,
    {
        tokio::task::spawn_blocking(act)
    }
}
