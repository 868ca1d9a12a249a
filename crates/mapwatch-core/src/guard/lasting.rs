//! What keeps a wait for too long: a guard that stays, not a queue that moves.
//!
//! One may wait for minutes and be in nobody's way: where many come, each has the lock for a moment. So it is not the
//! wait that has to last, but one guard before it; and not even that, where the guard's owner stands in a queue
//! itself, and that queue moves.

use super::hold::Hold;
use super::judge;
use super::wait::{Manner, Wait};
use mapwatch_event::Nanos;
use std::collections::HashMap;

/// A wait by its thread, its number, and which of the two kinds of number that is.
pub(super) type Name = (u64, u64, bool);

pub(super) fn name_of(wait: &Wait) -> Name {
    (wait.thread, wait.serial, wait.manner == Manner::Within)
}

/// A guard by its owner, its container and when it was taken.
pub(super) type Guard = (u64, u64, Nanos);

pub(super) fn guard(hold: &Hold) -> Guard {
    (hold.map, hold.actor, hold.since)
}

/// What the watchdog knows of a wait. Two clocks: everybody's, and the program's own, which stands still while the
/// program is kept from running.
pub(super) struct Known {
    /// When it was first seen.
    seen: Nanos,
    /// The same, in the program's own time.
    began: Nanos,
    /// Guards in its way, and since when they are, in the program's own time.
    behind: Vec<(Guard, Nanos)>,
    /// Its task was asked to look for itself.
    nudged: bool,
    told: bool,
}

impl Known {
    pub(super) fn new(seen: Nanos, began: Nanos) -> Known {
        Known { seen, began, behind: Vec::new(), nudged: false, told: false }
    }

    pub(super) fn seen(&self) -> Nanos {
        self.seen
    }

    /// Looks who is in the way by now.
    pub(super) fn look(&mut self, wait: &Wait, holds: &[Hold], mine: Nanos) {
        let there: Vec<Guard> = holds.iter().filter(|hold| stands_before(hold, wait)).map(guard).collect();
        self.behind.retain(|(guard, _)| there.contains(guard));
        for guard in there {
            if !self.behind.iter().any(|(known, _)| *known == guard) {
                self.behind.push((guard, mine));
            }
        }
    }

    /// Whether it has lasted for `limit`, and was not told.
    pub(super) fn is_due(&self, limit: Nanos, mine: Nanos) -> bool {
        !self.told && mine.since(self.began) >= limit
    }

    /// Whether its task is to be asked now; once.
    pub(super) fn nudge(&mut self) -> bool {
        !std::mem::replace(&mut self.nudged, true)
    }

    pub(super) fn set_told(&mut self) {
        self.told = true;
    }

    fn is_behind(&self, hold: &Hold, limit: Nanos, mine: Nanos) -> bool {
        self.behind.iter().any(|(known, from)| *known == guard(hold) && mine.since(*from) >= limit)
    }
}

fn stands_before(hold: &Hold, wait: &Wait) -> bool {
    judge::in_the_way(hold, wait) && (wait.manner != Manner::Within || hold.thread != wait.thread)
}

/// All waits and guards at one look, with what is known of each wait.
pub(super) struct Sight<'s> {
    pub(super) waits: &'s [Wait],
    pub(super) holds: &'s [Hold],
    pub(super) known: &'s HashMap<Name, Known>,
    pub(super) limit: Nanos,
    pub(super) mine: Nanos,
}

impl Sight<'_> {
    /// The guards that keep a wait from ending.
    pub(super) fn keepers(&self, wait: &Wait) -> Vec<Hold> {
        let mut verdicts = HashMap::from([(name_of(wait), true)]);
        self.lasting(wait).filter(|hold| self.stays(hold, &mut verdicts)).cloned().collect()
    }

    /// The guards that have stood before a wait for the whole limit.
    fn lasting<'s>(&'s self, wait: &'s Wait) -> impl Iterator<Item = &'s Hold> {
        let known = self.known.get(&name_of(wait));
        let lasts =
            move |hold: &&Hold| known.is_some_and(|known| known.is_behind(hold, self.limit, self.mine));
        self.holds.iter().filter(|hold| stands_before(hold, wait)).filter(lasts)
    }

    /// Whether a guard's owner does not come on: it waits for nothing that is watched, or in a wait that is kept.
    fn stays(&self, hold: &Hold, verdicts: &mut HashMap<Name, bool>) -> bool {
        let mut queues = false;
        for wait in self.waits.iter().filter(|wait| wait.actor == hold.actor) {
            if !self.holds.iter().any(|hold| stands_before(hold, wait)) {
                continue;
            }
            if self.is_kept(wait, verdicts) {
                return true;
            }
            queues = true;
        }
        !queues
    }

    /// Whether a wait stands behind a guard that stays. One that is met again while it is asked is a circle, and stays.
    fn is_kept(&self, wait: &Wait, verdicts: &mut HashMap<Name, bool>) -> bool {
        let name = name_of(wait);
        if let Some(verdict) = verdicts.get(&name) {
            return *verdict;
        }
        verdicts.insert(name, true);
        let verdict = self.lasting(wait).any(|hold| self.stays(hold, verdicts));
        verdicts.insert(name, verdict);
        verdict
    }
}
