//! What waits too long: one thread, asleep most of the time, that knows of waits behind foreign locks.

use super::wait::{self, Manner, Wait};
use super::{judge, said};
use crate::{clock, policy};
use mapwatch_event::Nanos;
use std::collections::{HashMap, HashSet};
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

/// How long the program has had for itself: neither we worked meanwhile, nor did the machine keep this thread from
/// running, and with it likely others.
#[derive(Debug)]
struct OwnTime {
    seen: Nanos,
    sum: Nanos,
}

impl OwnTime {
    fn tick(&mut self, now: Nanos, most: Nanos, at_work: bool) -> Nanos {
        if !at_work {
            self.sum = Nanos(self.sum.0 + now.since(self.seen).0.min(most.0));
        }
        self.seen = now;
        self.sum
    }
}

/// Starts the thread, once.
#[inline]
pub(super) fn wake() {
    if !AWAKE.load(Ordering::Relaxed) {
        start();
    }
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
    // Without the thread, stalls are not told; everything else works.
    let _ = std::thread::Builder::new().name("mapwatch-stall".to_owned()).spawn(move || watch(patience));
}

/// A wait by its thread, its number, and which of the two kinds of number that is.
type Name = (u64, u64, bool);

fn name_of(wait: &Wait) -> Name {
    (wait.thread, wait.serial, wait.manner == Manner::Within)
}

fn watch(patience: Duration) {
    let limit = Nanos::from(patience);
    let pause = (patience / 4).clamp(Duration::from_millis(5), Duration::from_millis(250));
    let mut own = OwnTime { seen: clock::now(), sum: Nanos(0) };
    // When a wait was first seen, by both clocks.
    let mut since: HashMap<Name, (Nanos, Nanos)> = HashMap::new();
    let mut told: HashSet<Name> = HashSet::new();
    loop {
        std::thread::sleep(pause);
        let now = clock::now();
        let mine = own.tick(now, Nanos::from(pause), AT_WORK.load(Ordering::Relaxed) != 0);
        let mut waits: Vec<Wait> = wait::list().by_serial.values().cloned().collect();
        let mut calls = wait::intents();
        // A thread that is written down as waiting is not told a second time for the call it waits in.
        calls.retain(|call| !waits.iter().any(|wait| wait.thread == call.thread && wait.map == call.map));
        waits.append(&mut calls);
        let names: HashSet<Name> = waits.iter().map(name_of).collect();
        since.retain(|name, _| names.contains(name));
        told.retain(|name| names.contains(name));
        for wait in &mut waits {
            let name = name_of(wait);
            let (seen, began) = *since.entry(name).or_insert((now, mine));
            if wait.manner == Manner::Within {
                wait.since = seen;
            }
            let lasts = mine.since(began) >= limit;
            if lasts && !wait.told && !told.contains(&name) && tell(wait, limit, now) {
                told.insert(name);
            }
        }
    }
}

/// Tells of one wait; `false` where no guard was in its way for as long, so that it may just be slow.
fn tell(wait: &Wait, limit: Nanos, now: Nanos) -> bool {
    if wait.manner != Manner::Within
        && let Some(circle) = judge::circle_of(wait.serial)
    {
        said::standing(&circle);
        return true;
    }
    let mut holders = wait::all_holds();
    holders.retain(|hold| judge::in_the_way(hold, wait) && now.since(hold.since) >= limit);
    if wait.manner == Manner::Within {
        holders.retain(|hold| hold.thread != wait.thread);
    }
    if holders.is_empty() {
        return false;
    }
    said::stall(wait, &holders);
    true
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn neither_our_work_nor_a_busy_machine_is_the_programs_time() {
        let pause = Nanos(100);
        let mut own = OwnTime { seen: Nanos(0), sum: Nanos(0) };
        assert_eq!(own.tick(Nanos(90), pause, false), Nanos(90));
        assert_eq!(own.tick(Nanos(5_000), pause, false), Nanos(190));
        assert_eq!(own.tick(Nanos(5_100), pause, true), Nanos(190));
    }
}
