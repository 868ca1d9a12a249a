//! What depends on the operating system, each with a portable fallback.
//!
//! | what | Linux | other Unix | elsewhere |
//! |---|---|---|---|
//! | making all threads fence ([`Process`]) | `membarrier` | fences in the readers | fences in the readers |
//! | last words ([`watch_ending`]) | `atexit`, `SIGABRT`, `pthread_atfork` | the same | none: the last 10 ms may be missing |
//! | one's own number ([`user`]) | `getuid` | `getuid` | – |

use crate::protocol::gate::Ordered;

#[cfg(unix)]
mod ending;
#[cfg(all(target_os = "linux", not(miri)))]
mod membarrier;

/// How this process pays for the ordering between readers and writers; see the gate.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Process;

#[cfg(all(target_os = "linux", not(miri)))]
impl Ordered for Process {
    #[inline]
    fn is_asymmetric(&self) -> bool {
        membarrier::is_registered()
    }

    fn barrier(&self) {
        membarrier::run();
    }
}

#[cfg(not(all(target_os = "linux", not(miri))))]
impl Ordered for Process {
    #[inline]
    fn is_asymmetric(&self) -> bool {
        false
    }

    fn barrier(&self) {}
}

/// Calls `collector::finish` when the program exits or aborts, and stops recording in forked children.
pub(crate) fn watch_ending() {
    #[cfg(unix)]
    ending::watch();
}

/// The user's number, for a directory that is theirs alone.
#[cfg(unix)]
pub(crate) fn user() -> u32 {
    // SAFETY: `getuid` has no preconditions and cannot fail.
    unsafe { libc::getuid() }
}
