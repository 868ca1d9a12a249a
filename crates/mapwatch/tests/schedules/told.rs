//! What is told of a map, under the strictest policy: there, one pair of sites is told every time.

use mapwatch::{Config, Conflict, Policy};
use std::sync::{Mutex, MutexGuard, Once, PoisonError};

static TOLD: Mutex<Vec<Conflict>> = Mutex::new(Vec::new());

/// Puts the policy in force, and keeps other tests of this binary out: the history is one for a process, and what they
/// write would have to be waited for.
pub(crate) fn alone() -> MutexGuard<'static, ()> {
    static READY: Once = Once::new();
    static ALONE: Mutex<()> = Mutex::new(());
    READY.call_once(|| {
        let config = Config {
            policy: Policy::Strict,
            record: false,
            stall: None,
            provoke: false,
            stderr: false,
            ..Config::from_env()
        };
        config.install().unwrap();
        mapwatch::on_conflict(|conflict| TOLD.lock().unwrap().push(conflict.clone()));
    });
    ALONE.lock().unwrap_or_else(PoisonError::into_inner)
}

/// What was told since the last call.
pub(crate) fn take() -> Vec<Conflict> {
    std::mem::take(&mut TOLD.lock().unwrap())
}
