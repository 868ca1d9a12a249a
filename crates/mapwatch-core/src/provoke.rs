//! Provocation: a delay at the right place makes a race that hides happen.
//!
//! After Li et al., *Efficient Scalable Thread-Safety-Violation Detection* (SOSP 2019), with its parameters. The
//! difference: the delay does not stand before an access, but inside it where our own flag says who is inside, so
//! that whoever comes meets the sentinel itself. Before a lock is taken, or an act on a sharded map, the delay
//! stands between an actor's look and its act, and the history tells the rest.
//!
//! | module | holds |
//! |---|---|
//! | `plan` | near misses, phases, what is ordered, where to delay: a machine without clock or sleep |
//! | `traps` | the file by which a run begins where the last one ended |
//!
//! `MAPWATCH_PROVOKE=1` switches it on; off, nothing here is reached: the one branch that asks whether an access
//! has more to do than its check was there before.
//!
//! Two threads, one piece of work each about every millisecond for half a second (`tests/programs/rare.rs`, a
//! debug build, a busy machine with two cores, a new trap file for each run):
//!
//! | story | found without | found with | delays where nothing is found |
//! |---|---|---|---|
//! | writes to one `SharedMap` | 11 of 30 | 30 of 30 | |
//! | look, then act, each under a lock | 5 of 30 | 40 of 40 | |
//! | the writes under a lock | 0 | 0 of 30 | 1, none in the next run |
//! | the writes by turns, over channels | 0 | 0 of 30 | 1, none in the next run |
//! | look and act in one step | 0 | 0 of 30 | 2, none in the next run |
//!
//! Nobody is delayed who holds a guard of the same map, or whose runtime has but one thread: to stop that is to
//! stop everybody whom the delay is for. All delays together take at most the larger of two seconds and a tenth
//! of the run.

mod plan;
mod traps;

use crate::site::StaticSite;
use crate::thread::{self, Desk};
use crate::{clock, guard, policy, task};
use mapwatch_event::{MapId, Nanos, NearMiss, Provocation, SiteId};
use plan::{Access, Near, Plan, Share};
use std::cell::Cell;
use std::sync::{Mutex, OnceLock, PoisonError, TryLockError};
use std::time::Duration;

/// How long a delay is.
const DELAY: Nanos = Nanos(100_000_000);

/// All delays together, at least; a tenth of the run where that is more.
const BUDGET: Nanos = Nanos(2_000_000_000);

/// How often a delay looks whether somebody has come.
const SLICE: Duration = Duration::from_millis(1);

thread_local! {
    /// Set while this thread is here: file names and environments may be looked up in watched maps.
    static HERE: Cell<bool> = const { Cell::new(false) };
}

fn plan() -> &'static Mutex<Plan> {
    static PLAN: OnceLock<Mutex<Plan>> = OnceLock::new();
    PLAN.get_or_init(|| Mutex::new(Plan::new(policy::current().seed, traps::read())))
}

/// What provocation has cost this process so far.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Delays {
    /// How many there were.
    pub count: u32,
    /// How long they were together.
    pub spent: Duration,
}

/// The delays so far; none where nothing is provoked.
#[must_use]
pub fn delays() -> Delays {
    if !policy::is_provoking() {
        return Delays::default();
    }
    let plan = plan().lock().unwrap_or_else(PoisonError::into_inner);
    Delays { count: plan.count(), spent: Duration::from_nanos(plan.spent().0) }
}

/// How much of the plan is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Telling {
    /// The maps of which something is new.
    News,
    /// All, for a latecomer.
    Everything,
}

/// What is known of each map, for the stream; `site` gives a site its number.
pub(crate) fn tell(what: Telling, mut site: impl FnMut(StaticSite) -> SiteId) -> Vec<Provocation> {
    if !policy::is_provoking() {
        return Vec::new();
    }
    let shares = {
        let mut plan = plan().lock().unwrap_or_else(PoisonError::into_inner);
        match what {
            Telling::News => plan.take_shares(),
            Telling::Everything => plan.all_shares(),
        }
    };
    let mut near_miss = |near: Near| {
        let (sites, chances) = (near.sites.map(&mut site), near.chances);
        let turned = sites[0] > sites[1];
        let turn = |[one, other]: [u32; 2]| if turned { [other, one] } else { [one, other] };
        let sites = [sites[0].min(sites[1]), sites[0].max(sites[1])];
        NearMiss { sites, count: near.count, chances: turn(chances), ordered: near.ordered }
    };
    let mut told = |(map, share): (u64, Share)| {
        let Share { near, delays, fruitful, spent } = share;
        let mut near_misses: Vec<NearMiss> = near.into_iter().map(&mut near_miss).collect();
        near_misses.sort_by_key(|near| (std::cmp::Reverse(near.count), near.sites));
        Provocation { map: MapId(map), near_misses, delays, fruitful, spent }
    };
    shares.into_iter().map(&mut told).collect()
}

/// The plan, unless somebody else is at it.
fn with_plan<R>(ask: impl FnOnce(&mut Plan) -> R) -> Option<R> {
    let mut plan = match plan().try_lock() {
        Ok(plan) => plan,
        Err(TryLockError::Poisoned(poisoned)) => poisoned.into_inner(),
        Err(TryLockError::WouldBlock) => return None,
    };
    Some(ask(&mut plan))
}

/// An access that has entered an unsynchronised map: it may be made to stay, until `met` says that somebody came.
#[inline]
pub(crate) fn inside(map: u64, writes: bool, site: StaticSite, met: impl Fn() -> bool) {
    // Under a lock of ours others wait: that order is known, and the lock itself is where a delay may pay.
    if policy::is_provoking() && guard::held_on(thread::desk()).next().is_none() {
        consider(map, writes, site, false, &met);
    }
}

/// An access that is about to take a lock, or to act on a map that locks by itself.
#[inline]
pub(crate) fn before(map: u64, writes: bool, site: StaticSite, desk: &'static Desk) {
    if policy::is_provoking() && !guard::held_on(desk).any(|hold| hold.map == map) {
        consider(map, writes, site, true, &|| false);
    }
}

/// A finding of this thread's actor: its last delay, if there was one, was well placed.
pub(crate) fn paid_off() {
    if policy::is_provoking() && !HERE.replace(true) {
        let news = with_plan(|plan| {
            plan.paid_off(guard::actor());
            plan.take_news()
        });
        if let Some(news) = news.flatten() {
            traps::merge(&news);
        }
        HERE.set(false);
    }
}

#[cold]
#[inline(never)]
fn consider(map: u64, writes: bool, site: StaticSite, locks: bool, met: &dyn Fn() -> bool) {
    if HERE.replace(true) {
        return;
    }
    let alone = task::current().is_some() && task::is_single_threaded();
    let access = Access { actor: guard::actor(), map, site, writes, locks, at: clock::now(), alone };
    let told = with_plan(|plan| {
        let delay = plan.access(&access).filter(|_| affordable(plan.spent(), access.at));
        (delay, plan.take_news())
    });
    if let Some((delay, news)) = told {
        if let Some(delay) = delay {
            let productive = stay(met);
            with_plan(|plan| plan.delayed(&delay, clock::now(), productive));
        }
        if let Some(news) = news {
            traps::merge(&news);
        }
    }
    HERE.set(false);
}

/// Whether one more delay is within the budget.
fn affordable(spent: Nanos, now: Nanos) -> bool {
    spent.0 + DELAY.0 <= BUDGET.0.max(now.0 / 10)
}

/// Sleeps; `true` when somebody came.
fn stay(met: &dyn Fn() -> bool) -> bool {
    let until = clock::now().0 + DELAY.0;
    while clock::now().0 < until {
        if met() {
            return true;
        }
        std::thread::sleep(SLICE);
    }
    false
}
