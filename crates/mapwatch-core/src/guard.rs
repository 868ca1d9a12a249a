//! Sentinels of containers that exclude by themselves: locks, cells, sharded maps.
//!
//! Such a container makes the second one wait (or refuses it); nothing is ever undefined. What goes wrong is a
//! wait that cannot end. So each guard leaves a record of who has it, each wait is written down before it
//! begins, and a wait that would close a circle is refused.
//!
//! | module | question it answers |
//! |---|---|
//! | this one | what does a family of guards call? |
//! | `hold` | which guards are alive, and whose are they? |
//! | `wait` | who waits, and for what? |
//! | `standing` | what does an actor have, and wait for, at this moment? |
//! | `strand` | is the taker of a guard still on this stack, or was it a future that is now suspended? |
//! | `judge` | can this wait end? |
//! | `kept` | does the source say where a guard went? |
//! | `order` | were two locks ever taken in both orders? |
//! | `said` | the words of each finding |
//! | `watchdog` | what waits too long? |
//!
//! The fast path is a try of the container's own, one look at this thread's records, and one new record.

mod hold;
mod judge;
mod kept;
mod lasting;
mod order;
mod said;
mod standing;
mod strand;
mod wait;
pub(crate) mod watchdog;

pub use hold::{Berth, Held};
pub use said::Refusal;

pub(crate) use hold::Holds;
pub(crate) use standing::{awaited_by, held_on, maps_held_by, touched_by};
pub(crate) use wait::{Intent, waiting};

use crate::entry::{Identity, Shape};
use crate::history::Trail;
use crate::history::walk::Walk;
use crate::policy::{self, Mode as Watch};
use crate::provoke;
use crate::raise::Verdict;
use crate::site::StaticSite;
use crate::thread::{self, Desk};
use crate::{recorder, task};
use mapwatch_event::{Access, MapKind, Operation};
use std::borrow::Cow;
use std::future::Future;
use std::panic::Location;
use std::task::Poll;

/// Further tries before a wait is written down and judged, each a little later than the one before; 2 µs in all.
const SPINS: u32 = 10;

/// How much a guard keeps others out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Mode {
    /// Others may share.
    Shared = 0,
    /// Shared, and the only one that may become exclusive (parking_lot's upgradable read).
    Upgradable = 1,
    /// Nobody else.
    Exclusive = 2,
}

impl Mode {
    /// Whether two guards of these modes cannot be alive at once.
    #[must_use]
    pub const fn excludes(self, other: Mode) -> bool {
        self as u8 + other as u8 >= 2
    }

    const fn from_bits(bits: u64) -> Mode {
        match bits & 3 {
            0 => Mode::Shared,
            1 => Mode::Upgradable,
            _ => Mode::Exclusive,
        }
    }
}

/// The part of the container that a guard locks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// All of it; every shard, where there are shards.
    Whole,
    /// This shard.
    Shard(u32),
    /// Some shard, one after the other (an iterator), or nobody knows which.
    Some,
}

impl Part {
    const WHOLE: u32 = u32::MAX;
    const SOME: u32 = u32::MAX - 1;

    fn to_bits(self) -> u64 {
        u64::from(match self {
            Part::Whole => Part::WHOLE,
            Part::Some => Part::SOME,
            Part::Shard(shard) => shard,
        })
    }

    fn from_bits(bits: u64) -> Part {
        match bits as u32 {
            Part::WHOLE => Part::Whole,
            Part::SOME => Part::Some,
            shard => Part::Shard(shard),
        }
    }
}

/// What is wanted of a container.
#[derive(Clone, Copy, Debug)]
pub struct Want {
    /// The call.
    pub operation: Operation,
    /// What it excludes.
    pub mode: Mode,
    /// Where.
    pub part: Part,
    /// A read that may be repeated by one actor without danger: it passes waiting writers (`read_recursive`).
    pub passes: bool,
}

impl Want {
    /// All of the container.
    #[must_use]
    pub const fn whole(operation: Operation, mode: Mode) -> Want {
        Want { operation, mode, part: Part::Whole, passes: false }
    }
}

/// What a family of guards has in common.
#[derive(Debug)]
pub struct Family {
    /// Guards are `Send`: the thread that took one may have given it away.
    pub travels: bool,
    /// Waiting suspends the task and not the thread (tokio's locks).
    pub suspends: bool,
    /// A reader waits behind a writer that waits, so that reading twice is a hazard.
    pub queues: bool,
}

/// A look at the shards of a map, none of which waits.
pub trait Shards {
    /// Which part the call will lock; asked only where it matters, because it may cost a hash.
    fn part(&self) -> Part;
    /// Whether a call of `mode` on `part` would have to wait right now.
    fn is_busy(&self, part: Part, mode: Mode) -> bool;
    /// How many shards there are.
    fn count(&self) -> usize;
}

/// The sentinel of one lock, cell or sharded map.
#[derive(Debug)]
pub struct Latch {
    family: &'static Family,
    identity: Identity,
}

impl Latch {
    /// A sentinel made at `made`; `shape` tells the container's type.
    #[must_use]
    pub const fn new(
        kind: MapKind,
        family: &'static Family,
        shape: fn() -> Shape,
        made: StaticSite,
    ) -> Latch {
        Latch { family, identity: Identity::new(kind, shape, made) }
    }

    /// A sentinel of a container that cannot tell where it was made: it is called by where it was first taken.
    #[must_use]
    pub const fn unplaced(kind: MapKind, family: &'static Family, shape: fn() -> Shape) -> Latch {
        Latch { family, identity: Identity::unplaced(kind, shape) }
    }

    /// Gives the container a name for reports.
    pub fn set_name(&self, name: Cow<'static, str>) {
        self.identity.set_name(name);
    }

    /// Tells how large the container is; does nothing, and does not ask for the capacity, when nobody records.
    #[inline]
    pub fn set_size(&self, length: usize, capacity: impl FnOnce() -> Option<usize>) {
        if !policy::only_checks() && policy::mode() == Watch::Record {
            self.identity.entry().resize(length, capacity());
        }
    }

    /// Takes a guard of a container that blocks the thread.
    ///
    /// `attempt` tries without waiting; `block` waits. Between the two stands the judgement.
    ///
    /// # Panics
    ///
    /// When the wait could not end, under the policies `panic` and `strict`.
    #[inline]
    #[track_caller]
    pub fn acquire<G>(
        &self,
        want: Want,
        attempt: impl FnMut() -> Option<G>,
        block: impl FnOnce() -> G,
    ) -> (G, Held) {
        self.acquire_at(want, Location::caller(), attempt, block)
    }

    /// The same, for a call that was made at `at`.
    ///
    /// # Panics
    ///
    /// As [`Latch::acquire`].
    #[inline]
    #[track_caller]
    pub fn acquire_at<G>(
        &self,
        want: Want,
        at: StaticSite,
        mut attempt: impl FnMut() -> Option<G>,
        block: impl FnOnce() -> G,
    ) -> (G, Held) {
        if policy::mode() == Watch::Off {
            return (block(), Held::none());
        }
        self.provoke(want.mode, at);
        match attempt() {
            Some(guard) => self.had(want, at, guard),
            None => self.contended(want, at, attempt, block),
        }
    }

    /// A guard was had. Where a hazard is to panic, the guard goes first: its lock is not poisoned by us.
    #[inline]
    #[track_caller]
    fn had<G>(&self, want: Want, at: StaticSite, guard: G) -> (G, Held) {
        self.identity.entry_at(at);
        let desk = thread::desk();
        if (desk.holds.any() || hold::has_elsewhere())
            && let verdict @ Verdict::Panic(_) = judge::beside_own_guards(self, want, at, desk)
        {
            drop(guard);
            verdict.carry_out();
            unreachable!("a verdict of panic panics");
        }
        crate::cancel::passing(at);
        (guard, self.hold(want, at))
    }

    #[cold]
    #[track_caller]
    fn contended<G>(
        &self,
        want: Want,
        at: StaticSite,
        mut attempt: impl FnMut() -> Option<G>,
        block: impl FnOnce() -> G,
    ) -> (G, Held) {
        // Most waits are over before they could be written down.
        for round in 1..=SPINS {
            (0..round * 4).for_each(|_| std::hint::spin_loop());
            if let Some(guard) = attempt() {
                return self.had(want, at, guard);
            }
        }
        self.identity.entry_at(at);
        let mut got = None;
        let waiting = judge::may_wait(self, want, at, &mut || {
            got = attempt();
            got.is_some()
        });
        let guard = match got {
            Some(guard) => guard,
            None => block(),
        };
        drop(waiting);
        self.had(want, at, guard)
    }

    /// Takes a guard for at most a while: such a wait ends by itself, so it is written down, but never refused.
    #[inline]
    #[track_caller]
    pub fn acquire_within<G>(
        &self,
        want: Want,
        attempt: impl FnOnce() -> Option<G>,
        block: impl FnOnce() -> Option<G>,
    ) -> Option<(G, Held)> {
        let at = Location::caller();
        if policy::mode() == Watch::Off {
            return block().map(|guard| (guard, Held::none()));
        }
        let guard = attempt().or_else(|| {
            self.identity.entry_at(at);
            let _waiting = wait::begin(self, want, at, wait::Manner::Bounded);
            block()
        })?;
        Some((guard, self.hold(want, at)))
    }

    /// Notes a call that neither waits nor hands out a guard; before it is made.
    #[inline]
    #[track_caller]
    pub fn pass(&self, operation: Operation) {
        if !policy::only_checks() {
            let writes = operation.access() == Access::Write;
            self.provoke(if writes { Mode::Exclusive } else { Mode::Shared }, Location::caller());
            self.record(operation, Location::caller());
        }
    }

    /// Delays the access, if that may bring a race out.
    #[inline]
    fn provoke(&self, mode: Mode, at: StaticSite) {
        if !policy::only_checks() && self.identity.kind() != MapKind::RefCell {
            provoke::before(self.identity.entry_at(at).id.0, mode == Mode::Exclusive, at, thread::desk());
        }
    }

    /// Keeps a record of a guard that was had without waiting (`try_lock`, or after a wait of another kind).
    #[inline]
    #[track_caller]
    pub fn taken(&self, want: Want) -> Held {
        self.taken_at(want, Location::caller())
    }

    /// The same, for a call that was made at `at`.
    #[inline]
    pub fn taken_at(&self, want: Want, at: StaticSite) -> Held {
        if policy::mode() == Watch::Off { Held::none() } else { self.hold(want, at) }
    }

    /// Ends the record of a reader that [`Held::stay`]ed.
    #[inline]
    pub fn left_shared(&self) {
        if policy::mode() != Watch::Off && self.identity.is_known() {
            hold::end_shared(thread::desk(), self.id());
        }
    }

    /// Takes a guard of a container that suspends the task, by waiting for `wait`.
    ///
    /// # Panics
    ///
    /// While it is polled, when the wait could not end, under the policies `panic` and `strict`.
    pub async fn acquire_async<G>(
        &self,
        want: Want,
        at: StaticSite,
        wait: impl Future<Output = G>,
    ) -> (G, Held) {
        if policy::mode() == Watch::Off {
            return (wait.await, Held::none());
        }
        if !policy::only_checks() {
            let map = self.identity.entry_at(at).id.0;
            provoke::before_suspending(map, want.mode == Mode::Exclusive, at).await;
        }
        let mut wait = std::pin::pin!(wait);
        // Polled once, it has its place in the queue, or the lock.
        let guard = match std::future::poll_fn(|context| Poll::Ready(wait.as_mut().poll(context))).await {
            Poll::Ready(guard) => guard,
            Poll::Pending => {
                self.identity.entry_at(at);
                let mut waiting = Some(judge::may_suspend(self, want, at));
                std::future::poll_fn(|context| {
                    let answer = wait.as_mut().poll(context);
                    if answer.is_pending()
                        && waiting.as_mut().is_some_and(|waiting| waiting.polled(context.waker()))
                    {
                        waiting = waiting.take().map(|waiting| judge::may_stay_suspended(self, waiting));
                    }
                    answer
                })
                .await
            }
        };
        self.had(want, at, guard)
    }

    /// Makes a call that locks and unlocks within itself, and may wait for a shard meanwhile.
    ///
    /// # Panics
    ///
    /// When the wait could not end, under the policies `panic` and `strict`.
    #[inline]
    #[track_caller]
    pub fn visit<R>(
        &self,
        operation: Operation,
        mode: Mode,
        shards: &impl Shards,
        call: impl FnOnce() -> R,
    ) -> R {
        let visit = self.enter(operation, mode, shards);
        let answer = call();
        visit.end();
        answer
    }

    /// The same for a call that the caller makes before it ends the [`Visit`]. A guard that comes out of a closure is
    /// moved once more on its way, and a move right after it was written costs as much as the rest of the watching.
    ///
    /// # Panics
    ///
    /// As [`Latch::visit`].
    #[inline(always)]
    #[track_caller]
    pub fn enter(&self, operation: Operation, mode: Mode, shards: &impl Shards) -> Visit<'_> {
        let at = Location::caller();
        if policy::mode() == Watch::Off {
            return Visit { latch: self, operation, at, under_way: None };
        }
        self.provoke(mode, at);
        if !policy::only_checks() && policy::mode() == Watch::Record {
            self.count_shard(shards);
        }
        let desk = thread::desk();
        if desk.holds.any() || hold::has_elsewhere() || desk.intent.stands() {
            return self.enter_beside(operation, mode, at, desk, shards);
        }
        let within = wait::within(desk, self, Want { operation, mode, part: Part::Some, passes: true }, at);
        Visit { latch: self, operation, at, under_way: Some((None, within)) }
    }

    /// With guards of its own, or from within another call, the thread says what it wants before it looks whether it may have it: of two that
    /// close a circle, one must see the other.
    #[inline(never)]
    #[track_caller]
    fn enter_beside(
        &self,
        operation: Operation,
        mode: Mode,
        at: StaticSite,
        desk: &'static Desk,
        shards: &impl Shards,
    ) -> Visit<'_> {
        let want = Want { operation, mode, part: shards.part(), passes: true };
        let within = wait::within(desk, self, want, at);
        let waiting = judge::may_visit(self, want, at, desk, shards);
        Visit { latch: self, operation, at, under_way: Some((waiting, within)) }
    }

    /// Writes down that the caller, who gave its guard up until it is notified, cannot go on before it has it again;
    /// until the answer is dropped. Who holds nothing else keeps nobody from going on meanwhile, and pays nothing.
    #[must_use]
    pub fn until_notified(&self, want: Want, at: StaticSite) -> impl Sized + use<> {
        let holds = policy::mode() != Watch::Off && (thread::desk().holds.any() || hold::has_elsewhere());
        holds.then(|| wait::begin(self, want, at, wait::Manner::Notified))
    }

    /// What stands in the way of a refused borrow, with this call as the attempt; resolved when it is shown.
    #[cold]
    #[track_caller]
    #[must_use]
    pub fn refusal(&self, want: Want) -> Refusal {
        said::refusal(self, want, Location::caller())
    }

    /// Keeps a record of a borrow, which never waits; a guard of a suspended task on this thread is told.
    #[inline]
    #[track_caller]
    pub fn borrowed(&self, want: Want) -> Held {
        if policy::mode() == Watch::Off {
            return Held::none();
        }
        let (at, desk) = (Location::caller(), thread::desk());
        if desk.holds.any() {
            judge::beside_own_borrows(self, want, at, desk);
        }
        self.hold(want, at)
    }

    /// Reports a borrow that is refused and will panic: by us under the policies `panic` and `strict`, else by
    /// the original.
    ///
    /// # Panics
    ///
    /// As the policy says.
    #[cold]
    #[track_caller]
    pub fn refuse(&self, want: Want) {
        if policy::mode() != Watch::Off {
            said::reentrant(self, want, Location::caller());
        }
    }

    /// Keeps a record of a guard whose call was told of already.
    #[inline]
    pub fn keep_at(&self, want: Want, at: StaticSite) -> Held {
        self.keep(want, at)
    }

    #[inline]
    fn hold(&self, want: Want, at: StaticSite) -> Held {
        self.identity.entry_at(at);
        self.record(want.operation, at);
        self.keep(want, at)
    }

    #[inline]
    fn keep(&self, want: Want, at: StaticSite) -> Held {
        if policy::mode() == Watch::Off {
            return Held::none();
        }
        // A `RefCell` is one thread's: what it holds has a second actor only where tasks take turns.
        if matches!(self.identity.kind(), MapKind::Mutex | MapKind::RwLock) {
            thread::takes_locks();
        }
        hold::keep(thread::desk(), self, want, at)
    }

    #[inline]
    fn record(&self, operation: Operation, at: StaticSite) {
        if !policy::only_checks() && policy::mode() == Watch::Record {
            recorder::access(&self.identity, operation, at);
        }
    }

    /// Counts the access for its shard: somebody records.
    #[cold]
    #[inline(never)]
    fn count_shard(&self, shards: &impl Shards) {
        if let Part::Shard(shard) = shards.part() {
            self.identity.entry().visited(shard, || shards.count());
        }
    }

    /// The history of the container's keys; `None` while only one actor can be involved.
    #[inline]
    #[track_caller]
    pub fn trail(&self) -> Option<Trail<'_>> {
        self.identity.trail(Location::caller())
    }

    /// Tells the history, if there is one, that a walk which began at `at` has seen everything.
    pub fn walked(&self, operation: Operation, at: StaticSite) {
        if let Some(trail) = self.identity.trail(at) {
            trail.walked(operation);
        }
    }

    /// A walk over the container's parts begins, where a history is kept.
    #[must_use]
    pub fn walk(&self, at: StaticSite) -> Option<Walk> {
        self.identity.trail(at).map(Trail::walk)
    }

    /// The container's number.
    #[inline]
    fn id(&self) -> u64 {
        self.identity.entry().id.0
    }
}

/// A call into a sharded map that is under way, until this is dropped.
#[derive(Debug)]
pub struct Visit<'a> {
    latch: &'a Latch,
    operation: Operation,
    at: StaticSite,
    /// The wait, if there was one, and the intent; `None` while watching is off.
    under_way: Option<(Option<wait::Begun>, wait::Within)>,
}

impl Visit<'_> {
    /// The call came back.
    #[inline(always)]
    pub fn end(self) {
        if self.under_way.is_some() {
            self.latch.record(self.operation, self.at);
            crate::cancel::passing(self.at);
        }
    }
}

/// The actor that a guard taken now belongs to: the task if there is one, else the thread.
#[inline]
pub(crate) fn actor() -> u64 {
    task::current().unwrap_or_else(thread::actor)
}
