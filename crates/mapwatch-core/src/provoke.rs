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
//! `docs/provocation.md` has what was measured, the papers, and where this differs from them.
//!
//! A walk over a std collection is delayed at its steps, too, where it is inside nothing. One over a `SharedMap` or a
//! sharded map is not: it keeps its guard from step to step, so whoever comes meanwhile meets it anyway.
//!
//! Nobody is delayed who holds a guard of the same map, or whose runtime has but one thread: to stop that is to
//! stop everybody whom the delay is for. There, a task that awaits a lock of tokio's yields to the others instead;
//! where nothing is awaited, nothing is done, and the stream says how often (`in_vain`). All delays together take at
//! most the larger of two seconds and a tenth of the run.

mod plan;
mod traps;

use crate::site::StaticSite;
use crate::thread::{self, Desk};
use crate::{clock, guard, policy, task};
use mapwatch_event::{MapId, Nanos, NearMiss, Provocation, SiteId};
use plan::{Access, Alone, Delay, Near, Plan, Share, Stand};
use std::cell::Cell;
use std::sync::{Mutex, OnceLock, PoisonError, TryLockError};
use std::task::Poll;
use std::time::Duration;

/// How long a delay is.
const DELAY: Nanos = Nanos(100_000_000);

/// All delays together, at least; a tenth of the run where that is more.
const BUDGET: Nanos = Nanos(2_000_000_000);

/// Steps of a walk that are closer together are not considered.
const STEP: Nanos = Nanos(1_000_000);

/// How often the others have come when a task that yields to them goes on: more than once, or two that run by turns
/// would stay one step apart for ever.
const VISITS: u32 = 16;

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
        let Share { near, delays, fruitful, spent, in_vain } = share;
        let mut near_misses: Vec<NearMiss> = near.into_iter().map(&mut near_miss).collect();
        near_misses.sort_by_key(|near| (std::cmp::Reverse(near.count), near.sites));
        Provocation { map: MapId(map), near_misses, delays, fruitful, spent, in_vain }
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
        consider(map, writes, site, Stand::Inside, &met);
    }
}

/// An access that is about to take a lock, or to act on a map that locks by itself.
#[inline]
pub(crate) fn before(map: u64, writes: bool, site: StaticSite, desk: &'static Desk) {
    if policy::is_provoking() && !guard::held_on(desk).any(|hold| hold.map == map) {
        consider(map, writes, site, Stand::Lock, &|| false);
    }
}

/// A step of a walk over an unsynchronised map, which nobody is inside of between two steps. Of a fast walk, one step
/// in a millisecond is considered: each costs a look into the plan.
pub(crate) fn at_step(map: u64, writes: bool, site: StaticSite, met: impl Fn() -> bool) {
    thread_local! {
        static LAST: Cell<u64> = const { Cell::new(0) };
    }
    let now = clock::now().0;
    let due = now.saturating_sub(LAST.get()) >= STEP.0;
    if due && guard::held_on(thread::desk()).next().is_none() {
        LAST.set(now);
        consider(map, writes, site, Stand::Step, &met);
    }
}

/// The same as [`before`] in a function that suspends: where the runtime has one thread, it yields to the others
/// until they have come, or the time of a delay is over.
pub(crate) async fn before_suspending(map: u64, writes: bool, site: StaticSite) {
    if !policy::is_provoking() || guard::held_on(thread::desk()).any(|hold| hold.map == map) {
        return;
    }
    if !is_alone() {
        return consider(map, writes, site, Stand::Lock, &|| false);
    }
    let Some((delay, actor)) = decide(map, writes, site, Stand::Lock, Alone::Yields) else { return };
    // A future that is dropped meanwhile ends its delay.
    let mut yielding = Yielding { delay, visits: 0 };
    let from = clock::now();
    let mut since = from;
    while yielding.visits < VISITS && since.since(from) < DELAY {
        yield_once().await;
        let visited = with_plan(|plan| plan.was_visited(map, actor, since));
        since = clock::now();
        yielding.visits += u32::from(visited == Some(true));
    }
}

/// A delay that goes on while others run.
struct Yielding {
    delay: Delay,
    visits: u32,
}

impl Drop for Yielding {
    fn drop(&mut self) {
        over(&self.delay, false);
    }
}

/// Tells the plan that a delay is over. It has to hear that: until then, nobody else is delayed at the map.
fn over(delay: &Delay, fruitful: bool) {
    plan().lock().unwrap_or_else(PoisonError::into_inner).delayed(delay, clock::now(), fruitful);
}

/// Lets the others run once.
async fn yield_once() {
    let mut yielded = false;
    std::future::poll_fn(|context| {
        if std::mem::replace(&mut yielded, true) {
            return Poll::Ready(());
        }
        context.waker().wake_by_ref();
        Poll::Pending
    })
    .await;
}

/// Whether this is a task of a runtime with one thread.
fn is_alone() -> bool {
    task::current().is_some() && task::is_single_threaded()
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
fn consider(map: u64, writes: bool, site: StaticSite, stand: Stand, met: &dyn Fn() -> bool) {
    let alone = if is_alone() { Alone::Sleeps } else { Alone::No };
    let Some((delay, _)) = decide(map, writes, site, stand, alone) else { return };
    // Whatever is done in here is no access of the program's.
    HERE.set(true);
    let productive = stay(met);
    over(&delay, productive);
    HERE.set(false);
}

/// Tells the plan of an access; the delay that it is to have, and whose it is.
fn decide(map: u64, writes: bool, site: StaticSite, stand: Stand, alone: Alone) -> Option<(Delay, u64)> {
    if HERE.replace(true) {
        return None;
    }
    let actor = guard::actor();
    let access = Access { actor, map, site, writes, stand, at: clock::now(), alone };
    let told = with_plan(|plan| {
        let chosen = plan.access(&access, affordable(plan.spent(), access.at));
        (chosen, plan.take_news())
    });
    let (chosen, news) = told.unwrap_or_default();
    if let Some(news) = news {
        traps::merge(&news);
    }
    HERE.set(false);
    chosen.map(|delay| (delay, actor))
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
