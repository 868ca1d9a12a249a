//! What depends on the operating system, each with a portable fallback.
//!
//! | what | Linux | other Unix | elsewhere |
//! |---|---|---|---|
//! | making all threads fence ([`Process`]) | `membarrier` | fences in the readers | fences in the readers |
//! | last words ([`watch_ending`]) | `atexit`, `SIGABRT`, `pthread_atfork` | the same | none: the last 10 ms may be missing |
//! | a clock for a few nanoseconds ([`coarse_nanos`]) | `CLOCK_MONOTONIC_COARSE` | the precise one | the precise one |
//! | where a function begins ([`function_at`]) | the unwinder's tables | 0 | 0 |
//! | who waits for a processor ([`run_delays`]) | `/proc/self/task/*/schedstat` | nobody tells | nobody tells |
//! | one's own number ([`user`]) | `getuid` | `getuid` | – |

use crate::protocol::gate::Ordered;
use std::ffi::c_void;

#[cfg(all(target_os = "linux", not(miri)))]
mod delay;
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

/// For how many nanoseconds each thread of this process has been ready to run and had no processor, by number;
/// empty where nobody tells.
pub(crate) fn run_delays() -> std::collections::HashMap<u64, u64> {
    #[cfg(all(target_os = "linux", not(miri)))]
    return delay::by_thread();
    #[cfg(not(all(target_os = "linux", not(miri))))]
    return std::collections::HashMap::new();
}

/// Calls `collector::finish` when the program exits or aborts, and stops recording in forked children.
pub(crate) fn watch_ending() {
    #[cfg(unix)]
    ending::watch();
}

/// Has those of our threads forgotten in forked children that are not there.
pub(crate) fn watch_forks() {
    #[cfg(unix)]
    ending::watch_forks();
}

/// Calls `act` when the program ends, before the collector has its last word; never, where that cannot be had.
pub(crate) fn at_exit(act: fn()) {
    #[cfg(unix)]
    ending::at_exit_call(act);
    #[cfg(not(unix))]
    let _ = act;
}

/// The user's number, for a directory that is theirs alone.
#[cfg(unix)]
pub(crate) fn user() -> u32 {
    // SAFETY: `getuid` has no preconditions and cannot fail.
    unsafe { libc::getuid() }
}

/// The first address of the function that `address` lies in; 0 where the unwinder does not know.
#[cfg(all(target_os = "linux", not(miri)))]
pub(crate) fn function_at(address: usize) -> usize {
    // Part of the unwinder that std links.
    unsafe extern "C" {
        fn _Unwind_FindEnclosingFunction(address: *mut c_void) -> *mut c_void;
    }
    // SAFETY: the unwinder looks the address up in its tables; it is never read from.
    let entry = unsafe { _Unwind_FindEnclosingFunction(address as *mut c_void) };
    entry.addr()
}

/// The same where nobody is asked: functions are told apart by their names alone.
#[cfg(not(all(target_os = "linux", not(miri))))]
pub(crate) fn function_at(_: usize) -> usize {
    0
}

/// Nanoseconds since some moment, within a few milliseconds.
#[cfg(target_os = "linux")]
#[inline]
pub(crate) fn coarse_nanos() -> u64 {
    let mut time = libc::timespec { tv_sec: 0, tv_nsec: 0 };
    // SAFETY: `time` is a valid place to write to; the clock exists on every Linux that Rust supports.
    let told = unsafe { libc::clock_gettime(libc::CLOCK_MONOTONIC_COARSE, &raw mut time) };
    if told == 0 { time.tv_sec as u64 * 1_000_000_000 + time.tv_nsec as u64 } else { 0 }
}

/// Nanoseconds since some moment.
#[cfg(not(target_os = "linux"))]
pub(crate) fn coarse_nanos() -> u64 {
    use std::sync::OnceLock;
    use std::time::Instant;
    static FIRST: OnceLock<Instant> = OnceLock::new();
    u64::try_from(FIRST.get_or_init(Instant::now).elapsed().as_nanos()).unwrap_or(u64::MAX) + 1
}
