//! The raw lock for readers, one who may upgrade, and one writer.

use super::{GuardMarker, Locked, Marker, Watched};
use crate::entry::Shape;
use crate::guard::{Berth, Family, Latch, Mode, Want};
use mapwatch_event::{MapKind, Operation};
use parking_lot::lock_api::{
    self, RawRwLock as _, RawRwLockRecursive as _, RawRwLockUpgrade as _, RawRwLockUpgradeDowngrade as _,
};
use std::time::{Duration, Instant};

static FAMILY: Family = Family { travels: GuardMarker::TRAVELS, suspends: false, queues: true };

const READ: Want = Want::whole(Operation::Read, Mode::Shared);
const READ_AGAIN: Want = Want { passes: true, ..READ };
const UPGRADABLE: Want = Want::whole(Operation::UpgradableRead, Mode::Upgradable);
const UPGRADE: Want = Want::whole(Operation::Upgrade, Mode::Exclusive);
const WRITE: Want = Want::whole(Operation::Write, Mode::Exclusive);

/// [`parking_lot::RawRwLock`], watched.
///
/// The records of the writer and of the one who may upgrade lie here; a reader's is found again on its desk.
pub struct RawRwLock {
    latch: Latch,
    writer: Berth,
    upgrader: Berth,
    raw: parking_lot::RawRwLock,
}

impl super::Sealed for RawRwLock {}

impl Watched for RawRwLock {
    fn latch(&self) -> &Latch {
        &self.latch
    }
}

/// `Some` where the lock was had.
fn had(locked: bool) -> Option<()> {
    locked.then_some(())
}

// SAFETY: every call goes to parking_lot's raw lock, which excludes as the trait demands; what is added before and
// after touches records alone.
unsafe impl lock_api::RawRwLock for RawRwLock {
    #[allow(clippy::declare_interior_mutable_const, reason = "the trait's own way to make one")]
    const INIT: RawRwLock = RawRwLock {
        latch: Latch::unplaced(MapKind::RwLock, &FAMILY, || Shape::called("parking_lot::RwLock")),
        writer: Berth::empty(),
        upgrader: Berth::empty(),
        raw: parking_lot::RawRwLock::INIT,
    };

    type GuardMarker = GuardMarker;

    #[inline]
    #[track_caller]
    fn lock_shared(&self) {
        let raw = &self.raw;
        // SAFETY: it runs where the lock was had just now.
        let undo = || unsafe { raw.unlock_shared() };
        let (locked, held) = self.latch.acquire(
            READ,
            || raw.try_lock_shared().then(|| Locked(undo)),
            || {
                raw.lock_shared();
                Locked(undo)
            },
        );
        locked.keep();
        held.stay();
    }

    #[inline]
    #[track_caller]
    fn try_lock_shared(&self) -> bool {
        let locked = self.raw.try_lock_shared();
        if locked {
            self.latch.taken(READ).stay();
        }
        locked
    }

    #[inline]
    unsafe fn unlock_shared(&self) {
        self.latch.left_shared();
        // SAFETY: the caller holds the lock for reading (its promise to this function).
        unsafe { self.raw.unlock_shared() }
    }

    #[inline]
    #[track_caller]
    fn lock_exclusive(&self) {
        let raw = &self.raw;
        // SAFETY: it runs where the lock was had just now.
        let undo = || unsafe { raw.unlock_exclusive() };
        let (locked, held) = self.latch.acquire(
            WRITE,
            || raw.try_lock_exclusive().then(|| Locked(undo)),
            || {
                raw.lock_exclusive();
                Locked(undo)
            },
        );
        locked.keep();
        self.writer.enter(held);
    }

    #[inline]
    #[track_caller]
    fn try_lock_exclusive(&self) -> bool {
        let locked = self.raw.try_lock_exclusive();
        if locked {
            self.writer.enter(self.latch.taken(WRITE));
        }
        locked
    }

    #[inline]
    unsafe fn unlock_exclusive(&self) {
        drop(self.writer.leave());
        // SAFETY: the caller holds the lock for writing (its promise to this function).
        unsafe { self.raw.unlock_exclusive() }
    }

    #[inline]
    fn is_locked(&self) -> bool {
        self.raw.is_locked()
    }

    #[inline]
    fn is_locked_exclusive(&self) -> bool {
        self.raw.is_locked_exclusive()
    }
}

// SAFETY: as above.
unsafe impl lock_api::RawRwLockFair for RawRwLock {
    #[inline]
    unsafe fn unlock_shared_fair(&self) {
        self.latch.left_shared();
        // SAFETY: the caller holds the lock for reading (its promise to this function).
        unsafe { self.raw.unlock_shared_fair() }
    }

    #[inline]
    unsafe fn unlock_exclusive_fair(&self) {
        drop(self.writer.leave());
        // SAFETY: the caller holds the lock for writing (its promise to this function).
        unsafe { self.raw.unlock_exclusive_fair() }
    }

    #[track_caller]
    unsafe fn bump_shared(&self) {
        self.latch.left_shared();
        // SAFETY: the caller holds the lock for reading (its promise to this function).
        unsafe { self.raw.bump_shared() };
        self.latch.taken(READ).stay();
    }

    #[track_caller]
    unsafe fn bump_exclusive(&self) {
        drop(self.writer.leave());
        // SAFETY: the caller holds the lock for writing (its promise to this function).
        unsafe { self.raw.bump_exclusive() };
        self.writer.enter(self.latch.taken(WRITE));
    }
}

// SAFETY: as above.
unsafe impl lock_api::RawRwLockDowngrade for RawRwLock {
    #[inline]
    unsafe fn downgrade(&self) {
        let held = self.writer.leave();
        held.set_mode(Mode::Shared);
        held.stay();
        // SAFETY: the caller holds the lock for writing (its promise to this function).
        unsafe { self.raw.downgrade() }
    }
}

// SAFETY: as above; `true` is answered only where the lock was had.
unsafe impl lock_api::RawRwLockTimed for RawRwLock {
    type Duration = Duration;
    type Instant = Instant;

    #[track_caller]
    fn try_lock_shared_for(&self, timeout: Duration) -> bool {
        let raw = &self.raw;
        let locked = self.latch.acquire_within(
            READ,
            || had(raw.try_lock_shared()),
            || had(raw.try_lock_shared_for(timeout)),
        );
        locked.map(|((), held)| held.stay()).is_some()
    }

    #[track_caller]
    fn try_lock_shared_until(&self, timeout: Instant) -> bool {
        let raw = &self.raw;
        let locked = self.latch.acquire_within(
            READ,
            || had(raw.try_lock_shared()),
            || had(raw.try_lock_shared_until(timeout)),
        );
        locked.map(|((), held)| held.stay()).is_some()
    }

    #[track_caller]
    fn try_lock_exclusive_for(&self, timeout: Duration) -> bool {
        let raw = &self.raw;
        let locked = self.latch.acquire_within(
            WRITE,
            || had(raw.try_lock_exclusive()),
            || had(raw.try_lock_exclusive_for(timeout)),
        );
        locked.map(|((), held)| self.writer.enter(held)).is_some()
    }

    #[track_caller]
    fn try_lock_exclusive_until(&self, timeout: Instant) -> bool {
        let raw = &self.raw;
        let locked = self.latch.acquire_within(
            WRITE,
            || had(raw.try_lock_exclusive()),
            || had(raw.try_lock_exclusive_until(timeout)),
        );
        locked.map(|((), held)| self.writer.enter(held)).is_some()
    }
}

// SAFETY: as above.
unsafe impl lock_api::RawRwLockRecursive for RawRwLock {
    #[track_caller]
    fn lock_shared_recursive(&self) {
        let raw = &self.raw;
        // SAFETY: it runs where the lock was had just now.
        let undo = || unsafe { raw.unlock_shared() };
        let (locked, held) = self.latch.acquire(
            READ_AGAIN,
            || raw.try_lock_shared_recursive().then(|| Locked(undo)),
            || {
                raw.lock_shared_recursive();
                Locked(undo)
            },
        );
        locked.keep();
        held.stay();
    }

    #[track_caller]
    fn try_lock_shared_recursive(&self) -> bool {
        let locked = self.raw.try_lock_shared_recursive();
        if locked {
            self.latch.taken(READ_AGAIN).stay();
        }
        locked
    }
}

// SAFETY: as above; `true` is answered only where the lock was had.
unsafe impl lock_api::RawRwLockRecursiveTimed for RawRwLock {
    #[track_caller]
    fn try_lock_shared_recursive_for(&self, timeout: Duration) -> bool {
        let raw = &self.raw;
        let locked = self.latch.acquire_within(
            READ_AGAIN,
            || had(raw.try_lock_shared_recursive()),
            || had(raw.try_lock_shared_recursive_for(timeout)),
        );
        locked.map(|((), held)| held.stay()).is_some()
    }

    #[track_caller]
    fn try_lock_shared_recursive_until(&self, timeout: Instant) -> bool {
        let raw = &self.raw;
        let locked = self.latch.acquire_within(
            READ_AGAIN,
            || had(raw.try_lock_shared_recursive()),
            || had(raw.try_lock_shared_recursive_until(timeout)),
        );
        locked.map(|((), held)| held.stay()).is_some()
    }
}

impl RawRwLock {
    /// The one who may upgrade is the writer now, or stays what it was.
    fn upgraded(&self, upgraded: bool) {
        let held = self.upgrader.leave();
        held.set_upgrading(false);
        if upgraded {
            held.set_mode(Mode::Exclusive);
            self.writer.enter(held);
        } else {
            self.upgrader.enter(held);
        }
    }
}

// SAFETY: as above.
unsafe impl lock_api::RawRwLockUpgrade for RawRwLock {
    #[track_caller]
    fn lock_upgradable(&self) {
        let raw = &self.raw;
        // SAFETY: it runs where the lock was had just now.
        let undo = || unsafe { raw.unlock_upgradable() };
        let (locked, held) = self.latch.acquire(
            UPGRADABLE,
            || raw.try_lock_upgradable().then(|| Locked(undo)),
            || {
                raw.lock_upgradable();
                Locked(undo)
            },
        );
        locked.keep();
        self.upgrader.enter(held);
    }

    #[track_caller]
    fn try_lock_upgradable(&self) -> bool {
        let locked = self.raw.try_lock_upgradable();
        if locked {
            self.upgrader.enter(self.latch.taken(UPGRADABLE));
        }
        locked
    }

    unsafe fn unlock_upgradable(&self) {
        drop(self.upgrader.leave());
        // SAFETY: the caller holds the lock upgradably (its promise to this function).
        unsafe { self.raw.unlock_upgradable() }
    }

    #[track_caller]
    unsafe fn upgrade(&self) {
        let raw = &self.raw;
        self.upgrader.with(|held| held.set_upgrading(true));
        // SAFETY: it runs where the lock was upgraded just now; the caller's guard still is an upgradable one.
        let undo = || unsafe { raw.downgrade_to_upgradable() };
        let (locked, waited) = self.latch.acquire(
            UPGRADE,
            // SAFETY: the caller holds the lock upgradably (its promise to this function).
            || unsafe { raw.try_upgrade() }.then(|| Locked(undo)),
            || {
                // SAFETY: as above; the attempt did not succeed.
                unsafe { raw.upgrade() };
                Locked(undo)
            },
        );
        locked.keep();
        // The record of the guard itself goes on, with the stack of the one who took it.
        drop(waited);
        self.upgraded(true);
    }

    #[track_caller]
    unsafe fn try_upgrade(&self) -> bool {
        // SAFETY: the caller holds the lock upgradably (its promise to this function).
        let upgraded = unsafe { self.raw.try_upgrade() };
        self.upgraded(upgraded);
        upgraded
    }
}

// SAFETY: as above.
unsafe impl lock_api::RawRwLockUpgradeFair for RawRwLock {
    unsafe fn unlock_upgradable_fair(&self) {
        drop(self.upgrader.leave());
        // SAFETY: the caller holds the lock upgradably (its promise to this function).
        unsafe { self.raw.unlock_upgradable_fair() }
    }

    #[track_caller]
    unsafe fn bump_upgradable(&self) {
        drop(self.upgrader.leave());
        // SAFETY: the caller holds the lock upgradably (its promise to this function).
        unsafe { self.raw.bump_upgradable() };
        self.upgrader.enter(self.latch.taken(UPGRADABLE));
    }
}

// SAFETY: as above.
unsafe impl lock_api::RawRwLockUpgradeDowngrade for RawRwLock {
    unsafe fn downgrade_upgradable(&self) {
        let held = self.upgrader.leave();
        held.set_mode(Mode::Shared);
        held.stay();
        // SAFETY: the caller holds the lock upgradably (its promise to this function).
        unsafe { self.raw.downgrade_upgradable() }
    }

    unsafe fn downgrade_to_upgradable(&self) {
        let held = self.writer.leave();
        held.set_mode(Mode::Upgradable);
        self.upgrader.enter(held);
        // SAFETY: the caller holds the lock for writing (its promise to this function).
        unsafe { self.raw.downgrade_to_upgradable() }
    }
}

// SAFETY: as above; `true` is answered only where the lock was had.
unsafe impl lock_api::RawRwLockUpgradeTimed for RawRwLock {
    #[track_caller]
    fn try_lock_upgradable_for(&self, timeout: Duration) -> bool {
        let raw = &self.raw;
        let locked = self.latch.acquire_within(
            UPGRADABLE,
            || had(raw.try_lock_upgradable()),
            || had(raw.try_lock_upgradable_for(timeout)),
        );
        locked.map(|((), held)| self.upgrader.enter(held)).is_some()
    }

    #[track_caller]
    fn try_lock_upgradable_until(&self, timeout: Instant) -> bool {
        let raw = &self.raw;
        let locked = self.latch.acquire_within(
            UPGRADABLE,
            || had(raw.try_lock_upgradable()),
            || had(raw.try_lock_upgradable_until(timeout)),
        );
        locked.map(|((), held)| self.upgrader.enter(held)).is_some()
    }

    unsafe fn try_upgrade_for(&self, timeout: Duration) -> bool {
        // SAFETY: the caller holds the lock upgradably (its promise to this function).
        let upgraded = unsafe { self.raw.try_upgrade_for(timeout) };
        self.upgraded(upgraded);
        upgraded
    }

    unsafe fn try_upgrade_until(&self, timeout: Instant) -> bool {
        // SAFETY: the caller holds the lock upgradably (its promise to this function).
        let upgraded = unsafe { self.raw.try_upgrade_until(timeout) };
        self.upgraded(upgraded);
        upgraded
    }
}
