//! Where a thread publishes which maps it is reading.
//!
//! One [`Slots`] per thread (a chain of them where a thread holds more than [`WIDTH`] guards at once). A slot
//! holds a map's number and how many guards share it. Only the thread itself takes slots; any thread may give
//! one back, because guards travel. Writers look at all of them.
//!
//! The map numbers stand together on one cache line: that is all a writer has to fetch per thread.

use crate::sync::{AtomicU32, AtomicU64, Ordering};

/// Slots per link of the chain; with the numbers of seven maps and the link they fill one cache line.
pub const WIDTH: usize = 7;

/// The slots of one thread.
#[derive(Debug)]
#[repr(align(128))]
pub struct Slots {
    maps: [AtomicU64; WIDTH],
    shares: [AtomicU32; WIDTH],
}

impl Default for Slots {
    fn default() -> Slots {
        Slots {
            maps: std::array::from_fn(|_| AtomicU64::new(0)),
            shares: std::array::from_fn(|_| AtomicU32::new(0)),
        }
    }
}

impl Slots {
    /// A free slot, not yet taken; `None` when all are in use. Only the owning thread may ask.
    #[inline]
    #[must_use]
    pub fn vacant(&self) -> Option<usize> {
        self.maps.iter().position(|map| map.load(Ordering::Acquire) == 0)
    }

    /// Takes slot `index` for `map` (not 0). The ordering towards writers is the caller's business.
    #[inline]
    pub fn publish(&self, index: usize, map: u64) {
        self.shares[index].store(1, Ordering::Relaxed);
        self.maps[index].store(map, Ordering::Release);
    }

    /// One more guard shares slot `index`.
    #[inline]
    pub fn share(&self, index: usize) {
        self.shares[index].fetch_add(1, Ordering::Relaxed);
    }

    /// One guard fewer; the last one frees the slot.
    ///
    /// A single count read as 1 can only be the caller's own, so nothing else can change it meanwhile.
    #[inline]
    pub fn release(&self, index: usize) {
        let shares = &self.shares[index];
        if shares.load(Ordering::Acquire) == 1 || shares.fetch_sub(1, Ordering::AcqRel) == 1 {
            self.maps[index].store(0, Ordering::Release);
        }
    }

    /// The slots that hold `map`.
    pub fn holding(&self, map: u64) -> impl Iterator<Item = usize> {
        self.maps
            .iter()
            .enumerate()
            .filter_map(move |(index, held)| (held.load(Ordering::Acquire) == map).then_some(index))
    }

    /// The map in slot `index`; 0 when it is free.
    #[must_use]
    pub fn map(&self, index: usize) -> u64 {
        self.maps[index].load(Ordering::Acquire)
    }
}
