//! What a thread is about to do, where others can read it at any time.
//!
//! A call that locks and unlocks within itself cannot be seen to wait. So its thread begins an intent, calls
//! [`order`], and only then looks whether what it wants is taken. Whoever waits in the open writes that down, calls
//! [`order`], and only then reads the others' intents. Each has taken its own lock before. Of two whose wishes stand in
//! each other's way, one must see the other: else both looks came before the other one's writes, which two fences of
//! one total order rule out.
//!
//! One writer, the thread; any number of readers. The serial number is odd while the words stand, and a reader that
//! finds the same odd number after the words has words of one intent: the fence before the first word keeps a word of
//! the next intent from being seen with the number of this one.

use crate::sync::{AtomicU64, Ordering, fence};

/// An intent of so many words, whose meaning is the guards' business.
#[derive(Debug)]
pub struct Intent<const WORDS: usize> {
    serial: AtomicU64,
    words: [AtomicU64; WORDS],
}

impl<const WORDS: usize> Default for Intent<WORDS> {
    fn default() -> Intent<WORDS> {
        Intent { serial: AtomicU64::new(0), words: std::array::from_fn(|_| AtomicU64::new(0)) }
    }
}

impl<const WORDS: usize> Intent<WORDS> {
    /// Says what is about to be done; `false` where an earlier intent stands, which stays. Only the own thread may call
    /// this.
    #[inline]
    pub fn begin(&self, words: [u64; WORDS]) -> bool {
        let serial = self.serial.load(Ordering::Relaxed);
        if serial & 1 == 1 {
            return false;
        }
        fence(Ordering::Release);
        for (place, word) in self.words.iter().zip(words) {
            place.store(word, Ordering::Relaxed);
        }
        self.serial.store(serial + 1, Ordering::Release);
        true
    }

    /// Whether the own thread has an intent that stands.
    #[inline]
    pub fn stands(&self) -> bool {
        self.serial.load(Ordering::Relaxed) & 1 == 1
    }

    /// It is done. Only the own thread may call this, and only after a [`begin`](Intent::begin) that said `true`.
    #[inline]
    pub fn end(&self) {
        self.serial.store(self.serial.load(Ordering::Relaxed) + 1, Ordering::Release);
    }

    /// The intent that stands, and its number.
    pub fn read(&self) -> Option<(u64, [u64; WORDS])> {
        let serial = self.serial.load(Ordering::Acquire);
        let words = std::array::from_fn(|word| self.words[word].load(Ordering::Relaxed));
        fence(Ordering::Acquire);
        (serial & 1 == 1 && self.serial.load(Ordering::Relaxed) == serial).then_some((serial, words))
    }
}

/// Puts what was written before in front of what is read afterwards; on both sides, see the module.
#[inline]
pub fn order() {
    fence(Ordering::SeqCst);
}
