//! Progress on standard error: how much of what, how fast, how long still.

use mapwatch_triage::Progress;
use mapwatch_triage::source::Source;
use std::io::{self, Write as _};
use std::time::{Duration, Instant};

/// Inputs below this many bytes are read before anybody could read a bar.
const WORTH_IT: u64 = 64 << 20;
/// Time between two drawings.
const PERIOD: Duration = Duration::from_millis(200);

/// One line that is drawn over and over.
pub(super) struct Bar {
    total: u64,
    on: bool,
    drawn: bool,
    began: Instant,
    shown: Instant,
    /// Bytes on disk of the inputs before this one.
    before: u64,
    /// The same for this one.
    size: u64,
}

impl Bar {
    pub(super) fn new(total: u64, wanted: bool) -> Bar {
        let now = Instant::now();
        Bar { total, on: wanted, drawn: false, began: now, shown: now, before: 0, size: 0 }
    }

    pub(super) fn begin(&mut self, source: &Source) {
        self.before += self.size;
        self.size = source.size();
    }

    pub(super) fn show(&mut self, progress: Progress) {
        if !self.on || self.shown.elapsed() < PERIOD {
            return;
        }
        self.shown = Instant::now();
        // A packed input gives more text than it has bytes; how far it is cannot be told, so it counts as read
        // up to its size at most.
        let known = self.size > 0;
        let done = self.before + if known { progress.bytes.min(self.size) } else { progress.bytes };
        if known && self.total < WORTH_IT && self.began.elapsed() < Duration::from_secs(2) {
            return;
        }
        let seconds = self.began.elapsed().as_secs_f64().max(0.001);
        let rate = done as f64 / seconds;
        let mut out = io::stderr().lock();
        let _ = if known {
            let left = self.total.saturating_sub(done) as f64 / rate.max(1.0);
            let (read, total) = (done >> 20, self.total >> 20);
            write!(out, "\r{read:>6} of {total} MiB, {:.0} MiB/s, {left:.0} s left   ", rate / 1_048_576.0)
        } else {
            write!(out, "\r{:>6} MiB, {:.0} MiB/s   ", done >> 20, rate / 1_048_576.0)
        };
        self.drawn = true;
    }

    pub(super) fn clear(&self) {
        if self.drawn {
            let _ = write!(io::stderr(), "\r{:60}\r", "");
        }
    }
}
