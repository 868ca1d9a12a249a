//! The mutexes and their guards.

use super::parking_lot::lock_api::{self, RawMutex as _};
use super::parking_lot::{
    FairMutex, FairMutexGuard, MappedFairMutexGuard, MappedMutexGuard, MappedReentrantMutexGuard, Mutex,
    MutexGuard, Once, OnceState, RawFairMutex, RawMutex, ReentrantMutex, ReentrantMutexGuard,
    const_fair_mutex, const_mutex, const_reentrant_mutex,
};
use std::cell::Cell;
use std::fmt::Debug;
use std::sync::Arc;
use std::time::{Duration, Instant};

static PLAIN: Mutex<u32> = const_mutex(1);
static FAIR: FairMutex<u32> = const_fair_mutex(2);
static AGAIN: ReentrantMutex<Cell<u32>> = const_reentrant_mutex(Cell::new(3));
static NEW: Mutex<Vec<u8>> = Mutex::new(Vec::new());

const SHORT: Duration = Duration::from_millis(1);

fn is_sync<T: Sync + ?Sized>() {}

#[test]
fn statics() {
    *PLAIN.lock() += 1;
    *FAIR.lock() += 1;
    AGAIN.lock().set(4);
    NEW.lock().push(1);
    assert!(*PLAIN.lock() > 1 && *FAIR.lock() > 2 && AGAIN.lock().get() == 4);
    is_sync::<Mutex<Cell<u8>>>();
    is_sync::<MutexGuard<'static, u8>>();
}

#[test]
fn a_mutex_from_end_to_end() {
    let mut mutex: Mutex<(u32, String)> = Mutex::default();
    let mut guard: MutexGuard<'_, (u32, String)> = mutex.lock();
    guard.0 = 1;
    assert!(mutex.is_locked() && mutex.try_lock().is_none());
    assert!(mutex.try_lock_for(SHORT).is_none() && mutex.try_lock_until(Instant::now()).is_none());
    assert!(format!("{mutex:?}").contains("<locked>"));
    assert!(std::ptr::eq(MutexGuard::mutex(&guard), &raw const mutex));
    MutexGuard::unlocked(&mut guard, || assert!(!mutex.is_locked()));
    MutexGuard::unlocked_fair(&mut guard, || mutex.lock().0 += 1);
    MutexGuard::bump(&mut guard);
    assert_eq!(guard.0, 2);
    let mapped: MappedMutexGuard<'_, String> = MutexGuard::map(guard, |both| &mut both.1);
    let mapped = MappedMutexGuard::try_map(mapped, |text| (!text.is_empty()).then_some(text)).unwrap_err();
    let length = MappedMutexGuard::map(mapped, |text| text);
    assert!(mutex.is_locked() && length.is_empty());
    drop(length);
    assert!(!mutex.is_locked());
    MutexGuard::unlock_fair(mutex.lock());
    assert!(MutexGuard::try_map(mutex.lock(), |both| Some(&mut both.0)).is_ok());
    *mutex.get_mut() = (9, "nine".to_owned());
    assert_eq!(format!("{mutex:?}"), r#"Mutex { data: (9, "nine") }"#);
    assert_eq!(mutex.into_inner().0, 9);
    assert_eq!(Mutex::from(3).into_inner(), 3);
    assert_eq!(*Mutex::from_raw(RawMutex::INIT, 4).lock(), 4);
}

#[test]
fn fair_and_reentrant() {
    let fair = FairMutex::new((1, 2));
    let guard: FairMutexGuard<'_, (i32, i32)> = fair.lock();
    let mapped: MappedFairMutexGuard<'_, i32> = FairMutexGuard::map(guard, |both| &mut both.1);
    assert_eq!(*mapped, 2);
    drop(mapped);
    assert!(fair.try_lock_for(SHORT).is_some());

    let again = ReentrantMutex::new((Cell::new(0), 1));
    let first: ReentrantMutexGuard<'_, _> = again.lock();
    let second = again.try_lock().unwrap();
    second.0.set(first.0.get() + 1);
    let mapped: MappedReentrantMutexGuard<'_, i32> = ReentrantMutexGuard::map(second, |both| &both.1);
    assert_eq!(*mapped + first.0.get(), 2);
    assert!(again.is_owned_by_current_thread() && again.is_locked());
    std::thread::scope(|scope| scope.spawn(|| assert!(again.try_lock().is_none())).join().unwrap());
    drop((first, mapped));
    assert!(!again.is_locked());
}

#[test]
fn generic_over_raw_locks() {
    fn sum<R: lock_api::RawMutex>(mutex: &lock_api::Mutex<R, u32>) -> u32 {
        *mutex.lock() + 1
    }
    assert_eq!(sum(&Mutex::new(1)) + sum::<RawFairMutex>(&FairMutex::new(1)), 4);
    let shown: Arc<Mutex<dyn Debug + Send>> = Arc::new(Mutex::new(3));
    assert_eq!(format!("{:?}", &*shown.lock()), "3");
}

#[test]
fn once_is_there() {
    let once = Once::new();
    once.call_once(|| {});
    assert_eq!(once.state(), OnceState::Done);
}

#[cfg(feature = "parking_lot_arc_lock")]
#[test]
fn arc_guards() {
    use super::parking_lot::RwLock;
    let mutex = Arc::new(Mutex::new(1));
    let guard: lock_api::ArcMutexGuard<RawMutex, i32> = mutex.lock_arc();
    assert!(mutex.try_lock_arc().is_none());
    assert!(Arc::ptr_eq(lock_api::ArcMutexGuard::mutex(&guard), &mutex));
    drop(guard);
    let lock = Arc::new(RwLock::new(1));
    let (one, other) = (lock.try_read_arc().unwrap(), lock.try_read_arc().unwrap());
    assert_eq!(*one + *other, 2);
    drop((one, other));
    let upgradable = lock.upgradable_read_arc();
    let mut writer = lock_api::ArcRwLockUpgradableReadGuard::upgrade(upgradable);
    *writer += 1;
    assert_eq!(*lock_api::ArcRwLockWriteGuard::downgrade(writer), 2);
    assert_eq!(*lock.write_arc(), 2);
}
