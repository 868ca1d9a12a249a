//! The place of one record in a lock itself, for guards that have no room for it.

use super::{Held, Kept};
use crate::thread::Desk;
use std::ptr::{self, NonNull};
use std::sync::atomic::{AtomicPtr, Ordering::Relaxed};

/// The place. Whoever has the lock has it.
#[derive(Debug)]
pub struct Berth(AtomicPtr<Desk>);

impl Berth {
    /// Nobody's.
    #[must_use]
    pub const fn empty() -> Berth {
        Berth(AtomicPtr::new(ptr::null_mut()))
    }

    /// Keeps a record.
    #[inline]
    pub fn enter(&self, held: Held) {
        if let Some(Kept(place)) = held.0 {
            self.0.store(place.as_ptr(), Relaxed);
        }
        held.stay();
    }

    /// Gives the record back.
    #[inline]
    pub fn leave(&self) -> Held {
        let place = self.0.load(Relaxed);
        self.0.store(ptr::null_mut(), Relaxed);
        Held(NonNull::new(place).map(Kept))
    }

    /// Shows the record.
    pub fn with(&self, look: impl FnOnce(&Held)) {
        let held = self.leave();
        look(&held);
        self.enter(held);
    }
}
