//! Can this wait end?
//!
//! A wait stands behind guards, a guard's owner may wait itself, and so on: a way that leads back to the first
//! wait is a deadlock, of one actor or of several. Whoever closes the circle is told, so one panic frees the
//! others.
//!
//! An edge counts only where its owner cannot go on meanwhile: a thread that stands still, a task whose own
//! strand waits, a task that lives on a thread that stands still. Where a guard may have been given to another
//! thread unseen, the circle has to last for [`GRACE`] before it counts.

use super::hold::{self, Held, Hold};
use super::kept::{self, Whereabouts};
use super::strand::{self, Strand};
use super::wait::{self, Begun, Manner, Wait};
use super::watchdog::AtWork;
use super::{Latch, Mode, Part, Shards, Want, actor, order, said};
use crate::policy;
use crate::protocol::register::order as order_looks;
use crate::raise::Verdict;
use crate::site::StaticSite;
use crate::task::{self, TASK};
use crate::thread::{self, Desk};
use mapwatch_event::{Category, Policy};
use std::cell::Cell;
use std::collections::{HashMap, HashSet};
use std::sync::Arc;
use std::time::{Duration, Instant};

/// How long a circle must last in which a guard may have changed hands unseen.
const GRACE: Duration = Duration::from_secs(1);

/// What a wait stands behind.
#[derive(Clone, Debug)]
pub(super) enum Behind {
    /// A guard that is alive.
    Guard(Hold),
    /// A writer that came first, and waits itself.
    Writer(Wait),
}

/// One wait of a circle, and what it stands behind; the next step is the wait of that one's owner.
#[derive(Clone, Debug)]
pub(super) struct Step {
    pub(super) wait: Wait,
    pub(super) behind: Behind,
}

/// All waits and guards at one moment.
pub(super) struct Scene {
    waits: Vec<Arc<Wait>>,
    holds: Vec<Hold>,
    /// Waits by actor, by thread and by container; guards by container.
    of_actor: HashMap<u64, Vec<usize>>,
    of_thread: HashMap<u64, Vec<usize>>,
    for_map: HashMap<u64, Vec<usize>>,
    on_map: HashMap<u64, Vec<usize>>,
    /// The thread that looks, and whether all tasks of its runtime live on it.
    here: (u64, bool),
}

impl Scene {
    pub(super) fn now() -> Scene {
        order_looks();
        let mut waits: Vec<Arc<Wait>> = wait::list().by_serial.values().map(Arc::clone).collect();
        waits.retain(|wait| wait.manner != Manner::Bounded);
        waits.extend(wait::calls_in_the_way().into_iter().map(Arc::new));
        let here = (thread::actor(), task::is_single_threaded());
        let holds = wait::all_holds();
        Scene {
            of_actor: by(&waits, |wait| wait.actor),
            of_thread: by(&waits, |wait| wait.thread),
            for_map: by(&waits, |wait| wait.map),
            on_map: by(&holds, |hold| hold.map),
            waits,
            holds,
            here,
        }
    }

    fn these<'s, T>(
        &self,
        all: &'s [T],
        by: &'s HashMap<u64, Vec<usize>>,
        of: u64,
    ) -> impl Iterator<Item = &'s T> {
        by.get(&of).into_iter().flatten().map(|index| &all[*index])
    }

    /// The shortest circle through the wait of this number.
    pub(super) fn circle(&self, serial: u64) -> Option<Vec<Step>> {
        let listed = |wait: &&Arc<Wait>| wait.serial == serial && wait.manner != Manner::Within;
        let first: &Wait = self.waits.iter().find(listed)?;
        // Each way is its last wait, and how it came there: the number of the way before, and behind what.
        let mut ways: Vec<(&Wait, Option<(usize, Behind)>)> = vec![(first, None)];
        let mut seen: HashSet<(u64, u64, bool)> = HashSet::new();
        let mut index = 0;
        while let Some(&(last, _)) = ways.get(index) {
            for behind in self.behind(last) {
                for next in self.waits_of(&behind) {
                    if same(next, first) {
                        return Some(steps(&ways, index, behind)).filter(|circle| stands(circle));
                    }
                    if seen.insert((next.serial, next.thread, next.manner == Manner::Within)) {
                        ways.push((next, Some((index, behind.clone()))));
                    }
                }
            }
            index += 1;
        }
        None
    }

    /// What a wait stands behind. Of the writers that came first, one is enough: all stand behind the same guards.
    fn behind(&self, wait: &Wait) -> Vec<Behind> {
        let guards = self.these(&self.holds, &self.on_map, wait.map);
        let guards = guards.filter(|hold| in_the_way(hold, wait)).cloned().map(Behind::Guard);
        let came_first = |other: &&Arc<Wait>| {
            wait.mode != Mode::Exclusive
                && !wait.passes
                && other.mode == Mode::Exclusive
                && other.manner != Manner::Within
                && other.serial < wait.serial
        };
        let writers = self.these(&self.waits, &self.for_map, wait.map).filter(came_first);
        let writer = writers.min_by_key(|writer| writer.serial);
        guards.chain(writer.map(|writer| Behind::Writer(Wait::clone(writer)))).collect()
    }

    /// The waits that keep an owner from going on.
    fn waits_of(&self, behind: &Behind) -> Vec<&Wait> {
        match behind {
            Behind::Writer(writer) => {
                let waits = self.these(&self.waits, &self.for_map, writer.map);
                waits.map(Arc::as_ref).filter(|wait| same(wait, writer)).collect()
            }
            Behind::Guard(hold) => {
                let own = self.these(&self.waits, &self.of_actor, hold.actor);
                let here = self.these(&self.waits, &self.of_thread, hold.thread);
                let here = here.filter(|wait| wait.actor != hold.actor);
                own.chain(here).map(Arc::as_ref).filter(|wait| self.keeps(wait, hold)).collect()
            }
        }
    }

    /// Whether a wait keeps the owner of a guard from dropping it.
    fn keeps(&self, wait: &Wait, hold: &Hold) -> bool {
        let pinned = !hold.travels || self.here == (hold.thread, true);
        match wait.manner {
            Manner::Blocked | Manner::Notified | Manner::Within => {
                wait.actor == hold.actor || !hold.suspends && pinned && wait.thread == hold.thread
            }
            Manner::Suspended => {
                wait.actor == hold.actor
                    && strand::after(hold, wait.stack.as_ref()) == Strand::Same
                    && wait.stack.as_ref().is_some_and(|stack| strand::stays(stack, wait.actor & TASK != 0))
                    && (!hold.travels || kept::of(hold, wait) != Whereabouts::Leaves)
            }
            Manner::Bounded => false,
        }
    }
}

/// The numbers of `all` by one of their words.
fn by<T>(all: &[T], word: impl Fn(&T) -> u64) -> HashMap<u64, Vec<usize>> {
    let mut numbers: HashMap<u64, Vec<usize>> = HashMap::new();
    for (index, one) in all.iter().enumerate() {
        numbers.entry(word(one)).or_default().push(index);
    }
    numbers
}

/// Whether the waits of a circle still last. The guards were looked at after the waits: where a wait had ended by then,
/// its guard may be what it waited for.
fn stands(circle: &[Step]) -> bool {
    let calls = wait::calls();
    let list = wait::list();
    circle.iter().all(|Step { wait, .. }| match wait.manner {
        Manner::Within => calls.iter().any(|call| same(call, wait)),
        _ => list.by_serial.contains_key(&wait.serial),
    })
}

/// The steps of the way that ends at `last`, which stands behind `behind`.
fn steps(ways: &[(&Wait, Option<(usize, Behind)>)], mut last: usize, behind: Behind) -> Vec<Step> {
    let mut steps = vec![Step { wait: ways[last].0.clone(), behind }];
    while let Some((before, behind)) = &ways[last].1 {
        steps.push(Step { wait: ways[*before].0.clone(), behind: behind.clone() });
        last = *before;
    }
    steps.reverse();
    steps
}

fn same(one: &Wait, other: &Wait) -> bool {
    let within = |wait: &Wait| wait.manner == Manner::Within;
    one.serial == other.serial && one.thread == other.thread && within(one) == within(other)
}

/// Whether a guard keeps a wait from ending.
pub(super) fn in_the_way(hold: &Hold, wait: &Wait) -> bool {
    let in_its_own = hold.upgrading && hold.actor == wait.actor && hold.thread == wait.thread;
    hold.map == wait.map
        && !hold.travelled
        && !in_its_own
        && hold.mode.excludes(wait.mode)
        && meet(hold.part, wait.part)
}

fn meet(one: Part, other: Part) -> bool {
    match (one, other) {
        (Part::Shard(one), Part::Shard(other)) => one == other,
        _ => true,
    }
}

/// The circle through a wait, where one is there.
fn circle_of(serial: u64) -> Option<Vec<Step>> {
    may_close(serial).then(Scene::now)?.circle(serial)
}

/// Whether a wait may be part of a circle at all: somebody who stands in its way, or in that of a writer before it,
/// waits or is within a call. Most often nobody does, and the scene need not be drawn.
fn may_close(serial: u64) -> bool {
    order_looks();
    let Some(wait) = wait::list().by_serial.get(&serial).map(Arc::clone) else { return false };
    let queues = wait.mode != Mode::Exclusive && !wait.passes;
    let mut holds = wait::all_holds();
    holds.retain(|hold| if queues { hold.map == wait.map } else { in_the_way(hold, &wait) });
    if holds.is_empty() {
        return false;
    }
    let waits = wait::list();
    if holds.iter().any(|hold| waits.may_keep(hold)) {
        return true;
    }
    drop(waits);
    let calls = wait::calls();
    calls.iter().any(|call| holds.iter().any(|hold| hold.actor == call.actor || hold.thread == call.thread))
}

/// Writes a blocking wait down and judges it; `again` tries once more, and tells whether that helped.
#[track_caller]
pub(super) fn may_wait(
    latch: &Latch,
    want: Want,
    at: StaticSite,
    again: &mut dyn FnMut() -> bool,
) -> Option<Begun> {
    let want = Want { passes: want.passes || !latch.family.queues, ..want };
    let _around = around(latch, at);
    let begun = wait::begin(latch, want, at, Manner::Blocked);
    let deadline = Instant::now() + GRACE;
    let mut pause = Duration::from_millis(1);
    // Those who wait for one who is being judged wait for the judge.
    let mut work = None;
    while let Some(circle) = circle_of(begun.serial()) {
        if !closes(&circle, begun.serial()) {
            break;
        }
        let _work = work.get_or_insert_with(AtWork::begin);
        let over = Instant::now() >= deadline;
        if over && may_be_elsewhere(&circle) {
            break;
        }
        if over || is_sure(&circle) {
            begun.set_told();
            let verdict = said::circle(latch, &circle);
            if let Verdict::Panic(_) = verdict {
                drop(begun);
                verdict.carry_out();
                unreachable!("a verdict of panic panics");
            }
            return Some(begun);
        }
        std::thread::sleep(pause);
        pause = (pause * 2).min(Duration::from_millis(20));
        if again() {
            return None;
        }
    }
    suspended_here(latch, want, at);
    Some(begun)
}

/// The call into a sharded map that the calling one is made from, as a guard: a destructor, a comparison or a hash of
/// the user's runs under its lock. `None` where there is none, or its closure's own guard tells as much.
fn around(latch: &Latch, at: StaticSite) -> Option<Held> {
    let desk = thread::desk();
    let call = hold::call_on(desk)?;
    let draft = &call.draft;
    if draft.map == latch.id() && std::ptr::eq(draft.at, at) {
        return None;
    }
    let is_known = super::held_on(desk).any(|hold| hold.map == draft.map && hold.actor == draft.actor);
    (!is_known).then(|| hold::keep_call(desk, &call))
}

/// Writes a suspending wait down and judges it.
pub(super) fn may_suspend(latch: &Latch, want: Want, at: StaticSite) -> Begun {
    let want = Want { passes: want.passes || !latch.family.queues, ..want };
    let begun = wait::begin(latch, want, at, Manner::Suspended);
    if let Some(circle) = circle_of(begun.serial())
        && closes(&circle, begun.serial())
        && is_sure(&circle)
    {
        return refuse_suspended(latch, begun, &circle);
    }
    begun
}

/// Judges a suspended wait again that has lasted for as long as makes a circle count, unseen moves or not.
pub(super) fn may_stay_suspended(latch: &Latch, begun: Begun) -> Begun {
    match circle_of(begun.serial()) {
        Some(circle) if closes(&circle, begun.serial()) && !may_be_elsewhere(&circle) => {
            refuse_suspended(latch, begun, &circle)
        }
        _ => begun,
    }
}

fn refuse_suspended(latch: &Latch, begun: Begun, circle: &[Step]) -> Begun {
    begun.set_told();
    let verdict = said::circle(latch, circle);
    if let Verdict::Panic(_) = verdict {
        drop(begun);
        verdict.carry_out();
        unreachable!("a verdict of panic panics");
    }
    begun
}

/// Of several that see the same circle, the last one to come tells.
fn closes(circle: &[Step], serial: u64) -> bool {
    circle.iter().all(|step| step.wait.manner == Manner::Within || step.wait.serial <= serial)
}

/// Whether nothing in a circle may have changed unseen. That a task keeps a guard which suspends, the source may tell.
fn is_sure(circle: &[Step]) -> bool {
    let owners = circle.iter().cycle().skip(1);
    circle.iter().zip(owners).all(|(step, owner)| {
        step.wait.manner != Manner::Within
            && match &step.behind {
                Behind::Guard(hold) if !hold.travels => true,
                Behind::Guard(hold) => {
                    owner.wait.manner == Manner::Suspended
                        && kept::of(hold, &owner.wait) == Whereabouts::Stays
                }
                Behind::Writer(_) => true,
            }
    })
}

/// Whether the source says of a guard of a circle that it was given away: it comes back free from somebody else.
pub(super) fn may_be_elsewhere(circle: &[Step]) -> bool {
    let owners = circle.iter().cycle().skip(1);
    circle.iter().zip(owners).any(|(step, owner)| match &step.behind {
        Behind::Guard(hold) if hold.travels && owner.wait.actor == hold.actor => {
            kept::of(hold, &owner.wait) == Whereabouts::Leaves
        }
        _ => false,
    })
}

/// A wait for a guard of another task that is suspended on this very thread: it ends only by luck.
fn suspended_here(latch: &Latch, want: Want, at: StaticSite) {
    let (me, here, map) = (actor(), thread::actor(), latch.id());
    for hold in super::held_on(thread::desk()) {
        let conflicting = hold.map == map && hold.mode.excludes(want.mode) && meet(hold.part, want.part);
        if conflicting && hold.thread == here && is_other_task(&hold, me) {
            said::across_await(latch, &hold, want, at).carry_out();
        }
    }
}

/// Whether a blocking guard belongs to another task.
fn is_other_task(hold: &Hold, me: u64) -> bool {
    !hold.suspends && !hold.travelled && hold.actor != me && hold.actor & TASK != 0
}

/// A guard was had, while this thread has others: hazards. The caller carries the verdict out, without the guard.
pub(super) fn beside_own_guards(latch: &Latch, want: Want, at: StaticSite, desk: &'static Desk) -> Verdict {
    let (me, map) = (actor(), latch.id());
    let mut reads_already = false;
    for hold in near(desk, me) {
        if hold.travelled {
            continue;
        }
        let verdict = if hold.actor == me {
            if hold.map != map {
                order::taken(&hold, latch, want, at)
            } else if !std::mem::replace(&mut reads_already, true)
                && latch.family.queues
                && !want.passes
                && (want.mode, hold.mode) == (Mode::Shared, Mode::Shared)
                && is_news(Category::RecursiveRead, hold.site, at)
            {
                said::recursive(latch, &hold, want, at)
            } else {
                Verdict::Carry
            }
        } else if is_other_task(&hold, me) {
            said::across_await(latch, &hold, want, at)
        } else {
            Verdict::Carry
        };
        if let Verdict::Panic(_) = verdict {
            return verdict;
        }
    }
    Verdict::Carry
}

/// The guards of this desk, and those that the calling task has on others: a task goes from thread to thread.
pub(super) fn near(desk: &'static Desk, me: u64) -> impl Iterator<Item = Hold> {
    let own = move |hold: &Hold| hold.actor == me;
    let goes_along = move |hold: &Hold| own(hold) && (hold.travels || hold.suspends);
    let all = hold::of_this_task();
    let has_elsewhere = all > 0 && super::held_on(desk).filter(goes_along).count() < all;
    let others = has_elsewhere.then(thread::all_desks).unwrap_or_default();
    let others = others.into_iter().filter(move |other| !std::ptr::eq(*other, desk));
    super::held_on(desk).chain(others.flat_map(super::held_on).filter(own))
}

/// A borrow was had, while this thread has other guards.
#[track_caller]
pub(super) fn beside_own_borrows(latch: &Latch, want: Want, at: StaticSite, desk: &'static Desk) {
    let me = actor();
    for hold in super::held_on(desk) {
        if is_other_task(&hold, me) {
            said::across_await(latch, &hold, want, at).carry_out();
        }
    }
}

/// A call into a sharded map, by an actor that has guards; it is on record.
#[track_caller]
pub(super) fn may_visit(
    latch: &Latch,
    want: Want,
    at: StaticSite,
    desk: &'static Desk,
    shards: &impl Shards,
) -> Option<Begun> {
    let Want { mode, part, .. } = want;
    // Ours is the other half of the pair in `Scene::now`: call, then look; wait, then look at the calls.
    order_looks();
    if shards.is_busy(part, mode) {
        return may_wait(latch, want, at, &mut || !shards.is_busy(part, mode));
    }
    let (me, map) = (actor(), latch.id());
    for hold in near(desk, me) {
        if hold.travelled {
            continue;
        }
        if hold.map == map && hold.actor == me {
            // Whoever reads passes writers; a whole map that is free has no guard of ours that excludes.
            if hold.mode.excludes(mode) && is_news(Category::SelfDeadlockHazard, hold.site, at) {
                said::lucky(latch, &hold, want, at, shards.count());
            }
        } else if hold.actor == me {
            order::taken(&hold, latch, want, at).carry_out();
        } else if is_other_task(&hold, me) {
            said::across_await(latch, &hold, want, at).carry_out();
        }
    }
    None
}

/// Hazards that a thread remembers: so many by some of their bits, and so many that share those.
const ROWS: usize = 256;
const WAYS: usize = 4;

thread_local! {
    /// Hazards that this thread has looked at lately: category and both sites in one word. A look costs a stack, so that
    /// those who take many locks at once must not forget one for the other.
    static HAZARDS: [Cell<[u64; WAYS]>; ROWS] = const { [const { Cell::new([0; WAYS]) }; ROWS] };
}

/// Whether a hazard is worth another look; under the policy `strict`, always.
pub(super) fn is_news(category: Category, one: StaticSite, other: StaticSite) -> bool {
    is_new_key(
        policy::current().policy,
        &[category as u64, std::ptr::from_ref(one).addr() as u64, std::ptr::from_ref(other).addr() as u64],
    )
}

/// The same for any words.
pub(super) fn is_new_key(asked: Policy, words: &[u64]) -> bool {
    let key = words.iter().fold(0xcbf2_9ce4_8422_2325_u64, |key, word| {
        (key ^ word).wrapping_mul(0x9e37_79b9_7f4a_7c15).rotate_left(29)
    }) | 1;
    asked == Policy::Strict || HAZARDS.with(|hazards| is_new_in(&hazards[(key >> 8) as usize % ROWS], key))
}

/// Whether a row has not got the key; it comes first then, and the oldest goes.
fn is_new_in(row: &Cell<[u64; WAYS]>, key: u64) -> bool {
    let mut keys = row.get();
    if keys[0] == key {
        return false;
    }
    let known = keys.iter().position(|known| *known == key);
    keys[..=known.unwrap_or(WAYS - 1)].rotate_right(1);
    keys[0] = key;
    row.set(keys);
    known.is_none()
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
    fn whoever_takes_many_locks_at_once_looks_at_each_pair_once() {
        let new = || {
            let pairs = (0..16).flat_map(|one: u64| (0..one).map(move |other| [one, other, 7]));
            pairs.filter(|pair| is_new_key(Policy::Panic, pair)).count()
        };
        assert_eq!((new(), new()), (120, 0));
        let row = Cell::new([0; WAYS]);
        assert!([1, 2, 3, 4].iter().all(|key| is_new_in(&row, *key)));
        assert!([2, 1, 4, 3].iter().all(|key| !is_new_in(&row, *key)));
        // The one that was looked at longest ago goes.
        assert_eq!([5, 2, 1].map(|key| is_new_in(&row, key)), [true, true, true]);
    }

    #[test]
    fn a_wait_that_ended_meanwhile_closes_no_circle() {
        let latch =
            Latch::new(MapKind::Mutex, &FAMILY, Shape::of::<std::sync::Mutex<()>>, Location::caller());
        let lock = Want::whole(Operation::Lock, Mode::Exclusive);
        let held = latch.taken(lock);
        let begun = wait::begin(&latch, lock, Location::caller(), Manner::Blocked);
        let scene = Scene::now();
        assert_eq!(scene.circle(begun.serial()).map(|circle| circle.len()), Some(1));
        assert!(may_close(begun.serial()));
        let serial = begun.serial();
        drop(begun);
        assert!(scene.circle(serial).is_none());
        drop(held);
    }
}
