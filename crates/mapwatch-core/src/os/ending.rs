//! Last words: what is called when the program exits, aborts or forks.

use crate::collector;
use crate::policy;
use mapwatch_event::event::EndReason;
use std::sync::{Once, OnceLock};

/// Installs the hooks; to be called once.
///
/// A program's own `SIGABRT` handler is left alone: then the last few milliseconds before an abort may be missing.
pub(super) fn watch() {
    // SAFETY: `at_exit` is an `extern "C"` function that does not unwind, and lives as long as the program.
    unsafe { libc::atexit(at_exit) };
    watch_forks();
    watch_abort();
}

/// Tells the threads of ours that a forked child has not got; for whoever starts one.
pub(super) fn watch_forks() {
    static ONCE: Once = Once::new();
    // SAFETY: `in_child` is an `extern "C"` function that does nothing but store to atomics and try a lock; the absent
    // handlers are allowed to be absent.
    ONCE.call_once(|| unsafe {
        libc::pthread_atfork(None, None, Some(in_child));
    });
}

/// One of those that are called at exit, and the one that came after it.
struct Called {
    act: fn(),
    next: OnceLock<Box<Called>>,
}

/// What else is called at exit, in the order in which it came.
static CALLED: OnceLock<Box<Called>> = OnceLock::new();

/// Calls `act` at exit, after those that were given before.
pub(super) fn at_exit_call(act: fn()) {
    extern "C" fn call() {
        let mut next = CALLED.get();
        while let Some(called) = next {
            // A panic must not cross into C, nor cost the others their turn.
            let _ = std::panic::catch_unwind(called.act);
            next = called.next.get();
        }
    }
    let (mut place, mut own) = (&CALLED, Box::new(Called { act, next: OnceLock::new() }));
    while let Err(back) = place.set(own) {
        own = back;
        let Some(there) = place.get() else { return };
        place = &there.next;
    }
    if std::ptr::eq(place, &raw const CALLED) {
        // SAFETY: `call` is an `extern "C"` function that does not unwind, and lives as long as the program. What is
        // registered later is called earlier: the collector, registered when recording began, comes after it.
        unsafe { libc::atexit(call) };
    }
}

extern "C" fn at_exit() {
    // A panic must not cross into C.
    let _ = std::panic::catch_unwind(|| collector::finish(EndReason::Exit));
}

extern "C" fn in_child() {
    policy::stop_recording();
    collector::forget_after_fork();
    crate::guard::watchdog::forget();
    crate::clock::forget_after_fork();
}

fn watch_abort() {
    let mut current = std::mem::MaybeUninit::<libc::sigaction>::zeroed();
    // SAFETY: a null new action asks only; `current` is valid for writing one `sigaction`.
    let asked = unsafe { libc::sigaction(libc::SIGABRT, std::ptr::null(), current.as_mut_ptr()) };
    // SAFETY: zeroed is a valid `sigaction`, and on success the call filled it.
    let current = unsafe { current.assume_init() };
    if asked != 0 || current.sa_sigaction != libc::SIG_DFL {
        return;
    }
    let mut action = current;
    action.sa_sigaction = on_abort as extern "C" fn(libc::c_int) as libc::sighandler_t;
    action.sa_flags = libc::SA_RESETHAND;
    // SAFETY: `on_abort` does only what is allowed in a signal handler: atomics and `nanosleep`. A null old
    // action is allowed.
    unsafe { libc::sigaction(libc::SIGABRT, &raw const action, std::ptr::null_mut()) };
}

/// Asks the collector to drain and waits a bounded time; `abort` then raises the signal again, by default.
extern "C" fn on_abort(_: libc::c_int) {
    collector::request_finish(EndReason::Abort);
    let pause = libc::timespec { tv_sec: 0, tv_nsec: 1_000_000 };
    for _ in 0..200 {
        if collector::is_finished() {
            return;
        }
        // SAFETY: `pause` is a valid timespec, and a null remainder is allowed.
        unsafe { libc::nanosleep(&raw const pause, std::ptr::null_mut()) };
    }
}
