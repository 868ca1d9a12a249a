//! What is known of call sites: on which paths they were reached, and what acts there came after.
//!
//! Tables without locks, keyed by the site's address. A site whose place is taken goes to one of the next few;
//! one that finds none there is never spoken of: that loses evidence and invents none.
//!
//! The first few calls at a site leave their stacks, too: a `put` that serves everybody is asked what it came
//! after on one path only. Later calls are taken for any path. Of looks, a call leaves its stack also when the
//! stack is of another depth, or the map of another type, than any before it there: that is another path.

use crate::entry::Shape;
use crate::site::{StaticSite, address};
use crate::stack::{self, RawStack};
use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU32, AtomicU64, Ordering::Relaxed};
use std::sync::{Mutex, PoisonError};

/// Sites that can be told apart.
const SITES: usize = 4096;

/// Places where a site may stand. Where sites lie in memory changes with every start of a program, so that
/// with one place each, a few hundred sites would lose another few of their number in every run.
const PROBES: usize = 16;

/// Calls at a site that leave their stacks.
const EARLY: u32 = 48;

/// Different stacks kept for a site.
const PATHS: usize = 16;

/// What the acts at one site came after, so far.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Habit(u64);

impl Habit {
    /// At least one act came without its actor having looked.
    pub(crate) const BLIND: Habit = Habit(1);
    /// At least one came after a look that found nothing.
    pub(crate) const AFTER_MISS: Habit = Habit(2);
    /// At least one came after a look that found an entry.
    pub(crate) const AFTER_HIT: Habit = Habit(4);
    /// At least one came after a look that asked only whether there is an entry.
    pub(crate) const AFTER_QUESTION: Habit = Habit(8);

    const BITS: u64 = 15;

    /// Both.
    pub(crate) const fn and(self, other: Habit) -> Habit {
        Habit(self.0 | other.0)
    }

    /// Every act came after a look that found nothing.
    pub(crate) const fn follows_misses(self) -> bool {
        self.0 & (Habit::BLIND.0 | Habit::AFTER_HIT.0) == 0 && self.0 & Habit::AFTER_MISS.0 != 0
    }

    /// Every act came after a look at the value.
    pub(crate) const fn follows_values(self) -> bool {
        self.0 & (Habit::BLIND.0 | Habit::AFTER_QUESTION.0) == 0
    }
}

/// What the acts at a site came after.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Habits {
    /// All of them.
    pub(crate) all: Habit,
    /// Those whose stacks are not known.
    pub(crate) anywhere: Habit,
}

/// A stack at which a site was reached, and what the acts there came after.
struct Path {
    stack: RawStack,
    habit: Habit,
}

/// What is known of the sites of one sort.
struct Table {
    /// The address, [`Habits::anywhere`] and [`Habits::all`].
    words: [AtomicU64; SITES],
    /// Calls, up to [`EARLY`].
    calls: [AtomicU32; SITES],
    paths: Mutex<BTreeMap<u64, Vec<Path>>>,
}

static ACTS: Table = Table::new();
static LOOKS: Table = Table::new();

fn places(address: u64) -> impl Iterator<Item = usize> {
    let first = ((address >> 3).wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 52) as usize;
    (first..first + PROBES).map(|place| place % SITES)
}

impl Table {
    const fn new() -> Table {
        Table {
            words: [const { AtomicU64::new(0) }; SITES],
            calls: [const { AtomicU32::new(0) }; SITES],
            paths: Mutex::new(BTreeMap::new()),
        }
    }

    /// Where a site stands.
    #[inline]
    fn place(&self, address: u64) -> Option<usize> {
        places(address).find(|&place| {
            let known = self.words[place].load(Relaxed);
            known >> 8 == address || known == 0 && self.claim(place, address)
        })
    }

    #[cold]
    fn claim(&self, place: usize, address: u64) -> bool {
        match self.words[place].compare_exchange(0, address << 8, Relaxed, Relaxed) {
            Ok(_) => true,
            Err(other) => other >> 8 == address,
        }
    }

    /// Notes a call, and tells what is known now; a site without a place is blind.
    #[inline]
    fn note(&self, address: u64, habit: Habit) -> Habits {
        let Some(place) = self.place(address) else {
            return Habits { all: Habit::BLIND, anywhere: Habit::BLIND };
        };
        let is_early = self.calls[place].load(Relaxed) < EARLY;
        let has_path = is_early && self.note_path(address, place, habit);
        let news = habit.0 | if has_path { 0 } else { habit.0 << 4 };
        let known = self.words[place].load(Relaxed);
        let known =
            if known & news == news { known } else { self.words[place].fetch_or(news, Relaxed) | news };
        Habits { all: Habit(known & Habit::BITS), anywhere: Habit(known >> 4 & Habit::BITS) }
    }

    /// Keeps the stack of a call, if there is room.
    #[cold]
    fn note_path(&self, address: u64, place: usize, habit: Habit) -> bool {
        if self.calls[place].fetch_add(1, Relaxed) >= EARLY {
            return false;
        }
        self.keep_path(address, habit)
    }

    #[cold]
    fn keep_path(&self, address: u64, habit: Habit) -> bool {
        let stack = stack::capture();
        let mut paths = self.paths.lock().unwrap_or_else(PoisonError::into_inner);
        let paths = paths.entry(address).or_default();
        if let Some(path) = paths.iter_mut().find(|path| path.stack == stack) {
            path.habit = path.habit.and(habit);
            return true;
        }
        let has_room = paths.len() < PATHS;
        if has_room {
            paths.push(Path { stack, habit });
        }
        has_room
    }
}

/// Adds to what acts at a site came after, and tells what is known now.
pub(crate) fn acted(site: StaticSite, habit: Habit) -> Habits {
    ACTS.note(address(site), habit)
}

/// Notes a look into a map of the type that `shape` tells.
#[inline]
pub(crate) fn looked(site: StaticSite, shape: fn() -> Shape) {
    let address = address(site);
    if is_at_new_depth(address ^ (shape as usize as u64).rotate_left(24)) {
        LOOKS.keep_path(address, Habit::default());
    } else {
        let _ = LOOKS.note(address, Habit::default());
    }
}

/// Whether no call of this sort came with the stack at this depth: as a place within its page, which is the same for all
/// threads. Two that share a bit cost a path.
#[inline]
fn is_at_new_depth(sort: u64) -> bool {
    static DEPTHS: [AtomicU64; 1024] = [const { AtomicU64::new(0) }; 1024];
    let here = 0_u8;
    let depth = (&raw const here).addr() as u64 & 0xff0;
    let mixed = ((sort >> 3) ^ depth << 48).wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 48;
    let (word, bit) = (&DEPTHS[mixed as usize / 64], 1 << (mixed % 64));
    word.load(Relaxed) & bit == 0 && word.fetch_or(bit, Relaxed) & bit == 0
}

/// The stacks at which looks at a site were made.
pub(crate) fn paths_of_looks(site: StaticSite) -> Vec<RawStack> {
    let paths = LOOKS.paths.lock().unwrap_or_else(PoisonError::into_inner);
    let of = |paths: &Vec<Path>| paths.iter().map(|path| RawStack::clone(&path.stack)).collect();
    paths.get(&address(site)).map(of).unwrap_or_default()
}

/// What acts at a site came after where they were called through `frame`.
pub(crate) fn habit_through(site: StaticSite, frame: usize) -> Habit {
    let paths = ACTS.paths.lock().unwrap_or_else(PoisonError::into_inner);
    let through = paths.get(&address(site)).into_iter().flatten().filter(|path| path.stack.contains(&frame));
    through.fold(Habit::default(), |all, path| all.and(path.habit))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::panic::Location;

    #[test]
    fn sites_that_share_a_place_are_told_apart() {
        // Far from what a process maps, and all with the same first place.
        let sites =
            (1_u64..).map(|number| number << 3).filter(|&site| places(site).next() == places(8).next());
        for address in sites.take(PROBES) {
            assert_eq!(ACTS.note(address, Habit::AFTER_HIT).all, Habit::AFTER_HIT);
        }
    }

    #[test]
    fn a_habit_is_what_was_ever_seen() {
        let site = Location::caller();
        assert!(acted(site, Habit::AFTER_MISS).all.follows_misses());
        assert!(acted(site, Habit::AFTER_MISS).all.follows_misses());
        assert!(!acted(site, Habit::AFTER_HIT).all.follows_misses());
        assert!(acted(site, Habit::AFTER_HIT).all.follows_values());
        assert!(!acted(site, Habit::BLIND).all.follows_values());
        assert!(!acted(site, Habit::AFTER_HIT).all.follows_values());
    }

    #[test]
    fn a_path_is_not_blamed_for_another_until_there_are_too_many() {
        #[inline(never)]
        fn deeper(site: StaticSite, habit: Habit) -> Habits {
            acted(site, habit)
        }
        let site = Location::caller();
        assert_eq!(acted(site, Habit::BLIND), Habits { all: Habit::BLIND, anywhere: Habit::default() });
        let mut habits = deeper(site, Habit::AFTER_MISS);
        assert_eq!((habits.anywhere, habits.all), (Habit::default(), Habit::BLIND.and(Habit::AFTER_MISS)));
        let (blind, other) = {
            let paths = ACTS.paths.lock().expect("not poisoned");
            let [blind, other] = &paths[&address(site)][..] else { panic!("two paths") };
            let only = |path: &Path, beside: &Path| {
                *path.stack.iter().find(|frame| !beside.stack.contains(frame)).expect("they differ")
            };
            (only(blind, other), only(other, blind))
        };
        assert_eq!(habit_through(site, blind), Habit::BLIND);
        assert_eq!(habit_through(site, other), Habit::AFTER_MISS);
        for _ in 0..EARLY {
            habits = deeper(site, Habit::AFTER_HIT);
        }
        assert_eq!(habits.anywhere, Habit::AFTER_HIT);
    }
}
