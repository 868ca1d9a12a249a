//! Guards that are alive: one record each, on the desk of the thread that took it.
//!
//! Only the desk's thread makes a record; whoever drops the guard ends it. A call into a sharded map is on record
//! before it waits, and its record becomes that of the guard that it then hands out.
//!
//! | module | question it answers |
//! |---|---|
//! | this one | how does a guard keep its record? |
//! | `places` | what does a record say? |
//! | `stacks` | on which way did the thread come to the call? |
//! | `berth` | where is the record of a guard that has no room for it? |

mod berth;
mod places;
mod stacks;

pub use berth::Berth;
pub(super) use places::{Call, Kin};
pub(crate) use places::{Hold, Holds, alive};

use super::{Latch, Mode, Part, Want, watchdog};
use crate::policy;
use crate::sentinel::unpack;
use crate::site::{self, StaticSite};
use crate::thread::{self, Desk};
use crate::{clock, recorder, task};
use places::{
    CALL, COUNTED, Draft, HEAD, MAP, PART, PLACES, SINCE, SITE, SUSPENDS, Since, THREAD, TRAVELLED, TRAVELS,
    UPGRADING, WHO,
};
use std::ptr::NonNull;
use std::sync::atomic::{AtomicBool, AtomicI32, Ordering::Relaxed};

/// Guards of tasks that are alive, by the low bits of the task's number: a task goes from thread to thread, and
/// its guards stay on the desk where they were taken.
static OF_TASKS: [AtomicI32; 1024] = [const { AtomicI32::new(0) }; 1024];

/// Whether a task ever had one: programs without tasks do not ask which one runs.
static TASKS_HAVE: AtomicBool = AtomicBool::new(false);

fn of_task(actor: u64) -> &'static AtomicI32 {
    &OF_TASKS[actor as usize % OF_TASKS.len()]
}

/// One guard more, or less, of a task.
#[inline(never)]
fn count(actor: u64, by: i32) {
    if !TASKS_HAVE.load(Relaxed) {
        TASKS_HAVE.store(true, Relaxed);
    }
    of_task(actor).fetch_add(by, Relaxed);
}

/// Whether the calling task may have guards, on whatever desk; `false` for a thread, whose guards are on its own.
#[inline]
pub(super) fn has_elsewhere() -> bool {
    TASKS_HAVE.load(Relaxed) && of_this_task() != 0
}

/// How many guards that may go with it the calling task has at most, on whatever desk; 0 for a thread.
pub(super) fn of_this_task() -> usize {
    if !TASKS_HAVE.load(Relaxed) {
        return 0;
    }
    task::current().map_or(0, |task| usize::try_from(of_task(task).load(Relaxed)).unwrap_or(0))
}

/// The record of one guard; ended when dropped, on whatever thread.
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
    /// Makes a record on this desk or its extensions.
    #[inline(always)]
    fn make<const GIVEN: usize>(desk: &'static Desk, words: [u64; GIVEN]) -> Kept {
        if desk.holds.is_vacant(0) {
            desk.holds.make(0, words);
            return Kept(NonNull::from(desk));
        }
        let (desk, place) = vacant(desk);
        desk.holds.make(place, words);
        Kept(NonNull::from(desk).map_addr(|address| address | place))
    }

    /// Makes a record that has a time; a task's has its thread beside.
    #[inline(always)]
    fn make_since(desk: &'static Desk, draft: &Draft, head: u64, since: Since) -> Kept {
        let [head, who, site, map] = draft.words(head);
        match draft.is_of_task() {
            true => Kept::make(desk, [head, who, site, map, since.0, thread::actor()]),
            false => Kept::make(desk, [head, who, site, map, since.0]),
        }
    }

    #[inline]
    fn parts(self) -> (&'static Holds, usize) {
        let place = self.0.addr().get() & (PLACES - 1);
        let desk = self.0.as_ptr().map_addr(|address| address & !(PLACES - 1));
        // SAFETY: 1, 2 and 3: the pointer was made of a `&'static Desk`, whose low bits are 0 by the assertion above, and
        // has its provenance; 4: desks are leaked, and nobody ever has one exclusively.
        (unsafe { &(*desk).holds }, place)
    }

    /// Ends the record of a guard.
    #[inline(always)]
    fn end(self) {
        let (holds, place) = self.parts();
        if holds.word(place, HEAD).load(Relaxed) & COUNTED != 0 {
            count(unpack(holds.word(place, WHO).load(Relaxed)).0, -1);
        }
        holds.end(place);
    }

    /// Changes the record's head.
    #[inline]
    fn set_head(self, set: u64, clear: u64) {
        let (holds, place) = self.parts();
        let head = holds.word(place, HEAD);
        head.store(head.load(Relaxed) & !clear | set, Relaxed);
    }
}

/// A place on this desk or its extensions.
#[inline(never)]
fn vacant(mut desk: &'static Desk) -> (&'static Desk, usize) {
    loop {
        match desk.holds.vacant() {
            Some(place) => return (desk, place),
            None => {
                desk.holds.goes_beyond();
                desk = desk.extension();
            }
        }
    }
}

/// Writes a guard down.
#[inline(always)]
pub(super) fn keep(desk: &'static Desk, map: u64, kin: Kin, want: Want, at: StaticSite) -> Held {
    let draft = Draft::new(map, want, at);
    let since = stacks::since(at, if kin.suspends() { draft.actor } else { 0 });
    let head = places::head_of_guard(want, draft.actor, kin);
    Held::of(Kept::make_since(desk, &draft, head, since), head, draft.actor)
}

/// A call into a sharded map that is on record, until this is dropped or becomes a guard. Within another call the
/// outermost alone is on record, and where watching is off, none is.
#[derive(Debug)]
pub(super) struct Within(Option<Kept>);

impl Within {
    /// Nothing is watched.
    #[inline]
    pub(super) fn none() -> Within {
        Within(None)
    }

    /// The desk's thread, which has nothing on record, is about to make a call into a sharded map.
    #[inline(always)]
    pub(super) fn begin(desk: &'static Desk, map: u64, want: Want, at: StaticSite) -> Within {
        Within::make(desk, &Draft::new(map, want, at), true)
    }

    /// The same, where it may have guards, or be within another call.
    pub(super) fn begin_beside(desk: &'static Desk, map: u64, want: Want, at: StaticSite) -> Within {
        match call_on(desk) {
            Some(_) => Within(None),
            None => Within::make(desk, &Draft::new(map, want, at), false),
        }
    }

    #[inline(always)]
    fn make(desk: &'static Desk, draft: &Draft, alone: bool) -> Within {
        watchdog::wake();
        let head = draft.head_of_call(alone);
        Within(Some(match draft.is_of_task() {
            true => Kept::make_since(desk, draft, head, Since(0)),
            false => Kept::make(desk, draft.words(head)),
        }))
    }

    /// The call turns out to be about this part.
    #[inline(always)]
    pub(super) fn is_about(&self, part: Part) {
        if let Some(kept) = self.0 {
            kept.set_head(part.to_bits() << PART, !0 << PART);
        }
    }

    /// The call hands a guard out.
    pub(super) fn become_guard(self, latch: &Latch, want: Want, at: StaticSite) -> Held {
        let Some(kept) = self.0 else { return latch.keep_at(want, at) };
        std::mem::forget(self);
        let (holds, place) = kept.parts();
        let actor = unpack(holds.word(place, WHO).load(Relaxed)).0;
        let head = places::head_of_guard(want, actor, Kin::SHARDED);
        holds.word(place, SINCE).store(stacks::since(at, 0).0, Relaxed);
        holds.set_head(place, head);
        Held::of(kept, head, actor)
    }

    /// The call came back with nothing.
    #[inline(always)]
    pub(super) fn end(self) {
        if let Some((holds, place)) = self.0.map(Kept::parts) {
            holds.end(place);
        }
        std::mem::forget(self);
    }
}

impl Drop for Within {
    /// The call panicked.
    #[inline(always)]
    fn drop(&mut self) {
        #[cold]
        #[inline(never)]
        fn unwound(kept: Option<Kept>) {
            Within(kept).end();
        }
        unwound(self.0);
    }
}

/// The call under way on a desk and its extensions.
pub(super) fn call_on(desk: &'static Desk) -> Option<Call> {
    desk.chain().find_map(|desk| places::under_way(&desk.holds))
}

/// Writes a call down as if it were a guard: it has not come back, and what it runs under its lock waits for another
/// one.
#[cold]
pub(super) fn keep_call(desk: &'static Desk, call: &Call) -> Held {
    // Which of the shards it has locked is not known: that the wait lasts has to tell.
    let Call { draft, thread, .. } = *call;
    let head = places::head_of_guard(draft.want, draft.actor, Kin::SHARDED) | CALL;
    let since = Since::new(clock::now(), stacks::number() << 1);
    let [head, who, site, map] = draft.words(head);
    Held::of(Kept::make(desk, [head, who, site, map, since.0, thread]), head, draft.actor)
}

impl Held {
    /// A record that was made of this head, of a guard that `actor` has.
    #[inline(always)]
    fn of(kept: Kept, head: u64, actor: u64) -> Held {
        if head & COUNTED != 0 {
            count(actor, 1);
        }
        Held(Some(kept))
    }

    /// No record: watching is off.
    #[must_use]
    pub const fn none() -> Held {
        Held(None)
    }

    /// A second record of the same guard, for one that was cloned or split.
    #[must_use]
    pub fn again(&self) -> Held {
        let Some((holds, place)) = self.0.map(Kept::parts) else { return Held::none() };
        let words = [HEAD, WHO, SITE, MAP, SINCE, THREAD].map(|word| holds.word(place, word).load(Relaxed));
        Held::of(Kept::make(thread::desk(), words), words[HEAD], unpack(words[WHO]).0)
    }

    /// Tells that the guard is used here: on another thread than the one that took it, it has travelled, unless its
    /// task has.
    #[inline]
    pub fn used(&self) {
        let Some((holds, place)) = self.0.map(Kept::parts) else { return };
        let owner = unpack(holds.word(place, WHO).load(Relaxed)).0;
        if owner != thread::actor() || holds.word(place, HEAD).load(Relaxed) & SUSPENDS != 0 {
            used_by_another(holds, place, owner);
        }
    }

    /// Ends the record of a guard that is not handed out after all; nobody is told for how long it was held.
    #[inline(always)]
    pub fn discard(self) {
        if let Some(kept) = self.0 {
            kept.end();
        }
        std::mem::forget(self);
    }

    /// Leaves the record where it is; who ends it finds it again by the container ([`Latch::left_shared`]).
    #[inline]
    pub fn stay(self) {
        std::mem::forget(self);
    }

    /// Tells that the guard owns its lock: it may go to another task, where nobody sees it.
    pub fn set_travels(&self) {
        if let Some((holds, place)) = self.0.map(Kept::parts) {
            holds.word(place, HEAD).fetch_or(TRAVELS, Relaxed);
        }
    }

    /// Tells that the guard's owner waits to make it exclusive, or does no longer.
    pub fn set_upgrading(&self, upgrading: bool) {
        if let Some(kept) = self.0 {
            kept.set_head(if upgrading { UPGRADING } else { 0 }, UPGRADING);
        }
    }

    /// Tells that the guard excludes less, or more, from now on.
    pub fn set_mode(&self, mode: Mode) {
        if let Some(kept) = self.0 {
            kept.set_head(mode as u64, 3);
        }
    }
}

impl Drop for Held {
    #[inline]
    fn drop(&mut self) {
        if let Some(kept) = self.0 {
            if !policy::only_checks() {
                tell_time(kept);
            }
            kept.end();
        }
    }
}

/// Another thread than the owner may use a guard: it belongs to a task, or has travelled.
#[inline(never)]
fn used_by_another(holds: &Holds, place: usize, owner: u64) {
    let suspends = holds.word(place, HEAD).load(Relaxed) & SUSPENDS != 0;
    let is_at_home = owner & task::TASK != 0 && holds.word(place, THREAD).load(Relaxed) == thread::actor();
    if (suspends || !is_at_home) && owner != super::actor() {
        holds.word(place, HEAD).fetch_or(TRAVELLED, Relaxed);
    }
}

/// Records for how long the guard was held.
#[inline(never)]
fn tell_time(kept: Kept) {
    let (holds, place) = kept.parts();
    let word = |word| holds.word(place, word).load(Relaxed);
    // SAFETY: the guard's record stands, and has the bits of a site here.
    let site = unsafe { site::from_bits(word(SITE)) };
    let span = clock::rough().since(Since(word(SINCE)).at());
    recorder::span(recorder::Span::Held, word(MAP), site, span);
}

/// Ends a reader's record that stayed: the newest of the calling actor's, on whatever desk there is one.
#[inline]
pub(super) fn end_shared(desk: &'static Desk, map: u64) {
    let actor = super::actor();
    if !desk.chain().any(|desk| end_shared_on(desk, map, actor)) {
        end_shared_elsewhere(map, actor);
    }
}

#[inline]
fn end_shared_on(desk: &Desk, map: u64, actor: u64) -> bool {
    let ended = places::end_shared(&desk.holds, map, actor);
    if let Some((head, owner)) = ended
        && head & COUNTED != 0
    {
        count(owner, -1);
    }
    ended.is_some()
}

/// The guard has travelled, or was taken while nobody watched.
#[cold]
fn end_shared_elsewhere(map: u64, actor: u64) {
    thread::all_desks().into_iter().flat_map(Desk::chain).any(|desk| end_shared_on(desk, map, actor));
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::entry::Shape;
    use crate::guard::Family;
    use mapwatch_event::{MapKind, Operation};
    use std::panic::Location;

    static FAMILY: Family = Family { travels: false, suspends: false, queues: false };

    #[test]
    fn the_last_of_many_guards_is_not_lost() {
        let latch = Latch::new(MapKind::Mutex, &FAMILY, Shape::of::<u8>, Location::caller());
        let lock = Want::whole(Operation::Lock, Mode::Exclusive);
        let desk = thread::desk();
        for kept in [0, PLACES - 1, PLACES, 2 * PLACES] {
            assert!(!desk.has_any());
            let mut all: Vec<Held> = (0..=2 * PLACES).map(|_| latch.taken(lock)).collect();
            let last = all.swap_remove(kept);
            drop(all);
            assert!(desk.has_any(), "{kept}");
            assert_eq!(super::super::held_on(desk).count(), 1);
            drop(last);
        }
        assert!(!desk.has_any());
    }
}
