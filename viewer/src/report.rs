//! What is printed when there are no screens: one file per format.

pub mod json;
#[cfg(test)]
mod tests;
pub mod text;

use crate::model::world::World;
use std::io::{self, Write};
use std::path::Path;

/// A format.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Format {
    /// For people.
    #[default]
    Text,
    /// For programs: one object.
    Json,
}

impl Format {
    /// The report in this format.
    #[must_use]
    pub fn render(self, world: &World) -> String {
        match self {
            Format::Text => text::render(world),
            Format::Json => json::render(world),
        }
    }
}

/// Writes a report to a file, or to standard output.
///
/// # Errors
///
/// Those of writing; a reader that has gone away (`| head`) is none.
pub fn deliver(text: &str, file: Option<&Path>) -> io::Result<()> {
    if let Some(path) = file {
        return std::fs::write(path, text);
    }
    let mut out = io::stdout().lock();
    match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        result => result,
    }
}
