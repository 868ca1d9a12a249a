//! How many tasks of a runtime are watched: its own count, taken on its own threads.
//!
//! A runtime's handle keeps parts of it alive, so none is kept: a worker that polls a watched task looks at the
//! count now and then.

use super::life::Life;
#[cfg(feature = "tokio")]
use crate::clock;
use mapwatch_event::Nanos;
use std::collections::BTreeMap;
#[cfg(feature = "tokio")]
use std::sync::atomic::Ordering::Relaxed;
use std::sync::{Mutex, PoisonError};

/// What a runtime said of itself: tasks alive, workers, when.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Sample {
    pub(crate) alive: u64,
    pub(crate) workers: u64,
    pub(crate) at: Nanos,
}

static SAMPLES: Mutex<BTreeMap<u64, Sample>> = Mutex::new(BTreeMap::new());

/// The runtimes that were heard of, with what they said last.
pub(crate) fn sampled() -> BTreeMap<u64, Sample> {
    SAMPLES.lock().unwrap_or_else(PoisonError::into_inner).clone()
}

/// Learns which runtime polls a life, and under which number; the collector is the only one who asks.
#[cfg(feature = "tokio")]
pub(super) fn meet(life: &Life) {
    let (Some(story), Some(id)) = (life.story(), super::runtime_task()) else { return };
    story.runtime_id.store(id, Relaxed);
    if let Ok(handle) = tokio::runtime::Handle::try_current() {
        story.runtime.store(runtime(&handle), Relaxed);
    }
}

#[cfg(not(feature = "tokio"))]
pub(super) fn meet(_: &Life) {}

#[cfg(feature = "tokio")]
pub(super) fn runtime(handle: &tokio::runtime::Handle) -> u64 {
    super::number(handle.id())
}

/// Looks at the count of the runtime that this thread belongs to, ten times a second.
#[cfg(feature = "tokio")]
pub(super) fn sample() {
    use std::cell::Cell;
    const SPAN: u64 = 100_000_000;
    thread_local! {
        static LAST: Cell<u64> = const { Cell::new(0) };
    }
    let span = clock::rough().0 / SPAN + 1;
    if LAST.replace(span) == span {
        return;
    }
    let Ok(handle) = tokio::runtime::Handle::try_current() else { return };
    let metrics = handle.metrics();
    let sample = Sample {
        alive: metrics.num_alive_tasks() as u64,
        workers: metrics.num_workers() as u64,
        at: clock::now(),
    };
    let mut samples = SAMPLES.lock().unwrap_or_else(PoisonError::into_inner);
    samples.insert(runtime(&handle), sample);
    while samples.len() > 64 {
        samples.pop_first();
    }
}

#[cfg(not(feature = "tokio"))]
pub(super) fn sample() {}
