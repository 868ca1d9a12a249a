//! `membarrier(2)`: making every running thread of this process execute a full fence.

use std::sync::atomic::{AtomicU8, Ordering, fence};

const UNKNOWN: u8 = 0;
const REGISTERED: u8 = 1;
const ABSENT: u8 = 2;

static STATE: AtomicU8 = AtomicU8::new(UNKNOWN);

/// Whether the kernel lets this process use the expedited private form. The answer never changes.
#[inline]
pub(super) fn is_registered() -> bool {
    match STATE.load(Ordering::Relaxed) {
        UNKNOWN => register(),
        state => state == REGISTERED,
    }
}

#[cold]
fn register() -> bool {
    static ONCE: std::sync::Once = std::sync::Once::new();
    ONCE.call_once(|| {
        let ok = call(libc::MEMBARRIER_CMD_REGISTER_PRIVATE_EXPEDITED) == 0;
        STATE.store(if ok { REGISTERED } else { ABSENT }, Ordering::Relaxed);
    });
    STATE.load(Ordering::Relaxed) == REGISTERED
}

/// The barrier itself; 0.25 µs alone, 5 µs with a second running thread.
///
/// # Panics
///
/// When the kernel takes its word back: readers rely on it.
pub(super) fn run() {
    fence(Ordering::SeqCst);
    let answer = call(libc::MEMBARRIER_CMD_PRIVATE_EXPEDITED);
    assert_eq!(answer, 0, "membarrier was registered and now fails");
    fence(Ordering::SeqCst);
}

fn call(command: libc::c_int) -> libc::c_long {
    // SAFETY: membarrier takes a command and two zeroes, touches no memory of ours, and answers unknown
    // commands with an error.
    unsafe { libc::syscall(libc::SYS_membarrier, command, 0, 0) }
}
