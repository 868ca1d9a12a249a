//! A runtime that is asked how many tasks it has left.
//!
//! A handle keeps parts of its runtime alive. Whoever keeps one here gives it back as soon as nothing of that
//! runtime is followed any more, or the runtime has closed, and drops it where none of our locks is held.

#[cfg(feature = "tokio")]
use std::sync::Arc;
#[cfg(feature = "tokio")]
use std::sync::atomic::{AtomicBool, Ordering::SeqCst, fence};

/// A handle of a runtime.
#[cfg(feature = "tokio")]
#[derive(Clone, Debug)]
pub(crate) struct Runtime(tokio::runtime::Handle);

#[cfg(feature = "tokio")]
impl Runtime {
    /// That of this thread; `None` outside of any.
    pub(crate) fn current() -> Option<Runtime> {
        tokio::runtime::Handle::try_current().ok().map(Runtime)
    }

    /// Its number.
    pub(crate) fn id(&self) -> u64 {
        super::number(self.0.id())
    }

    /// How many tasks it has that are not over; a `LocalSet`'s and blocking work are not among them.
    pub(crate) fn alive(&self) -> usize {
        self.0.metrics().num_alive_tasks()
    }

    /// Whether it still takes tasks, so that those which were missing before this call did not end with it.
    ///
    /// Nothing but an attempt tells: a future that does nothing is spawned. It is asked only where tasks are missing.
    pub(crate) fn is_open(&self) -> bool {
        fence(SeqCst);
        let ran = Arc::new(AtomicBool::new(false));
        let runs = Arc::clone(&ran);
        let probe = self.0.spawn(async move { runs.store(true, SeqCst) });
        // What a closed runtime is given is over at once, and has not run.
        !probe.is_finished() || ran.load(SeqCst)
    }
}

/// Without the feature there is none.
#[cfg(not(feature = "tokio"))]
#[derive(Clone, Debug)]
pub(crate) struct Runtime(());

#[cfg(not(feature = "tokio"))]
impl Runtime {
    pub(crate) fn current() -> Option<Runtime> {
        None
    }

    pub(crate) fn id(&self) -> u64 {
        0
    }

    pub(crate) fn alive(&self) -> usize {
        usize::MAX
    }

    pub(crate) fn is_open(&self) -> bool {
        false
    }
}
