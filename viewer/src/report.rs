//! The viewer's own two reports: text for people, one JSON object for programs. Other formats are in
//! [`crate::export`].

pub(crate) mod ends;
pub mod json;
mod lives;
#[cfg(test)]
mod schema_tests;
#[cfg(test)]
mod tests;
pub mod text;

use std::io::{self, Write};
use std::path::Path;

/// Writes a report to a file, or to standard output (also by the name `-`).
///
/// # Errors
///
/// Those of writing; a reader that has gone away (`| head`) is none.
pub fn deliver(text: &str, file: Option<&Path>) -> io::Result<()> {
    if let Some(path) = file.filter(|path| *path != Path::new("-")) {
        return std::fs::write(path, text);
    }
    let mut out = io::stdout().lock();
    match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        result => result,
    }
}

/// Writes lines to standard error; where that is closed, there is nobody to tell.
pub fn print_error(lines: &str) {
    let _ = io::stderr().lock().write_all(lines.as_bytes());
}
