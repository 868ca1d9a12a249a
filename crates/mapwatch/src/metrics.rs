//! What is seen, counted for Prometheus and the like, through the `metrics` crate. Feature `metrics`.
//!
//! ```
//! // First a recorder, such as that of `metrics-exporter-prometheus`; then, before anything is watched:
//! if let Err(late) = mapwatch::metrics::install() {
//!     eprintln!("{late}");
//! }
//! ```
//!
//! | metric | labels | counts |
//! |---|---|---|
//! | `mapwatch_panics_total` | `category`, `crate`, `function` | panics by root cause, and the innermost frame of the user's |
//! | `mapwatch_panics_caught_total` | `layer` | those that a recovery layer caught |
//! | `mapwatch_conflicts_total` | `category`, `map` | conflicts of watched maps |
//! | `mapwatch_map_operations_total` | `map`, `access` | reads, writes, iterations |
//! | `mapwatch_map_holds_total`, `mapwatch_map_held_nanoseconds_total` | `map` | guards given back, and their time |
//! | `mapwatch_map_waits_total`, `mapwatch_map_waited_nanoseconds_total` | `map` | waits for guards, and their time |
//! | `mapwatch_map_growths_total` | `map` | tables that moved |
//! | `mapwatch_map_holders`, `mapwatch_map_waiters`, `mapwatch_map_entries` | `map` | how many now |
//! | `mapwatch_tasks_ended_total` | `ending` | watched tasks, threads and scopes by their end |
//! | `mapwatch_tasks_alive` | | watched tasks now |
//! | `mapwatch_events_lost_total` | `lane` | what the recorder could not keep |
//!
//! The category of a panic is what `mapview` and `mapview triage` say, by the same function. A map is called by its
//! name, else by its type. Series are bounded: beyond 512 functions and 256 maps, what is new counts as `other`.
//!
//! Counting is a listener of the recorder: [`install`] begins to record, which costs what recording costs, and the
//! numbers are a few milliseconds behind (those of panics as long as their frames' names take). It works where
//! checking is off, too: panics are counted, and what maps there are that check.

mod counts;
mod place;

use counts::Counts;
use mapwatch_core::event::Event;
use mapwatch_core::outlet;
use mapwatch_core::policy::Config;
use mapwatch_core::task::spans;
use std::error::Error;
use std::fmt;
use std::sync::{Mutex, PoisonError};

/// Nothing is counted: recording is off, and it is too late to begin, or `MAPWATCH=off` forbids it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NotRecording;

impl fmt::Display for NotRecording {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(
            "could not count what mapwatch sees: it does not record, because of MAPWATCH=off or because something was \
             watched before",
        )
    }
}

impl Error for NotRecording {}

/// Counts from now on, with the recorder of the `metrics` crate that is installed; call it before anything is
/// watched, and after that recorder.
///
/// # Errors
///
/// When the session is not recorded, and cannot be any more.
pub fn install() -> Result<(), NotRecording> {
    // Whoever installed a configuration before may have asked for recording as well.
    let _ = Config { record: true, ..Config::from_env() }.install();
    if !spans::are_told() {
        return Err(NotRecording);
    }
    counts::describe();
    outlet::observe(count);
    Ok(())
}

/// Runs on the collector's thread.
fn count(event: &Event) {
    static COUNTS: Mutex<Option<Counts>> = Mutex::new(None);
    let mut counts = COUNTS.lock().unwrap_or_else(PoisonError::into_inner);
    counts.get_or_insert_default().take(event);
}
