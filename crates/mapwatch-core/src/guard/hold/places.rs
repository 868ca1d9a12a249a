//! What a desk's register says: which guards are alive, and which call into a sharded map is under way.

use crate::guard::{Family, Mode, Part, Want};
use crate::protocol::register::Register;
use crate::sentinel::{pack, unpack};
use crate::site::{self, StaticSite};
use crate::stack::{self, RawStack};
use crate::task;
use mapwatch_event::{Nanos, Operation};
use std::sync::atomic::Ordering::Relaxed;

/// Records of a desk; more guards at once take further desks.
pub(super) const PLACES: usize = 8;

/// The words of a record.
pub(super) const HEAD: usize = 0;
pub(super) const WHO: usize = 1;
pub(super) const SITE: usize = 2;
pub(super) const MAP: usize = 3;
/// Since when, and on which way; see [`Since`]. Only guards have it.
pub(super) const SINCE: usize = 4;
/// The thread that took it, where a task has it; a thread's own says so.
pub(super) const THREAD: usize = 5;
pub(super) const WORDS: usize = 6;

// The head: mode in bits 0 and 1, then these flags, the part in the upper half.
pub(super) const TRAVELS: u64 = 1 << 2;
pub(super) const SUSPENDS: u64 = 1 << 3;
/// It was used on another thread than the one that took it.
pub(super) const TRAVELLED: u64 = 1 << 4;
/// Its owner waits to make it exclusive: it is not in its own way.
pub(super) const UPGRADING: u64 = 1 << 5;
/// No guard, but a copy of a call that has not come back, and runs the user's code under its lock.
pub(super) const CALL: u64 = 1 << 6;
/// No guard, but a call into a sharded map that is under way; it may become the guard that it hands out.
pub(super) const UNDER_WAY: u64 = 1 << 7;
/// It counts among its task's guards.
pub(super) const COUNTED: u64 = 1 << 8;
/// Of a call: who makes it has nothing else on record, and keeps nobody from going on.
pub(super) const ALONE: u64 = 1 << 9;
pub(super) const PART: u32 = 32;

/// The records of one desk.
pub(crate) type Holds = Register<PLACES, WORDS>;

/// A guard that is alive, as read.
#[derive(Clone, Debug)]
pub(crate) struct Hold {
    pub(crate) map: u64,
    pub(crate) actor: u64,
    /// The thread that took it.
    pub(crate) thread: u64,
    pub(crate) operation: Operation,
    pub(crate) site: StaticSite,
    pub(crate) since: Nanos,
    pub(crate) mode: Mode,
    pub(crate) part: Part,
    pub(crate) travels: bool,
    pub(crate) suspends: bool,
    pub(crate) travelled: bool,
    pub(crate) upgrading: bool,
    /// It is a call that is under way.
    pub(crate) is_call: bool,
    stack: u16,
}

impl Hold {
    /// Its stack, and whether it is an earlier one from the same call.
    pub(crate) fn stack(&self) -> Option<(RawStack, bool)> {
        Some((stack::interned(u64::from(self.stack >> 1))?, self.stack & 1 == 1))
    }
}

/// When a guard was taken, in steps of a microsecond or so, and on which way: the number of the stack, and whether that
/// is an earlier one from the same call. One word.
#[derive(Clone, Copy, Debug)]
pub(super) struct Since(pub(super) u64);

impl Since {
    /// Nanoseconds in a step, as a power of two.
    const STEP: u32 = 10;

    #[inline]
    pub(super) fn new(at: Nanos, stack: u16) -> Since {
        Since(at.0 >> Since::STEP << u16::BITS | u64::from(stack))
    }

    /// Number of the stack, shifted by one; the low bit says that it is an earlier one from the same call.
    #[inline]
    pub(super) fn stack(self) -> u16 {
        self.0 as u16
    }

    #[inline]
    pub(super) fn at(self) -> Nanos {
        Nanos(self.0 >> u16::BITS << Since::STEP)
    }
}

/// What a record says of a guard's family.
#[derive(Clone, Copy, Debug)]
pub(in crate::guard) struct Kin(u8);

impl Kin {
    /// That of maps that lock shard by shard.
    pub(in crate::guard) const SHARDED: Kin = Kin::of(&Family::SHARDED);

    pub(in crate::guard) const fn of(family: &Family) -> Kin {
        let travels = if family.travels { TRAVELS as u8 } else { 0 };
        let suspends = if family.suspends { SUSPENDS as u8 } else { 0 };
        Kin(travels | suspends)
    }

    #[inline(always)]
    pub(super) fn suspends(self) -> bool {
        self.0 & SUSPENDS as u8 != 0
    }
}

/// What is common to all records of one call.
#[derive(Clone, Copy, Debug)]
pub(in crate::guard) struct Draft {
    pub(in crate::guard) map: u64,
    pub(in crate::guard) want: Want,
    pub(in crate::guard) at: StaticSite,
    pub(in crate::guard) actor: u64,
}

/// The head of the record of a guard that `actor` has.
#[inline(always)]
pub(super) fn head_of_guard(want: Want, actor: u64, kin: Kin) -> u64 {
    let counted = if actor & task::TASK != 0 && kin.0 != 0 { COUNTED } else { 0 };
    want.mode as u64 | u64::from(kin.0) | counted | want.part.to_bits() << PART
}

impl Draft {
    #[inline(always)]
    pub(super) fn new(map: u64, want: Want, at: StaticSite) -> Draft {
        Draft { map, want, at, actor: crate::guard::actor() }
    }

    /// The head of the record of a call that is under way.
    #[inline(always)]
    pub(super) fn head_of_call(&self, alone: bool) -> u64 {
        let alone = if alone { ALONE } else { 0 };
        self.want.mode as u64 | UNDER_WAY | alone | self.want.part.to_bits() << PART
    }

    #[inline(always)]
    pub(super) fn is_of_task(&self) -> bool {
        self.actor & task::TASK != 0
    }

    /// The words that each record has.
    #[inline(always)]
    pub(super) fn words(&self, head: u64) -> [u64; SINCE] {
        [head, pack(self.actor, self.want.operation), site::to_bits(self.at), self.map]
    }
}

/// The thread that made the record of these words.
fn thread_of(words: &[u64; WORDS]) -> u64 {
    match unpack(words[WHO]).0 {
        task if task & task::TASK != 0 => words[THREAD],
        thread => thread,
    }
}

/// The guards that are alive in a register; one that goes away meanwhile is left out.
pub(crate) fn alive(holds: &Holds) -> impl Iterator<Item = Hold> + '_ {
    (0..PLACES).filter_map(|place| holds.read(place)).filter(|(_, words)| words[HEAD] & UNDER_WAY == 0).map(
        |(_, words)| {
            let (actor, operation) = unpack(words[WHO]);
            let head = words[HEAD];
            Hold {
                map: words[MAP],
                actor,
                thread: thread_of(&words),
                operation,
                // SAFETY: `read` gave words of one record, and all of ours have the bits of a site here.
                site: unsafe { site::from_bits(words[SITE]) },
                since: Since(words[SINCE]).at(),
                mode: Mode::from_bits(head),
                part: Part::from_bits(head >> PART),
                travels: head & TRAVELS != 0,
                suspends: head & SUSPENDS != 0,
                travelled: head & TRAVELLED != 0,
                upgrading: head & UPGRADING != 0,
                is_call: head & CALL != 0,
                stack: Since(words[SINCE]).stack(),
            }
        },
    )
}

/// A call into a sharded map that is under way, as read.
#[derive(Debug)]
pub(in crate::guard) struct Call {
    pub(in crate::guard) serial: u64,
    pub(in crate::guard) thread: u64,
    pub(in crate::guard) alone: bool,
    pub(in crate::guard) draft: Draft,
}

/// The call that is under way in a register; of several within each other, the outermost alone is on record.
pub(super) fn under_way(holds: &Holds) -> Option<Call> {
    let is_call = |place: &usize| holds.word(*place, HEAD).load(Relaxed) & UNDER_WAY != 0;
    (0..PLACES).filter(is_call).find_map(|place| {
        let (serial, words) = holds.read(place).filter(|(_, words)| words[HEAD] & UNDER_WAY != 0)?;
        let (actor, operation) = unpack(words[WHO]);
        let (mode, part) = (Mode::from_bits(words[HEAD]), Part::from_bits(words[HEAD] >> PART));
        let draft = Draft {
            map: words[MAP],
            want: Want { operation, mode, part, passes: true },
            // SAFETY: as in `alive`.
            at: unsafe { site::from_bits(words[SITE]) },
            actor,
        };
        Some(Call { serial, thread: thread_of(&words), alone: words[HEAD] & ALONE != 0, draft })
    })
}

/// Ends the newest record of a reader of `map`, one of `actor`'s own before one of somebody else's. Gives the head
/// of the record that was ended.
pub(super) fn end_shared(holds: &Holds, map: u64, actor: u64) -> Option<(u64, u64)> {
    // Own records rank above all others, and of one desk's the later one has the higher number. In one word: what is
    // stored in parts and read as a whole stalls the processor, and each reader of parking_lot's lock ends here.
    const OWN: u64 = 1 << 63;
    let (mut newest, mut rank) = (PLACES, 0);
    for place in 0..PLACES {
        let found = holds.serial(place);
        let reads = found != 0
            && holds.word(place, MAP).load(Relaxed) == map
            && holds.word(place, HEAD).load(Relaxed) & (3 | UNDER_WAY) == Mode::Shared as u64;
        if !reads {
            continue;
        }
        let own = if unpack(holds.word(place, WHO).load(Relaxed)).0 == actor { OWN } else { 0 };
        if own | found > rank {
            (newest, rank) = (place, own | found);
        }
    }
    if newest == PLACES {
        return None;
    }
    let serial = rank & !OWN;
    // Another reader may have ended the same one meanwhile, from its own thread.
    let (head, who) = (holds.word(newest, HEAD).load(Relaxed), holds.word(newest, WHO).load(Relaxed));
    holds.end_if(newest, serial).then_some((head, unpack(who).0))
}
