//! Collects what is found, by the names of the containers; and lets threads meet.

use mapwatch::{Category, Config, Conflict, Policy};
use std::panic::{AssertUnwindSafe, Location, catch_unwind};
use std::sync::{Arc, Condvar, Mutex, Once};

static FOUND: Mutex<Vec<Conflict>> = Mutex::new(Vec::new());

/// Puts a policy in force for this test binary, and collects from now on.
pub(crate) fn collect(policy: Policy) {
    static READY: Once = Once::new();
    READY.call_once(|| {
        let config = Config { policy, stderr: false, record: false, ..Config::from_env() };
        config.install().expect("the first watched container comes later");
        mapwatch::on_conflict(|conflict| FOUND.lock().unwrap().push(conflict.clone()));
    });
}

/// What was found on the container of this name.
pub(crate) fn found(name: &str) -> Vec<Conflict> {
    FOUND.lock().unwrap().iter().filter(|conflict| conflict.map.name == name).cloned().collect()
}

/// The only finding on the container of this name: its category and the lines of its sides, holder first.
#[track_caller]
pub(crate) fn only(name: &str) -> (Category, Vec<u32>) {
    let all = found(name);
    assert_eq!(all.len(), 1, "{name}: {all:#?}");
    (all[0].category, all[0].sides.iter().map(|side| side.site.line).collect())
}

/// Runs `call`, which must panic with a report of ours; gives its first line.
#[track_caller]
pub(crate) fn refused<T>(call: impl FnOnce() -> T) -> String {
    let payload = catch_unwind(AssertUnwindSafe(|| drop(call()))).expect_err("it was let through");
    let text = payload.downcast_ref::<String>().cloned().unwrap_or_default();
    assert!(text.starts_with("mapwatch: "), "{text}");
    text
}

/// The line of the call.
#[track_caller]
pub(crate) fn line() -> u32 {
    Location::caller().line()
}

/// Steps that threads do in turn, whatever the scheduler thinks.
#[derive(Clone, Default)]
pub(crate) struct Turns(Arc<(Mutex<u32>, Condvar)>);

impl Turns {
    /// Waits until it is this step's turn.
    pub(crate) fn wait(&self, step: u32) {
        let (now, changed) = &*self.0;
        drop(changed.wait_while(now.lock().unwrap(), |now| *now < step).unwrap());
    }

    /// Lets the next step go.
    pub(crate) fn go(&self, step: u32) {
        let (now, changed) = &*self.0;
        *now.lock().unwrap() = step;
        changed.notify_all();
    }
}
