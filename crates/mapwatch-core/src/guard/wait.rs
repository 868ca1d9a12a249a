//! Who waits, and for what: written down before the wait begins.
//!
//! Waits that block or suspend are in one list; they are rare, and the list's lock makes the last one of a
//! circle see all others. Calls into sharded maps lock and unlock where nobody can look, so each is on record on its
//! desk (`hold`): a call that does not end is a wait.

use super::hold::{self, Call};
use super::{Latch, Mode, Part, Want, actor};
use crate::site::StaticSite;
use crate::stack::{self, RawStack};
use crate::thread;
use crate::{clock, policy, recorder, task};
use mapwatch_event::{Nanos, Operation};
use std::collections::BTreeSet;
use std::collections::btree_map::{BTreeMap, Entry};
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::Waker;

/// How one waits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Manner {
    /// The thread stands still.
    Blocked,
    /// The thread stands still, but not for ever.
    Bounded,
    /// The thread has given the lock up until it is notified, and cannot go on before it has it again. Nobody waits
    /// for it meanwhile as one waits for a lock, unless a circle comes by.
    Notified,
    /// The task is suspended.
    Suspended,
    /// A call into a sharded map that has not come back; it may still be at work.
    Within,
}

/// One wait.
#[derive(Clone, Debug)]
pub(crate) struct Wait {
    pub(crate) serial: u64,
    pub(crate) map: u64,
    pub(crate) actor: u64,
    pub(crate) thread: u64,
    pub(crate) operation: Operation,
    pub(crate) mode: Mode,
    pub(crate) part: Part,
    pub(crate) passes: bool,
    pub(crate) site: StaticSite,
    pub(crate) since: Nanos,
    pub(crate) stack: Option<RawStack>,
    pub(crate) manner: Manner,
    /// How a suspended one is asked to look again.
    nudge: Option<Arc<Nudge>>,
}

/// Wakes a suspended wait, so that its own task judges it once more: only there it can be refused.
#[derive(Debug, Default)]
struct Nudge {
    waker: Mutex<Option<Waker>>,
    is_due: AtomicBool,
}

/// The list.
pub(crate) struct Waits {
    next: u64,
    pub(crate) by_serial: BTreeMap<u64, Arc<Wait>>,
    /// How many waits each actor has; a task that races several has more than one.
    by_actor: BTreeMap<u64, usize>,
    /// How many waits keep each thread from going on.
    by_thread: BTreeMap<u64, usize>,
    /// Those whose circle was told: the watchdog has nothing to add.
    pub(crate) told: BTreeSet<u64>,
}

impl Wait {
    /// Asks the task that is suspended in this wait to judge it again; `false` where there is none to ask.
    pub(super) fn nudge(&self) -> bool {
        let Some(nudge) = &self.nudge else { return false };
        let waker = nudge.waker.lock().unwrap_or_else(PoisonError::into_inner).take();
        let Some(waker) = waker else { return false };
        nudge.is_due.store(true, Relaxed);
        waker.wake();
        true
    }

    /// Whether its thread can do nothing else meanwhile.
    fn stands_still(&self) -> bool {
        matches!(self.manner, Manner::Blocked | Manner::Notified)
    }
}

impl Waits {
    const fn new() -> Waits {
        Waits {
            next: 1,
            by_serial: BTreeMap::new(),
            by_actor: BTreeMap::new(),
            by_thread: BTreeMap::new(),
            told: BTreeSet::new(),
        }
    }

    fn add(&mut self, wait: Wait) {
        *self.by_actor.entry(wait.actor).or_default() += 1;
        if wait.stands_still() {
            *self.by_thread.entry(wait.thread).or_default() += 1;
        }
        self.by_serial.insert(wait.serial, Arc::new(wait));
    }

    fn remove(&mut self, serial: u64) {
        let less = |counts: &mut BTreeMap<u64, usize>, of: u64| {
            if let Entry::Occupied(mut count) = counts.entry(of) {
                *count.get_mut() -= 1;
                if *count.get() == 0 {
                    count.remove();
                }
            }
        };
        let Some(wait) = self.by_serial.remove(&serial) else { return };
        less(&mut self.by_actor, wait.actor);
        if wait.stands_still() {
            less(&mut self.by_thread, wait.thread);
        }
        self.told.remove(&serial);
    }

    /// Whether the owner of a guard may be kept from going on by a wait of the list.
    pub(super) fn may_keep(&self, hold: &hold::Hold) -> bool {
        self.by_actor.contains_key(&hold.actor) || self.by_thread.contains_key(&hold.thread)
    }
}

static WAITS: Mutex<Waits> = Mutex::new(Waits::new());

/// The list, locked: nothing of the user's may run meanwhile.
pub(super) fn list() -> MutexGuard<'static, Waits> {
    WAITS.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A wait that is under way; it has ended when this is dropped.
#[derive(Debug)]
pub(super) struct Begun {
    serial: u64,
    map: u64,
    site: StaticSite,
    since: Nanos,
    manner: Manner,
    nudge: Option<Arc<Nudge>>,
    /// The waker that the nudge has.
    waker: Option<Waker>,
}

/// Writes a wait down.
pub(super) fn begin(latch: &Latch, want: Want, at: StaticSite, manner: Manner) -> Begun {
    super::watchdog::wake();
    let stack = stack::capture();
    let (actor, thread, since) = (actor(), thread::actor(), clock::now());
    let mut waits = list();
    let serial = waits.next;
    waits.next += 1;
    let map = latch.id();
    let nudge = (manner == Manner::Suspended).then(Arc::<Nudge>::default);
    let wait = Wait {
        serial,
        map,
        actor,
        thread,
        operation: want.operation,
        mode: want.mode,
        part: want.part,
        passes: want.passes,
        site: at,
        since,
        stack: Some(stack),
        manner,
        nudge: nudge.clone(),
    };
    waits.add(wait);
    Begun { serial, map, site: at, since, manner, nudge, waker: None }
}

impl Begun {
    pub(super) fn serial(&self) -> u64 {
        self.serial
    }

    /// The task was polled, and waits on; tells whether it was asked to judge its wait again.
    pub(super) fn polled(&mut self, waker: &Waker) -> bool {
        let Some(nudge) = &self.nudge else { return false };
        let is_due = nudge.is_due.swap(false, Relaxed);
        if is_due || !self.waker.as_ref().is_some_and(|known| known.will_wake(waker)) {
            self.waker = Some(waker.clone());
            *nudge.waker.lock().unwrap_or_else(PoisonError::into_inner) = Some(waker.clone());
        }
        is_due
    }

    /// Notes that this wait is about to be told of.
    pub(super) fn set_told(&self) {
        list().told.insert(self.serial);
    }
}

impl Drop for Begun {
    fn drop(&mut self) {
        list().remove(self.serial);
        if !policy::only_checks() && self.manner != Manner::Notified {
            tell(self.map, self.site, clock::now().since(self.since));
        }
    }
}

/// Shorter waits are not worth telling: a lock is tried for as long before one is written down.
const SHORT: Nanos = Nanos(2_000);

/// Waits for a guard by `block`, by an actor that keeps nobody from going on meanwhile.
pub(super) fn alone<G>(map: u64, site: StaticSite, block: impl FnOnce() -> G) -> G {
    if policy::only_checks() {
        return block();
    }
    let began = clock::now();
    let guard = block();
    let span = clock::now().since(began);
    if span > SHORT {
        tell(map, site, span);
    }
    guard
}

/// Tells those who record that a wait is over.
fn tell(map: u64, site: StaticSite, span: Nanos) {
    task::waited(site, span);
    recorder::span(recorder::Span::Waited, map, site, span);
}

/// A call under way as a wait.
fn as_wait(Call { serial, thread, draft, .. }: Call) -> Wait {
    Wait {
        serial,
        map: draft.map,
        actor: draft.actor,
        thread,
        operation: draft.want.operation,
        mode: draft.want.mode,
        part: draft.want.part,
        passes: draft.want.passes,
        site: draft.at,
        since: Nanos(0),
        stack: None,
        manner: Manner::Within,
        nudge: None,
    }
}

/// A wait as the collector tells it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Waiting {
    pub(crate) map: u64,
    pub(crate) actor: u64,
    pub(crate) operation: Operation,
    pub(crate) site: StaticSite,
    pub(crate) since: Nanos,
}

/// Who waits for a lock now, by the list.
pub(crate) fn waiting() -> Vec<Waiting> {
    let waiting = |wait: &Arc<Wait>| Waiting {
        map: wait.map,
        actor: wait.actor,
        operation: wait.operation,
        site: wait.site,
        since: wait.since,
    };
    let waits = list();
    let for_a_lock = waits.by_serial.values().filter(|wait| wait.manner != Manner::Notified);
    for_a_lock.map(waiting).collect()
}

/// All guards alive in the process.
pub(super) fn all_holds() -> Vec<hold::Hold> {
    thread::all_desks().into_iter().flat_map(super::held_on).collect()
}

/// All calls under way, by desk.
pub(super) fn calls() -> Vec<Wait> {
    calls_where(|_| true)
}

/// Those of them that may keep somebody from going on.
pub(super) fn calls_in_the_way() -> Vec<Wait> {
    calls_where(|call| !call.alone)
}

fn calls_where(counts: impl Fn(&Call) -> bool) -> Vec<Wait> {
    let calls = thread::all_desks().into_iter().filter_map(hold::call_on);
    calls.filter(counts).map(as_wait).collect()
}
