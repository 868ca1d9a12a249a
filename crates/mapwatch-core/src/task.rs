//! Which task runs here, as far as the runtime tells.
//!
//! A task's number is the runtime's own with one high bit, so that it never meets a thread's number.

/// The bit that tells a task's number from a thread's.
pub(crate) const TASK: u64 = mapwatch_event::ActorId::TASK;

/// The task that this thread polls now; `None` outside of tasks, and in `block_on`.
#[cfg(feature = "tokio")]
#[inline]
pub(crate) fn current() -> Option<u64> {
    use std::hash::{Hash, Hasher};

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

    let id = tokio::task::try_id()?;
    let mut number = Number::default();
    id.hash(&mut number);
    Some(TASK | number.finish() & (TASK - 1))
}

/// Without a runtime there are no tasks.
#[cfg(not(feature = "tokio"))]
#[inline]
pub(crate) fn current() -> Option<u64> {
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
