//! What is known of call sites: what acts there come after, and in which function a look stands.
//!
//! Both are tables without locks, keyed by the site's address. A site whose place is taken goes to one of the
//! next few; one that finds none there is never spoken of: that loses evidence and invents none.

use crate::site::StaticSite;
use crate::stack::{self, Function, RawStack};
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

/// Sites that can be told apart.
const SITES: usize = 4096;

/// Places where a site may stand. Where sites lie in memory changes with every start of a program, so that
/// with one place each, a few hundred sites would lose another few of their number in every run.
const PROBES: usize = 16;

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

/// Sites of acts: the address above, the habit in the low bits.
static ACTS: [AtomicU64; SITES] = [const { AtomicU64::new(0) }; SITES];

/// Sites of looks: the address and the number of the stack at the first look there.
static LOOKS: [[AtomicU64; 2]; SITES] = [const { [const { AtomicU64::new(0) }; 2] }; SITES];

fn address(site: StaticSite) -> u64 {
    std::ptr::from_ref(site).addr() as u64
}

fn places(address: u64) -> impl Iterator<Item = usize> {
    let first = ((address >> 3).wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 52) as usize;
    (first..first + PROBES).map(|place| place % SITES)
}

/// Adds to a site's habit, and tells what it is now; a site without a place is blind.
pub(crate) fn note(site: StaticSite, habit: Habit) -> Habit {
    let address = address(site);
    places(address).find_map(|place| note_at(&ACTS[place], address, habit)).unwrap_or(Habit::BLIND)
}

/// The habit at this place, unless another site stands there.
fn note_at(cell: &AtomicU64, address: u64, habit: Habit) -> Option<Habit> {
    let mut known = cell.load(Relaxed);
    loop {
        if known != 0 && known >> 4 != address {
            return None;
        }
        let wanted = address << 4 | known & Habit::BITS | habit.0;
        if known == wanted {
            return Some(Habit(known & Habit::BITS));
        }
        match cell.compare_exchange_weak(known, wanted, Relaxed, Relaxed) {
            Ok(_) => return Some(Habit(wanted & Habit::BITS)),
            Err(now) => known = now,
        }
    }
}

/// Keeps the stack of the first look at each site: which function the site stands in.
#[inline]
pub(crate) fn seen_looking(site: StaticSite) {
    let address = address(site);
    let known = |place: usize| LOOKS[place][0].load(Relaxed) == address;
    if !places(address).any(known) {
        first_look(address);
    }
}

#[cold]
fn first_look(address: u64) {
    for place in places(address) {
        let [owner, stack] = &LOOKS[place];
        match owner.compare_exchange(0, address, Relaxed, Relaxed) {
            Ok(_) => return stack.store(stack::capture_interned(), Relaxed),
            Err(other) if other == address => return,
            Err(_) => {}
        }
    }
}

/// The stack of the first look at a site.
pub(crate) fn stack_of_look(site: StaticSite) -> Option<RawStack> {
    let address = address(site);
    let place = places(address).find(|&place| LOOKS[place][0].load(Relaxed) == address)?;
    stack::interned(LOOKS[place][1].load(Relaxed))
}

/// Whether a look and an act stand in one function, or one in a function that the other was called from.
///
/// Where there are no symbols, the same file has to do.
pub(crate) fn belong_together(look: StaticSite, act: StaticSite, act_stack: &RawStack) -> bool {
    let near = look.file() == act.file();
    let Some(look_stack) = stack_of_look(look) else { return near };
    let (looking, acting) = (stack::functions(&look_stack), stack::functions(act_stack));
    let (Some(looker), Some(actor)) = (own(&looking), own(&acting)) else { return near };
    let calls = |stack: &[Function], function: &Function| {
        stack.iter().any(|frame| frame.user && frame.name == function.name)
    };
    calls(&acting, looker) || calls(&looking, actor)
}

/// The user's innermost function.
fn own(stack: &[Function]) -> Option<&Function> {
    stack.iter().find(|function| function.user)
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
            let here = places(address).find_map(|place| note_at(&ACTS[place], address, Habit::AFTER_HIT));
            assert_eq!(here, Some(Habit::AFTER_HIT));
        }
    }

    #[test]
    fn a_habit_is_what_was_ever_seen() {
        let site = Location::caller();
        assert!(note(site, Habit::AFTER_MISS).follows_misses());
        assert!(note(site, Habit::AFTER_MISS).follows_misses());
        assert!(!note(site, Habit::AFTER_HIT).follows_misses());
        assert!(note(site, Habit::AFTER_HIT).follows_values());
        assert!(!note(site, Habit::BLIND).follows_values());
        assert!(!note(site, Habit::AFTER_HIT).follows_values());
    }
}
