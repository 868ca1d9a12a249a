//! One word of state, and its transitions as pure functions.
//!
//! ```text
//! 63      56 55               24 23        8 7     4    3       2        1        0
//! ┌─────────┬───────────────────┬───────────┬───────┬───────┬────────┬──────────┬────────┐
//! │  magic  │       epoch       │ iterators │   0   │ FENCED│ GROWING│ CONTESTED│ WRITING│
//! └─────────┴───────────────────┴───────────┴───────┴───────┴────────┴──────────┴────────┘
//! ```
//!
//! | field | Go's map has | set by | means |
//! |---|---|---|---|
//! | `WRITING` | `hashWriting` | the writer | somebody is changing the map |
//! | `CONTESTED` | – | the attempt | somebody collided with the holder, who must testify when it leaves |
//! | `GROWING` | `sameSizeGrow`, `oldbuckets` | the writer | the change is expected to move the table |
//! | `FENCED` | – | the writer | readers pay for the ordering themselves (see [`super::gate`]) |
//! | iterators | `iterator`, `oldIterator` | iterators | how many began and were not seen to end; a hint, never a proof |
//! | epoch | – | the writer | raised when a write begins; an iterator that sees another one than its own is stale |
//! | magic | – | nobody | anything else here means that something wrote over the header |
//!
//! | from | event | to |
//! |---|---|---|
//! | idle | [`Word::begin_write`] | writing, epoch + 1, no iterators |
//! | writing | [`Word::contest`] | writing, contested |
//! | writing, contested or not | [`Word::end_write`] | idle, same epoch |
//! | idle | [`Word::add_iterator`], [`Word::remove_iterator`] | idle, one more or fewer (saturating) |

/// A state word. Copy it, ask it, derive the next one; storing it is the caller's business.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Word(pub u64);

const WRITING: u64 = 1;
const CONTESTED: u64 = 1 << 1;
const GROWING: u64 = 1 << 2;
const FENCED: u64 = 1 << 3;
const ITERATORS_SHIFT: u32 = 8;
const ITERATOR: u64 = 1 << ITERATORS_SHIFT;
const ITERATORS: u64 = 0xffff << ITERATORS_SHIFT;
const EPOCH: u64 = 0xffff_ffff << 24;
const EPOCH_ONE: u64 = 1 << 24;
const MAGIC_MASK: u64 = 0xff << 56;
const MAGIC: u64 = 0xd5 << 56;

impl Word {
    /// Nobody is inside, nobody ever was.
    pub const IDLE: Word = Word(MAGIC);

    /// What no word is ever like: the magic is missing.
    pub const NEVER: Word = Word(0);

    /// Another one: of a walk that has begun and looks closer at each of its steps.
    pub const ALWAYS_CLOSER: Word = Word(1);

    /// The bit of a writer that is inside, to be taken away with an atomic `and`.
    pub const WRITING_BIT: u64 = WRITING;

    /// The bit to add with an atomic `or`, from outside.
    pub const CONTESTED_BIT: u64 = CONTESTED;

    /// The bit that [`Word::with_growth`] adds, for an atomic `or`.
    pub const GROWING_BIT: u64 = GROWING;

    /// What to add to, or take from, the word for one iterator, atomically, from outside.
    pub const ITERATOR_STEP: u64 = ITERATOR;

    /// Whether a reader may enter without a second look.
    #[inline]
    #[must_use]
    pub const fn is_readable(self) -> bool {
        self.0 & (MAGIC_MASK | WRITING) == MAGIC
    }

    /// Whether a writer may enter without a second look: nobody inside, no live iterator, no summons.
    #[inline]
    #[must_use]
    pub const fn is_free(self) -> bool {
        self.0 & (MAGIC_MASK | ITERATORS | GROWING | CONTESTED | WRITING) == MAGIC
    }

    /// Whether the word was ever written by anything but these transitions.
    #[inline]
    #[must_use]
    pub const fn is_sane(self) -> bool {
        self.0 & MAGIC_MASK == MAGIC
    }

    /// Whether a writer is inside.
    #[inline]
    #[must_use]
    pub const fn is_writing(self) -> bool {
        self.0 & WRITING != 0
    }

    /// Whether the holder is asked to testify.
    #[inline]
    #[must_use]
    pub const fn is_contested(self) -> bool {
        self.0 & CONTESTED != 0
    }

    /// Whether the writer expects the table to move.
    #[inline]
    #[must_use]
    pub const fn is_growing(self) -> bool {
        self.0 & GROWING != 0
    }

    /// Whether readers pay for the ordering.
    #[inline]
    #[must_use]
    pub const fn is_fenced(self) -> bool {
        self.0 & FENCED != 0
    }

    /// Iterators that began and were not seen to end.
    #[inline]
    #[must_use]
    pub const fn iterators(self) -> u32 {
        ((self.0 & ITERATORS) >> ITERATORS_SHIFT) as u32
    }

    /// The number of writes that ever began, modulo 2³².
    #[inline]
    #[must_use]
    pub const fn epoch(self) -> u32 {
        ((self.0 & EPOCH) >> 24) as u32
    }

    /// A writer enters: the epoch moves on, and iterators of the old one no longer count.
    #[inline]
    #[must_use]
    pub const fn begin_write(self) -> Word {
        let epoch = (self.0 & EPOCH).wrapping_add(EPOCH_ONE) & EPOCH;
        Word(self.0 & !(EPOCH | ITERATORS | CONTESTED) | epoch | WRITING)
    }

    /// The writer expects the table to move.
    #[inline]
    #[must_use]
    pub const fn with_growth(self) -> Word {
        Word(self.0 | GROWING)
    }

    /// The writer leaves.
    #[inline]
    #[must_use]
    pub const fn end_write(self) -> Word {
        Word(self.0 & !(WRITING | GROWING | CONTESTED))
    }

    /// The writer never was inside: as [`Word::end_write`], the summons kept.
    #[inline]
    #[must_use]
    pub const fn retract_write(self) -> Word {
        Word(self.0 & !(WRITING | GROWING))
    }

    /// Somebody collided with the holder.
    #[inline]
    #[must_use]
    pub const fn contest(self) -> Word {
        Word(self.0 | CONTESTED)
    }

    /// Readers pay for the ordering from now on, or no longer.
    #[inline]
    #[must_use]
    pub const fn with_fenced(self, fenced: bool) -> Word {
        Word(if fenced { self.0 | FENCED } else { self.0 & !FENCED })
    }

    /// One more iterator began.
    #[inline]
    #[must_use]
    pub const fn add_iterator(self) -> Word {
        if self.0 & ITERATORS == ITERATORS { self } else { Word(self.0 + ITERATOR) }
    }

    /// One iterator came to its end.
    #[inline]
    #[must_use]
    pub const fn remove_iterator(self) -> Word {
        if self.0 & ITERATORS == 0 { self } else { Word(self.0 - ITERATOR) }
    }

    /// Whether an access that began under `self` is untouched now: no writer inside, none since.
    #[inline]
    #[must_use]
    pub const fn is_same_epoch(self, now: Word) -> bool {
        (self.0 ^ now.0) & (MAGIC_MASK | EPOCH | WRITING) == 0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_write_begins_and_ends() {
        let writing = Word::IDLE.begin_write();
        assert!(writing.is_writing() && !writing.is_readable() && !writing.is_free() && writing.is_sane());
        assert_eq!(writing.epoch(), 1);
        let idle = writing.contest().end_write();
        assert!(idle.is_free() && idle.is_readable());
        assert_eq!(idle.epoch(), 1);
    }

    #[test]
    fn the_epoch_wraps_without_touching_its_neighbours() {
        let mut word = Word(Word::IDLE.0 | EPOCH).add_iterator().with_fenced(true);
        word = word.begin_write();
        assert_eq!((word.epoch(), word.iterators()), (0, 0));
        assert!(word.is_sane() && word.is_fenced() && word.is_writing());
    }

    #[test]
    fn iterators_saturate_both_ways() {
        assert_eq!(Word::IDLE.remove_iterator(), Word::IDLE);
        let full = Word(Word::IDLE.0 | ITERATORS);
        assert_eq!(full.add_iterator(), full);
        assert_eq!(full.iterators(), 0xffff);
        assert!(Word::IDLE.add_iterator().is_readable());
        assert!(!Word::IDLE.add_iterator().is_free());
    }

    #[test]
    fn a_stray_write_is_seen() {
        for stray in [0, u64::MAX, 0x4141_4141_4141_4141] {
            assert!(!Word(stray).is_sane() && !Word(stray).is_readable() && !Word(stray).is_free());
        }
    }

    #[test]
    fn an_access_is_stale_after_a_write_and_during_one() {
        let seen = Word::IDLE.add_iterator();
        assert!(seen.is_same_epoch(seen.add_iterator()));
        assert!(!seen.is_same_epoch(seen.begin_write()));
        assert!(!seen.is_same_epoch(seen.begin_write().end_write()));
    }
}
