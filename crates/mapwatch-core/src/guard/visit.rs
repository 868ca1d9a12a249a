//! Calls into a sharded map: it locks and unlocks where nobody can look, so each is on record before it is made.

use super::hold::{self, Gives, Within};
use super::wait::Begun;
use super::{Held, Latch, Mode, Part, Want, judge};
use crate::policy::{self, Mode as Watch};
use crate::site::StaticSite;
use crate::thread::{self, Desk};
use mapwatch_event::Operation;
use std::panic::Location;

/// A look at the shards of a map, none of which waits.
pub trait Shards {
    /// Which part the call will lock; asked only where it matters, because it may cost a hash.
    fn part(&self) -> Part;
    /// Whether a call of `mode` on `part` would have to wait right now.
    fn is_busy(&self, part: Part, mode: Mode) -> bool;
    /// How many shards there are.
    fn count(&self) -> usize;
}

impl Latch {
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

    /// The same for a call that the caller makes before it ends the [`Visit`]. What comes out of a closure is moved once
    /// more on its way, and a move right after it was written costs as much as the rest of the watching.
    ///
    /// # Panics
    ///
    /// As [`Latch::visit`].
    #[inline(always)]
    #[track_caller]
    pub fn enter(&self, operation: Operation, mode: Mode, shards: &impl Shards) -> Visit<'_> {
        self.enter_at(operation, mode, Location::caller(), Gives::Nothing, shards)
    }

    /// The same for a call that may come back with a guard, which the [`Visit`] then hands out.
    ///
    /// # Panics
    ///
    /// As [`Latch::visit`].
    #[inline(always)]
    #[track_caller]
    pub fn enter_for_guard(&self, operation: Operation, mode: Mode, shards: &impl Shards) -> Visit<'_> {
        self.enter_at(operation, mode, Location::caller(), Gives::Guard, shards)
    }

    #[inline(always)]
    #[track_caller]
    fn enter_at(
        &self,
        operation: Operation,
        mode: Mode,
        at: StaticSite,
        gives: Gives,
        shards: &impl Shards,
    ) -> Visit<'_> {
        if !policy::only_checks() && !self.enter_closely(mode, at, shards) {
            let (waiting, within) = (Waiting(None), Within::none());
            return Visit { latch: self, operation, mode, at, waiting, within };
        }
        let desk = thread::desk();
        let (within, waiting) = if desk.holds.any() || hold::has_elsewhere() {
            self.enter_beside(operation, mode, at, desk, gives, shards)
        } else {
            let want = Want { operation, mode, part: Part::Some, passes: true };
            (Within::begin(desk, self.id(), want, at, gives), None)
        };
        Visit { latch: self, operation, mode, at, waiting: Waiting(waiting), within }
    }

    /// What there is to do beside checking; `false` where not even that is to be done.
    #[cold]
    #[inline(never)]
    fn enter_closely(&self, mode: Mode, at: StaticSite, shards: &impl Shards) -> bool {
        if policy::mode() == Watch::Off {
            return false;
        }
        self.provoke(mode, at);
        if policy::mode() == Watch::Record
            && let Part::Shard(shard) = shards.part()
        {
            self.identity.entry().visited(shard, || shards.count());
        }
        true
    }

    /// With guards of its own, or from within another call, the thread says what it wants before it looks whether it
    /// may have it: of two that close a circle, one must see the other.
    #[inline(never)]
    #[track_caller]
    fn enter_beside(
        &self,
        operation: Operation,
        mode: Mode,
        at: StaticSite,
        desk: &'static Desk,
        gives: Gives,
        shards: &impl Shards,
    ) -> (Within, Option<Box<Begun>>) {
        let want = Want { operation, mode, part: shards.part(), passes: true };
        let within = Within::begin_beside(desk, self.id(), want, at, gives);
        let waiting = judge::may_visit(self, want, at, desk, shards).map(Box::new);
        (within, waiting)
    }
}

/// A call into a sharded map that is under way, until this is dropped. Its fields stay in registers, where a whole
/// `Visit` is never handed on: what is copied right after it was written costs as much as the rest of the watching.
#[derive(Debug)]
pub struct Visit<'a> {
    latch: &'a Latch,
    operation: Operation,
    mode: Mode,
    at: StaticSite,
    /// The wait, if there was one.
    waiting: Waiting,
    within: Within,
}

/// A wait that is over when this is dropped; most often there is none.
#[derive(Debug)]
struct Waiting(Option<Box<Begun>>);

impl Drop for Waiting {
    #[inline(always)]
    fn drop(&mut self) {
        #[cold]
        #[inline(never)]
        fn over(_: Box<Begun>) {}

        if let Some(begun) = self.0.take() {
            over(begun);
        }
    }
}

impl Visit<'_> {
    /// The call came back, and has let go of everything.
    #[inline(always)]
    pub fn end(self) {
        self.came_back();
        let Visit { waiting, within, .. } = self;
        drop(waiting);
        within.end();
    }

    /// The call came back with a guard of `part`, maybe after a wait for it.
    #[inline(always)]
    pub fn hand_out(self, part: Part, has_waited: bool) -> Held {
        self.came_back();
        let Visit { latch, operation, mode, at, waiting, within } = self;
        // Who has the guard waits for it no longer.
        drop(waiting);
        within.become_guard(latch, Want { operation, mode, part, passes: true }, at, has_waited)
    }

    #[inline(always)]
    fn came_back(&self) {
        if !policy::only_checks() {
            self.latch.record(self.operation, self.at);
        }
        crate::cancel::passing(self.at);
    }
}
