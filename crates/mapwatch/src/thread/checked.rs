//! Threads that are always watched.

use mapwatch_core::event::TaskKind;
use mapwatch_core::task::life::Birth;
use mapwatch_core::task::work::Work;
use std::io;
use std::panic::Location;
use std::thread::{JoinHandle, ScopedJoinHandle};

#[track_caller]
fn work(name: Option<&String>) -> Work {
    let name = name.cloned().unwrap_or_default();
    Work::new(Birth::new(TaskKind::Thread, name, Location::caller()).begin())
}

/// [`std::thread::spawn`].
///
/// # Panics
///
/// When the system cannot start a thread.
#[track_caller]
pub fn spawn<F, T>(act: F) -> JoinHandle<T>
where
    F: FnOnce() -> T + Send + 'static,
    T: Send + 'static,
{
    let work = work(None);
    std::thread::spawn(move || work.run(act))
}

/// [`std::thread::Builder`].
#[derive(Debug)]
#[must_use = "must eventually spawn the thread"]
pub struct Builder {
    inner: std::thread::Builder,
    name: Option<String>,
}

impl Default for Builder {
    fn default() -> Builder {
        Builder::new()
    }
}

impl Builder {
    /// A builder with the defaults.
    pub fn new() -> Builder {
        Builder { inner: std::thread::Builder::new(), name: None }
    }

    /// The thread's name.
    pub fn name(self, name: String) -> Builder {
        Builder { inner: self.inner.name(name.clone()), name: Some(name) }
    }

    /// The size of its stack in bytes.
    pub fn stack_size(self, size: usize) -> Builder {
        Builder { inner: self.inner.stack_size(size), ..self }
    }

    /// Starts the thread.
    ///
    /// # Errors
    ///
    /// As the system says.
    #[track_caller]
    pub fn spawn<F, T>(self, act: F) -> io::Result<JoinHandle<T>>
    where
        F: FnOnce() -> T + Send + 'static,
        T: Send + 'static,
    {
        let work = work(self.name.as_ref());
        self.inner.spawn(move || work.run(act))
    }

    /// Starts a thread that may borrow.
    ///
    /// # Errors
    ///
    /// As the system says.
    #[track_caller]
    pub fn spawn_scoped<'scope, 'env, F, T>(
        self,
        scope: &Scope<'scope, 'env>,
        act: F,
    ) -> io::Result<ScopedJoinHandle<'scope, T>>
    where
        F: FnOnce() -> T + Send + 'scope,
        T: Send + 'scope,
    {
        let work = work(self.name.as_ref());
        self.inner.spawn_scoped(scope.inner, move || work.run(act))
    }
}

/// [`std::thread::Scope`].
#[derive(Clone, Copy, Debug)]
pub struct Scope<'scope, 'env> {
    inner: &'scope std::thread::Scope<'scope, 'env>,
}

impl<'scope> Scope<'scope, '_> {
    /// Starts a thread that may borrow.
    ///
    /// # Panics
    ///
    /// When the system cannot start a thread.
    #[track_caller]
    pub fn spawn<F, T>(&self, act: F) -> ScopedJoinHandle<'scope, T>
    where
        F: FnOnce() -> T + Send + 'scope,
        T: Send + 'scope,
    {
        let work = work(None);
        self.inner.spawn(move || work.run(act))
    }
}

/// [`std::thread::scope`].
///
/// The closure gets the scope by value: `|scope| { scope.spawn(|| …); }` reads as with std's.
///
/// # Panics
///
/// When one of its threads panicked and was not joined.
#[track_caller]
pub fn scope<'env, F, T>(act: F) -> T
where
    F: for<'scope> FnOnce(Scope<'scope, 'env>) -> T,
{
    std::thread::scope(|scope| act(Scope { inner: scope }))
}
