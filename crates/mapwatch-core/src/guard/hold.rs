//! Guards that are alive: one record each, on the desk of the thread that took it.
//!
//! Only the desk's thread claims a record; whoever drops the guard frees it. A reader of another thread takes
//! the serial number before and after the rest: two equal ones mean that the record did not change meanwhile.

use super::wait::Wait;
use super::{Latch, Mode, Part, Want, actor};
use crate::policy::{self, Capture};
use crate::sentinel::{pack, unpack};
use crate::site::{SiteCell, StaticSite};
use crate::stack::{self, RawStack};
use crate::thread::{self, Desk};
use crate::{clock, recorder, task};
use mapwatch_event::{Nanos, Operation};
use std::cell::Cell;
use std::ptr::{self, NonNull};
use std::sync::atomic::{
    AtomicBool, AtomicI32, AtomicPtr, AtomicU64, Ordering::Acquire, Ordering::Relaxed, Ordering::Release,
    fence,
};

/// Records of a desk; more guards at once take further desks.
pub(crate) const PLACES: usize = 8;

/// Within this time, guards of one thread from one call share a stack: a walk costs microseconds. Guards that suspend
/// do so only within one task: two tasks may come to one call on different ways, and whose strand it is, is asked.
const SAME_STACK: Nanos = Nanos(4_000_000);

/// The guards of one desk.
#[derive(Debug, Default)]
pub(crate) struct Holds {
    /// Serial numbers; 0 for a vacant place. One cache line, because each access looks at all of them.
    serials: [AtomicU64; PLACES],
    places: [Place; PLACES],
}

#[derive(Debug)]
struct Place {
    /// Guards that were here so far.
    count: AtomicU64,
    who: AtomicU64,
    thread: AtomicU64,
    site: SiteCell,
    since: AtomicU64,
    map: AtomicU64,
    /// Number of the stack, shifted by one; the low bit says that it is an earlier one from the same call.
    stack: AtomicU64,
    /// Mode in bits 0 and 1, then the flags, the part in the upper half.
    manner: AtomicU64,
}

impl Default for Place {
    fn default() -> Place {
        Place {
            count: AtomicU64::new(0),
            who: AtomicU64::new(0),
            thread: AtomicU64::new(0),
            site: SiteCell::empty(),
            since: AtomicU64::new(0),
            map: AtomicU64::new(0),
            stack: AtomicU64::new(0),
            manner: AtomicU64::new(0),
        }
    }
}

impl Place {
    /// Counts the guard among its task's, if it is a task's and may go with it.
    #[inline]
    fn count_task(&self, by: i32) {
        if let Some(task) = self.counted() {
            if !TASKS_HAVE.load(Relaxed) {
                TASKS_HAVE.store(true, Relaxed);
            }
            of_task(task).fetch_add(by, Relaxed);
        }
    }

    /// The task that the guard counts for.
    #[inline]
    fn counted(&self) -> Option<u64> {
        let (actor, _) = unpack(self.who.load(Relaxed));
        (actor & task::TASK != 0 && self.manner.load(Relaxed) & (TRAVELS | SUSPENDS) != 0).then_some(actor)
    }
}

const TRAVELS: u64 = 1 << 2;
const SUSPENDS: u64 = 1 << 3;
/// It was used on another thread than the one that took it.
const TRAVELLED: u64 = 1 << 4;
/// Its owner waits to make it exclusive: it is not in its own way.
const UPGRADING: u64 = 1 << 5;
/// No guard, but a call into a sharded map that has not come back: it runs the user's code under its lock.
const CALL: u64 = 1 << 6;
const PART: u32 = 32;

/// A guard that is alive, as read.
#[derive(Clone, Debug)]
pub(crate) struct Hold {
    pub(crate) map: u64,
    pub(crate) actor: u64,
    /// The thread that took it.
    pub(crate) thread: u64,
    pub(crate) operation: Operation,
    pub(crate) site: StaticSite,
    pub(crate) since: Nanos,
    pub(crate) mode: Mode,
    pub(crate) part: Part,
    pub(crate) travels: bool,
    pub(crate) suspends: bool,
    pub(crate) travelled: bool,
    pub(crate) upgrading: bool,
    /// It is a call that is under way.
    pub(crate) is_call: bool,
    stack: u64,
}

impl Hold {
    /// Its stack, and whether it is an earlier one from the same call.
    pub(crate) fn stack(&self) -> Option<(RawStack, bool)> {
        Some((stack::interned(self.stack >> 1)?, self.stack & 1 == 1))
    }
}

impl Holds {
    /// Whether any guard is alive here.
    #[inline]
    pub(crate) fn any(&self) -> bool {
        self.serials.iter().fold(0, |sum, serial| sum | serial.load(Relaxed)) != 0
    }

    /// A place that may be written to: whoever reads it meanwhile will see another serial number afterwards.
    #[inline]
    fn vacant(&self) -> Option<usize> {
        let index = self.serials.iter().position(|serial| serial.load(Acquire) == 0)?;
        fence(Release);
        Some(index)
    }

    #[inline]
    fn publish(&self, index: usize) {
        let count = &self.places[index].count;
        let serial = count.load(Relaxed) + 1;
        count.store(serial, Relaxed);
        self.serials[index].store(serial, Release);
    }

    /// The guards that are alive; one that goes away meanwhile is left out.
    pub(crate) fn alive(&self) -> impl Iterator<Item = Hold> + '_ {
        (0..PLACES).filter_map(|index| self.read(index))
    }

    /// Ends the newest record of a reader of `map`, one of `actor`'s own before one of somebody else's; tells
    /// whether there was one.
    fn end_shared(&self, map: u64, actor: u64) -> bool {
        // In words, not in a tuple with a flag: what is stored in parts and read as a whole stalls the processor, and
        // each reader of parking_lot's lock ends here.
        const OWN: u64 = 1 << 63;
        let (mut newest, mut rank, mut serial) = (PLACES, 0, 0);
        for (index, place) in self.places.iter().enumerate() {
            let found = self.serials[index].load(Acquire);
            let reads = found != 0
                && place.map.load(Relaxed) == map
                && place.manner.load(Relaxed) & 3 == Mode::Shared as u64;
            if !reads {
                continue;
            }
            let own = if unpack(place.who.load(Relaxed)).0 == actor { OWN } else { 0 };
            let its = own | place.since.load(Relaxed);
            if newest == PLACES || (its, found) > (rank, serial) {
                (newest, rank, serial) = (index, its, found);
            }
        }
        if newest == PLACES {
            return false;
        }
        // Another reader may have ended the same one meanwhile, from its own thread.
        let counted = self.places[newest].counted();
        let ended = self.serials[newest].compare_exchange(serial, 0, Release, Relaxed).is_ok();
        if let (true, Some(task)) = (ended, counted) {
            of_task(task).fetch_sub(1, Relaxed);
        }
        ended
    }

    fn read(&self, index: usize) -> Option<Hold> {
        let serial = self.serials[index].load(Acquire);
        if serial == 0 {
            return None;
        }
        let place = &self.places[index];
        let (actor, operation) = unpack(place.who.load(Relaxed));
        // SAFETY: places live in leaked desks, and only `set` ever writes their sites.
        let site = unsafe { place.site.get() }?;
        let manner = place.manner.load(Relaxed);
        let hold = Hold {
            map: place.map.load(Relaxed),
            actor,
            thread: place.thread.load(Relaxed),
            operation,
            site,
            since: Nanos(place.since.load(Relaxed)),
            mode: Mode::from_bits(manner),
            part: Part::from_bits(manner >> PART),
            travels: manner & TRAVELS != 0,
            suspends: manner & SUSPENDS != 0,
            travelled: manner & TRAVELLED != 0,
            upgrading: manner & UPGRADING != 0,
            is_call: manner & CALL != 0,
            stack: place.stack.load(Relaxed),
        };
        fence(Acquire);
        (self.serials[index].load(Relaxed) == serial).then_some(hold)
    }
}

/// Guards of tasks that are alive, by the low bits of the task's number: a task goes from thread to thread, and
/// its guards stay on the desk where they were taken.
static OF_TASKS: [AtomicI32; 1024] = [const { AtomicI32::new(0) }; 1024];

/// Whether a task ever had one: programs without tasks do not ask which one runs.
static TASKS_HAVE: AtomicBool = AtomicBool::new(false);

fn of_task(actor: u64) -> &'static AtomicI32 {
    &OF_TASKS[actor as usize % OF_TASKS.len()]
}

/// Whether the calling task may have guards, on whatever desk; `false` for a thread, whose guards are on its own.
#[inline]
pub(super) fn has_elsewhere() -> bool {
    of_this_task() != 0
}

/// How many guards that may go with it the calling task has at most, on whatever desk; 0 for a thread.
#[inline]
pub(super) fn of_this_task() -> usize {
    if !TASKS_HAVE.load(Relaxed) {
        return 0;
    }
    task::current().map_or(0, |task| usize::try_from(of_task(task).load(Relaxed)).unwrap_or(0))
}

/// The record of one guard; freed when dropped, on whatever thread.
#[derive(Debug)]
pub struct Held(Option<Kept>);

/// A desk, and the number of a place on it in the low bits. One word: guards are moved on their way out of the calls
/// that take them, and what is longer than a register goes through memory each time.
#[derive(Debug, Clone, Copy)]
struct Kept(NonNull<Desk>);

const _: () = assert!(align_of::<Desk>() >= PLACES && PLACES.is_power_of_two());

// SAFETY: a `Kept` is a `&'static Desk` and a number, and desks are shared between threads.
unsafe impl Send for Kept {}
// SAFETY: as above.
unsafe impl Sync for Kept {}

impl Kept {
    #[inline]
    fn new(desk: &'static Desk, index: usize) -> Kept {
        debug_assert!(index < PLACES);
        Kept(NonNull::from(desk).map_addr(|address| address | index))
    }

    #[inline]
    fn parts(self) -> (&'static Desk, usize) {
        let index = self.0.addr().get() & (PLACES - 1);
        let desk = self.0.as_ptr().map_addr(|address| address & !(PLACES - 1));
        // SAFETY: 1, 2 and 3: the pointer was made of a `&'static Desk`, whose low bits are 0 by the assertion above, and
        // has its provenance; 4: desks are leaked, and nobody ever has one exclusively.
        (unsafe { &*desk }, index)
    }
}

thread_local! {
    /// The last stacks by call: site's address (and task, where it matters), stack's number, when.
    static STACKS: [Cell<(usize, u64, Nanos)>; 16] = const { [const { Cell::new((0, 0, Nanos(0))) }; 16] };
}

/// Writes a call down as if it were a guard: it has not come back, and what it runs under its lock waits for another
/// one.
#[cold]
pub(super) fn keep_call(desk: &'static Desk, call: &Wait) -> Held {
    let (desk, index) = vacant(desk);
    let place = &desk.holds.places[index];
    place.who.store(pack(call.actor, call.operation), Relaxed);
    place.thread.store(call.thread, Relaxed);
    place.site.set(call.site);
    place.since.store(clock::now().0, Relaxed);
    place.map.store(call.map, Relaxed);
    place.stack.store(stack::capture_interned() << 1, Relaxed);
    // Which of the shards it has locked is not known: that the wait lasts has to tell.
    place.manner.store(call.mode as u64 | CALL | TRAVELS | call.part.to_bits() << PART, Relaxed);
    desk.holds.publish(index);
    place.count_task(1);
    Held(Some(Kept::new(desk, index)))
}

/// A free place on this desk or its extensions.
#[inline]
fn vacant(mut desk: &'static Desk) -> (&'static Desk, usize) {
    loop {
        match desk.holds.vacant() {
            Some(index) => return (desk, index),
            None => desk = desk.extension(),
        }
    }
}

/// Writes a guard down.
#[inline]
pub(super) fn keep(desk: &'static Desk, latch: &Latch, want: Want, at: StaticSite) -> Held {
    let (desk, index) = vacant(desk);
    let (family, owner) = (latch.family, actor());
    let (stack, now) = stack_of(at, if family.suspends { owner } else { 0 });
    let flags = (if family.travels { TRAVELS } else { 0 }) | (if family.suspends { SUSPENDS } else { 0 });
    let place = &desk.holds.places[index];
    place.who.store(pack(owner, want.operation), Relaxed);
    place.thread.store(thread::actor(), Relaxed);
    place.site.set(at);
    place.since.store(now.0, Relaxed);
    place.map.store(latch.id(), Relaxed);
    place.stack.store(stack, Relaxed);
    place.manner.store(want.mode as u64 | flags | want.part.to_bits() << PART, Relaxed);
    desk.holds.publish(index);
    place.count_task(1);
    Held(Some(Kept::new(desk, index)))
}

/// The number of a stack for a guard taken at `at`, this one's or one from the same call (of `owner`, where that is
/// not 0) a moment ago; and the time, precise where there was time for it.
#[inline]
fn stack_of(at: StaticSite, owner: u64) -> (u64, Nanos) {
    let address = ptr::from_ref(at).addr() ^ (owner as usize).wrapping_mul(0x9e37_79b9);
    let now = clock::rough();
    STACKS.with(|stacks| {
        let last = &stacks[address / 8 % stacks.len()];
        let (known, number, when) = last.get();
        if known == address && now.since(when) < SAME_STACK {
            (number << 1 | 1, now)
        } else {
            walk(address, last)
        }
    })
}

#[cold]
#[inline(never)]
fn walk(address: usize, last: &Cell<(usize, u64, Nanos)>) -> (u64, Nanos) {
    let number = match policy::current().capture {
        Capture::Sites => 0,
        Capture::Guards | Capture::Always => stack::capture_interned(),
    };
    last.set((address, number, clock::rough()));
    (number << 1, clock::now())
}

impl Held {
    /// No record: watching is off.
    #[must_use]
    pub const fn none() -> Held {
        Held(None)
    }

    /// A second record of the same guard, for one that was cloned or split.
    #[must_use]
    pub fn again(&self) -> Held {
        let Some((desk, index)) = self.0.map(Kept::parts) else { return Held::none() };
        let (place, free) = vacant(thread::desk());
        let (from, to) = (&desk.holds.places[index], &place.holds.places[free]);
        for (from, to) in [
            (&from.who, &to.who),
            (&from.thread, &to.thread),
            (&from.since, &to.since),
            (&from.map, &to.map),
            (&from.stack, &to.stack),
            (&from.manner, &to.manner),
        ] {
            to.store(from.load(Relaxed), Relaxed);
        }
        // SAFETY: places live in leaked desks, and only `set` ever writes their sites.
        if let Some(site) = unsafe { from.site.get() } {
            to.site.set(site);
        }
        place.holds.publish(free);
        to.count_task(1);
        Held(Some(Kept::new(place, free)))
    }

    /// Tells that the guard is used here: on another thread than the one that took it, it has travelled, unless its
    /// task has.
    #[inline]
    pub fn used(&self) {
        let Some((desk, index)) = self.0.map(Kept::parts) else { return };
        let place = &desk.holds.places[index];
        let suspends = place.manner.load(Relaxed) & SUSPENDS != 0;
        if (suspends || place.thread.load(Relaxed) != thread::actor())
            && unpack(place.who.load(Relaxed)).0 != actor()
        {
            place.manner.fetch_or(TRAVELLED, Relaxed);
        }
    }

    /// Leaves the record where it is; who ends it finds it again by the container ([`Latch::left_shared`]).
    #[inline]
    pub fn stay(self) {
        std::mem::forget(self);
    }

    /// Tells that the guard owns its lock: it may go to another task, where nobody sees it.
    pub fn set_travels(&self) {
        if let Some((desk, index)) = self.0.map(Kept::parts) {
            desk.holds.places[index].manner.fetch_or(TRAVELS, Relaxed);
        }
    }

    /// Tells that the guard's owner waits to make it exclusive, or does no longer.
    pub fn set_upgrading(&self, upgrading: bool) {
        if let Some((desk, index)) = self.0.map(Kept::parts) {
            let manner = &desk.holds.places[index].manner;
            let others = manner.load(Relaxed) & !UPGRADING;
            manner.store(others | if upgrading { UPGRADING } else { 0 }, Relaxed);
        }
    }

    /// Tells that the guard excludes less, or more, from now on.
    pub fn set_mode(&self, mode: Mode) {
        if let Some((desk, index)) = self.0.map(Kept::parts) {
            let manner = &desk.holds.places[index].manner;
            manner.store(manner.load(Relaxed) & !3 | mode as u64, Relaxed);
        }
    }
}

impl Drop for Held {
    #[inline]
    fn drop(&mut self) {
        if let Some((desk, index)) = self.0.map(Kept::parts) {
            if !policy::only_checks() {
                tell_time(desk, index);
            }
            desk.holds.places[index].count_task(-1);
            desk.holds.serials[index].store(0, Release);
        }
    }
}

/// Records for how long the guard was held.
#[inline(never)]
fn tell_time(desk: &Desk, index: usize) {
    let place = &desk.holds.places[index];
    // SAFETY: places live in leaked desks, and only `set` ever writes their sites.
    if let Some(site) = unsafe { place.site.get() } {
        let span = clock::rough().since(Nanos(place.since.load(Relaxed)));
        recorder::span(recorder::Span::Held, place.map.load(Relaxed), site, span);
    }
}

/// Ends a reader's record that stayed: the newest of the calling actor's, on whatever desk there is one.
#[inline]
pub(super) fn end_shared(desk: &'static Desk, map: u64) {
    let actor = actor();
    if !desk.chain().any(|desk| desk.holds.end_shared(map, actor)) {
        end_shared_elsewhere(map, actor);
    }
}

/// The guard has travelled, or was taken while nobody watched.
#[cold]
fn end_shared_elsewhere(map: u64, actor: u64) {
    thread::all_desks().into_iter().flat_map(Desk::chain).any(|desk| desk.holds.end_shared(map, actor));
}

/// The place of one record in a lock itself, for guards that have no room for it. Whoever has the lock has the
/// place.
#[derive(Debug)]
pub struct Berth(AtomicPtr<Desk>);

impl Berth {
    /// Nobody's.
    #[must_use]
    pub const fn empty() -> Berth {
        Berth(AtomicPtr::new(ptr::null_mut()))
    }

    /// Keeps a record.
    #[inline]
    pub fn enter(&self, held: Held) {
        if let Some(Kept(place)) = held.0 {
            self.0.store(place.as_ptr(), Relaxed);
        }
        held.stay();
    }

    /// Gives the record back.
    #[inline]
    pub fn leave(&self) -> Held {
        let place = self.0.load(Relaxed);
        self.0.store(ptr::null_mut(), Relaxed);
        Held(NonNull::new(place).map(Kept))
    }

    /// Shows the record.
    pub fn with(&self, look: impl FnOnce(&Held)) {
        let held = self.leave();
        look(&held);
        self.enter(held);
    }
}
