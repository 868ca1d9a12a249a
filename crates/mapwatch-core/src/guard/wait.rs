//! Who waits, and for what: written down before the wait begins.
//!
//! Waits that block or suspend are in one list; they are rare, and the list's lock makes the last one of a
//! circle see all others. Calls into sharded maps lock and unlock where nobody can look, so each leaves its
//! intent on its desk: a call that does not end is a wait.

use super::{Latch, Mode, Part, Want, actor, hold};
use crate::sentinel::{pack, unpack};
use crate::site::{SiteCell, StaticSite};
use crate::stack::{self, RawStack};
use crate::thread::{self, Desk};
use crate::{clock, policy, recorder, task};
use mapwatch_event::{Nanos, Operation};
use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering::Acquire, Ordering::Relaxed, Ordering::Release, fence};
use std::sync::{Mutex, MutexGuard, PoisonError};

/// How one waits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Manner {
    /// The thread stands still.
    Blocked,
    /// The thread stands still, but not for ever.
    Bounded,
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
    /// Its circle was told: the watchdog has nothing to add.
    pub(crate) told: bool,
}

/// The list.
pub(crate) struct Waits {
    next: u64,
    pub(crate) by_serial: BTreeMap<u64, Wait>,
}

static WAITS: Mutex<Waits> = Mutex::new(Waits { next: 1, by_serial: BTreeMap::new() });

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
        told: false,
    };
    waits.by_serial.insert(serial, wait);
    Begun { serial, map, site: at, since }
}

impl Begun {
    pub(super) fn serial(&self) -> u64 {
        self.serial
    }

    /// Notes that this wait is about to be told of.
    pub(super) fn set_told(&self) {
        if let Some(wait) = list().by_serial.get_mut(&self.serial) {
            wait.told = true;
        }
    }
}

impl Drop for Begun {
    fn drop(&mut self) {
        list().by_serial.remove(&self.serial);
        if !policy::only_checks() {
            let span = clock::now().since(self.since);
            task::waited(self.site, span);
            recorder::span(recorder::Span::Waited, self.map, self.site, span);
        }
    }
}

/// The call into a sharded map that a desk's thread is in.
#[derive(Debug)]
pub(crate) struct Intent {
    /// Odd while a call is under way; one more at its beginning and at its end.
    serial: AtomicU64,
    map: AtomicU64,
    who: AtomicU64,
    site: SiteCell,
    /// The mode, and the part above it.
    manner: AtomicU64,
}

impl Default for Intent {
    fn default() -> Intent {
        Intent {
            serial: AtomicU64::new(0),
            map: AtomicU64::new(0),
            who: AtomicU64::new(0),
            site: SiteCell::empty(),
            manner: AtomicU64::new(0),
        }
    }
}

/// Ends the intent.
#[derive(Debug)]
pub(super) struct Within {
    desk: &'static Desk,
    /// An outer call on the same thread (a closure that calls another map) keeps the intent.
    outermost: bool,
}

impl Intent {
    #[inline]
    pub(super) fn begin(desk: &'static Desk, latch: &Latch, want: Want, at: StaticSite) -> Within {
        super::watchdog::wake();
        let intent = &desk.intent;
        let serial = intent.serial.load(Relaxed);
        if serial & 1 == 1 {
            return Within { desk, outermost: false };
        }
        // Whoever reads the former call's fields meanwhile must see that its serial number is over.
        fence(Release);
        intent.map.store(latch.id(), Relaxed);
        intent.who.store(pack(actor(), want.operation), Relaxed);
        intent.site.set(at);
        intent.manner.store(want.mode as u64 | want.part.to_bits() << 2, Relaxed);
        intent.serial.store(serial + 1, Release);
        Within { desk, outermost: true }
    }

    /// The call under way.
    pub(super) fn read(&self, desk: &Desk) -> Option<Wait> {
        let serial = self.serial.load(Acquire);
        let (actor, operation) = unpack(self.who.load(Relaxed));
        // SAFETY: intents live in leaked desks, and only `set` ever writes their sites.
        let site = unsafe { self.site.get() };
        let manner = self.manner.load(Relaxed);
        let wait = Wait {
            serial,
            map: self.map.load(Relaxed),
            actor,
            thread: desk.actor.load(Relaxed),
            operation,
            mode: Mode::from_bits(manner),
            part: Part::from_bits(manner >> 2),
            passes: true,
            site: site?,
            since: Nanos(0),
            stack: None,
            manner: Manner::Within,
            told: false,
        };
        fence(Acquire);
        (serial & 1 == 1 && self.serial.load(Relaxed) == serial).then_some(wait)
    }
}

impl Drop for Within {
    #[inline]
    fn drop(&mut self) {
        if self.outermost {
            let serial = &self.desk.intent.serial;
            serial.store(serial.load(Relaxed) + 1, Release);
        }
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

/// Who waits now, by the list.
pub(crate) fn waiting() -> Vec<Waiting> {
    let waiting = |wait: &Wait| Waiting {
        map: wait.map,
        actor: wait.actor,
        operation: wait.operation,
        site: wait.site,
        since: wait.since,
    };
    list().by_serial.values().map(waiting).collect()
}

/// All guards alive in the process.
pub(super) fn all_holds() -> Vec<hold::Hold> {
    thread::all_desks().into_iter().flat_map(super::held_on).collect()
}

/// All calls under way, by desk.
pub(super) fn intents() -> Vec<Wait> {
    thread::all_desks().into_iter().filter_map(|desk| desk.intent.read(desk)).collect()
}
