//! A thread that moves the coarse clock on while it is read so often that asking the system each time costs more.
//!
//! A guard's record has the time. To ask the system for it costs as much as the rest of the record; to load a word that
//! somebody moves on costs nothing. Where nobody records there is no collector to move it, so after [`MANY`] questions a
//! thread does for [`SPELL`]; then it sleeps until there were so many again. A program that takes few guards never has
//! the thread, nor has one of a single thread, which may rely on that (as `unshare` does); one that rests has it asleep.

use super::{COARSE, now};
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering::Relaxed};
use std::thread::{self, Thread};
use std::time::Duration;

/// Questions before the thread is woken: half a millisecond's worth.
const MANY: u32 = 65_536;

/// For how long it moves the clock on, and how often.
const SPELL: u32 = 500;
const BEAT: Duration = Duration::from_millis(2);

/// Questions since it went to sleep. Some go uncounted where several threads ask at once.
static ASKED: AtomicU32 = AtomicU32::new(0);
/// It is at work, or about to be.
static IS_AWAKE: AtomicBool = AtomicBool::new(false);
static SLEEPER: Mutex<Option<Thread>> = Mutex::new(None);

/// The system was asked.
#[inline]
pub(super) fn asked() {
    let asked = ASKED.load(Relaxed) + 1;
    ASKED.store(asked, Relaxed);
    if asked >= MANY {
        wake();
    }
}

#[cold]
#[inline(never)]
fn wake() {
    ASKED.store(0, Relaxed);
    if !crate::thread::are_several() || IS_AWAKE.swap(true, Relaxed) {
        return;
    }
    // Whoever has the lock wakes it as well: nobody waits for a clock.
    let Ok(mut sleeper) = SLEEPER.try_lock() else { return };
    match &*sleeper {
        Some(thread) => thread.unpark(),
        None => {
            crate::os::watch_forks();
            // Without the thread the system is asked each time.
            let spawned = thread::Builder::new().name("mapwatch-clock".to_owned()).spawn(beat);
            *sleeper = spawned.ok().map(|handle| handle.thread().clone());
        }
    }
}

fn beat() {
    loop {
        while !IS_AWAKE.load(Relaxed) {
            thread::park();
        }
        let mut told = 0;
        for _ in 0..SPELL {
            let time = now().0;
            // The collector's clock, where there is one by now, is left alone.
            if COARSE.compare_exchange(told, time, Relaxed, Relaxed).is_err() {
                break;
            }
            told = time;
            thread::sleep(BEAT);
        }
        let _ = COARSE.compare_exchange(told, 0, Relaxed, Relaxed);
        ASKED.store(0, Relaxed);
        IS_AWAKE.store(false, Relaxed);
    }
}

/// After a fork the thread is the parent's, and a clock that it moved on stands still.
pub(super) fn forget() {
    COARSE.store(0, Relaxed);
    ASKED.store(0, Relaxed);
    IS_AWAKE.store(false, Relaxed);
    if let Ok(mut sleeper) = SLEEPER.try_lock() {
        // Not dropped: a forked child frees nothing that another thread may have been at.
        std::mem::forget(sleeper.take());
    }
}

#[cfg(test)]
mod tests {
    use crate::clock::{coarse, now, rough};
    use std::time::{Duration, Instant};

    #[test]
    fn many_questions_start_a_clock_that_goes_on_by_itself() {
        std::thread::spawn(crate::thread::desk).join().expect("a second thread comes");
        crate::thread::desk();
        let deadline = Instant::now() + Duration::from_secs(30);
        let mut seen = Vec::new();
        while seen.len() < 3 {
            assert!(Instant::now() < deadline, "nobody moves the clock on: {seen:?}");
            rough();
            let told = coarse();
            if told.0 != 0 && seen.last() != Some(&told) {
                seen.push(told);
            }
        }
        assert!(seen.is_sorted() && seen[2] <= now(), "{seen:?}");
    }
}
