//! The raw mutex, and the one that is always fair.

use super::{GuardMarker, Locked, Marker, Watched};
use crate::entry::Shape;
use crate::guard::{Berth, Family, Latch, Mode, Want};
use mapwatch_event::{MapKind, Operation};
use parking_lot::lock_api::{self, RawMutex as _, RawMutexFair as _};
use std::mem::ManuallyDrop;
use std::panic::Location;
use std::time::{Duration, Instant};

static FAMILY: Family = Family { travels: GuardMarker::TRAVELS, suspends: false, queues: false };

pub(super) const LOCK: Want = Want::whole(Operation::Lock, Mode::Exclusive);

/// [`parking_lot::RawMutex`], watched.
pub struct RawMutex {
    latch: Latch,
    holder: Berth,
    /// A whole mutex, and not its raw lock alone: parking_lot's condition variable asks for a guard.
    inner: parking_lot::Mutex<()>,
}

impl RawMutex {
    fn raw(&self) -> &parking_lot::RawMutex {
        // SAFETY: the callers below lock it when it is free, and unlock it when their caller has it locked, by
        // the conditions of `lock_api`'s traits; nobody keeps a guard of `inner`.
        unsafe { self.inner.raw() }
    }

    /// Runs `wait`, which gives the lock up and takes it again; meanwhile nobody holds by our record.
    ///
    /// # Safety
    ///
    /// The caller holds the lock.
    pub(super) unsafe fn given_up<R>(
        &self,
        at: &'static Location<'static>,
        wait: impl FnOnce(&mut parking_lot::MutexGuard<'_, ()>) -> R,
    ) -> R {
        drop(self.holder.leave());
        // SAFETY: the lock is held (caller's promise) by a guard of ours that stays idle meanwhile, so that this is
        // the only guard of `inner`.
        let guard = unsafe { self.inner.make_guard_unchecked() };
        // Never dropped: the caller's guard goes on holding, a panic or not.
        let mut guard = ManuallyDrop::new(guard);
        let until = self.latch.until_notified(LOCK, at);
        let answer = wait(&mut guard);
        drop(until);
        self.holder.enter(self.latch.taken_at(LOCK, at));
        answer
    }
}

impl super::Sealed for RawMutex {}

impl Watched for RawMutex {
    fn latch(&self) -> &Latch {
        &self.latch
    }
}

// SAFETY: every call goes to parking_lot's raw mutex, which excludes as the trait demands; what is added before and
// after touches records alone.
unsafe impl lock_api::RawMutex for RawMutex {
    #[allow(clippy::declare_interior_mutable_const, reason = "the trait's own way to make one")]
    const INIT: RawMutex = RawMutex {
        latch: Latch::unplaced(MapKind::Mutex, &FAMILY, || Shape::called("parking_lot::Mutex")),
        holder: Berth::empty(),
        inner: parking_lot::Mutex::new(()),
    };

    type GuardMarker = GuardMarker;

    #[inline]
    #[track_caller]
    fn lock(&self) {
        let raw = self.raw();
        // SAFETY: it runs where the lock was had just now.
        let undo = || unsafe { raw.unlock() };
        let (locked, held) = self.latch.acquire(
            LOCK,
            || raw.try_lock().then(|| Locked(undo)),
            || {
                raw.lock();
                Locked(undo)
            },
        );
        locked.keep();
        self.holder.enter(held);
    }

    #[inline]
    #[track_caller]
    fn try_lock(&self) -> bool {
        let locked = self.raw().try_lock();
        if locked {
            self.holder.enter(self.latch.taken(LOCK));
        }
        locked
    }

    #[inline]
    unsafe fn unlock(&self) {
        drop(self.holder.leave());
        // SAFETY: the caller holds the lock (its promise to this function).
        unsafe { self.raw().unlock() }
    }

    #[inline]
    fn is_locked(&self) -> bool {
        self.raw().is_locked()
    }
}

// SAFETY: as above.
unsafe impl lock_api::RawMutexFair for RawMutex {
    #[inline]
    unsafe fn unlock_fair(&self) {
        drop(self.holder.leave());
        // SAFETY: the caller holds the lock (its promise to this function).
        unsafe { self.raw().unlock_fair() }
    }

    #[inline]
    #[track_caller]
    unsafe fn bump(&self) {
        drop(self.holder.leave());
        // SAFETY: the caller holds the lock (its promise to this function).
        unsafe { self.raw().bump() };
        self.holder.enter(self.latch.taken(LOCK));
    }
}

// SAFETY: as above; `true` is answered only where the lock was had.
unsafe impl lock_api::RawMutexTimed for RawMutex {
    type Duration = Duration;
    type Instant = Instant;

    #[track_caller]
    fn try_lock_for(&self, timeout: Duration) -> bool {
        let raw = self.raw();
        let locked = self.latch.acquire_within(
            LOCK,
            || raw.try_lock().then_some(()),
            || raw.try_lock_for(timeout).then_some(()),
        );
        locked.map(|((), held)| self.holder.enter(held)).is_some()
    }

    #[track_caller]
    fn try_lock_until(&self, timeout: Instant) -> bool {
        let raw = self.raw();
        let locked = self.latch.acquire_within(
            LOCK,
            || raw.try_lock().then_some(()),
            || raw.try_lock_until(timeout).then_some(()),
        );
        locked.map(|((), held)| self.holder.enter(held)).is_some()
    }
}

/// [`parking_lot::RawFairMutex`], watched.
pub struct RawFairMutex(RawMutex);

impl super::Sealed for RawFairMutex {}

impl Watched for RawFairMutex {
    fn latch(&self) -> &Latch {
        &self.0.latch
    }
}

// SAFETY: it is the mutex above, which lets the next one in when it is unlocked.
unsafe impl lock_api::RawMutex for RawFairMutex {
    #[allow(clippy::declare_interior_mutable_const, reason = "the trait's own way to make one")]
    const INIT: RawFairMutex = RawFairMutex(RawMutex::INIT);

    type GuardMarker = GuardMarker;

    #[inline]
    #[track_caller]
    fn lock(&self) {
        self.0.lock();
    }

    #[inline]
    #[track_caller]
    fn try_lock(&self) -> bool {
        self.0.try_lock()
    }

    #[inline]
    unsafe fn unlock(&self) {
        // SAFETY: the caller holds the lock (its promise to this function).
        unsafe { self.0.unlock_fair() }
    }

    #[inline]
    fn is_locked(&self) -> bool {
        self.0.is_locked()
    }
}

// SAFETY: as above.
unsafe impl lock_api::RawMutexFair for RawFairMutex {
    #[inline]
    unsafe fn unlock_fair(&self) {
        // SAFETY: the caller holds the lock (its promise to this function).
        unsafe { self.0.unlock_fair() }
    }

    #[inline]
    #[track_caller]
    unsafe fn bump(&self) {
        // SAFETY: the caller holds the lock (its promise to this function).
        unsafe { self.0.bump() }
    }
}

// SAFETY: as above.
unsafe impl lock_api::RawMutexTimed for RawFairMutex {
    type Duration = Duration;
    type Instant = Instant;

    #[track_caller]
    fn try_lock_for(&self, timeout: Duration) -> bool {
        self.0.try_lock_for(timeout)
    }

    #[track_caller]
    fn try_lock_until(&self, timeout: Instant) -> bool {
        self.0.try_lock_until(timeout)
    }
}
