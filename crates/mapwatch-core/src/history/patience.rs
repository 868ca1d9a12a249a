//! How long a table of the history is waited for: whoever has it never waits for anything, but may have lost its
//! processor, and on a busy machine for a while. After a tenth of a second the history does without.

use std::sync::{Mutex, MutexGuard, TryLockError};
use std::time::Duration;

const SPINS: usize = 64;
const YIELDS: usize = 64;
const NAPS: usize = 100;
const NAP: Duration = Duration::from_millis(1);

/// The table, unless others keep it for longer than they should.
#[inline]
pub(super) fn open<T>(table: &Mutex<T>) -> Option<MutexGuard<'_, T>> {
    match table.try_lock() {
        Ok(table) => Some(table),
        Err(TryLockError::Poisoned(poisoned)) => Some(poisoned.into_inner()),
        Err(TryLockError::WouldBlock) => open_later(table),
    }
}

#[cold]
fn open_later<T>(table: &Mutex<T>) -> Option<MutexGuard<'_, T>> {
    for round in 0..SPINS + YIELDS + NAPS {
        match table.try_lock() {
            Ok(table) => return Some(table),
            Err(TryLockError::Poisoned(poisoned)) => return Some(poisoned.into_inner()),
            Err(TryLockError::WouldBlock) if round < SPINS => std::hint::spin_loop(),
            Err(TryLockError::WouldBlock) if round < SPINS + YIELDS => std::thread::yield_now(),
            Err(TryLockError::WouldBlock) => std::thread::sleep(NAP),
        }
    }
    None
}
