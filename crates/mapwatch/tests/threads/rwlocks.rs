//! `RwLock`, of std and of parking_lot: nobody sees half of a change, no addition is lost, attempts succeed where they
//! must, and a panic poisons both or neither.

use super::together::{said, strictly, together};
use proptest::prelude::*;
use std::thread::yield_now;

/// Two numbers that are equal whenever nobody writes.
#[derive(Debug, Default)]
struct Twins(u64, u64);

impl Twins {
    /// Adds to one, lets others run, and adds to the other.
    fn add(&mut self, by: u16) {
        assert_eq!(self.0, self.1, "a writer beside a writer");
        self.0 += u64::from(by);
        yield_now();
        self.1 += u64::from(by);
    }

    fn see(&self) -> u64 {
        let first = self.0;
        yield_now();
        assert_eq!(first, self.1, "a writer beside a reader");
        first
    }
}

/// What one thread saw, in order, and what its attempts have added.
#[derive(Default)]
struct Log {
    seen: Vec<u64>,
    tried: u64,
}

impl Log {
    /// What a thread sees never becomes less.
    fn see(&mut self, twins: &Twins) {
        let now = twins.see();
        assert!(self.seen.last().is_none_or(|before| *before <= now), "an addition was lost");
        self.seen.push(now);
    }

    fn try_to_add(&mut self, twins: &mut Twins, by: u16) {
        twins.add(by);
        self.tried += u64::from(by);
    }
}

fn some_programs<S: std::fmt::Debug>(step: impl Strategy<Value = S>) -> impl Strategy<Value = Vec<Vec<S>>> {
    proptest::collection::vec(proptest::collection::vec(step, 10..80), 2..=4)
}

#[derive(Clone, Debug)]
enum Step {
    Read,
    Write(u16),
    TryRead,
    TryWrite(u16),
    Downgrade(u16),
    Panic(u16),
}

fn steps() -> impl Strategy<Value = Step> {
    prop_oneof![
        6 => Just(Step::Read),
        6 => any::<u16>().prop_map(Step::Write),
        2 => Just(Step::TryRead),
        2 => any::<u16>().prop_map(Step::TryWrite),
        2 => any::<u16>().prop_map(Step::Downgrade),
        1 => any::<u16>().prop_map(Step::Panic),
    ]
}

/// What must have been added at the end, and whether a panic came while somebody wrote.
fn expected(programs: &[Vec<Step>]) -> (u64, bool) {
    let certain = |step: &Step| match step {
        Step::Write(by) | Step::Downgrade(by) | Step::Panic(by) => u64::from(*by),
        _ => 0,
    };
    let steps = || programs.iter().flatten();
    (steps().map(certain).sum(), steps().any(|step| matches!(step, Step::Panic(_))))
}

macro_rules! std_runner {
    ($name:ident, $($family:ident)::+) => {
        /// The sum, less what attempts added; whether the lock is poisoned; what one alone may and may not have.
        fn $name(programs: &[Vec<Step>]) -> (u64, bool, String) {
            use $($family)::+::{RwLock, RwLockWriteGuard};
            use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
            use std::sync::{PoisonError, TryLockError};

            let lock = RwLock::new(Twins::default());
            let tried = together(programs, |_, program| {
                let mut log = Log::default();
                for step in program {
                    match *step {
                        Step::Read => log.see(&lock.read().unwrap_or_else(PoisonError::into_inner)),
                        Step::Write(by) => lock.write().unwrap_or_else(PoisonError::into_inner).add(by),
                        Step::TryRead => match lock.try_read() {
                            Ok(twins) => log.see(&twins),
                            Err(TryLockError::Poisoned(twins)) => log.see(&twins.into_inner()),
                            Err(TryLockError::WouldBlock) => {}
                        },
                        Step::TryWrite(by) => match lock.try_write() {
                            Ok(mut twins) => log.try_to_add(&mut twins, by),
                            Err(TryLockError::Poisoned(twins)) => log.try_to_add(&mut twins.into_inner(), by),
                            Err(TryLockError::WouldBlock) => {}
                        },
                        Step::Downgrade(by) => {
                            let mut twins = lock.write().unwrap_or_else(PoisonError::into_inner);
                            twins.add(by);
                            let own = twins.0;
                            let twins = RwLockWriteGuard::downgrade(twins);
                            assert_eq!(twins.see(), own, "somebody wrote before a reader that had written");
                            log.see(&twins);
                        }
                        Step::Panic(by) => {
                            let fall = || {
                                lock.write().unwrap_or_else(PoisonError::into_inner).add(by);
                                let _twins = lock.write();
                                resume_unwind(Box::new(()));
                            };
                            assert!(catch_unwind(AssertUnwindSafe(fall)).is_err());
                            assert!(lock.is_poisoned());
                        }
                    }
                }
                log.tried
            });
            let name = |free: bool, poisoned: bool| match (free, poisoned) {
                (true, false) => "free",
                (true, true) => "poisoned",
                (false, _) => "taken",
            };
            macro_rules! attempt {
                ($call:ident) => {
                    match lock.$call() {
                        Ok(_) => name(true, false),
                        Err(TryLockError::Poisoned(_)) => name(true, true),
                        Err(TryLockError::WouldBlock) => name(false, false),
                    }
                };
            }
            let alone = (attempt!(try_read), attempt!(try_write));
            let reader = lock.read().unwrap_or_else(PoisonError::into_inner);
            let beside_reader = (attempt!(try_read), attempt!(try_write));
            drop(reader);
            let writer = lock.write().unwrap_or_else(PoisonError::into_inner);
            let beside_writer = (attempt!(try_read), attempt!(try_write));
            drop(writer);
            let attempts = format!("{alone:?} {beside_reader:?} {beside_writer:?}");
            let poisoned = lock.is_poisoned();
            lock.clear_poison();
            let sum = lock.into_inner().unwrap().see();
            (sum - tried.iter().sum::<u64>(), poisoned, attempts)
        }
    };
}

std_runner!(watched, mapwatch::sync::checked);
std_runner!(plain, std::sync);

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(24) })]

    #[test]
    fn threads_on_one_lock_of_std_do_as_with_the_original(programs in some_programs(steps())) {
        strictly();
        let watched = watched(&programs);
        prop_assert_eq!((watched.0, watched.1), expected(&programs));
        prop_assert_eq!(watched, plain(&programs));
        prop_assert_eq!(said(), Vec::<String>::new());
    }
}

#[cfg(feature = "parking_lot")]
mod of_parking_lot {
    use super::*;
    use std::time::Duration;

    #[derive(Clone, Debug)]
    enum Step {
        Read,
        ReadAgain,
        ReadPart,
        Write(u16),
        WriteFairly(u16),
        TryRead,
        TryWrite(u16),
        TryWriteForAWhile(u16),
        Downgrade(u16),
        DowngradeToUpgradable(u16),
        Upgrade(u16),
        TryUpgrade(u16),
    }

    fn steps() -> impl Strategy<Value = Step> {
        let by = any::<u16>;
        prop_oneof![
            4 => Just(Step::Read),
            2 => Just(Step::ReadAgain),
            2 => Just(Step::ReadPart),
            4 => by().prop_map(Step::Write),
            1 => by().prop_map(Step::WriteFairly),
            1 => Just(Step::TryRead),
            1 => by().prop_map(Step::TryWrite),
            1 => by().prop_map(Step::TryWriteForAWhile),
            2 => by().prop_map(Step::Downgrade),
            2 => by().prop_map(Step::DowngradeToUpgradable),
            3 => by().prop_map(Step::Upgrade),
            2 => by().prop_map(Step::TryUpgrade),
        ]
    }

    fn expected(programs: &[Vec<Step>]) -> u64 {
        let certain = |step: &Step| match step {
            Step::Write(by)
            | Step::WriteFairly(by)
            | Step::Downgrade(by)
            | Step::DowngradeToUpgradable(by)
            | Step::Upgrade(by) => u64::from(*by),
            _ => 0,
        };
        programs.iter().flatten().map(certain).sum()
    }

    macro_rules! runner {
        ($name:ident, $family:ident) => {
            /// The sum, less what attempts added; what one alone may and may not have.
            fn $name(programs: &[Vec<Step>]) -> (u64, String) {
                use mapwatch::parking_lot::$family::{
                    RwLock, RwLockReadGuard, RwLockUpgradableReadGuard, RwLockWriteGuard,
                };

                let lock = RwLock::new(Twins::default());
                let tried = together(programs, |_, program| {
                    let mut log = Log::default();
                    for step in program {
                        match *step {
                            Step::Read => log.see(&lock.read()),
                            Step::ReadAgain => {
                                let first = lock.read();
                                log.see(&lock.read_recursive());
                                log.see(&first);
                            }
                            Step::ReadPart => {
                                let part = RwLockReadGuard::map(lock.read(), |twins| &twins.1);
                                log.see(&Twins(*part, *part));
                            }
                            Step::Write(by) => lock.write().add(by),
                            Step::WriteFairly(by) => {
                                let mut twins = lock.write();
                                twins.add(by);
                                RwLockWriteGuard::unlock_fair(twins);
                            }
                            Step::TryRead => {
                                if let Some(twins) = lock.try_read() {
                                    log.see(&twins);
                                }
                            }
                            Step::TryWrite(by) => {
                                if let Some(mut twins) = lock.try_write() {
                                    log.try_to_add(&mut twins, by);
                                }
                            }
                            Step::TryWriteForAWhile(by) => {
                                if let Some(mut twins) = lock.try_write_for(Duration::from_micros(50)) {
                                    log.try_to_add(&mut twins, by);
                                }
                            }
                            Step::Downgrade(by) => {
                                let mut twins = lock.write();
                                twins.add(by);
                                let own = twins.0;
                                let twins = RwLockWriteGuard::downgrade(twins);
                                assert_eq!(
                                    twins.see(),
                                    own,
                                    "somebody wrote before a reader that had written"
                                );
                                log.see(&twins);
                            }
                            Step::DowngradeToUpgradable(by) => {
                                let mut twins = lock.write();
                                twins.add(by);
                                let twins = RwLockWriteGuard::downgrade_to_upgradable(twins);
                                log.see(&twins);
                            }
                            Step::Upgrade(by) => {
                                let twins = lock.upgradable_read();
                                let own = twins.see();
                                let mut twins = RwLockUpgradableReadGuard::upgrade(twins);
                                assert_eq!(twins.see(), own, "somebody wrote before the upgrade");
                                twins.add(by);
                            }
                            Step::TryUpgrade(by) => {
                                match RwLockUpgradableReadGuard::try_upgrade(lock.upgradable_read()) {
                                    Ok(mut twins) => log.try_to_add(&mut twins, by),
                                    Err(twins) => log.see(&twins),
                                }
                            }
                        }
                    }
                    log.tried
                });
                macro_rules! attempts {
                    () => {
                        [
                            lock.try_read().is_some(),
                            lock.try_upgradable_read().is_some(),
                            lock.try_write().is_some(),
                            lock.is_locked(),
                            lock.is_locked_exclusive(),
                        ]
                    };
                }
                let alone = attempts!();
                let reader = lock.read();
                let beside_reader = attempts!();
                drop(reader);
                let upgradable = lock.upgradable_read();
                let beside_upgradable = attempts!();
                drop(upgradable);
                let writer = lock.write();
                let beside_writer = attempts!();
                drop(writer);
                let attempts = format!("{alone:?} {beside_reader:?} {beside_upgradable:?} {beside_writer:?}");
                (lock.into_inner().see() - tried.iter().sum::<u64>(), attempts)
            }
        };
    }

    runner!(watched, checked);
    runner!(plain, original);

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(24) })]

        #[test]
        fn threads_on_one_lock_of_parking_lot_do_as_with_the_original(programs in some_programs(steps())) {
            strictly();
            let watched = watched(&programs);
            prop_assert_eq!(watched.0, expected(&programs));
            prop_assert_eq!(watched, plain(&programs));
            prop_assert_eq!(said(), Vec::<String>::new());
        }
    }
}
