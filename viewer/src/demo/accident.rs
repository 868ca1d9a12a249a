//! Two sides that meet on purpose, and handlers that survive it.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Barrier;

/// A named thread's work, with the barrier that it shares with the other one.
pub(super) type Part<'a> = (&'a str, &'a (dyn Fn(&Barrier) + Sync));

/// Runs two named threads that share a barrier of two.
pub(super) fn meet(first: Part<'_>, second: Part<'_>) {
    let met = Barrier::new(2);
    std::thread::scope(|scope| {
        for (name, body) in [first, second] {
            let met = &met;
            let spawned =
                std::thread::Builder::new().name(name.to_owned()).spawn_scoped(scope, move || body(met));
            if spawned.is_err() {
                // The other side would wait for ever: there is nothing to show without threads.
                std::process::exit(2);
            }
        }
    });
}

/// A request handler that survives its panics, as services do.
pub(super) fn recovered<R>(work: impl FnOnce() -> R) {
    let _ = catch_unwind(AssertUnwindSafe(work)).ok();
}
