//! One writer at a time, exactly, where nearly always the same thread writes.
//!
//! Raising `WRITING` with a compare-and-swap costs five nanoseconds, half as much as the insertion it guards.
//! A thread that was the only writer for a while may claim the word, and from then on raise it with a plain
//! store; the ordering between that store and its look at the claim is then paid for by the first other thread
//! that comes, once: it revokes the claim, makes every running thread execute a full fence, and only then looks
//! at the word. Whoever comes second sees the other (Dekker, as in [`super::gate`]).
//!
//! | claim | the owner raises by | others raise by |
//! |---|---|---|
//! | courted by a thread, so many writes long | compare-and-swap | compare-and-swap |
//! | owned by a thread | plain store | revoking first |
//! | shared | compare-and-swap | compare-and-swap |
//!
//! An owner that finds itself overtaken has raced with the revoker for certain. Its plain store may have covered
//! the revoker's word, so that a third one might get in while the revoker is still inside: the exactness ends
//! with the first race, which is told.
//!
//! A revoked claim is shared for good, so that a map which changes hands under a lock pays for a fence once.

use super::gate::{Busy, Ordered};
use super::word::Word;
#[cfg(not(loom))]
use crate::sync::compiler_fence;
use crate::sync::{AtomicU64, Ordering, constructor, fence};

/// Writes of one thread in a row after which the word is its own.
const COURTSHIP: u64 = 256;

/// The low bits of a claim say what it is; the thread's number, or a count with it, stands above them.
const COURTED: u64 = 0;
const OWNED: u64 = 1;
const SHARED: u64 = 2;
const KIND: u64 = 3;
/// The count of a courtship: between the kind and the thread's number.
const COUNT_SHIFT: u32 = 2;
const COUNT: u64 = 0xfff << COUNT_SHIFT;
const THREAD_SHIFT: u32 = 14;

/// Who may raise a word without asking.
#[derive(Debug)]
pub struct Claim(AtomicU64);

impl Claim {
    constructor! {
        /// Nobody's.
        pub const fn new() -> Claim {
            Claim(AtomicU64::new(COURTED))
        }
    }

    const fn owned_by(thread: u64) -> u64 {
        thread << THREAD_SHIFT | OWNED
    }

    /// Whether `thread` owns the word.
    #[inline]
    #[must_use]
    pub fn is_owned_by(&self, thread: u64) -> bool {
        self.0.load(Ordering::Relaxed) == Claim::owned_by(thread)
    }

    /// The owner raises the word, which it saw free; `true` when it is inside.
    #[inline]
    #[must_use]
    pub fn raise_owned(&self, word: &AtomicU64, writing: Word, thread: u64, way: &impl Ordered) -> bool {
        word.store(writing.0, Ordering::Relaxed);
        order_owner(way);
        self.is_owned_by(thread)
    }

    /// Takes the store of an owner that was overtaken back, as far as nobody else has written to the word.
    #[cold]
    pub fn retract_owned(&self, word: &AtomicU64, writing: Word) {
        let idle = writing.end_write().0;
        let _ = word.compare_exchange(writing.0, idle, Ordering::Relaxed, Ordering::Relaxed);
    }

    /// Raises the word with a compare-and-swap, and gives it; revokes another thread's claim first.
    ///
    /// # Errors
    ///
    /// [`Busy`] when another writer is inside, or the word was overwritten.
    pub fn raise(&self, word: &AtomicU64, thread: u64, way: &impl Ordered) -> Result<Word, Busy> {
        loop {
            self.revoke_others(thread, way);
            let before = Word(word.load(Ordering::Relaxed));
            if !before.is_readable() {
                return Err(Busy(before));
            }
            let writing = before.begin_write();
            if word.compare_exchange(before.0, writing.0, Ordering::SeqCst, Ordering::Relaxed).is_err() {
                continue;
            }
            fence(Ordering::SeqCst);
            let claim = self.0.load(Ordering::Acquire);
            if claim & KIND == OWNED && claim != Claim::owned_by(thread) {
                // It was claimed meanwhile: its owner may be inside without having asked.
                word.fetch_and(!Word::WRITING_BIT, Ordering::Relaxed);
                continue;
            }
            if claim & KIND == COURTED {
                self.court(claim, thread, way);
            }
            return Ok(writing);
        }
    }

    fn revoke_others(&self, thread: u64, way: &impl Ordered) {
        let claim = self.0.load(Ordering::Acquire);
        if claim & KIND == OWNED && claim != Claim::owned_by(thread) {
            self.0.store(SHARED, Ordering::SeqCst);
            if way.is_asymmetric() {
                way.barrier();
            } else {
                fence(Ordering::SeqCst);
            }
        }
    }

    /// One more write in a row; called by whoever is inside.
    fn court(&self, claim: u64, thread: u64, way: &impl Ordered) {
        let count = if claim >> THREAD_SHIFT == thread { (claim & COUNT) >> COUNT_SHIFT } else { 0 } + 1;
        let next = match count {
            COURTSHIP.. if way.is_asymmetric() => Claim::owned_by(thread),
            COURTSHIP.. => SHARED,
            _ => thread << THREAD_SHIFT | count << COUNT_SHIFT | COURTED,
        };
        self.0.store(next, Ordering::Release);
    }

    /// Makes `thread` the owner; for tests of the protocol, which have no time for a courtship.
    #[cfg(all(test, loom))]
    pub(super) fn give_to(&self, thread: u64) {
        self.0.store(Claim::owned_by(thread), Ordering::Relaxed);
    }
}

/// Between the owner's store to the word and its look at the claim.
#[inline]
fn order_owner(way: &impl Ordered) {
    if way.is_asymmetric() {
        #[cfg(not(loom))]
        compiler_fence(Ordering::SeqCst);
    } else {
        fence(Ordering::SeqCst);
    }
}

#[cfg(all(test, not(loom)))]
mod tests {
    use super::*;

    /// A process in which barriers order everybody: there is one thread.
    struct Alone;

    impl Ordered for Alone {
        fn is_asymmetric(&self) -> bool {
            true
        }
        fn barrier(&self) {}
    }

    fn write(claim: &Claim, word: &AtomicU64, thread: u64) {
        let writing = claim.raise(word, thread, &Alone).expect("nobody is inside");
        word.store(writing.end_write().0, Ordering::Relaxed);
    }

    #[test]
    fn a_word_is_owned_after_a_while_and_shared_after_that() {
        let (claim, word) = (Claim::new(), AtomicU64::new(Word::IDLE.0));
        for _ in 1..COURTSHIP {
            write(&claim, &word, 7);
            assert!(!claim.is_owned_by(7));
        }
        write(&claim, &word, 7);
        assert!(claim.is_owned_by(7) && !claim.is_owned_by(8));
        let writing = Word(word.load(Ordering::Relaxed)).begin_write();
        assert!(claim.raise_owned(&word, writing, 7, &Alone));
        assert_eq!(claim.raise(&word, 8, &Alone), Err(Busy(writing)));
        assert!(!claim.is_owned_by(7), "revoked, although the other one was refused");
        word.store(writing.end_write().0, Ordering::Relaxed);
        for _ in 0..2 * COURTSHIP {
            write(&claim, &word, 7);
        }
        assert!(!claim.is_owned_by(7), "shared for good");
    }

    #[test]
    fn threads_that_take_turns_never_own_it() {
        let (claim, word) = (Claim::new(), AtomicU64::new(Word::IDLE.0));
        for turn in 0..4 * COURTSHIP {
            write(&claim, &word, turn / (COURTSHIP / 2) % 2);
        }
        assert!(!claim.is_owned_by(0) && !claim.is_owned_by(1));
    }

    #[test]
    fn an_owner_that_was_overtaken_takes_its_store_back() {
        let (claim, word) = (Claim::new(), AtomicU64::new(Word::IDLE.0));
        (0..COURTSHIP).for_each(|_| write(&claim, &word, 7));
        let writing = Word(word.load(Ordering::Relaxed)).begin_write();
        write(&claim, &word, 8);
        assert!(!claim.raise_owned(&word, writing, 7, &Alone));
        claim.retract_owned(&word, writing);
        assert!(Word(word.load(Ordering::Relaxed)).is_readable());
    }
}
