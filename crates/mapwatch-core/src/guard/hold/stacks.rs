//! The stack of a guard: a walk costs microseconds, so guards from one call share one for a while, and a thread that comes
//! from many calls walks for a twentieth of its time at most.

use super::places::Since;
use crate::clock;
use crate::policy::{self, Capture};
use crate::site::StaticSite;
use crate::stack;
use mapwatch_event::Nanos;
use std::cell::Cell;
use std::ptr;

/// Within this time, guards of one thread from one call share a stack. Guards that suspend do so only within one task:
/// two tasks may come to one call on different ways, and whose strand it is, is asked.
const SAME_STACK: Nanos = Nanos(4_000_000);

/// Within this time, a thread walks for so long at most. Then an older stack of the same call has to do, or none.
const SPELL: Nanos = Nanos(20_000_000);
const WALKING: Nanos = Nanos(1_000_000);

/// Calls are kept by so many bits of their addresses, and so many that have them in common.
const ROW_BITS: u32 = 6;
const WAYS: usize = 4;

thread_local! {
    static STACKS: [Row; 1 << ROW_BITS] = const { [const { Row::new() }; 1 << ROW_BITS] };
    static BUDGET: Budget = const { Budget(Cell::new((Nanos(0), 0))) };
}

/// The last stacks of some calls: the call's address (and task, where it matters), and when it was taken and the number,
/// as a record has them.
struct Row([Cell<(usize, Since)>; WAYS]);

impl Row {
    const fn new() -> Row {
        Row([const { Cell::new((0, Since(0))) }; WAYS])
    }

    /// The stack of a call, and whether it is still good.
    #[inline]
    fn find(&self, way: usize, address: usize, now: Nanos) -> Option<(u16, bool)> {
        let (known, last) = self.0[way].get();
        (known == address).then(|| (last.stack() >> 1, now.since(last.at()) < SAME_STACK))
    }

    /// Keeps a stack where the last one of the same call is, else where the oldest is.
    fn keep(&self, address: usize, last: Since) {
        let way = self.0.iter().min_by_key(|way| match way.get() {
            (known, _) if known == address => Nanos(0),
            (_, other) => Nanos(other.at().0 + 1),
        });
        if let Some(way) = way {
            way.set((address, last));
        }
    }
}

/// How long the thread has walked in this spell.
struct Budget(Cell<(Nanos, u64)>);

impl Budget {
    fn allows(&self, now: Nanos) -> bool {
        let (began, spent) = self.0.get();
        if now.since(began) >= SPELL {
            self.0.set((now, 0));
            return true;
        }
        spent < WALKING.0
    }

    fn spend(&self, took: Nanos) {
        let (began, spent) = self.0.get();
        self.0.set((began, spent + took.0));
    }
}

/// When a guard is taken at `at` now, and the number of the stack, this one's or one from the same call (of `owner`,
/// where that is not 0) a moment ago. The time is precise where there is time for it.
#[inline(always)]
pub(super) fn since(at: StaticSite, owner: u64) -> Since {
    let address = ptr::from_ref(at).addr() ^ (owner as usize).wrapping_mul(0x9e37_79b9);
    let now = clock::rough();
    STACKS.with(|rows| {
        let mixed = (address as u64 >> 3).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        let row = &rows[(mixed >> (u64::BITS - ROW_BITS)) as usize];
        match row.find(0, address, now) {
            Some((number, true)) => Since::new(now, number << 1 | 1),
            _ => beside(row, address, owner != 0, now),
        }
    })
}

/// The same for a call that is not the row's first. Whose strand a task's guard belongs to is asked of its stack, so that
/// it is `needed`.
#[inline(never)]
fn beside(row: &Row, address: usize, needed: bool, now: Nanos) -> Since {
    let known = (0..WAYS).find_map(|way| row.find(way, address, now));
    if let Some((number, true)) = known {
        return Since::new(now, number << 1 | 1);
    }
    if matches!(policy::current().capture, Capture::Sites) {
        return Since::new(now, 0);
    }
    if !needed && !BUDGET.with(|budget| budget.allows(now)) {
        return Since::new(now, known.map_or(0, |(number, _)| number << 1 | 1));
    }
    let began = clock::now();
    let last = Since::new(now, number() << 1);
    row.keep(address, last);
    let ended = clock::now();
    BUDGET.with(|budget| budget.spend(ended.since(began)));
    Since::new(ended, last.stack())
}

/// Takes the calling thread's stack; 0 where too many different ones are known.
pub(super) fn number() -> u16 {
    u16::try_from(stack::capture_interned()).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ms(count: u64) -> Nanos {
        Nanos(count * 1_000_000)
    }

    #[test]
    fn calls_of_one_row_do_not_drive_each_other_out() {
        let row = Row::new();
        let found = |address, now| (0..WAYS).find_map(|way| row.find(way, address, ms(now)));
        for call in 1..=4_u16 {
            row.keep(usize::from(call), Since::new(ms(10 + u64::from(call)), call << 1));
        }
        assert!((1..=4_u16).all(|call| found(usize::from(call), 14) == Some((call, true))));
        // A stack that is no longer good makes room for its call's next one.
        assert_eq!(found(1, 16), Some((1, false)));
        row.keep(1, Since::new(ms(16), 7 << 1));
        assert_eq!((found(1, 16), found(2, 13)), (Some((7, true)), Some((2, true))));
        // Of five, the oldest goes.
        row.keep(5, Since::new(ms(16), 5 << 1));
        assert_eq!((found(2, 16), found(3, 14), found(5, 16)), (None, Some((3, true)), Some((5, true))));
    }

    #[test]
    fn a_thread_walks_for_a_part_of_its_time_alone() {
        let budget = Budget(Cell::new((Nanos(0), 0)));
        assert!(budget.allows(ms(100)));
        budget.spend(ms(2));
        assert!(!budget.allows(ms(101)) && !budget.allows(ms(119)));
        assert!(budget.allows(ms(120)));
        budget.spend(Nanos(10));
        assert!(budget.allows(ms(121)));
    }
}
