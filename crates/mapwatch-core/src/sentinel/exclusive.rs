//! The sentinel of a container whose API is exclusive by type: `&self` looks, `&mut self` changes.
//!
//! The compiler keeps such accesses apart, so two can meet only through unsafe code. In a program without such
//! code whatever a check reads was written before it, in order, so relaxed operations are enough.
//! Hence no false alarm, whatever is leaked, forgotten or unwound.
//!
//! A look is plain loads. A change raises `WRITING` exactly ([`crate::protocol::claim`]): two writers that arrive
//! within a few nanoseconds must not both get in, because the table was seen to break before either could say so.
//!
//! | access | at its beginning | at its end |
//! |---|---|---|
//! | [`Reading`] | no writer inside | no writer inside, none since |
//! | [`Writing`] | no writer inside | the word and the owner are the ones it left |
//! | [`Cursor`] | – | at every step: no writer inside, none since it began |
//!
//! Cursors have no destructor, because std's iterators have none and code relies on that (`while let
//! Some(k) = m.keys().next().copied() { m.remove(&k); }`). A write can therefore not know whether an iterator is
//! still alive; it leaves its site, and its stack where an iterator had begun, and the iterator's next step
//! compares epochs before it touches the table.

mod trail;

use super::corruption::{self, Reach};
use super::{CANARY, pack, unpack};
use crate::clock;
use crate::entry::{Identity, Shape};
use crate::history::place;
use crate::os::Process;
use crate::policy::{self, Capture, Mode};
use crate::protocol::claim::Claim;
use crate::protocol::gate::Busy;
use crate::protocol::word::Word;
use crate::provoke;
use crate::raise::{self, Collision, Otherwise, Party, Taken, Verdict};
use crate::recorder;
use crate::site::{SiteCell, StaticSite};
use crate::{stack, thread};
use mapwatch_event::{Access, MapKind, Nanos, Operation, Role};
use std::borrow::Cow;
use std::mem::ManuallyDrop;
use std::panic::Location;
use std::sync::atomic::{AtomicU32, AtomicU64, Ordering::Relaxed};
use std::time::Instant;

/// How large a table is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Extent {
    /// Entries.
    pub length: usize,
    /// Entries it can take before it moves; `None` for trees.
    pub capacity: Option<usize>,
}

impl Extent {
    /// Whether one more entry moves the table.
    #[must_use]
    pub const fn is_full(self) -> bool {
        matches!(self.capacity, Some(capacity) if capacity == self.length)
    }
}

/// The sentinel; to be the first field of a `#[repr(C)]` container.
#[derive(Debug)]
#[repr(C)]
pub struct Exclusive {
    front: AtomicU64,
    word: AtomicU64,
    claim: Claim,
    who: AtomicU64,
    site: SiteCell,
    evidence: Evidence,
    identity: ManuallyDrop<Identity>,
    back: AtomicU64,
}

/// The first write after an iterator had begun: who, where, and its stack if one was taken.
#[derive(Debug)]
struct Evidence {
    epoch: AtomicU32,
    count: AtomicU32,
    who: AtomicU64,
    site: SiteCell,
    stack: AtomicU64,
}

/// A look in progress; ends when dropped.
#[derive(Debug)]
#[must_use = "the look ends when this is dropped"]
pub struct Reading<'a> {
    sentinel: &'a Exclusive,
    before: Word,
    operation: Operation,
    at: StaticSite,
}

/// A change in progress; ends when dropped.
#[derive(Debug)]
#[must_use = "the change ends when this is dropped"]
pub struct Writing<'a> {
    sentinel: &'a Exclusive,
    expected: Word,
    who: u64,
    at: StaticSite,
}

/// An access that outlives the call: iterators, entries. Has no destructor, like std's iterators.
#[derive(Clone, Copy, Debug, Default)]
pub struct Cursor<'a> {
    sentinel: Option<&'a Exclusive>,
    walk: Option<Walk>,
}

#[derive(Clone, Copy, Debug)]
struct Walk {
    /// What the word has to look like at the next step; nothing that a word can be before the first one.
    next: Word,
    seen: Word,
    operation: Operation,
    at: StaticSite,
}

impl Walk {
    const fn has_begun(&self) -> bool {
        self.next.0 != Word::NEVER.0
    }
}

/// The word of an access that is not checked, because the policy is `off`.
const UNCHECKED: Word = Word(0);

impl Exclusive {
    /// A sentinel made at `made`; `shape` tells the container's type.
    #[must_use]
    pub const fn new(kind: MapKind, shape: fn() -> Shape, made: StaticSite) -> Exclusive {
        Exclusive {
            front: AtomicU64::new(CANARY),
            word: AtomicU64::new(Word::IDLE.0),
            claim: Claim::new(),
            who: AtomicU64::new(0),
            site: SiteCell::empty(),
            evidence: Evidence {
                epoch: AtomicU32::new(0),
                count: AtomicU32::new(0),
                who: AtomicU64::new(0),
                site: SiteCell::empty(),
                stack: AtomicU64::new(0),
            },
            identity: ManuallyDrop::new(Identity::new(kind, shape, made)),
            back: AtomicU64::new(CANARY),
        }
    }

    /// Gives the container a name for reports.
    pub fn set_name(&self, name: Cow<'static, str>) {
        if self.is_whole() {
            self.identity.set_name(name);
        }
    }

    /// Begins a look (`&self`).
    ///
    /// # Panics
    ///
    /// When a writer is inside, or the header was overwritten (as the policy says).
    #[inline]
    #[track_caller]
    pub fn read(&self, operation: Operation) -> Reading<'_> {
        let at = Location::caller();
        let mut before = self.load();
        if !before.is_readable() || !self.is_whole() || !policy::only_checks() {
            before = self.look_closer(before, operation, at);
        }
        Reading { sentinel: self, before, operation, at }
    }

    /// Begins a change (`&mut self`).
    ///
    /// # Panics
    ///
    /// When anybody is inside, or the header was overwritten (as the policy says).
    #[inline(always)]
    #[track_caller]
    pub fn write(&self, operation: Operation) -> Writing<'_> {
        let at = Location::caller();
        let me = thread::actor();
        let before = self.load();
        let mut expected = before.begin_write();
        if self.claim.is_owned_by(me) && before.is_free() && self.is_whole() && policy::only_checks() {
            if !self.claim.raise_owned(&self.word, expected, me, &Process) {
                expected = self.lose_claim(expected, operation, at);
            }
        } else {
            expected = self.write_closer(me, operation, at);
        }
        let who = pack(me, operation);
        if expected != UNCHECKED {
            self.who.store(who, Relaxed);
            self.site.set(at);
        }
        Writing { sentinel: self, expected, who, at }
    }

    /// The claim's owner was overtaken between its first load and its store.
    #[cold]
    #[track_caller]
    fn lose_claim(&self, writing: Word, operation: Operation, at: StaticSite) -> Word {
        self.claim.retract_owned(&self.word, writing);
        self.refuse(self.load(), operation, at).carry_out();
        UNCHECKED
    }

    /// Every change but that of a claim's owner; gives the word to leave with.
    #[inline(never)]
    #[track_caller]
    fn write_closer(&self, me: u64, operation: Operation, at: StaticSite) -> Word {
        let before = self.load();
        if (!before.is_free() || !self.is_whole() || !policy::only_checks())
            && self.look_closer(before, operation, at) == UNCHECKED
        {
            return UNCHECKED;
        }
        match self.claim.raise(&self.word, me, &Process) {
            Ok(writing) => {
                if policy::is_provoking() {
                    let met = || self.load().is_contested();
                    provoke::inside(self.identity.entry().id.0, true, at, met);
                }
                writing
            }
            Err(Busy(now)) => {
                self.refuse(now, operation, at).carry_out();
                UNCHECKED
            }
        }
    }

    /// Begins a walk over shared entries (`iter`, `keys`, `range`, set operations).
    ///
    /// # Panics
    ///
    /// As [`Exclusive::read`].
    #[inline]
    #[track_caller]
    pub fn cursor(&self, operation: Operation) -> Cursor<'_> {
        let reading = self.read(operation);
        let (seen, at) = (reading.before, reading.at);
        std::mem::forget(reading);
        self.walk(seen, operation, at)
    }

    /// Begins a walk or a guard over exclusive entries (`iter_mut`, `drain`, `extract_if`, `entry`).
    ///
    /// # Panics
    ///
    /// As [`Exclusive::write`].
    #[inline]
    #[track_caller]
    pub fn cursor_mut(&self, operation: Operation) -> Cursor<'_> {
        let writing = self.write(operation);
        let (expected, at) = (writing.expected, writing.at);
        drop(writing);
        self.walk(if expected == UNCHECKED { UNCHECKED } else { expected.end_write() }, operation, at)
    }

    #[inline]
    fn walk(&self, seen: Word, operation: Operation, at: StaticSite) -> Cursor<'_> {
        let sentinel = if seen == UNCHECKED { None } else { Some(self) };
        Cursor { sentinel, walk: Some(Walk { next: Word::NEVER, seen, operation, at }) }
    }

    #[inline]
    fn load(&self) -> Word {
        Word(self.word.load(Relaxed))
    }

    #[inline]
    fn is_whole(&self) -> bool {
        self.front.load(Relaxed) == CANARY
    }

    /// How far a stray write reached, if there was one.
    fn damage(&self) -> Option<Reach> {
        if self.back.load(Relaxed) != CANARY {
            return Some(Reach::Map);
        }
        (!self.is_whole() || !self.load().is_sane()).then_some(Reach::Header)
    }

    fn key(&self) -> u64 {
        std::ptr::from_ref(self).addr() as u64
    }

    /// Everything that is rare at the beginning of an access: recording, `off`, collisions, damage.
    #[inline(never)]
    #[track_caller]
    fn look_closer(&self, before: Word, operation: Operation, at: StaticSite) -> Word {
        let mode = policy::mode();
        if mode == Mode::Off {
            return UNCHECKED;
        }
        if let Some(reach) = self.damage() {
            corruption::report(operation, at, reach, true).carry_out();
            return UNCHECKED;
        }
        if before.is_writing() {
            self.refuse(before, operation, at).carry_out();
            return UNCHECKED;
        }
        if before.iterators() > 0 && !operation.is_shared() {
            self.keep_evidence(before, operation, at);
        }
        if mode == Mode::Record {
            recorder::access(&self.identity, operation, at);
        }
        if operation.is_shared() && policy::is_provoking() {
            // A write that comes meanwhile is noticed at the look's end, or at the walk's next step.
            let met = || !before.is_same_epoch(self.load());
            provoke::inside(self.identity.entry().id.0, false, at, met);
        }
        before
    }

    /// A write while an iterator had begun: its stack may be wanted later.
    ///
    /// Loops that end early look the same, so the effort fades as it turns out to be wasted.
    #[cold]
    fn keep_evidence(&self, before: Word, operation: Operation, at: StaticSite) {
        let capture = policy::current().capture;
        let count = self.evidence.count.fetch_add(1, Relaxed);
        let worth = capture == Capture::Always
            || (capture == Capture::Guards && (count < 16 || count.is_power_of_two()));
        let stack = if worth { stack::capture_interned() } else { 0 };
        self.evidence.stack.store(stack, Relaxed);
        self.evidence.who.store(pack(thread::actor(), operation), Relaxed);
        self.evidence.site.set(at);
        self.evidence.epoch.store(before.begin_write().epoch(), Relaxed);
    }

    /// The write that a walk which began at `seen` was overtaken by, if it left evidence.
    fn evident_writer(&self, seen: Word) -> Option<Party> {
        let epoch = self.evidence.epoch.load(Relaxed);
        if epoch != seen.begin_write().epoch() {
            return None;
        }
        let (actor, operation) = unpack(self.evidence.who.load(Relaxed));
        // SAFETY: both canaries were found whole before any collision is reported, so nothing but `set` wrote
        // to the cell.
        let site = unsafe { self.evidence.site.get() };
        let stack = match stack::interned(self.evidence.stack.load(Relaxed)) {
            Some(stack) => Taken::At(stack, "taken when it began"),
            None => Taken::Not("none was taken; the site above is exact"),
        };
        Some(Party { role: Role::Attempt, operation, actor, thread: 0, site, held_for: None, stack })
    }

    /// The last writer as a side; `asked` is its testimony if it is still inside.
    fn writer(&self, role: Role, stack: Taken) -> Party {
        let (actor, operation) = unpack(self.who.load(Relaxed));
        // SAFETY: both canaries were found whole before any collision is reported, so nothing but `set` wrote
        // to the cell.
        let site = unsafe { self.site.get() };
        Party { role, operation, actor, thread: 0, site, held_for: None, stack }
    }

    /// The writer's stack: its own if it is inside and answers, else what it left behind.
    fn writers_stack(&self, now: Word) -> Taken {
        let (actor, _) = unpack(self.who.load(Relaxed));
        if now.is_writing() && actor != thread::actor() {
            let contest = || {
                self.word.fetch_or(Word::CONTESTED_BIT, Relaxed);
            };
            let inside = || self.load().is_writing() && self.load().epoch() == now.epoch();
            return raise::ask(self.key(), contest, inside);
        }
        if now.is_writing() {
            return Taken::Not("the same thread: its frames are below the attempt's");
        }
        Taken::Not("it was over before anybody noticed; the site above is exact")
    }

    /// A second access while a writer is inside.
    #[cold]
    fn refuse(&self, before: Word, operation: Operation, at: StaticSite) -> Verdict {
        let met = clock::now();
        let attempt = Party::caller(Role::Attempt, operation, at);
        let first = self.writer(Role::Holder, Taken::Not(""));
        let stack = self.writers_stack(before);
        let growing = if before.is_growing() { ", which was moving the table," } else { "" };
        let cause = if first.actor == attempt.actor {
            format!("`{operation}` was called from inside `{}`{growing} on the same map", first.operation)
        } else {
            format!("`{operation}` began before `{}`{growing} of another thread had ended", first.operation)
        };
        self.collide(met, vec![Party { stack, ..first }, attempt], cause)
    }

    /// A write that came while `holder` was under way, noticed afterwards by the holder.
    #[cold]
    fn overtaken(&self, seen: Word, now: Word, holder: Party) -> Verdict {
        let met = clock::now();
        let attempt = self.evident_writer(seen).unwrap_or_else(|| {
            let stack = self.writers_stack(now);
            self.writer(Role::Attempt, stack)
        });
        let when = if holder.operation.access() == Access::Iterate {
            "noticed at the walk's next step, before it touched the table"
        } else {
            "noticed when it ended"
        };
        let cause = format!(
            "`{}` changed the map while `{}` was under way; {when}",
            attempt.operation, holder.operation
        );
        self.collide(met, vec![holder, attempt], cause)
    }

    fn collide(&self, at: Nanos, parties: Vec<Party>, cause: String) -> Verdict {
        let accesses: Vec<_> = parties.iter().map(|party| party.operation.access()).collect();
        raise::raise(Collision {
            category: raise::category_of(accesses[0], accesses[1]),
            grade: None,
            at,
            map: self.identity.entry().facts(),
            parties,
            cause,
            cure: None,
            otherwise: Otherwise::GoOn,
            may_panic: true,
        })
    }
}

impl Drop for Exclusive {
    fn drop(&mut self) {
        match self.damage() {
            None => {
                let suspicion = place::dropped(self.key());
                // SAFETY: the canaries and the word are whole, so the identity is what `new` made, and this is the
                // only place that drops it; the sentinel is not used afterwards.
                unsafe { ManuallyDrop::drop(&mut self.identity) };
                suspicion.tell();
            }
            Some(reach) if policy::mode() != Mode::Off && !std::thread::panicking() => {
                let _ = corruption::report(Operation::Drop, Location::caller(), reach, false);
            }
            Some(_) => {}
        }
    }
}

impl Drop for Reading<'_> {
    #[inline]
    fn drop(&mut self) {
        let now = self.sentinel.load();
        if !self.before.is_same_epoch(now) {
            Reading::end_closer(self.sentinel, self.before, self.operation, self.at);
        }
    }
}

impl Reading<'_> {
    #[cold]
    fn end_closer(sentinel: &Exclusive, before: Word, operation: Operation, at: StaticSite) {
        if before == UNCHECKED || sentinel.damage().is_some() {
            return;
        }
        let holder = Party::caller(Role::Holder, operation, at);
        sentinel.overtaken(before, sentinel.load(), holder).carry_out();
    }
}

// The slow ends of a token take its fields by value: one whose address is taken lives in memory, and moving it
// there costs as much as the rest of the check.
impl Writing<'_> {
    /// Tells that this change is expected to move the table.
    #[cold]
    pub fn grows(&mut self) {
        if self.expected != UNCHECKED && self.sentinel.load() == self.expected {
            self.expected = self.expected.with_growth();
            self.sentinel.word.fetch_or(Word::GROWING_BIT, Relaxed);
        }
    }

    /// Tells how large the table was and is, before the change ends; a different capacity is a growth event.
    #[inline]
    pub fn resized(&self, before: Extent, after: Extent, began: Option<Instant>) {
        if (before.capacity != after.capacity || !policy::only_checks()) && self.expected != UNCHECKED {
            super::tell_size(&self.sentinel.identity, self.at, before, after, began);
        }
    }

    #[cold]
    fn end_closer(sentinel: &Exclusive, expected: Word, who: u64, at: StaticSite) {
        if expected == UNCHECKED || sentinel.damage().is_some() {
            return;
        }
        let now = sentinel.load();
        if now.is_contested() {
            raise::testify(sentinel.key());
        }
        let mine = now.epoch() == expected.epoch() && sentinel.who.load(Relaxed) == who;
        if mine {
            sentinel.word.store(now.end_write().0, Relaxed);
            return;
        }
        let (_, operation) = unpack(who);
        let holder = Party::caller(Role::Holder, operation, at);
        sentinel.overtaken(expected, now, holder).carry_out();
    }
}

impl Drop for Writing<'_> {
    #[inline]
    fn drop(&mut self) {
        let now = self.sentinel.load();
        if now == self.expected && self.sentinel.who.load(Relaxed) == self.who {
            self.sentinel.word.store(now.end_write().0, Relaxed);
        } else {
            Writing::end_closer(self.sentinel, self.expected, self.who, self.at);
        }
    }
}

impl Cursor<'_> {
    /// To be called before every use of the iterator or entry behind it.
    ///
    /// # Panics
    ///
    /// When the map was changed since the cursor was made, or is being changed (as the policy says).
    #[inline]
    #[track_caller]
    pub fn step(&mut self) {
        if let (Some(sentinel), Some(walk)) = (self.sentinel, &mut self.walk) {
            let now = sentinel.load();
            if !walk.next.is_same_epoch(now) {
                Cursor::step_closer(sentinel, walk, now);
            }
        }
    }

    #[inline(never)]
    #[track_caller]
    fn step_closer(sentinel: &Exclusive, walk: &mut Walk, now: Word) {
        if sentinel.damage().is_some() {
            return;
        }
        let provoking = policy::is_provoking();
        let mut now = now;
        if provoking && walk.seen.is_same_epoch(now) {
            // Between two steps nobody is inside: a write that comes now is seen before the table is touched.
            let met = || !walk.seen.is_same_epoch(sentinel.load());
            provoke::at_step(sentinel.identity.entry().id.0, !walk.operation.is_shared(), walk.at, met);
            now = sentinel.load();
        }
        let (seen, begun) = (walk.seen, walk.has_begun());
        walk.seen = if seen.is_same_epoch(now) { seen } else { now.end_write() };
        if begun || seen.is_same_epoch(now) {
            walk.next = if provoking { Word::ALWAYS_CLOSER } else { walk.seen };
        }
        if !seen.is_same_epoch(now) {
            let holder = Party::caller(Role::Holder, walk.operation, walk.at);
            sentinel.overtaken(seen, now, holder).carry_out();
        } else if !begun {
            sentinel.word.fetch_add(Word::ITERATOR_STEP, Relaxed);
        }
    }

    /// To be called when the iterator has returned `None`: the walk has ended.
    #[inline]
    pub fn end(&mut self) {
        if let (Some(sentinel), Some(walk)) = (self.sentinel, &mut self.walk)
            && walk.has_begun()
        {
            walk.next = Word::NEVER;
            if walk.operation.access() == Access::Iterate && walk.operation.is_shared() {
                sentinel.walked(walk.operation, walk.at);
            }
            let now = sentinel.load();
            if walk.seen.is_same_epoch(now) && now.iterators() > 0 {
                sentinel.word.fetch_sub(Word::ITERATOR_STEP, Relaxed);
            }
        }
    }
}
