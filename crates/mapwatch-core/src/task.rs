//! Which task runs here, and what becomes of it.
//!
//! | module | question it answers |
//! |---|---|
//! | this one | who acts on this thread now? |
//! | [`life`] | what is known of one task, thread or scope? |
//! | `story` | what is written down of it for whoever follows lives? |
//! | `crowd` | which lives are there, and which began or ended lately? |
//! | `presence` | what is being polled on this thread, from the outermost to the innermost? |
//! | `letting_go` | what does a future give up as it is dropped? |
//! | [`watched`] | a future with a life |
//! | [`work`] | a closure with a life |
//! | [`spans`] | a life that is entered and left from outside |
//! | `coverage` | how many tasks of a runtime are watched? |
//! | `runtime` | how many tasks has a runtime left, and is it still there? |
//!
//! A spawned task owns the guards that it takes, and so does a future under a name that no task is known around.
//! A named future inside a task, and a scope, are only names for a part of its work: the task stays the owner,
//! else a task that waits for its own guard would look like two.

mod coverage;
mod crowd;
mod letting_go;
pub mod life;
mod presence;
mod runtime;
pub mod spans;
pub(crate) mod story;
pub mod watched;
pub mod work;

pub(crate) use coverage::sampled as coverage;
pub(crate) use crowd::{alive, describe_name, ended_since, fresh_since};
pub(crate) use letting_go::{LetGo, note as let_go};
pub(crate) use presence::{open, waited};
pub(crate) use runtime::Runtime;

use mapwatch_event::ActorId;

/// The bit that tells a task's number from a thread's.
pub(crate) const TASK: u64 = ActorId::TASK;

/// The task that this thread polls now; `None` outside of tasks, and in `block_on`.
#[inline]
pub(crate) fn current() -> Option<u64> {
    match presence::owner() {
        0 => runtime_task().map(|id| TASK | ActorId::RUNTIME | id & (TASK - 1)),
        owner => Some(owner),
    }
}

/// The number that tokio has given to the task that runs here.
#[cfg(feature = "tokio")]
#[inline]
pub(crate) fn runtime_task() -> Option<u64> {
    tokio::task::try_id().map(number_of)
}

/// tokio's own number of a task.
#[cfg(feature = "tokio")]
#[must_use]
pub fn number_of(id: tokio::task::Id) -> u64 {
    number(id)
}

/// The number inside one of tokio's ids.
#[cfg(feature = "tokio")]
fn number(id: impl std::hash::Hash) -> u64 {
    use std::hash::Hasher;

    /// tokio's ids give their number to a hasher and to nobody else.
    #[derive(Default)]
    struct Number(u64);

    impl Hasher for Number {
        fn write(&mut self, bytes: &[u8]) {
            for (index, byte) in bytes.iter().take(8).enumerate() {
                self.0 ^= u64::from(*byte) << (8 * index);
            }
        }

        fn write_u64(&mut self, number: u64) {
            self.0 = number;
        }

        fn finish(&self) -> u64 {
            self.0
        }
    }

    let mut number = Number::default();
    id.hash(&mut number);
    number.finish()
}

/// Whether what runs here is, or may be, a future that can be dropped before it is done.
#[inline]
pub(crate) fn may_be_dropped() -> bool {
    presence::owner() != 0 || is_in_runtime()
}

/// Without a runtime there are no tasks.
#[cfg(not(feature = "tokio"))]
#[inline]
pub(crate) fn runtime_task() -> Option<u64> {
    None
}

/// Whether this thread runs tasks.
#[cfg(feature = "tokio")]
pub(crate) fn is_in_runtime() -> bool {
    tokio::runtime::Handle::try_current().is_ok()
}

/// Without a runtime no thread does.
#[cfg(not(feature = "tokio"))]
pub(crate) fn is_in_runtime() -> bool {
    false
}

/// Whether every task of this thread's runtime runs on this thread.
#[cfg(feature = "tokio")]
pub(crate) fn is_single_threaded() -> bool {
    use tokio::runtime::{Handle, RuntimeFlavor};
    Handle::try_current().is_ok_and(|handle| handle.runtime_flavor() == RuntimeFlavor::CurrentThread)
}

/// Without a runtime there is nothing to say.
#[cfg(not(feature = "tokio"))]
pub(crate) fn is_single_threaded() -> bool {
    false
}
