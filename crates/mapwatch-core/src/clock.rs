//! Session time: nanoseconds since this process first asked.
//!
//! Records carry the coarse clock, one load of a word that the collector moves on at every round, or, where nobody
//! records, `pulse` while it is read often; everything that is rare reads the precise one.

mod pulse;

use mapwatch_event::Nanos;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Instant, SystemTime, UNIX_EPOCH};

static ANCHOR: OnceLock<(Instant, u64)> = OnceLock::new();
static COARSE: AtomicU64 = AtomicU64::new(0);

/// What time stamp 0 means.
fn anchor() -> &'static (Instant, u64) {
    ANCHOR.get_or_init(|| {
        let wall = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        (Instant::now(), u64::try_from(wall.as_micros()).unwrap_or(0))
    })
}

/// The precise time.
pub(crate) fn now() -> Nanos {
    anchor().0.elapsed().into()
}

/// The time of the collector's last round.
#[inline]
pub(crate) fn coarse() -> Nanos {
    Nanos(COARSE.load(Ordering::Relaxed))
}

/// The time within a few milliseconds, for a few nanoseconds: the coarse clock where somebody moves it, else the
/// system's own.
#[inline]
pub(crate) fn rough() -> Nanos {
    match COARSE.load(Ordering::Relaxed) {
        0 => asked(),
        told => Nanos(told),
    }
}

#[inline(never)]
fn asked() -> Nanos {
    pulse::asked();
    Nanos(crate::os::coarse_nanos().saturating_sub(rough_anchor()))
}

/// What the system's coarse clock said at time stamp 0.
#[inline]
fn rough_anchor() -> u64 {
    static ROUGH: AtomicU64 = AtomicU64::new(0);
    match ROUGH.load(Ordering::Relaxed) {
        0 => {
            let elapsed = now().0;
            let value = crate::os::coarse_nanos().saturating_sub(elapsed).max(1);
            ROUGH.store(value, Ordering::Relaxed);
            value
        }
        value => value,
    }
}

/// Moves the coarse clock on.
pub(crate) fn tick() -> Nanos {
    let now = now();
    COARSE.store(now.0, Ordering::Relaxed);
    now
}

/// After a fork nobody moves the coarse clock on.
pub(crate) fn forget_after_fork() {
    pulse::forget();
}

/// Wall-clock microseconds of time stamp 0.
pub(crate) fn started_unix_micros() -> u64 {
    anchor().1
}
