//! Calls into a sharded map. It locks and unlocks where nobody can look, so each is on record before it waits.

use super::hold::{self, Kin, Within};
use super::wait::Begun;
use super::{Held, Latch, Mode, Part, Want, judge, wait};
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
        self.visit_at(operation, mode, Location::caller(), shards, call)
    }

    /// The same, for a call that was made at `at`.
    ///
    /// # Panics
    ///
    /// As [`Latch::visit`].
    #[inline]
    #[track_caller]
    pub fn visit_at<R>(
        &self,
        operation: Operation,
        mode: Mode,
        at: StaticSite,
        shards: &impl Shards,
        call: impl FnOnce() -> R,
    ) -> R {
        let visit = self.enter_at(operation, mode, at, shards);
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
        self.enter_at(operation, mode, Location::caller(), shards)
    }

    #[inline(always)]
    #[track_caller]
    fn enter_at(&self, operation: Operation, mode: Mode, at: StaticSite, shards: &impl Shards) -> Visit<'_> {
        if !policy::only_checks() && !self.enter_closely(mode, at, shards) {
            let (waiting, within) = (Waiting(None), Within::none());
            return Visit { latch: self, operation, at, waiting, within };
        }
        let desk = thread::desk();
        let (within, waiting) = if desk.has_any() || hold::has_elsewhere() {
            self.enter_beside(operation, mode, at, desk, shards)
        } else {
            let want = Want { operation, mode, part: Part::Some, passes: true };
            (Within::begin(desk, self.id(), want, at), None)
        };
        Visit { latch: self, operation, at, waiting: Waiting(waiting), within }
    }

    /// Takes a guard of the one shard that `shards` tells: `attempt` tries without waiting, `block` waits.
    ///
    /// # Panics
    ///
    /// As [`Latch::visit`].
    #[inline(always)]
    #[track_caller]
    pub fn lend<G>(
        &self,
        operation: Operation,
        mode: Mode,
        shards: &impl Shards,
        attempt: impl FnOnce() -> Option<G>,
        block: impl FnOnce() -> G,
    ) -> (G, Held) {
        let at = Location::caller();
        if !policy::only_checks() && !self.enter_closely(mode, at, shards) {
            return (block(), Held::none());
        }
        let desk = thread::desk();
        if desk.has_any() || hold::has_elsewhere() {
            return self.lend_beside(operation, mode, at, desk, shards, block);
        }
        let want = Want { operation, mode, part: shards.part(), passes: true };
        match attempt() {
            Some(guard) => {
                self.came_back(operation, at);
                (guard, hold::keep(desk, self.id(), Kin::SHARDED, want, at))
            }
            None => self.lend_later(want, at, desk, block),
        }
    }

    #[inline(never)]
    #[track_caller]
    fn lend_beside<G>(
        &self,
        operation: Operation,
        mode: Mode,
        at: StaticSite,
        desk: &'static Desk,
        shards: &impl Shards,
        block: impl FnOnce() -> G,
    ) -> (G, Held) {
        let (within, waiting) = self.enter_beside(operation, mode, at, desk, shards);
        let guard = block();
        // Who has the guard waits for it no longer.
        drop(waiting);
        self.came_back(operation, at);
        let want = Want { operation, mode, part: shards.part(), passes: true };
        (guard, within.become_guard(self, want, at))
    }

    /// Waits for a shard, with nothing else on record: who holds nothing keeps nobody from going on meanwhile.
    #[cold]
    fn lend_later<G>(
        &self,
        want: Want,
        at: StaticSite,
        desk: &'static Desk,
        block: impl FnOnce() -> G,
    ) -> (G, Held) {
        let within = Within::begin(desk, self.id(), want, at);
        let guard = wait::alone(self.id(), at, block);
        self.came_back(want.operation, at);
        (guard, within.become_guard(self, want, at))
    }

    /// A call came back.
    #[inline(always)]
    fn came_back(&self, operation: Operation, at: StaticSite) {
        if !policy::only_checks() {
            self.record(operation, at);
        }
        crate::cancel::passing(at);
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
        shards: &impl Shards,
    ) -> (Within, Option<Box<Begun>>) {
        let want = Want { operation, mode, part: shards.part(), passes: true };
        let within = Within::begin_beside(desk, self.id(), want, at);
        let waiting = judge::may_visit(self, want, at, desk, shards).map(Box::new);
        (within, waiting)
    }
}

/// A call into a sharded map that is under way, until this is dropped.
#[derive(Debug)]
pub struct Visit<'a> {
    latch: &'a Latch,
    operation: Operation,
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
    /// The call turns out to be about this part: it was not looked for before, because that may cost a hash.
    #[inline(always)]
    pub fn is_about(&self, part: Part) {
        self.within.is_about(part);
    }

    /// The call came back, and has let go of everything.
    #[inline(always)]
    pub fn end(self) {
        let Visit { latch, operation, at, waiting, within } = self;
        latch.came_back(operation, at);
        drop(waiting);
        within.end();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::entry::Shape;
    use crate::guard::Family;
    use mapwatch_event::MapKind;

    static FAMILY: Family = Family::SHARDED;

    struct Four;

    impl Shards for Four {
        fn part(&self) -> Part {
            Part::Shard(3)
        }

        fn is_busy(&self, _: Part, _: Mode) -> bool {
            false
        }

        fn count(&self) -> usize {
            4
        }
    }

    fn parts_of(latch: &Latch, calls: &[wait::Wait]) -> Vec<Part> {
        calls.iter().filter(|call| call.map == latch.id()).map(|call| call.part).collect()
    }

    #[test]
    fn a_call_says_its_shard_and_keeps_nobody_from_going_on_while_its_maker_has_nothing_else() {
        let latch = Latch::new(MapKind::DashMap, &FAMILY, Shape::of::<u8>, Location::caller());
        let visit = latch.enter(Operation::Insert, Mode::Exclusive, &Four);
        assert_eq!(parts_of(&latch, &wait::calls()), [Part::Some]);
        visit.is_about(Part::Shard(3));
        assert_eq!(parts_of(&latch, &wait::calls()), [Part::Shard(3)]);
        assert_eq!(parts_of(&latch, &wait::calls_in_the_way()), []);
        visit.end();
        assert_eq!(parts_of(&latch, &wait::calls()), []);

        let other = Latch::new(MapKind::DashMap, &FAMILY, Shape::of::<u8>, Location::caller());
        let (lent, held) = other.lend(Operation::GetMut, Mode::Exclusive, &Four, || Some(7), || 8);
        assert_eq!(lent, 7);
        let visit = latch.enter(Operation::Insert, Mode::Exclusive, &Four);
        assert_eq!(parts_of(&latch, &wait::calls_in_the_way()), [Part::Shard(3)]);
        visit.end();
        drop(held);
        let (lent, held) = latch.lend(
            Operation::Get,
            Mode::Shared,
            &Four,
            || None,
            || {
                assert_eq!(parts_of(&latch, &wait::calls()), [Part::Shard(3)]);
                assert_eq!(parts_of(&latch, &wait::calls_in_the_way()), []);
                8
            },
        );
        assert_eq!((lent, parts_of(&latch, &wait::calls())), (8, Vec::new()));
        drop(held);
        assert!(!thread::desk().has_any());
    }
}
