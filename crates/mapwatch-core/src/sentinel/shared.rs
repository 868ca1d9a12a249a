//! The sentinel of a container that is shared by `&self`: here the check is the memory safety.
//!
//! Entering is exact, by the [gate](crate::protocol::gate). Who is inside is written down before it becomes
//! visible: readers beside their slot, the writer in the sentinel, so that whoever collides can name it.

use super::{Extent, pack, unpack};
use crate::entry::{Identity, Shape};
use crate::history::Trail;
use crate::os::Process;
use crate::policy::{self, Capture, Mode};
use crate::protocol::gate::{Busy, CROWD, Gate, Reader};
use crate::protocol::word::Word;
use crate::provoke;
use crate::raise::{self, Collision, Otherwise, Party, Taken};
use crate::site::{SiteCell, StaticSite};
use crate::thread::{self, Desk, Note};
use crate::{clock, recorder, stack};
use mapwatch_event::{Category, MapKind, Nanos, Operation, Role};
use std::borrow::Cow;
use std::panic::Location;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::time::Instant;

/// Writes to a shared map closer together than this make its readers pay for the ordering; see the gate.
const BUSY: Nanos = Nanos(1_000_000);

/// Whether an access outlives its call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Span {
    /// It ends within the call.
    Call,
    /// A guard or an iterator is handed out: its stack is taken now, under the policy `capture`.
    Guard,
}

/// The sentinel.
#[derive(Debug)]
pub struct Shared {
    gate: Gate,
    who: AtomicU64,
    site: SiteCell,
    since: AtomicU64,
    stack: AtomicU64,
    last_write: AtomicU64,
    identity: Identity,
}

/// A reader's place; given back when dropped.
#[derive(Debug)]
pub(crate) struct Held<'a> {
    sentinel: &'a Shared,
    desk: &'static Desk,
    slot: usize,
}

/// The writer's place; given back when dropped.
#[derive(Debug)]
pub(crate) struct Raised<'a> {
    sentinel: &'a Shared,
    fenced: bool,
    /// Where a guard is written down for those who ask who is inside now.
    shown: Option<(&'static Desk, usize)>,
}

impl Shared {
    /// A sentinel made at `made`; `shape` tells the container's type.
    #[must_use]
    pub const fn new(kind: MapKind, shape: fn() -> Shape, made: StaticSite) -> Shared {
        Shared {
            gate: Gate::new(),
            who: AtomicU64::new(0),
            site: SiteCell::empty(),
            since: AtomicU64::new(0),
            stack: AtomicU64::new(0),
            last_write: AtomicU64::new(0),
            identity: Identity::new(kind, shape, made),
        }
    }

    /// Gives the container a name for reports.
    pub fn set_name(&self, name: Cow<'static, str>) {
        self.identity.set_name(name);
    }

    /// The history of the container's keys; `None` while only one actor can be involved.
    #[inline]
    #[track_caller]
    pub fn trail(&self) -> Option<Trail<'_>> {
        self.identity.trail(Location::caller())
    }

    /// Tells how large the container was before a change and is now; a different capacity is a growth event.
    /// `began` is when a change began that was expected to move the table. Does nothing when nobody records.
    #[inline]
    #[track_caller]
    pub fn resized(&self, before: Extent, after: Extent, began: Option<Instant>) {
        if !policy::only_checks() {
            super::tell_size(&self.identity, Location::caller(), before, after, began);
        }
    }

    /// Reports a write to a map that was never initialised.
    ///
    /// # Panics
    ///
    /// Always, unless a panic is unwinding already.
    #[cold]
    #[track_caller]
    pub fn uninitialised(&self, operation: Operation) {
        raise::raise(Collision {
            category: Category::UninitialisedMap,
            grade: None,
            at: clock::now(),
            map: self.identity.entry().facts(),
            parties: vec![Party::caller(Role::Attempt, operation, Location::caller())],
            cause: format!("`{operation}` on a map that was declared, but never initialised"),
            cure: None,
            otherwise: Otherwise::Refuse,
            may_panic: true,
        })
        .carry_out();
    }

    /// Enters as a reader; `None` only when the access is refused while a panic unwinds.
    #[inline(always)]
    #[track_caller]
    pub(crate) fn enter_shared(&self, operation: Operation, span: Span) -> Option<Held<'_>> {
        let at = Location::caller();
        let id = self.identity.entry().id.0;
        let (desk, slot) = thread::desk().vacant();
        let note = &desk.notes[slot];
        note.who.store(pack(thread::actor(), operation), Relaxed);
        note.site.set(at);
        match span {
            Span::Call => note.since.store(0, Relaxed),
            Span::Guard => Shared::note_guard(note),
        }
        let reader = Reader { slots: &desk.slots, slot, bit: desk.bit };
        match self.gate.enter_shared(id, reader, &Process) {
            Ok(()) => {
                self.record(operation, at);
                Some(Held { sentinel: self, desk, slot })
            }
            Err(Busy(word)) => {
                self.refused_by_writer(word, operation, at);
                None
            }
        }
    }

    /// Enters as the writer; `None` only when the access is refused while a panic unwinds.
    #[inline(always)]
    #[track_caller]
    pub(crate) fn enter_exclusive(&self, operation: Operation, span: Span) -> Option<Raised<'_>> {
        let at = Location::caller();
        let id = self.identity.entry().id.0;
        let (before, members) = match self.gate.raise() {
            Ok(raised) => raised,
            Err(Busy(word)) => {
                self.refused_by_writer(word, operation, at);
                return None;
            }
        };
        let mut fenced = before.is_fenced();
        if members != 0 {
            let own = thread::desk().bit;
            if members & !own != 0 || own == CROWD {
                self.gate.order(before, &Process);
                let now = clock::now();
                let last = self.last_write.swap(now.0, Relaxed);
                fenced = last != 0 && now.since(Nanos(last)) < BUSY;
            }
            if let Some((desk, slot)) = find(members, id) {
                self.gate.retract();
                self.refused_by_reader((desk, slot), id, operation, at);
                return None;
            }
        }
        self.who.store(pack(thread::actor(), operation), Relaxed);
        self.site.set(at);
        let shown = match span {
            Span::Call => {
                self.since.store(0, Relaxed);
                self.stack.store(0, Relaxed);
                None
            }
            Span::Guard => Some(self.show_guard(id)),
        };
        self.record(operation, at);
        Some(Raised { sentinel: self, fenced, shown })
    }

    /// Writes the writer's guard down, here and on its thread's desk. No other writer looks at slots meanwhile,
    /// and readers never do.
    #[inline(never)]
    fn show_guard(&self, id: u64) -> (&'static Desk, usize) {
        let (desk, slot) = thread::desk().vacant();
        let note = &desk.notes[slot];
        Shared::note_guard(note);
        note.who.store(self.who.load(Relaxed), Relaxed);
        // SAFETY: the cell is a private field that only `set` ever writes; a shared map has no raw access.
        if let Some(site) = unsafe { self.site.get() } {
            note.site.set(site);
        }
        self.since.store(note.since.load(Relaxed), Relaxed);
        self.stack.store(note.stack.load(Relaxed), Relaxed);
        desk.slots.publish(slot, id);
        (desk, slot)
    }

    #[inline(always)]
    fn record(&self, operation: Operation, at: StaticSite) {
        if !policy::only_checks() {
            self.record_access(operation, at);
        }
    }

    #[inline(never)]
    fn record_access(&self, operation: Operation, at: StaticSite) {
        if policy::mode() == Mode::Record {
            recorder::access(&self.identity, operation, at);
        }
        let id = self.identity.entry().id.0;
        if policy::is_provoking() && thread::desk().slots.holding(id).count() < 2 {
            provoke::inside(id, !operation.is_shared(), at, || self.gate.word().is_contested());
        }
    }

    /// Since when a guard is held, and where it was taken.
    #[inline(never)]
    fn note_guard(note: &Note) {
        note.since.store(clock::now().0, Relaxed);
        note.stack.store(Shared::guard_stack(), Relaxed);
    }

    fn guard_stack() -> u64 {
        match policy::current().capture {
            Capture::Sites => 0,
            Capture::Guards | Capture::Always => stack::capture_interned(),
        }
    }

    /// The map is being written: names the writer.
    #[cold]
    #[track_caller]
    fn refused_by_writer(&self, word: Word, operation: Operation, at: StaticSite) {
        let met = clock::now();
        let attempt = Party::caller(Role::Attempt, operation, at);
        let (actor, held_operation) = unpack(self.who.load(Relaxed));
        // SAFETY: the cell is a private field that only `set` ever writes; a shared map has no raw access.
        let site = unsafe { self.site.get() };
        let stack = match stack::interned(self.stack.load(Relaxed)) {
            Some(stack) => Taken::At(stack, "taken when the guard was handed out"),
            None if actor == attempt.actor => {
                Taken::Not("the same thread: its frames are below the attempt's")
            }
            None => {
                let inside = || self.gate.word().is_writing() && self.gate.word().epoch() == word.epoch();
                raise::ask(self.identity.entry().id.0, || self.gate.contest(), inside)
            }
        };
        let held_for = age(met, self.since.load(Relaxed));
        let holder =
            Party { role: Role::Holder, operation: held_operation, actor, thread: 0, site, held_for, stack };
        self.collide(met, holder, attempt);
    }

    /// Somebody reads the map: names one reader.
    #[cold]
    #[track_caller]
    fn refused_by_reader(
        &self,
        (desk, slot): (&'static Desk, usize),
        id: u64,
        operation: Operation,
        at: StaticSite,
    ) {
        let met = clock::now();
        let attempt = Party::caller(Role::Attempt, operation, at);
        let note = &desk.notes[slot];
        let (actor, held_operation) = unpack(note.who.load(Relaxed));
        // SAFETY: notes live in leaked desks, and only `set` ever writes their sites.
        let site = unsafe { note.site.get() };
        let since = note.since.load(Relaxed);
        let stack = match stack::interned(note.stack.load(Relaxed)).filter(|_| since != 0) {
            Some(stack) => Taken::At(stack, "taken when the guard was handed out"),
            None if actor == attempt.actor => {
                Taken::Not("the same thread: its frames are below the attempt's")
            }
            None => {
                let stack = raise::ask(id, || self.gate.contest(), || desk.slots.map(slot) == id);
                self.gate.appease();
                stack
            }
        };
        let holder = Party {
            role: Role::Holder,
            operation: held_operation,
            actor,
            thread: 0,
            site,
            held_for: age(met, since),
            stack,
        };
        self.collide(met, holder, attempt);
    }

    #[track_caller]
    fn collide(&self, at: Nanos, holder: Party, attempt: Party) {
        let (first, second) = (holder.operation, attempt.operation);
        let cause = match (holder.actor == attempt.actor, holder.held_for.is_some()) {
            (true, true) => {
                format!("the guard that `{first}` gave this thread is still alive when it calls `{second}`")
            }
            (true, false) => format!("`{second}` was called from inside `{first}` on the same map"),
            (false, true) => {
                format!("the guard that `{first}` gave is still alive on another thread, or in its hands")
            }
            (false, false) => format!("`{second}` began before `{first}` of another thread had ended"),
        };
        // A writer excludes even readers, whatever the reader does with what it sees.
        raise::raise(Collision {
            category: raise::category_of(first.access(), second.access()),
            grade: None,
            at,
            map: self.identity.entry().facts(),
            parties: vec![holder, attempt],
            cause,
            cure: None,
            otherwise: Otherwise::Refuse,
            may_panic: true,
        })
        .carry_out();
    }
}

/// A slot that holds the map `id`, on a desk of `members`.
fn find(members: u64, id: u64) -> Option<(&'static Desk, usize)> {
    thread::desks_of(members).find_map(|desk| desk.slots.holding(id).next().map(|slot| (desk, slot)))
}

fn age(now: Nanos, since: u64) -> Option<Nanos> {
    (since != 0).then(|| now.since(Nanos(since)))
}

impl Clone for Held<'_> {
    /// Shares the slot: no ordering is owed, because the slot is taken already.
    #[inline]
    fn clone(&self) -> Self {
        self.desk.slots.share(self.slot);
        Held { sentinel: self.sentinel, desk: self.desk, slot: self.slot }
    }
}

impl Drop for Held<'_> {
    #[inline]
    fn drop(&mut self) {
        if self.sentinel.gate.word().is_contested() {
            raise::testify(self.sentinel.identity.entry().id.0);
        }
        self.desk.slots.release(self.slot);
    }
}

impl Drop for Raised<'_> {
    #[inline]
    fn drop(&mut self) {
        if self.sentinel.gate.word().is_contested() {
            raise::testify(self.sentinel.identity.entry().id.0);
        }
        if let Some((desk, slot)) = self.shown {
            desk.slots.release(slot);
        }
        self.sentinel.gate.leave_exclusive(self.fenced);
    }
}
