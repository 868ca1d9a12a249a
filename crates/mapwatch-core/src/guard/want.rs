//! What is wanted of a container, and what a family of guards has in common.

use mapwatch_event::Operation;

/// How much a guard keeps others out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Mode {
    /// Others may share.
    Shared = 0,
    /// Shared, and the only one that may become exclusive (parking_lot's upgradable read).
    Upgradable = 1,
    /// Nobody else.
    Exclusive = 2,
}

impl Mode {
    /// Whether two guards of these modes cannot be alive at once.
    #[must_use]
    pub const fn excludes(self, other: Mode) -> bool {
        self as u8 + other as u8 >= 2
    }

    pub(super) const fn from_bits(bits: u64) -> Mode {
        match bits & 3 {
            0 => Mode::Shared,
            1 => Mode::Upgradable,
            _ => Mode::Exclusive,
        }
    }
}

/// The part of the container that a guard locks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// All of it; every shard, where there are shards.
    Whole,
    /// This shard.
    Shard(u32),
    /// Some shard, one after the other (an iterator), or nobody knows which.
    Some,
}

impl Part {
    const WHOLE: u32 = u32::MAX;
    const SOME: u32 = u32::MAX - 1;

    pub(super) fn to_bits(self) -> u64 {
        u64::from(match self {
            Part::Whole => Part::WHOLE,
            Part::Some => Part::SOME,
            Part::Shard(shard) => shard,
        })
    }

    pub(super) fn from_bits(bits: u64) -> Part {
        match bits as u32 {
            Part::WHOLE => Part::Whole,
            Part::SOME => Part::Some,
            shard => Part::Shard(shard),
        }
    }
}

/// What is wanted of a container.
#[derive(Clone, Copy, Debug)]
pub struct Want {
    /// The call.
    pub operation: Operation,
    /// What it excludes.
    pub mode: Mode,
    /// Where.
    pub part: Part,
    /// A read that may be repeated by one actor without danger: it passes waiting writers (`read_recursive`).
    pub passes: bool,
}

impl Want {
    /// All of the container.
    #[must_use]
    pub const fn whole(operation: Operation, mode: Mode) -> Want {
        Want { operation, mode, part: Part::Whole, passes: false }
    }
}

/// What a family of guards has in common.
#[derive(Debug)]
pub struct Family {
    /// Guards are `Send`: the thread that took one may have given it away.
    pub travels: bool,
    /// Waiting suspends the task and not the thread (tokio's locks).
    pub suspends: bool,
    /// A reader waits behind a writer that waits, so that reading twice is a hazard.
    pub queues: bool,
}

impl Family {
    /// The guards of maps that lock shard by shard.
    pub const SHARDED: Family = Family { travels: true, suspends: false, queues: false };
}
