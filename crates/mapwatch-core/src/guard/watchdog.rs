//! What waits too long: one thread, asleep most of the time, that knows of waits behind foreign locks.

use super::lasting::{Guard, Known, Name, Sight, guard, name_of};
use super::wait::{self, Manner, Wait};
use super::{judge, said};
use crate::site::address;
use crate::{clock, os, policy};
use mapwatch_event::Nanos;
use std::cell::LazyCell;
use std::collections::{BTreeSet, HashMap, HashSet};
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::time::Duration;

static AWAKE: AtomicBool = AtomicBool::new(false);

/// Threads that judge a wait or look up symbols: what others wait for meanwhile is us.
static AT_WORK: AtomicU32 = AtomicU32::new(0);

/// Stops the watchdog's clock while it lives.
#[derive(Debug)]
pub(crate) struct AtWork(());

impl AtWork {
    pub(crate) fn begin() -> AtWork {
        AT_WORK.fetch_add(1, Ordering::Relaxed);
        AtWork(())
    }
}

impl Drop for AtWork {
    fn drop(&mut self) {
        AT_WORK.fetch_sub(1, Ordering::Relaxed);
    }
}

/// How long the program has had for itself: neither did we work meanwhile, nor did the machine keep its threads
/// from running.
#[derive(Debug)]
struct OwnTime {
    seen: Nanos,
    sum: Nanos,
}

impl OwnTime {
    /// Counts the time since the last call, at most `most`; nothing of it where we were `at_work`, and a tenth at
    /// least where a thread was `kept` from running: one that computes for ever does not hide the others' waits.
    fn tick(&mut self, now: Nanos, most: Nanos, at_work: bool, kept: Nanos) -> Nanos {
        let passed = now.since(self.seen).0.min(most.0);
        if !at_work {
            self.sum = Nanos(self.sum.0 + passed.saturating_sub(kept.0).max(passed / 10));
        }
        self.seen = now;
        self.sum
    }
}

/// For how long each thread has been kept from running so far.
#[derive(Debug, Default)]
struct Kept(HashMap<u64, u64>);

impl Kept {
    /// The longest that any thread was kept since the last call; `Nanos(0)` at the first one.
    fn tick(&mut self, delays: HashMap<u64, u64>) -> Nanos {
        let longer =
            |(thread, delay): (&u64, &u64)| delay.saturating_sub(*self.0.get(thread).unwrap_or(delay));
        let longest = delays.iter().map(longer).max().unwrap_or(0);
        self.0 = delays;
        Nanos(longest)
    }
}

/// Starts the thread, once.
#[inline]
pub(crate) fn wake() {
    if !AWAKE.load(Ordering::Relaxed) {
        start();
    }
}

/// Whether the thread was started.
pub(crate) fn is_awake() -> bool {
    AWAKE.load(Ordering::Relaxed)
}

/// After a fork the thread is the parent's; the child's starts again with its first wait.
pub(crate) fn forget() {
    AWAKE.store(false, Ordering::Relaxed);
    AT_WORK.store(0, Ordering::Relaxed);
}

#[cold]
fn start() {
    if AWAKE.swap(true, Ordering::Relaxed) {
        return;
    }
    let Some(patience) = policy::current().stall else { return };
    os::watch_forks();
    // Without the thread, stalls are not told; everything else works.
    let _ = std::thread::Builder::new().name("mapwatch-stall".to_owned()).spawn(move || watch(patience));
}

fn watch(patience: Duration) {
    let limit = Nanos::from(patience);
    let pause = (patience / 4).clamp(Duration::from_millis(5), Duration::from_millis(250));
    let mut own = OwnTime { seen: clock::now(), sum: Nanos(0) };
    let mut kept = Kept::default();
    let mut known: HashMap<Name, Known> = HashMap::new();
    // Guards that were told of, with the places where somebody waits for them.
    let mut said: HashSet<(Guard, u64)> = HashSet::new();
    loop {
        std::thread::sleep(pause);
        let now = clock::now();
        // While nobody waits, nobody's delay is asked for.
        let delay = if known.is_empty() { Nanos(0) } else { kept.tick(os::run_delays()) };
        let mine = own.tick(now, Nanos::from(pause), AT_WORK.load(Ordering::Relaxed) != 0, delay);
        let (mut waits, judged) = all_waits();
        let names: HashSet<Name> = waits.iter().map(name_of).collect();
        known.retain(|name, _| names.contains(name));
        if waits.is_empty() {
            continue;
        }
        let holds = wait::all_holds();
        said.retain(|(one, _)| holds.iter().any(|hold| guard(hold) == *one));
        for wait in &mut waits {
            let known = known.entry(name_of(wait)).or_insert_with(|| Known::new(now, mine));
            known.look(wait, &holds, mine);
            if wait.manner == Manner::Within {
                wait.since = known.seen();
            }
        }
        let scene = LazyCell::new(judge::Scene::now);
        for wait in &waits {
            let name = name_of(wait);
            let was_told = wait.manner != Manner::Within && judged.contains(&wait.serial);
            if was_told || !known.get(&name).is_some_and(|known| known.is_due(limit, mine)) {
                continue;
            }
            if wait.manner != Manner::Within
                && let Some(circle) = scene.circle(wait.serial)
                && !judge::may_be_elsewhere(&circle)
            {
                let Some(known) = known.get_mut(&name) else { continue };
                // A task that can be polled is refused where it waits; what it does not say by the next look, we do.
                if known.nudge() && wait.nudge() {
                    continue;
                }
                known.set_told();
                said::standing(&circle);
                continue;
            }
            let holders = Sight { waits: &waits, holds: &holds, known: &known, limit, mine }.keepers(wait);
            let Some(first) = holders.first() else { continue };
            if let Some(known) = known.get_mut(&name) {
                known.set_told();
            }
            // Of all who wait at one place for one guard, one is told.
            if said.insert((guard(first), address(wait.site))) {
                said::stall(wait, &holders);
            }
        }
    }
}

/// All waits, and the numbers of those whose circle was told.
fn all_waits() -> (Vec<Wait>, BTreeSet<u64>) {
    let list = wait::list();
    let for_a_lock = list.by_serial.values().filter(|wait| wait.manner != Manner::Notified);
    let mut waits: Vec<Wait> = for_a_lock.map(|wait| Wait::clone(wait)).collect();
    let judged = list.told.clone();
    drop(list);
    let mut calls = wait::calls();
    // A thread that is written down as waiting is not told a second time for the call it waits in.
    calls.retain(|call| !waits.iter().any(|wait| wait.thread == call.thread && wait.map == call.map));
    waits.append(&mut calls);
    (waits, judged)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn neither_our_work_nor_a_busy_machine_is_the_programs_time() {
        let (pause, none) = (Nanos(100), Nanos(0));
        let mut own = OwnTime { seen: Nanos(0), sum: Nanos(0) };
        assert_eq!(own.tick(Nanos(90), pause, false, none), Nanos(90));
        assert_eq!(own.tick(Nanos(5_000), pause, false, none), Nanos(190));
        assert_eq!(own.tick(Nanos(5_100), pause, true, none), Nanos(190));
        assert_eq!(own.tick(Nanos(5_200), pause, false, Nanos(60)), Nanos(230));
        assert_eq!(own.tick(Nanos(5_300), pause, false, Nanos(500)), Nanos(240));
    }

    #[test]
    fn who_was_kept_longest_counts() {
        let mut kept = Kept::default();
        assert_eq!(kept.tick(HashMap::from([(1, 50), (2, 900)])), Nanos(0));
        assert_eq!(kept.tick(HashMap::from([(1, 80), (2, 910), (3, 7_000)])), Nanos(30));
    }
}
