//! Many readers or one writer, exactly: what the memory safety of `SharedCell` rests on.
//!
//! A reader publishes its map in a slot of its own thread and then looks at the word; a writer raises `WRITING`
//! in the word and then looks at the slots. Whoever comes second sees the other, provided that on both sides
//! the store is ordered before the load (Dekker). That ordering is what costs, and there are two ways to pay:
//!
//! * **fenced**: a full fence on both sides;
//! * **asymmetric** (Linux `membarrier`): a compiler fence in the reader, and the writer makes every running
//!   thread of the process execute a full fence. Cheap for readers, 0.25 to 5 µs for the writer.
//!
//! The mode is in the word and changes only when a writer leaves; a reader that sees another mode after
//! publishing than before starts again. Every mode change lies between the entry and the exit of a writer that
//! has itself paid in the old mode, so a reader that this writer did not see will see the new mode.
//!
//! A writer asks only those who ever read this map: a thread joins by setting its bit in `members`, once.
//! `members` and the word form a second Dekker pair, fenced on both sides. A writer that finds no bit but its
//! own pays for nothing: that is the bias towards a map used by one thread.
//!
//! Threads beyond the first 63 share the last bit, which counts as foreign for everybody.

use super::slots::Slots;
use super::word::Word;
#[cfg(not(loom))]
use crate::sync::compiler_fence;
use crate::sync::{AtomicU64, Ordering, constructor, fence};

/// The bit that all threads beyond the first 63 share.
pub const CROWD: u64 = 1 << 63;

/// How a process pays for the ordering between a reader's slot and a writer's word.
pub trait Ordered {
    /// Whether [`Ordered::barrier`] orders the other threads, too.
    fn is_asymmetric(&self) -> bool;
    /// Makes every running thread execute a full fence.
    fn barrier(&self);
}

/// Full fences on both sides: the portable way.
#[derive(Clone, Copy, Debug)]
pub struct Fenced;

impl Ordered for Fenced {
    fn is_asymmetric(&self) -> bool {
        false
    }
    fn barrier(&self) {}
}

/// One reader's own place: its slots and its bit.
#[derive(Clone, Copy, Debug)]
pub struct Reader<'a> {
    /// The thread's slots.
    pub slots: &'a Slots,
    /// The slot to use; it must be vacant.
    pub slot: usize,
    /// The thread's bit in `members`.
    pub bit: u64,
}

/// A writer was inside.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Busy(pub Word);

/// The gate of one map.
#[derive(Debug)]
pub struct Gate {
    word: AtomicU64,
    members: AtomicU64,
}

impl Gate {
    constructor! {
        /// A gate with nobody inside.
        pub const fn new() -> Gate {
            Gate { word: AtomicU64::new(Word::IDLE.0), members: AtomicU64::new(0) }
        }
    }

    /// The word as it stands.
    #[inline]
    #[must_use]
    pub fn word(&self) -> Word {
        Word(self.word.load(Ordering::Relaxed))
    }

    /// Enters as a reader of `map`, into the vacant slot that `reader` names.
    ///
    /// # Errors
    ///
    /// [`Busy`] when a writer is inside; the slot is vacant again.
    #[inline]
    pub fn enter_shared(&self, map: u64, reader: Reader<'_>, way: &impl Ordered) -> Result<(), Busy> {
        loop {
            let before = self.word();
            if !before.is_readable() {
                return Err(Busy(before));
            }
            if reader.bit == CROWD || self.members.load(Ordering::Relaxed) & reader.bit == 0 {
                self.join(reader.bit);
            }
            reader.slots.publish(reader.slot, map);
            if before.is_fenced() || !way.is_asymmetric() {
                fence(Ordering::SeqCst);
            } else {
                #[cfg(not(loom))]
                compiler_fence(Ordering::SeqCst);
            }
            let now = Word(self.word.load(Ordering::Acquire));
            if !now.is_readable() {
                reader.slots.release(reader.slot);
                return Err(Busy(now));
            }
            if now.is_fenced() == before.is_fenced() {
                return Ok(());
            }
            reader.slots.release(reader.slot);
        }
    }

    /// The first look of a thread at this map.
    ///
    /// The fence puts the bit before the reader's load of the word for a writer that does not see the bit.
    #[cold]
    fn join(&self, bit: u64) {
        if self.members.load(Ordering::Relaxed) & bit == 0 {
            self.members.fetch_or(bit, Ordering::SeqCst);
        }
        fence(Ordering::SeqCst);
    }

    /// Raises `WRITING`, and gives the word from before and the bits of those who have to be asked.
    ///
    /// The caller then looks for readers ([`Gate::order`] first), and either keeps the gate or
    /// [retracts](Gate::retract).
    ///
    /// # Errors
    ///
    /// [`Busy`] when another writer is inside.
    #[inline]
    pub fn raise(&self) -> Result<(Word, u64), Busy> {
        let mut before = self.word();
        loop {
            if !before.is_readable() {
                return Err(Busy(before));
            }
            let writing = before.begin_write();
            match self.word.compare_exchange_weak(before.0, writing.0, Ordering::SeqCst, Ordering::Relaxed) {
                Ok(_) => break,
                Err(now) => before = Word(now),
            }
        }
        fence(Ordering::SeqCst);
        Ok((before, self.members.load(Ordering::SeqCst)))
    }

    /// Pays for the ordering towards readers that were not the writer's own thread.
    #[inline]
    pub fn order(&self, before: Word, way: &impl Ordered) {
        if before.is_fenced() || !way.is_asymmetric() {
            fence(Ordering::SeqCst);
        } else {
            way.barrier();
        }
    }

    /// Takes `WRITING` back: a reader was inside.
    #[inline]
    pub fn retract(&self) {
        let now = self.word();
        self.word.store(now.retract_write().0, Ordering::Release);
    }

    /// The writer leaves; `fenced` is how readers pay from now on. Gives the word as the writer found it, so
    /// that it can see a summons first: call [`Gate::word`] before and testify while still inside.
    #[inline]
    pub fn leave_exclusive(&self, fenced: bool) {
        let now = self.word();
        self.word.store(now.end_write().with_fenced(fenced).0, Ordering::Release);
    }

    /// Asks whoever is inside to testify when it leaves.
    #[cold]
    pub fn contest(&self) {
        self.word.fetch_or(Word::CONTESTED_BIT, Ordering::Relaxed);
    }

    /// Withdraws the question.
    #[cold]
    pub fn appease(&self) {
        self.word.fetch_and(!Word::CONTESTED_BIT, Ordering::Relaxed);
    }
}
