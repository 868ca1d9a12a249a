//! The collector: one thread that turns rings and facts into events, and writes them to whoever listens.
//!
//! It alone encodes, looks up sites and does I/O. It starts when recording is asked for, runs a round every few
//! milliseconds, and has the last word when the program ends.

mod sinks;
#[cfg(unix)]
mod socket;
mod tally;

use crate::policy::Config;
use crate::{clock, recorder};
use mapwatch_event::event::{End, EndReason, Event, Header};
use mapwatch_event::wire::Schema;
use mapwatch_event::{MapId, PastOperation};
use sinks::Sinks;
use std::sync::atomic::{AtomicBool, AtomicU8, Ordering};
use std::sync::{Mutex, OnceLock, TryLockError};
use std::thread::Thread;
use std::time::{Duration, Instant};
use tally::Tally;

/// Time between two rounds.
const ROUND: Duration = Duration::from_millis(2);

/// How long the end of the program waits for the last round, names aside.
const LAST_WORDS: Duration = Duration::from_secs(3);

/// How long it waits in all: names are slow to find, the first time and on a busy machine, but are sure to come.
const LAST_NAMES: Duration = Duration::from_secs(30);

/// How long viewers that read slowly are waited for within that time.
const FAREWELL: Duration = Duration::from_millis(250);

/// How long a conflict waits for its history.
const HISTORY: Duration = Duration::from_millis(50);

static TALLY: Mutex<Option<Tally>> = Mutex::new(None);
static THREAD: OnceLock<Thread> = OnceLock::new();

/// Whether the thread is looking up the names of frames.
static NAMING: AtomicBool = AtomicBool::new(false);

/// 0: running. 1, 2: asked to finish (exit, abort). 3: finished, or never started.
static STAGE: AtomicU8 = AtomicU8::new(FINISHED);
const RUNNING: u8 = 0;
const EXITING: u8 = 1;
const ABORTING: u8 = 2;
const FINISHED: u8 = 3;

/// Starts the thread and opens the sinks; `false` when that cannot be had.
pub(crate) fn start(config: &'static Config) -> bool {
    let Some(facts) = recorder::open() else { return false };
    clock::tick();
    *TALLY.lock().unwrap_or_else(std::sync::PoisonError::into_inner) = Some(Tally::new(facts));
    STAGE.store(RUNNING, Ordering::Release);
    let sinks = Sinks::open(config, header(config));
    let thread = std::thread::Builder::new().name("mapwatch".to_owned()).spawn(move || run(sinks));
    match thread {
        Ok(handle) => {
            let _ = THREAD.set(handle.thread().clone());
            crate::os::watch_ending();
            true
        }
        Err(error) => {
            STAGE.store(FINISHED, Ordering::Release);
            crate::stderr::say(&format!("mapwatch: could not start recording: {error}\n"));
            false
        }
    }
}

fn header(config: &Config) -> Header {
    let executable = std::env::current_exe().map(|path| path.display().to_string()).unwrap_or_default();
    Header {
        schema: Schema::CURRENT.to_string(),
        writer: concat!("mapwatch ", env!("CARGO_PKG_VERSION")).to_owned(),
        pid: std::process::id(),
        build_id: build_id(&executable),
        executable,
        arguments: std::env::args_os()
            .skip(1)
            .map(|argument| argument.to_string_lossy().into_owned())
            .collect(),
        started_unix_micros: clock::started_unix_micros(),
        policy: config.policy,
        target: format!("{}-{}", std::env::consts::OS, std::env::consts::ARCH),
    }
}

/// Size and time of the executable: enough to tell one build from the next.
fn build_id(executable: &str) -> String {
    let Ok(facts) = std::fs::metadata(executable) else { return String::new() };
    let modified = facts.modified().ok().and_then(|time| time.duration_since(std::time::UNIX_EPOCH).ok());
    format!("{:x}-{:x}", facts.len(), modified.map_or(0, |time| time.as_micros()))
}

fn run(mut sinks: Sinks) {
    loop {
        let stage = STAGE.load(Ordering::Acquire);
        round(&mut sinks, stage != RUNNING);
        if stage != RUNNING {
            let reason = if stage == ABORTING { EndReason::Abort } else { EndReason::Exit };
            sinks.tell(clock::now(), &Event::End(End { reason }));
            sinks.close(FAREWELL);
            STAGE.store(FINISHED, Ordering::Release);
            return;
        }
        std::thread::park_timeout(ROUND);
    }
}

/// One round: move the clock, take what happened, write it.
fn round(sinks: &mut Sinks, last: bool) {
    let now = clock::tick();
    let (events, newcomers) = {
        let mut guard = TALLY.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        let Some(tally) = guard.as_mut() else { return };
        let events = tally.round(now, last);
        let newcomers = sinks.accept();
        let snapshot = if newcomers.is_empty() { Vec::new() } else { tally.snapshot(now) };
        (events, newcomers.into_iter().map(|stream| (stream, snapshot.clone())).collect::<Vec<_>>())
    };
    for (at, event) in &events {
        sinks.tell(*at, event);
    }
    // A newcomer's snapshot holds what the events above said: it is told afterwards, and only to the newcomer.
    for (stream, snapshot) in newcomers {
        sinks.welcome(stream, &snapshot);
    }
    sinks.flush(now);
    name_the_rest(sinks);
}

/// Tells what had to wait for the names of frames: everything else is with the listeners by then.
fn name_the_rest(sinks: &mut Sinks) {
    NAMING.store(true, Ordering::Relaxed);
    loop {
        let named = {
            let mut guard = TALLY.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
            guard.as_mut().and_then(Tally::name_one)
        };
        let Some(events) = named else { break };
        for (at, event) in &events {
            sinks.tell(*at, event);
        }
        sinks.flush(clock::now());
    }
    NAMING.store(false, Ordering::Relaxed);
}

/// The last operations on a map; drains the rings first. Empty when the collector is busy for too long.
pub(crate) fn history(map: MapId) -> Vec<PastOperation> {
    let began = Instant::now();
    loop {
        match TALLY.try_lock() {
            Ok(mut tally) => return tally.as_mut().map(|tally| tally.history(map)).unwrap_or_default(),
            Err(TryLockError::Poisoned(_)) => return Vec::new(),
            Err(TryLockError::WouldBlock) if began.elapsed() > HISTORY => return Vec::new(),
            Err(TryLockError::WouldBlock) => std::thread::yield_now(),
        }
    }
}

/// Asks for the last round. Allowed in a signal handler.
pub(crate) fn request_finish(reason: EndReason) {
    let stage = if reason == EndReason::Abort { ABORTING } else { EXITING };
    let _ = STAGE.compare_exchange(RUNNING, stage, Ordering::AcqRel, Ordering::Relaxed);
}

/// Whether the last round is over, or there is nobody to run one.
pub(crate) fn is_finished() -> bool {
    STAGE.load(Ordering::Acquire) == FINISHED
}

/// Asks for the last round and waits for it, a bounded time.
pub(crate) fn finish(reason: EndReason) {
    request_finish(reason);
    if let Some(thread) = THREAD.get() {
        thread.unpark();
    }
    let began = Instant::now();
    let mut idle = Duration::ZERO;
    while !is_finished() && idle < LAST_WORDS && began.elapsed() < LAST_NAMES {
        let waited = Instant::now();
        std::thread::park_timeout(Duration::from_micros(200));
        if !NAMING.load(Ordering::Relaxed) {
            idle += waited.elapsed();
        }
    }
}

/// A forked child has no collector thread.
pub(crate) fn forget_after_fork() {
    STAGE.store(FINISHED, Ordering::Release);
}
