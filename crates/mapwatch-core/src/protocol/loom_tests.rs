//! The protocols under every interleaving that loom can think of.
//!
//! `RUSTFLAGS="--cfg loom" cargo test -p mapwatch-core --release --lib`

use super::claim::Claim;
use super::gate::{Fenced, Gate, Reader};
use super::register::{self, Register};
use super::ring::Ring;
use super::slots::Slots;
use super::summons::Docket;
use super::word::Word;
use loom::cell::UnsafeCell;
use loom::sync::atomic::{AtomicU64, Ordering};
use loom::sync::{Arc, Mutex};
use loom::thread;
use std::time::Duration;

const MAP: u64 = 7;

struct Shared {
    gate: Gate,
    slots: [Slots; 2],
    value: UnsafeCell<u64>,
}

// SAFETY: loom's cell checks every access itself; that check is the point of these tests.
#[allow(unsafe_code, reason = "shares loom's checking cell between loom's threads")]
unsafe impl Sync for Shared {}

impl Shared {
    fn new() -> Arc<Shared> {
        Arc::new(Shared {
            gate: Gate::new(),
            slots: [Slots::default(), Slots::default()],
            value: UnsafeCell::new(0),
        })
    }

    /// A whole read; loom fails the test when it overlaps with a write.
    fn read(&self, me: usize) -> bool {
        let reader = Reader { slots: &self.slots[me], slot: 0, bit: 1 << me };
        if self.gate.enter_shared(MAP, reader, &Fenced).is_err() {
            return false;
        }
        self.value.with(|_| ());
        self.slots[me].release(0);
        true
    }

    /// A whole write.
    fn write(&self, me: usize) -> bool {
        let Ok((before, members)) = self.gate.raise() else { return false };
        if members & !(1 << me) != 0 {
            self.gate.order(before, &Fenced);
        }
        let asked = (0..2).filter(|thread| members & (1 << thread) != 0);
        if asked.into_iter().any(|thread| self.slots[thread].holding(MAP).next().is_some()) {
            self.gate.retract();
            return false;
        }
        self.value.with_mut(|_| ());
        self.gate.leave_exclusive(false);
        true
    }
}

#[test]
fn a_reader_and_a_writer_never_overlap() {
    loom::model(|| {
        let shared = Shared::new();
        let other = Arc::clone(&shared);
        let reader = thread::spawn(move || {
            other.read(1);
            other.read(1);
        });
        shared.write(0);
        reader.join().unwrap();
        assert!(shared.write(0), "nobody is left inside");
    });
}

#[test]
fn two_writers_never_overlap() {
    loom::model(|| {
        let shared = Shared::new();
        let other = Arc::clone(&shared);
        let writer = thread::spawn(move || other.write(1));
        let here = shared.write(0);
        let there = writer.join().unwrap();
        assert!(here || there, "one of two gets in");
        assert!(shared.read(0), "nobody is left inside");
    });
}

#[test]
fn a_contested_holder_answers_or_is_gone() {
    loom::model(|| {
        let word = Arc::new(AtomicU64::new(Word::IDLE.begin_write().0));
        let docket: Arc<Docket<u32>> = Arc::new(Docket::new());
        let (holders_word, holders_docket) = (Arc::clone(&word), Arc::clone(&docket));
        let holder = thread::spawn(move || {
            let now = Word(holders_word.load(Ordering::Relaxed));
            let asked = now.is_contested();
            if asked {
                holders_docket.answer(MAP, || 42);
            }
            holders_word.store(now.end_write().0, Ordering::Release);
            asked
        });
        let summons = docket.file(MAP);
        word.fetch_or(Word::CONTESTED_BIT, Ordering::AcqRel);
        let inside = || Word(word.load(Ordering::Acquire)).is_writing();
        let answer = summons.wait(Duration::ZERO, inside);
        docket.withdraw(&summons);
        let asked = holder.join().unwrap();
        assert!(answer.is_none() || asked, "nobody answers who was not asked");
        assert_eq!(answer.unwrap_or(42), 42);
    });
}

#[test]
fn a_ring_gives_whole_records_and_counts_the_rest() {
    loom::model(|| {
        let ring = Arc::new(Ring::new(2));
        let writers = Arc::clone(&ring);
        let writer = thread::spawn(move || (1..=3).for_each(|n| writers.push([n, n + 100])));
        let mut last = 0;
        let mut seen = 0;
        let mut take = |record: [u64; 2]| {
            assert_eq!(record[0] + 100, record[1], "a torn record");
            assert!(record[0] > last, "out of order");
            last = record[0];
            seen += 1;
        };
        let first = ring.drain(0, &mut take);
        writer.join().unwrap();
        let second = ring.drain(first.next, &mut take);
        assert_eq!(seen + first.lost + second.lost, 3);
    });
}

struct Claimed {
    claim: Claim,
    word: AtomicU64,
    value: UnsafeCell<u64>,
}

// SAFETY: as for `Shared`.
#[allow(unsafe_code, reason = "shares loom's checking cell between loom's threads")]
unsafe impl Sync for Claimed {}

impl Claimed {
    /// A whole write; loom fails the test when it overlaps with another.
    fn write(&self, thread: u64) -> bool {
        let writing = if self.claim.is_owned_by(thread) {
            let before = Word(self.word.load(Ordering::Acquire));
            let writing = before.begin_write();
            if !before.is_readable() {
                return false;
            }
            if !self.claim.raise_owned(&self.word, writing, thread, &Fenced) {
                self.claim.retract_owned(&self.word, writing);
                return false;
            }
            writing
        } else {
            let Ok(writing) = self.claim.raise(&self.word, thread, &Fenced) else { return false };
            writing
        };
        self.value.with_mut(|_| ());
        self.word.store(writing.end_write().0, Ordering::Release);
        true
    }
}

#[test]
fn an_owner_and_one_that_revokes_never_overlap() {
    loom::model(|| {
        let word = AtomicU64::new(Word::IDLE.0);
        let shared = Arc::new(Claimed { claim: Claim::new(), word, value: UnsafeCell::new(0) });
        shared.claim.give_to(1);
        let other = Arc::clone(&shared);
        let revoker = thread::spawn(move || {
            other.write(2);
        });
        // A refusal is a panic: the thread does not come back.
        let _ = shared.write(1) && shared.write(1);
        revoker.join().unwrap();
    });
}

#[test]
fn a_claim_that_is_handed_on_under_a_lock_refuses_nobody() {
    loom::model(|| {
        let word = AtomicU64::new(Word::IDLE.0);
        let shared = Arc::new(Claimed { claim: Claim::new(), word, value: UnsafeCell::new(0) });
        shared.claim.give_to(1);
        let lock = Arc::new(Mutex::new(()));
        let (other, turn) = (Arc::clone(&shared), Arc::clone(&lock));
        let second = thread::spawn(move || {
            let _turn = turn.lock().unwrap();
            assert!(other.write(2));
        });
        for _ in 0..2 {
            let _turn = lock.lock().unwrap();
            assert!(shared.write(1));
        }
        second.join().unwrap();
    });
}

/// Two maps of one shard each, and two threads; each has the shard of its own map, and wants the other's.
struct Crossing {
    taken: [AtomicU64; 2],
    calls: [Register<1, 1>; 2],
    waits: Mutex<Vec<usize>>,
}

impl Crossing {
    /// Whether this one saw what the other one wants.
    fn cross(&self, me: usize) -> bool {
        let other = 1 - me;
        self.taken[me].store(1, Ordering::Release);
        assert!(self.calls[me].is_vacant(0));
        self.calls[me].make(0, [other as u64]);
        register::order();
        if self.taken[other].load(Ordering::Acquire) == 0 {
            // It goes into its call, and stands still there.
            return false;
        }
        self.waits.lock().unwrap().push(me);
        register::order();
        let waits = self.waits.lock().unwrap().contains(&other);
        waits || self.calls[other].read(0).is_some_and(|(_, [wants])| wants == me as u64)
    }
}

#[test]
fn of_two_that_stand_in_each_others_way_one_sees_the_other() {
    loom::model(|| {
        let crossing = Arc::new(Crossing {
            taken: [AtomicU64::new(0), AtomicU64::new(0)],
            calls: [Register::after(0), Register::after(0)],
            waits: Mutex::new(Vec::new()),
        });
        let other = Arc::clone(&crossing);
        let there = thread::spawn(move || other.cross(1));
        let here = crossing.cross(0);
        assert!(here | there.join().unwrap(), "two that nobody saw wait for each other");
    });
}

#[test]
fn a_record_is_read_whole_or_not_at_all() {
    loom::model(|| {
        let register = Arc::new(Register::<1, 2>::after(0));
        let readers = Arc::clone(&register);
        let reader = thread::spawn(move || readers.read(0));
        for turn in 1..=2 {
            assert!(register.is_vacant(0));
            register.make(0, [turn, turn + 100]);
            assert!(register.any(|| false));
            register.end(0);
        }
        if let Some((serial, [one, other])) = reader.join().unwrap() {
            assert_eq!((one, other), (serial, one + 100), "a torn record");
        }
        assert_eq!(register.read(0), None);
    });
}

#[test]
fn a_call_becomes_its_guard_in_one_step() {
    const CALL: u64 = 1;
    const GUARD: u64 = 2;
    loom::model(|| {
        let register = Arc::new(Register::<1, 2>::after(0));
        let readers = Arc::clone(&register);
        let reader = thread::spawn(move || readers.read(0));
        register.make(0, [CALL]);
        register.word(0, 1).store(7, Ordering::Relaxed);
        register.set_head(0, GUARD);
        if let Some((_, [head, since])) = reader.join().unwrap() {
            assert!(head == CALL || since == 7, "a guard without what only guards have");
        }
        assert_eq!(register.read(0), Some((1, [GUARD, 7])));
    });
}

#[test]
fn a_place_is_not_made_anew_under_whoever_ends_it() {
    loom::model(|| {
        let register = Arc::new(Register::<1, 1>::after(0));
        register.make(0, [7]);
        let other = Arc::clone(&register);
        let ends = thread::spawn(move || {
            assert_eq!(other.word(0, 0).load(Ordering::Relaxed), 7, "the word of the next record");
            assert!(other.end_if(0, 1));
        });
        if register.is_vacant(0) {
            register.make(0, [8]);
        }
        ends.join().unwrap();
    });
}
