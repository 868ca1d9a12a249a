//! One thread's last records, read by the collector without stopping it.
//!
//! The writer never looks at the reader: it overwrites the oldest record when the ring is full, and pays two
//! release stores for the record and one for the head. The reader copies what is there, looks at the head
//! again, and gives up what may have been overwritten meanwhile; how much that was is known exactly.
//!
//! Release on the record's own stores is what makes the second look sound: a reader that sees a new half in an
//! old record also sees the head that was published before it.

use crate::sync::{AtomicU64, Ordering, fence};

/// One record: two words, whose meaning is the recorder's business.
pub type Record = [u64; 2];

/// A ring with one writer and one reader at a time.
#[derive(Debug)]
pub struct Ring {
    head: AtomicU64,
    mask: u64,
    slots: Box<[[AtomicU64; 2]]>,
}

/// What one reading gave.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Drained {
    /// Where the next reading begins.
    pub next: u64,
    /// Records that were overwritten before they were read.
    pub lost: u64,
}

impl Ring {
    /// A ring of `capacity` records, a power of two.
    ///
    /// # Panics
    ///
    /// When `capacity` is no power of two.
    #[must_use]
    pub fn new(capacity: usize) -> Ring {
        assert!(capacity.is_power_of_two(), "a ring's capacity is a power of two");
        let slots = (0..capacity).map(|_| [AtomicU64::new(0), AtomicU64::new(0)]).collect();
        Ring { head: AtomicU64::new(0), mask: capacity as u64 - 1, slots }
    }

    /// Appends a record. Only the ring's own thread may call this.
    #[inline]
    pub fn push(&self, record: Record) {
        let head = self.head.load(Ordering::Relaxed);
        let slot = &self.slots[(head & self.mask) as usize];
        slot[0].store(record[0], Ordering::Release);
        slot[1].store(record[1], Ordering::Release);
        self.head.store(head.wrapping_add(1), Ordering::Release);
    }

    /// Hands every record from `from` on to `take`, oldest first. One reader at a time.
    pub fn drain(&self, from: u64, mut take: impl FnMut(Record)) -> Drained {
        let head = self.head.load(Ordering::Acquire);
        let capacity = self.mask + 1;
        let first = from.max(head.saturating_sub(capacity - 1));
        let copied: Vec<Record> = (first..head)
            .map(|at| {
                let slot = &self.slots[(at & self.mask) as usize];
                [slot[0].load(Ordering::Acquire), slot[1].load(Ordering::Acquire)]
            })
            .collect();
        fence(Ordering::Acquire);
        let after = self.head.load(Ordering::Acquire);
        // The record at `after` may be half written; it shares its slot with `after - capacity`.
        let whole = (after + 1).saturating_sub(capacity).clamp(first, head);
        for record in copied.into_iter().skip((whole - first) as usize) {
            take(record);
        }
        Drained { next: head, lost: whole - from.min(whole) }
    }
}

#[cfg(all(test, not(loom)))]
mod tests {
    use super::*;

    fn drain(ring: &Ring, from: u64) -> (Vec<u64>, Drained) {
        let mut seen = Vec::new();
        let drained = ring.drain(from, |record| seen.push(record[0]));
        (seen, drained)
    }

    #[test]
    fn what_is_pushed_is_drained_once_and_in_order() {
        let ring = Ring::new(8);
        (0..5).for_each(|n| ring.push([n, n]));
        let (seen, drained) = drain(&ring, 0);
        assert_eq!((seen, drained), (vec![0, 1, 2, 3, 4], Drained { next: 5, lost: 0 }));
        let (seen, drained) = drain(&ring, drained.next);
        assert_eq!((seen, drained), (vec![], Drained { next: 5, lost: 0 }));
    }

    #[test]
    fn what_is_overwritten_is_counted() {
        let ring = Ring::new(8);
        (0..20).for_each(|n| ring.push([n, n]));
        let (seen, drained) = drain(&ring, 0);
        assert_eq!(seen, (13..20).collect::<Vec<_>>());
        assert_eq!(drained, Drained { next: 20, lost: 13 });
    }

    #[test]
    fn a_reader_beside_the_writer_sees_whole_records_and_counts_the_rest() {
        let ring = Ring::new(64);
        let done = std::sync::atomic::AtomicBool::new(false);
        let (mut next, mut seen, mut lost) = (0, 0, 0);
        std::thread::scope(|scope| {
            scope.spawn(|| {
                (0..200_000).for_each(|n| ring.push([n, !n]));
                done.store(true, Ordering::Release);
            });
            let mut last = None;
            loop {
                let finished = done.load(Ordering::Acquire);
                let drained = ring.drain(next, |[a, b]| {
                    assert_eq!(a, !b, "a torn record");
                    assert!(last < Some(a), "records out of order");
                    last = Some(a);
                    seen += 1;
                });
                next = drained.next;
                lost += drained.lost;
                if finished {
                    break;
                }
            }
        });
        assert_eq!(seen + lost, 200_000);
    }
}
