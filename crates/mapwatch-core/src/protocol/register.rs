//! What a thread has and is about to do, where others can read it at any time.
//!
//! One [`Register`] per thread (a chain of them where it has more than so many records at once). Only the thread itself
//! makes records; whoever the thing on record was given to ends it. A record has a serial number that no other one of
//! the register has, and is vacant while that is 0: a reader that finds the same number before and after the words has
//! words of one record, because the fence before the first word keeps one of the next record from being seen with the
//! number of this one.
//!
//! The first word, the head, says what the others mean. It can be changed while the record stands, after those that it
//! then gives a meaning to: so a call that is under way becomes the guard that it hands out in one store.
//!
//! A call that locks and unlocks within itself cannot be seen to wait. So its thread makes a record of it, calls
//! [`order`], and only then looks whether what it wants is taken. Whoever waits in the open writes that down, calls
//! [`order`], and only then reads the others' records. Each has taken its own lock before. Of two whose wishes stand in
//! each other's way, one must see the other: else both looks came before the other one's writes, which two fences of
//! one total order rule out.

use crate::sync::{AtomicU64, Ordering, fence};

/// So many records of so many words, whose meaning is the guards' business.
#[derive(Debug)]
#[repr(align(64))]
pub struct Register<const PLACES: usize, const WORDS: usize> {
    /// One cache line: of a thread that has several records, each access looks at all of them.
    serials: [AtomicU64; PLACES],
    records: [Record<WORDS>; PLACES],
    /// The serial number that was given last.
    last: AtomicU64,
    /// No place above this one has a record, and nothing is on record elsewhere unless it is above all. The own thread's,
    /// as `last` is.
    top: AtomicU64,
    /// The one that none was given before.
    first: u64,
}

/// One cache line.
#[derive(Debug)]
#[repr(align(64))]
struct Record<const WORDS: usize>([AtomicU64; WORDS]);

impl<const PLACES: usize, const WORDS: usize> Register<PLACES, WORDS> {
    /// Nothing on record; serial numbers begin after `last`.
    #[must_use]
    pub fn after(last: u64) -> Self {
        Register {
            serials: std::array::from_fn(|_| AtomicU64::new(0)),
            records: std::array::from_fn(|_| Record(std::array::from_fn(|_| AtomicU64::new(0)))),
            last: AtomicU64::new(last),
            top: AtomicU64::new(0),
            first: last,
        }
    }

    /// What the serial numbers began after.
    pub fn first(&self) -> u64 {
        self.first
    }

    /// Whether anything is on record, here or, where places did not suffice, `beyond`. Only the own thread may ask: for
    /// it the answer no stays true until it makes a record.
    #[inline]
    pub fn any(&self, beyond: impl FnOnce() -> bool) -> bool {
        self.serials[0].load(Ordering::Relaxed) != 0
            || self.top.load(Ordering::Relaxed) != 0 && self.any_above(beyond)
    }

    #[inline(never)]
    fn any_above(&self, beyond: impl FnOnce() -> bool) -> bool {
        let any = self.serials[1..].iter().any(|serial| serial.load(Ordering::Relaxed) != 0) || beyond();
        if !any {
            self.top.store(0, Ordering::Relaxed);
        }
        any
    }

    /// All places are taken, and the next record is made elsewhere. Only the own thread may say so.
    pub fn goes_beyond(&self) {
        self.top.store(PLACES as u64, Ordering::Relaxed);
    }

    /// Whether a record can be made in a place. Only the own thread may ask.
    #[inline]
    pub fn is_vacant(&self, place: usize) -> bool {
        self.serial(place) == 0
    }

    /// A place for a record. Only the own thread may ask.
    #[inline]
    pub fn vacant(&self) -> Option<usize> {
        (0..PLACES).find(|place| self.is_vacant(*place))
    }

    /// Makes a record in a place that is [`vacant`](Register::is_vacant), whose last words are given later, or never.
    /// Only the own thread may.
    #[inline]
    pub fn make<const GIVEN: usize>(&self, place: usize, words: [u64; GIVEN]) {
        fence(Ordering::Release);
        for (to, word) in self.records[place].0.iter().zip(words) {
            to.store(word, Ordering::Relaxed);
        }
        if place != 0 {
            let top = self.top.load(Ordering::Relaxed).max(place as u64);
            self.top.store(top, Ordering::Relaxed);
        }
        let serial = self.last.load(Ordering::Relaxed) + 1;
        self.last.store(serial, Ordering::Relaxed);
        self.serials[place].store(serial, Ordering::Release);
    }

    /// Gives a record that stands another head, after the words that the new one gives a meaning to.
    #[inline]
    pub fn set_head(&self, place: usize, head: u64) {
        self.word(place, 0).store(head, Ordering::Release);
    }

    /// Ends a record that stands; for whoever has what is on record.
    #[inline]
    pub fn end(&self, place: usize) {
        self.serials[place].store(0, Ordering::Release);
    }

    /// Ends the record of this number, if it still stands; of several who try, one does.
    pub fn end_if(&self, place: usize, serial: u64) -> bool {
        self.serials[place].compare_exchange(serial, 0, Ordering::Release, Ordering::Relaxed).is_ok()
    }

    /// The number of the record in a place; 0 where there is none.
    #[inline]
    pub fn serial(&self, place: usize) -> u64 {
        self.serials[place].load(Ordering::Acquire)
    }

    /// One word of the record in a place, for whoever has what is on record.
    #[inline]
    pub fn word(&self, place: usize, word: usize) -> &AtomicU64 {
        &self.records[place].0[word]
    }

    /// The record in a place, and its number; `None` where there is none, or it went away meanwhile.
    pub fn read(&self, place: usize) -> Option<(u64, [u64; WORDS])> {
        let serial = self.serial(place);
        if serial == 0 {
            return None;
        }
        let mut words = [0; WORDS];
        // The head first: the others are at least as new as what it says.
        words[0] = self.word(place, 0).load(Ordering::Acquire);
        for (word, to) in words.iter_mut().enumerate().skip(1) {
            *to = self.word(place, word).load(Ordering::Relaxed);
        }
        fence(Ordering::Acquire);
        (self.serials[place].load(Ordering::Relaxed) == serial).then_some((serial, words))
    }
}

/// Puts what was written before in front of what is read afterwards; on both sides, see the module.
#[inline]
pub fn order() {
    fence(Ordering::SeqCst);
}

#[cfg(all(test, not(loom)))]
mod tests {
    use super::*;

    #[test]
    fn whoever_has_records_knows_it_in_whatever_order_they_end() {
        let register = Register::<4, 1>::after(0);
        for order in [[0, 1, 2, 3], [3, 2, 1, 0], [1, 3, 0, 2]] {
            assert!(!register.any(|| false));
            for _ in 0..4 {
                let place = register.vacant().expect("there are four");
                register.make(place, [7]);
            }
            assert_eq!(register.vacant(), None);
            for place in order {
                assert!(register.any(|| false));
                register.end(place);
            }
            assert!(!register.any(|| false));
            register.make(0, [8]);
            assert!(register.any(|| false));
            register.end(0);
        }
        assert!(!register.any(|| true), "nobody said so");
        register.goes_beyond();
        assert!(register.any(|| true) && !register.any(|| false) && !register.any(|| true));
    }
}
