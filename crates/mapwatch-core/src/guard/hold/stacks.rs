//! The stack of a guard: a walk costs microseconds, so guards from one call share one for a while.

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

thread_local! {
    /// The last stacks by call: site's address (and task, where it matters), stack's number, when.
    static STACKS: [Cell<(usize, u16, Nanos)>; 16] = const { [const { Cell::new((0, 0, Nanos(0))) }; 16] };
}

/// When a guard is taken at `at` now, and the number of the stack, this one's or one from the same call (of `owner`,
/// where that is not 0) a moment ago. The time is precise where there is time for it.
#[inline(always)]
pub(super) fn since(at: StaticSite, owner: u64) -> Since {
    let address = ptr::from_ref(at).addr() ^ (owner as usize).wrapping_mul(0x9e37_79b9);
    let now = clock::rough();
    STACKS.with(|stacks| {
        let last = &stacks[address / 8 % stacks.len()];
        let (known, number, when) = last.get();
        if known == address && now.since(when) < SAME_STACK {
            Since::new(now, number << 1 | 1)
        } else {
            walk(address, last)
        }
    })
}

#[cold]
#[inline(never)]
fn walk(address: usize, last: &Cell<(usize, u16, Nanos)>) -> Since {
    let number = match policy::current().capture {
        Capture::Sites => 0,
        Capture::Guards | Capture::Always => number(),
    };
    last.set((address, number, clock::rough()));
    Since::new(clock::now(), number << 1)
}

/// Takes the calling thread's stack; 0 where too many different ones are known.
pub(super) fn number() -> u16 {
    u16::try_from(stack::capture_interned()).unwrap_or(0)
}
