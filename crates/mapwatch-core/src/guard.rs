//! Sentinels of containers that exclude by themselves: locks, cells, sharded maps.
//!
//! Such a container makes the second one wait (or refuses it); nothing is ever undefined. What goes wrong is a
//! wait that cannot end. So each guard leaves a record of who has it, each wait is written down before it
//! begins, and a wait that would close a circle is refused.
//!
//! | module | question it answers |
//! |---|---|
//! | this one | what does a family of guards call? |
//! | `want` | what is wanted of a container? |
//! | `visit` | what does a call into a sharded map go through? |
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
mod visit;
mod wait;
mod want;
pub(crate) mod watchdog;

pub use hold::{Berth, Held};
pub use said::Refusal;
pub use visit::{Shards, Visit};
pub use want::{Family, Mode, Part, Want};

pub(crate) use hold::Holds;
pub(crate) use standing::{awaited_by, held_on, maps_held_by, touched_by};
pub(crate) use wait::waiting;

use crate::entry::{Identity, Shape};
use crate::history::Trail;
use crate::history::walk::Walk;
use crate::policy::{self, Mode as Watch};
use crate::provoke;
use crate::raise::Verdict;
use crate::site::StaticSite;
use crate::thread::{self, Desk};
use crate::{recorder, task};
use hold::Kin;
use mapwatch_event::{Access, MapKind, Operation};
use std::borrow::Cow;
use std::future::Future;
use std::panic::Location;
use std::task::Poll;

/// Further tries before a wait is written down and judged, each a little later than the one before; 2 µs in all.
const SPINS: u32 = 10;

/// The sentinel of one lock, cell or sharded map.
#[derive(Debug)]
pub struct Latch {
    family: &'static Family,
    kin: Kin,
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
        Latch { family, kin: Kin::of(family), identity: Identity::new(kind, shape, made) }
    }

    /// A sentinel of a container that cannot tell where it was made: it is called by where it was first taken.
    #[must_use]
    pub const fn unplaced(kind: MapKind, family: &'static Family, shape: fn() -> Shape) -> Latch {
        Latch { family, kin: Kin::of(family), identity: Identity::unplaced(kind, shape) }
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
    #[inline(always)]
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
    #[inline(always)]
    #[track_caller]
    pub fn acquire_at<G>(
        &self,
        want: Want,
        at: StaticSite,
        mut attempt: impl FnMut() -> Option<G>,
        block: impl FnOnce() -> G,
    ) -> (G, Held) {
        if !policy::only_checks() {
            if policy::mode() == Watch::Off {
                return (block(), Held::none());
            }
            self.provoke(want.mode, at);
        }
        match attempt() {
            Some(guard) => self.had(want, at, guard),
            None => self.contended(want, at, attempt, block),
        }
    }

    /// A guard was had. Where a hazard is to panic, the guard goes first: its lock is not poisoned by us.
    ///
    /// Inlined wherever it is called, so that the guard stays in registers: what is copied right after it was written
    /// costs as much as the record.
    #[inline(always)]
    #[track_caller]
    fn had<G>(&self, want: Want, at: StaticSite, guard: G) -> (G, Held) {
        let (desk, map) = (thread::desk(), self.identity.id_at(at));
        if (desk.has_any() || hold::has_elsewhere())
            && let verdict @ Verdict::Panic(_) = judge::beside_own_guards(self, want, at, desk)
        {
            drop(guard);
            verdict.carry_out();
            unreachable!("a verdict of panic panics");
        }
        crate::cancel::passing(at);
        (guard, self.hold(desk, map, want, at))
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
        self.identity.id_at(at);
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
            self.identity.id_at(at);
            let _waiting = wait::begin(self, want, at, wait::Manner::Bounded);
            block()
        })?;
        Some((guard, self.hold(thread::desk(), self.identity.id_at(at), want, at)))
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
    fn provoke(&self, mode: Mode, at: StaticSite) {
        if self.identity.kind() != MapKind::RefCell {
            provoke::before(self.identity.id_at(at), mode == Mode::Exclusive, at, thread::desk());
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
        match policy::mode() {
            Watch::Off => Held::none(),
            _ => self.hold(thread::desk(), self.identity.id_at(at), want, at),
        }
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
            let map = self.identity.id_at(at);
            provoke::before_suspending(map, want.mode == Mode::Exclusive, at).await;
        }
        let mut wait = std::pin::pin!(wait);
        // Polled once, it has its place in the queue, or the lock.
        let guard = match std::future::poll_fn(|context| Poll::Ready(wait.as_mut().poll(context))).await {
            Poll::Ready(guard) => guard,
            Poll::Pending => {
                self.identity.id_at(at);
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

    /// Writes down that the caller, who gave its guard up until it is notified, cannot go on before it has it again;
    /// until the answer is dropped. Who holds nothing else keeps nobody from going on meanwhile, and pays nothing.
    #[must_use]
    pub fn until_notified(&self, want: Want, at: StaticSite) -> impl Sized + use<> {
        let holds = policy::mode() != Watch::Off && (thread::desk().has_any() || hold::has_elsewhere());
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
        if !policy::only_checks() && policy::mode() == Watch::Off {
            return Held::none();
        }
        let (at, desk) = (Location::caller(), thread::desk());
        if desk.has_any() {
            judge::beside_own_borrows(self, want, at, desk);
        }
        self.hold(desk, self.identity.id_at(at), want, at)
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
        if policy::mode() == Watch::Off {
            return Held::none();
        }
        hold::keep(thread::desk(), self.id(), self.kin, want, at)
    }

    #[inline(always)]
    fn hold(&self, desk: &'static Desk, map: u64, want: Want, at: StaticSite) -> Held {
        if !policy::only_checks() {
            self.record(want.operation, at);
        }
        // A `RefCell` is one thread's: what it holds has a second actor only where tasks take turns.
        if matches!(self.identity.kind(), MapKind::Mutex | MapKind::RwLock) {
            thread::takes_locks();
        }
        hold::keep(desk, map, self.kin, want, at)
    }

    #[cold]
    #[inline(never)]
    fn record(&self, operation: Operation, at: StaticSite) {
        if policy::mode() == Watch::Record {
            recorder::access(&self.identity, operation, at);
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
        self.identity.id()
    }
}

/// The actor that a guard taken now belongs to: the task if there is one, else the thread.
#[inline]
pub(crate) fn actor() -> u64 {
    task::current().unwrap_or_else(thread::actor)
}
