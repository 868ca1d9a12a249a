//! `Mutex` and `RwLock`: every stable method and trait, poisoning included.

use super::sync::{
    Arc, LazyLock, LockResult, Mutex, MutexGuard, OnceLock, PoisonError, RwLock, RwLockReadGuard,
    RwLockWriteGuard, TryLockError, TryLockResult, atomic, mpsc,
};
use std::fmt::{Debug, Display};
use std::panic::{AssertUnwindSafe, RefUnwindSafe, UnwindSafe, catch_unwind};

static COUNT: Mutex<u32> = Mutex::new(0);
static TABLE: RwLock<Vec<u32>> = RwLock::new(Vec::new());
static LATE: LazyLock<Mutex<String>> = LazyLock::new(|| Mutex::new("late".to_owned()));
static ONCE: OnceLock<RwLock<u8>> = OnceLock::new();

/// A value of its own for each call site, so that nothing is the same by chance.
#[derive(Debug, Default, PartialEq)]
struct Plain(u32);

fn is_send<T: Send + ?Sized>() {}
fn is_sync<T: Sync + ?Sized>() {}
fn is_unwind_safe<T: UnwindSafe + RefUnwindSafe + ?Sized>() {}
fn is_shown<T: Debug + Display>(_: &T) {}

#[test]
fn markers_are_the_originals() {
    is_send::<Mutex<u32>>();
    is_sync::<Mutex<std::cell::Cell<u32>>>();
    is_send::<RwLock<u32>>();
    is_sync::<RwLock<u32>>();
    is_sync::<MutexGuard<'static, u32>>();
    is_sync::<RwLockReadGuard<'static, u32>>();
    is_sync::<RwLockWriteGuard<'static, u32>>();
    is_unwind_safe::<Mutex<std::cell::Cell<u32>>>();
    is_unwind_safe::<RwLock<std::cell::Cell<u32>>>();
    is_unwind_safe::<Mutex<dyn Send>>();
}

#[test]
fn statics_and_lazies() {
    *COUNT.lock().unwrap() += 1;
    TABLE.write().unwrap().push(3);
    LATE.lock().unwrap().push('r');
    *ONCE.get_or_init(RwLock::default).write().unwrap() = 7;
    assert!(*COUNT.lock().unwrap() >= 1);
    assert_eq!(TABLE.read().unwrap().first(), Some(&3));
    assert_eq!(*ONCE.get().unwrap().read().unwrap(), 7);
    let _ = atomic::AtomicBool::new(true);
    let _ = mpsc::channel::<u8>();
}

#[test]
fn a_mutex_from_end_to_end() {
    let mut mutex = Mutex::from(Plain(1));
    let guard: LockResult<MutexGuard<'_, Plain>> = mutex.lock();
    let guard = guard.unwrap();
    assert_eq!(guard.0, 1);
    let refused: TryLockResult<_> = mutex.try_lock();
    assert!(matches!(refused, Err(TryLockError::WouldBlock)));
    drop(refused);
    assert!(format!("{mutex:?}").contains("<locked>"), "{mutex:?}");
    drop(guard);
    mutex.try_lock().unwrap().0 += 1;
    mutex.get_mut().unwrap().0 += 1;
    assert_eq!(format!("{mutex:?}"), "Mutex { data: Plain(3), poisoned: false, .. }");
    assert_eq!(mutex.into_inner().unwrap(), Plain(3));
    assert_eq!(Mutex::<Plain>::default().into_inner().unwrap(), Plain::default());
    is_shown(&Mutex::new(1_u8).lock().unwrap());
}

#[test]
fn a_lock_for_readers_from_end_to_end() {
    let mut lock = RwLock::from(Plain(1));
    {
        let one = lock.read().unwrap();
        let other = lock.try_read().unwrap();
        assert_eq!(one.0 + other.0, 2);
        assert!(matches!(lock.try_write(), Err(TryLockError::WouldBlock)));
    }
    {
        let mut writer = lock.write().unwrap();
        writer.0 = 5;
        assert!(matches!(lock.try_read(), Err(TryLockError::WouldBlock)));
        let reader: RwLockReadGuard<'_, Plain> = RwLockWriteGuard::downgrade(writer);
        assert_eq!(lock.try_read().unwrap().0, reader.0);
        assert!(lock.try_write().is_err());
    }
    lock.try_write().unwrap().0 += 1;
    lock.get_mut().unwrap().0 += 1;
    assert_eq!(format!("{lock:?}"), "RwLock { data: Plain(7), poisoned: false, .. }");
    assert_eq!(lock.into_inner().unwrap(), Plain(7));
    is_shown(&RwLock::new(1_u8).read().unwrap());
    is_shown(&RwLock::new(1_u8).write().unwrap());
}

#[test]
fn poison_is_stds() {
    let mutex = Arc::new(Mutex::new(1));
    let panicked = catch_unwind(AssertUnwindSafe(|| {
        let _guard = mutex.lock().unwrap();
        panic!("on purpose");
    }));
    assert!(panicked.is_err() && mutex.is_poisoned());
    let error: PoisonError<MutexGuard<'_, i32>> = mutex.lock().unwrap_err();
    assert_eq!(**error.get_ref(), 1);
    *error.into_inner() = 2;
    assert!(matches!(mutex.try_lock(), Err(TryLockError::Poisoned(_))));
    mutex.clear_poison();
    assert_eq!(*mutex.lock().unwrap_or_else(PoisonError::into_inner), 2);
    assert_eq!(Arc::into_inner(mutex).unwrap().into_inner().unwrap(), 2);

    let lock = RwLock::new(1);
    let panicked = catch_unwind(AssertUnwindSafe(|| {
        let _reader = lock.read().unwrap();
        panic!("readers do not poison");
    }));
    assert!(panicked.is_err() && !lock.is_poisoned());
    let panicked = catch_unwind(AssertUnwindSafe(|| {
        let _writer = lock.write().unwrap();
        panic!("writers do");
    }));
    assert!(panicked.is_err() && lock.is_poisoned());
    assert!(lock.read().is_err() && lock.write().is_err());
    assert!(matches!(lock.try_read(), Err(TryLockError::Poisoned(_))));
    assert!(matches!(lock.try_write(), Err(TryLockError::Poisoned(_))));
    lock.clear_poison();
    assert!(lock.read().is_ok());
}

#[test]
fn a_question_mark_goes_through() {
    fn sum<'a>(one: &'a Mutex<u32>, other: &'a RwLock<u32>) -> Result<u32, Box<dyn std::error::Error + 'a>> {
        Ok(*one.lock()? + *other.read()?)
    }
    assert_eq!(sum(&Mutex::new(1), &RwLock::new(2)).unwrap(), 3);
}

#[test]
fn unsized_values() {
    let shown: Arc<Mutex<dyn Debug + Send>> = Arc::new(Mutex::new(3));
    assert_eq!(format!("{:?}", &*shown.lock().unwrap()), "3");
    let slice: Box<RwLock<[u8]>> = Box::new(RwLock::new([1, 2, 3]));
    slice.write().unwrap()[0] = 9;
    assert_eq!(slice.read().unwrap().len(), 3);
}

#[test]
fn many_threads_count() {
    let (mutex, lock) = (Mutex::new(0), RwLock::new(0));
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                for _ in 0..500 {
                    *mutex.lock().unwrap() += 1;
                    *lock.write().unwrap() += 1;
                    let _ = *lock.read().unwrap();
                }
            });
        }
    });
    assert_eq!((mutex.into_inner().unwrap(), lock.into_inner().unwrap()), (2_000, 2_000));
}
