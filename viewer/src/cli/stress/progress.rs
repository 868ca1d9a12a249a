//! How far the runs are, on standard error, where that is a terminal.

use crate::stress::tally::{Series, Tally};
use crate::text::counted;
use mapwatch_event::Nanos;
use std::io::{self, IsTerminal as _, Write as _};
use std::time::Instant;

/// Columns of the bar, and of the whole line.
const BAR: usize = 20;
/// See [`BAR`].
const LINE: usize = 79;
const SECOND: u64 = 1_000_000_000;

/// One line that is drawn over and over, and wiped at the end.
pub(super) struct Progress {
    wanted: bool,
    all: u32,
    began: Instant,
    drawn: bool,
}

impl Progress {
    pub(super) fn begin(all: u32) -> Progress {
        Progress { wanted: io::stderr().is_terminal(), all, began: Instant::now(), drawn: false }
    }

    pub(super) fn show(&mut self, tally: &Tally) {
        if self.wanted {
            let line = words(tally, self.all, Nanos::from(self.began.elapsed()));
            // Nobody has to see it.
            let _ = write!(io::stderr(), "\r{line:<LINE$}");
            self.drawn = true;
        }
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        if self.drawn {
            let _ = write!(io::stderr(), "\r{:LINE$}\r", "");
        }
    }
}

fn words(tally: &Tally, all: u32, took: Nanos) -> String {
    let runs = tally.runs();
    let full = (BAR as u64 * u64::from(runs) / u64::from(all.max(1))) as usize;
    let bar = format!("{}{}", "#".repeat(full.min(BAR)), ".".repeat(BAR.saturating_sub(full)));
    let sum = |of: fn(&Series) -> u32| tally.series.iter().map(of).sum::<u32>();
    let mut line = format!(
        "[{bar}] run {} of {all}, {} in {}",
        (runs + 1).min(all),
        counted(tally.found().len(), "conflict"),
        counted(sum(|series| series.found) as usize, "run")
    );
    let lost = sum(|series| series.hung) + sum(|series| series.crashed);
    if lost > 0 {
        line += &format!(", {lost} hung or crashed");
    }
    if runs > 0 {
        let left = (took.0 / u64::from(runs)).saturating_mul(u64::from(all.saturating_sub(runs)));
        line += &format!(", {} left", Nanos((left / SECOND * SECOND).saturating_add(SECOND)));
    }
    crate::text::head(&line, LINE).to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_says_how_far_it_is_and_fits() {
        let mut tally = Tally::default();
        let second = Nanos(1_000_000_000);
        assert_eq!(words(&tally, 40, second), "[....................] run 1 of 40, 0 conflicts in 0 runs");
        (tally.series[0].runs, tally.series[0].found) = (10, 3);
        let line = words(&tally, 40, Nanos(10_000_000_000));
        assert_eq!(line, "[#####...............] run 11 of 40, 0 conflicts in 3 runs, 31 s left");
        tally.series[1].hung = u32::MAX / 2;
        assert!(words(&tally, u32::MAX, Nanos(u64::MAX)).len() <= LINE);
    }
}
