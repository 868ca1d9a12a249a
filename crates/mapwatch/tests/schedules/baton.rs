//! Actors that are threads, of which one runs at a time: whose step it is, the schedule says.

use proptest::strategy::Strategy;
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Condvar, Mutex};

/// The number of the next step.
struct Baton {
    next: Mutex<usize>,
    passed: Condvar,
}

impl Baton {
    /// Waits for the step of this number, makes it, and passes the baton on, panic or not.
    fn step(&self, number: usize, make: impl FnOnce()) {
        let mut next = self.next.lock().unwrap();
        while *next != number {
            next = self.passed.wait(next).unwrap();
        }
        drop(next);
        // Under `strict` a finding panics, when all is done.
        let _ = catch_unwind(AssertUnwindSafe(make));
        *self.next.lock().unwrap() = number + 1;
        self.passed.notify_all();
    }
}

/// A thread for each of `actors`; step after step is made by the one that it names. `make` is called in one place, so
/// that all that an actor does is done by one function.
pub(crate) fn play<S: Sync>(actors: usize, steps: &[(usize, S)], make: impl Fn(usize, &S) + Sync) {
    let baton = Baton { next: Mutex::new(0), passed: Condvar::new() };
    std::thread::scope(|scope| {
        for actor in 0..actors {
            let (baton, make) = (&baton, &make);
            scope.spawn(move || {
                let own = |(_, (who, _)): &(usize, &(usize, S))| *who == actor;
                for (number, (_, step)) in steps.iter().enumerate().filter(own) {
                    baton.step(number, || make(actor, step));
                }
            });
        }
    });
}

/// Tries `cases` schedules.
#[track_caller]
pub(crate) fn try_all<T: Strategy>(cases: u32, schedules: &T, check: impl Fn(T::Value)) {
    let asked = std::env::var_os("PROPTEST_CASES").is_some();
    let mut config = Config { failure_persistence: None, ..Config::default() };
    let mut runner = if asked {
        TestRunner::new(config)
    } else {
        config.cases = cases;
        TestRunner::new_with_rng(config, TestRng::deterministic_rng(RngAlgorithm::ChaCha))
    };
    let checked = |schedule| {
        check(schedule);
        Ok(())
    };
    if let Err(error) = runner.run(schedules, checked) {
        panic!("{error}");
    }
}
