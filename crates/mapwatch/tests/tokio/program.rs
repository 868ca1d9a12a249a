//! The program of `tokio.rs`: here `sync` stands for `tokio::sync`.

use super::sync::{
    MappedMutexGuard, Mutex, MutexGuard, OwnedMappedMutexGuard, OwnedMutexGuard, OwnedRwLockMappedWriteGuard,
    OwnedRwLockReadGuard, OwnedRwLockWriteGuard, RwLock, RwLockMappedWriteGuard, RwLockReadGuard,
    RwLockWriteGuard,
};
use std::sync::Arc;

static COUNT: Mutex<u32> = Mutex::const_new(0);
static TABLE: RwLock<Vec<u32>> = RwLock::const_new(Vec::new());
static FEW: RwLock<u8> = RwLock::const_with_max_readers(0, 2);

fn run<T>(future: impl Future<Output = T>) -> T {
    ::tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(future)
}

#[test]
fn a_mutex_from_end_to_end() {
    run(async {
        *COUNT.lock().await += 1;
        let mut mutex: Mutex<(u32, String)> = Mutex::default();
        let mut guard: MutexGuard<'_, _> = mutex.lock().await;
        guard.0 += 1;
        assert!(mutex.try_lock().is_err() && std::ptr::eq(MutexGuard::mutex(&guard), &raw const mutex));
        let guard = MutexGuard::try_map(guard, |_| None::<&mut u8>).unwrap_err();
        let mapped: MappedMutexGuard<'_, String> = MutexGuard::map(guard, |both| &mut both.1);
        let mut mapped = MappedMutexGuard::map(mapped, |text| text);
        mapped.push('a');
        let mapped = MappedMutexGuard::try_map(mapped, |one| Some(one)).ok().unwrap();
        assert_eq!(format!("{mapped} {mapped:?}"), "a \"a\"");
        drop(mapped);
        mutex.get_mut().0 += 1;
        assert_eq!(format!("{mutex:?}"), r#"Mutex { data: (2, "a") }"#);
        assert_eq!(mutex.into_inner().0, 2);
        assert_eq!(Mutex::from(3).into_inner(), 3);
    });
}

#[test]
fn owned_guards_of_a_mutex() {
    run(async {
        let mutex = Arc::new(Mutex::new((1, 2)));
        let guard: OwnedMutexGuard<(i32, i32)> = mutex.clone().lock_owned().await;
        assert!(
            mutex.clone().try_lock_owned().is_err() && Arc::ptr_eq(OwnedMutexGuard::mutex(&guard), &mutex)
        );
        let guard = OwnedMutexGuard::try_map(guard, |_| None::<&mut u8>).unwrap_err();
        let other = ::tokio::spawn(async move {
            let mapped: OwnedMappedMutexGuard<(i32, i32), i32> =
                OwnedMutexGuard::map(guard, |both| &mut both.1);
            let mut mapped = OwnedMappedMutexGuard::map(mapped, |one| one);
            *mapped += 1;
            assert!(OwnedMappedMutexGuard::try_map(mapped, |one| Some(one)).is_ok());
        });
        assert_eq!(mutex.lock().await.1, 3);
        other.await.unwrap();
        assert_eq!(Arc::into_inner(mutex).unwrap().into_inner(), (1, 3));
    });
    let mutex = Arc::new(Mutex::new(1));
    *mutex.blocking_lock() += 1;
    *mutex.clone().blocking_lock_owned() += 1;
    assert_eq!(*mutex.try_lock().unwrap(), 3);
}

#[test]
fn readers_and_a_writer() {
    run(async {
        TABLE.write().await.push(1);
        assert!(!TABLE.read().await.is_empty());
        let few = (FEW.read().await, FEW.try_read().unwrap());
        assert!(FEW.try_read().is_err());
        drop(few);
        let mut lock = RwLock::with_max_readers((1, 2), 8);
        let reader: RwLockReadGuard<'_, (i32, i32)> = lock.read().await;
        let reader = RwLockReadGuard::try_map(reader, |_| None::<&u8>).unwrap_err();
        let part = RwLockReadGuard::map(reader, |both| &both.1);
        assert!(*part == 2 && lock.try_write().is_err() && lock.try_read().is_ok());
        drop(part);
        let mut writer: RwLockWriteGuard<'_, (i32, i32)> = lock.write().await;
        writer.0 += 1;
        assert!(lock.try_read().is_err());
        let writer = RwLockWriteGuard::try_map(writer, |_| None::<&mut u8>).unwrap_err();
        let writer = RwLockWriteGuard::try_downgrade_map(writer, |_| None::<&u8>).unwrap_err();
        let reader = writer.downgrade();
        assert!(reader.0 == 2 && lock.try_read().is_ok());
        drop(reader);
        let mapped: RwLockMappedWriteGuard<'_, i32> =
            RwLockWriteGuard::map(lock.write().await, |both| &mut both.1);
        let mut mapped = RwLockMappedWriteGuard::map(mapped, |one| one);
        *mapped += 1;
        assert!(RwLockMappedWriteGuard::try_map(mapped, |one| Some(one)).is_ok());
        drop(RwLockWriteGuard::into_mapped(lock.write().await));
        assert_eq!(*RwLockWriteGuard::downgrade_map(lock.write().await, |both| &both.1), 3);
        lock.get_mut().0 += 1;
        assert_eq!(format!("{lock:?}"), "RwLock { data: (3, 3) }");
        assert_eq!(lock.into_inner(), (3, 3));
        assert_eq!(RwLock::from(1).into_inner() + RwLock::<i32>::default().into_inner(), 1);
    });
}

#[test]
fn owned_guards_of_readers_and_writers() {
    run(async {
        let lock = Arc::new(RwLock::new((1, 2)));
        let reader: OwnedRwLockReadGuard<(i32, i32)> = lock.clone().read_owned().await;
        assert!(Arc::ptr_eq(OwnedRwLockReadGuard::rwlock(&reader), &lock));
        let part: OwnedRwLockReadGuard<(i32, i32), i32> = OwnedRwLockReadGuard::map(reader, |both| &both.1);
        assert!(lock.clone().try_read_owned().is_ok() && lock.clone().try_write_owned().is_err());
        drop(part);
        let mut writer: OwnedRwLockWriteGuard<(i32, i32)> = lock.clone().write_owned().await;
        writer.0 += 1;
        assert_eq!(writer.downgrade().0, 2);
        let mapped: OwnedRwLockMappedWriteGuard<(i32, i32), i32> =
            OwnedRwLockWriteGuard::map(lock.clone().write_owned().await, |both| &mut both.1);
        drop(OwnedRwLockMappedWriteGuard::map(mapped, |one| one));
        drop(OwnedRwLockWriteGuard::into_mapped(lock.clone().try_write_owned().unwrap()));
        assert_eq!(
            *OwnedRwLockWriteGuard::downgrade_map(lock.clone().write_owned().await, |both| &both.0),
            2
        );
    });
    let lock = RwLock::new(1);
    *lock.blocking_write() += 1;
    assert_eq!(*lock.blocking_read(), 2);
}

#[test]
fn futures_may_be_sent() {
    fn is_send<T: Send>(value: T) -> T {
        value
    }
    let (mutex, lock) = (Arc::new(Mutex::new(1)), Arc::new(RwLock::new(1)));
    run(async {
        drop(is_send(mutex.lock()).await);
        drop(is_send(mutex.clone().lock_owned()).await);
        drop(is_send(lock.read()).await);
        drop(is_send(lock.clone().write_owned()).await);
    });
}
