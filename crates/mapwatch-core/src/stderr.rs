//! Standard error, for reports and for what could not be done.

use std::io::Write;

/// Writes in one call; a closed or full standard error is nobody's problem.
pub(crate) fn say(text: &str) {
    let _ = std::io::stderr().lock().write_all(text.as_bytes());
}
