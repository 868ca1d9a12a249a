//! The lock for readers, one who may upgrade, and one writer.

use super::parking_lot::{
    MappedRwLockReadGuard, MappedRwLockWriteGuard, RawRwLock, RwLock, RwLockReadGuard,
    RwLockUpgradableReadGuard, RwLockWriteGuard, const_rwlock, lock_api,
};
use std::time::{Duration, Instant};

static TABLE: RwLock<Vec<u32>> = const_rwlock(Vec::new());

const SHORT: Duration = Duration::from_millis(1);

fn soon() -> Instant {
    Instant::now() + SHORT
}

#[test]
fn readers_and_a_writer() {
    TABLE.write().push(1);
    assert!(!TABLE.read().is_empty());
    let mut lock = RwLock::new((1, 2));
    {
        let one: RwLockReadGuard<'_, (i32, i32)> = lock.read();
        let other = lock.read_recursive();
        let third = lock.try_read_recursive_for(SHORT).unwrap();
        assert!(lock.try_read_recursive().is_some() && lock.try_read_recursive_until(soon()).is_some());
        assert!(
            lock.try_read().is_some()
                && lock.try_read_for(SHORT).is_some()
                && lock.try_read_until(soon()).is_some()
        );
        assert!(
            lock.try_write().is_none()
                && lock.try_write_for(SHORT).is_none()
                && lock.try_write_until(soon()).is_none()
        );
        assert!(lock.is_locked() && !lock.is_locked_exclusive());
        let mapped: MappedRwLockReadGuard<'_, i32> = RwLockReadGuard::map(one, |both| &both.1);
        let mapped = MappedRwLockReadGuard::try_map(mapped, |one| Some(one)).ok().unwrap();
        assert_eq!(*mapped + other.0 + third.1, 5);
    }
    assert!(!lock.is_locked());
    {
        let mut writer: RwLockWriteGuard<'_, (i32, i32)> = lock.write();
        assert!(
            lock.is_locked_exclusive() && lock.try_read().is_none() && lock.try_upgradable_read().is_none()
        );
        writer.0 = 5;
        RwLockWriteGuard::bump(&mut writer);
        RwLockWriteGuard::unlocked(&mut writer, || assert!(!lock.is_locked()));
        let mut mapped: MappedRwLockWriteGuard<'_, i32> = RwLockWriteGuard::map(writer, |both| &mut both.1);
        *mapped += 1;
        assert!(lock.is_locked_exclusive());
    }
    let reader = RwLockWriteGuard::downgrade(lock.write());
    assert_eq!((*reader, lock.try_read().is_some()), ((5, 3), true));
    RwLockReadGuard::unlock_fair(reader);
    let mut reader = lock.read();
    RwLockReadGuard::bump(&mut reader);
    RwLockReadGuard::unlocked(&mut reader, || assert!(lock.try_write().is_some()));
    drop(reader);
    RwLockWriteGuard::unlock_fair(lock.try_write_for(SHORT).unwrap());
    lock.get_mut().0 = 7;
    assert_eq!(format!("{lock:?}"), "RwLock { data: (7, 3) }");
    assert_eq!(lock.into_inner(), (7, 3));
}

#[test]
fn one_may_upgrade() {
    let lock = RwLock::new(1);
    let upgradable: RwLockUpgradableReadGuard<'_, i32> = lock.upgradable_read();
    assert!(lock.try_upgradable_read().is_none() && lock.try_upgradable_read_for(SHORT).is_none());
    assert!(lock.try_upgradable_read_until(soon()).is_none());
    let reader = lock.read();
    let upgradable = RwLockUpgradableReadGuard::try_upgrade(upgradable).unwrap_err();
    let upgradable = RwLockUpgradableReadGuard::try_upgrade_for(upgradable, SHORT).unwrap_err();
    let upgradable = RwLockUpgradableReadGuard::try_upgrade_until(upgradable, soon()).unwrap_err();
    drop(reader);
    let mut writer = RwLockUpgradableReadGuard::upgrade(upgradable);
    *writer += 1;
    let mut upgradable = RwLockWriteGuard::downgrade_to_upgradable(writer);
    assert!(lock.try_read().is_some() && lock.try_write().is_none());
    upgradable.with_upgraded(|value| *value += 1);
    assert_eq!(upgradable.try_with_upgraded(|value| *value), Some(3));
    RwLockUpgradableReadGuard::bump(&mut upgradable);
    RwLockUpgradableReadGuard::unlocked(&mut upgradable, || assert!(lock.try_write().is_some()));
    let reader = RwLockUpgradableReadGuard::downgrade(upgradable);
    assert!(lock.try_upgradable_read().is_some());
    assert_eq!(*reader, 3);
    drop(reader);
    let writer = RwLockUpgradableReadGuard::try_upgrade(lock.upgradable_read()).unwrap();
    drop(writer);
    RwLockUpgradableReadGuard::unlock_fair(lock.upgradable_read());
    assert!(!lock.is_locked());
}

#[test]
fn generic_over_raw_locks() {
    fn sum<R: lock_api::RawRwLock>(lock: &lock_api::RwLock<R, u32>) -> u32 {
        let read = *lock.read();
        read + *lock.write()
    }
    assert_eq!(sum::<RawRwLock>(&RwLock::new(2)), 4);
}

#[test]
fn many_threads_count() {
    let lock = RwLock::new(0);
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                for _ in 0..300 {
                    *lock.write() += 1;
                    let seen = *lock.read();
                    let upgradable = lock.upgradable_read();
                    assert!(*upgradable >= seen);
                    *RwLockUpgradableReadGuard::upgrade(upgradable) += 1;
                }
            });
        }
    });
    assert_eq!(lock.into_inner(), 2_400);
}
