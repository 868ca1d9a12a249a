//! How far long recordings have been read, on standard error, while there are no screens to show it.

use std::io::{self, IsTerminal as _, Write as _};
use std::time::{Duration, Instant};

/// What is read sooner is not told.
const PATIENCE: Duration = Duration::from_millis(500);
/// Time between two drawings.
const PERIOD: Duration = Duration::from_millis(200);

/// One line that is drawn over and over, and wiped at the end.
#[derive(Debug)]
pub(crate) struct Reading {
    wanted: bool,
    began: Instant,
    drawn: Option<Instant>,
}

impl Reading {
    pub(crate) fn begin() -> Reading {
        Reading { wanted: io::stderr().is_terminal(), began: Instant::now(), drawn: None }
    }

    /// Draws which share has been read, where it is time to and the end is known: a program that runs has none.
    pub(crate) fn show(&mut self, share: Option<f64>, events: u64) {
        let due = self.drawn.map_or(self.began.elapsed() >= PATIENCE, |drawn| drawn.elapsed() >= PERIOD);
        if !self.wanted || !due {
            return;
        }
        if let Some(share) = share {
            // Nobody has to see it.
            let _ = write!(io::stderr(), "\r{}", words(share, events));
            self.drawn = Some(Instant::now());
        }
    }
}

impl Drop for Reading {
    fn drop(&mut self) {
        if self.drawn.is_some() {
            let _ = write!(io::stderr(), "\r{:60}\r", "");
        }
    }
}

fn words(share: f64, events: u64) -> String {
    format!("reading: {:>3.0} %, {} events", share * 100.0, crate::text::grouped(events))
}

#[cfg(test)]
mod tests {
    use super::words;

    #[test]
    fn every_line_covers_the_one_before() {
        assert_eq!(words(0.054, 1_234), "reading:   5 %, 1,234 events");
        assert!(words(0.1, 9).len() <= words(1.0, u64::MAX).len() && words(1.0, u64::MAX).len() < 60);
    }
}
