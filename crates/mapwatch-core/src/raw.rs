//! parking_lot's raw locks, watched: what `lock_api` builds its mutexes, guards and mapped guards upon.
//!
//! `lock_api`'s types are generic over the raw lock, and all their guards end in a call to it. So a watched raw
//! lock watches every one of them, with their own signatures, and there is no second grid of guard types.
//! The price: a raw lock is a `const` that knows neither the type around it nor where it was made; it is called by
//! where it was first taken, until somebody names it. A guard is not told from another one of the same lock and
//! mode: of several reads of one actor, the last one ends first.
//!
//! | module | what it is |
//! |---|---|
//! | `mutex` | one holder |
//! | `rwlock` | readers, one who may upgrade, one writer |
//! | `condvar` | waiting without the lock |

mod condvar;
mod mutex;
mod rwlock;

pub use condvar::Condvar;
pub use mutex::{RawFairMutex, RawMutex};
pub use rwlock::RawRwLock;

use crate::guard::Latch;
use parking_lot::lock_api::{self, GuardNoSend, GuardSend};

/// Whether guards with this marker may go to another thread.
trait Marker {
    const TRAVELS: bool;
}

impl Marker for GuardSend {
    const TRAVELS: bool = true;
}

impl Marker for GuardNoSend {
    const TRAVELS: bool = false;
}

/// parking_lot's own marker, which its feature `send_guard` changes.
type GuardMarker = <parking_lot::RawMutex as lock_api::RawMutex>::GuardMarker;

/// What was locked, until it is kept: the panic of a finding in between unlocks it.
struct Locked<F: Fn()>(F);

impl<F: Fn()> Locked<F> {
    /// The lock stays locked.
    #[inline]
    fn keep(self) {
        std::mem::forget(self);
    }
}

impl<F: Fn()> Drop for Locked<F> {
    fn drop(&mut self) {
        (self.0)();
    }
}

/// Only the locks here are watched: whoever has a reference to a raw lock could unlock it.
trait Sealed {}

/// A raw lock with a sentinel.
#[allow(private_bounds, reason = "the bound keeps others out")]
pub trait Watched: Sealed {
    /// The sentinel.
    fn latch(&self) -> &Latch;
}

/// The sentinel of a mutex.
pub fn latch_of_mutex<R: Watched + lock_api::RawMutex, T: ?Sized>(mutex: &lock_api::Mutex<R, T>) -> &Latch {
    // SAFETY: the raw lock is asked for its sentinel alone, and stays as it is.
    let raw = unsafe { mutex.raw() };
    raw.latch()
}

/// The sentinel of a lock for readers and writers.
pub fn latch_of_rwlock<R: Watched + lock_api::RawRwLock, T: ?Sized>(lock: &lock_api::RwLock<R, T>) -> &Latch {
    // SAFETY: the raw lock is asked for its sentinel alone, and stays as it is.
    let raw = unsafe { lock.raw() };
    raw.latch()
}

#[cfg(test)]
mod tests {
    use super::*;
    use parking_lot::lock_api::{Mutex, MutexGuard, RawMutex as _, RawRwLock as _, RwLock};

    #[test]
    fn forgotten_guards_end_where_the_lock_is_forced_open() {
        let mutex: Mutex<RawMutex, u32> = Mutex::new(1);
        *MutexGuard::leak(mutex.lock()) += 1;
        // SAFETY: the guard was leaked, so the lock is held, and nobody uses the reference any more.
        unsafe { mutex.force_unlock() };
        std::mem::forget(mutex.lock());
        // SAFETY: the guard was forgotten, so the lock is held.
        unsafe { mutex.force_unlock_fair() };
        assert_eq!(*mutex.lock(), 2);
        assert!(!crate::thread::desk().has_any());
    }

    #[test]
    fn a_reader_may_end_on_another_thread() {
        let lock: RwLock<RawRwLock, ()> = RwLock::from_raw(RawRwLock::INIT, ());
        std::mem::forget(lock.read());
        let desk = crate::thread::desk();
        assert!(desk.has_any());
        std::thread::scope(|scope| {
            // SAFETY: the guard was forgotten, so the lock is held for reading; the thread that unlocks does not
            // matter to parking_lot.
            scope.spawn(|| unsafe { lock.force_unlock_read() });
        });
        assert!(!desk.has_any() && !lock.is_locked());
        assert!(!Mutex::<RawMutex, ()>::from_raw(RawMutex::INIT, ()).is_locked());
    }

    #[test]
    fn readers_that_meet_at_a_lock_nobody_knew_leave_nothing_behind() {
        use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
        const READERS: usize = 3;
        for _ in 0..8 {
            let locks: Vec<RwLock<RawRwLock, ()>> =
                (0..256).map(|_| RwLock::from_raw(RawRwLock::INIT, ())).collect();
            let here: Vec<AtomicUsize> = (0..256).map(|_| AtomicUsize::new(0)).collect();
            std::thread::scope(|scope| {
                for _ in 0..READERS {
                    scope.spawn(|| {
                        for (lock, here) in locks.iter().zip(&here) {
                            here.fetch_add(1, SeqCst);
                            while here.load(SeqCst) < READERS {
                                std::thread::yield_now();
                            }
                            drop(lock.read());
                        }
                        assert!(!crate::thread::desk().has_any());
                    });
                }
            });
        }
    }
}
