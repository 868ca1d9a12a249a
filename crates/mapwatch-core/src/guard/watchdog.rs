//! What waits too long: one thread, asleep most of the time, that knows of waits behind foreign locks.

use super::wait::{self, Manner, Wait};
use super::{judge, said};
use crate::{clock, policy};
use mapwatch_event::Nanos;
use std::collections::{HashMap, HashSet};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

static AWAKE: AtomicBool = AtomicBool::new(false);

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

fn watch(patience: Duration) {
    let limit = Nanos::from(patience);
    let pause = (patience / 4).clamp(Duration::from_millis(5), Duration::from_millis(250));
    let mut since: HashMap<(u64, u64), Nanos> = HashMap::new();
    let mut told: HashSet<(u64, u64, bool)> = HashSet::new();
    loop {
        std::thread::sleep(pause);
        let now = clock::now();
        let listed: Vec<Wait> = wait::list().by_serial.values().cloned().collect();
        let mut calls = wait::intents();
        // A thread that is written down as waiting is not told a second time for the call it waits in.
        calls.retain(|call| !listed.iter().any(|wait| wait.thread == call.thread && wait.map == call.map));
        since.retain(|name, _| calls.iter().any(|call| (call.thread, call.serial) == *name));
        for call in &mut calls {
            call.since = *since.entry((call.thread, call.serial)).or_insert(now);
        }
        told.retain(|(thread, serial, within)| {
            listed.iter().chain(&calls).any(|wait| {
                (wait.thread, wait.serial, wait.manner == Manner::Within) == (*thread, *serial, *within)
            })
        });
        for wait in listed.iter().chain(&calls) {
            let name = (wait.thread, wait.serial, wait.manner == Manner::Within);
            if !wait.told && now.since(wait.since) >= limit && !told.contains(&name) && tell(wait, limit, now)
            {
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
