//! Summaries in the forms that people and tools read: one file per form, each writes to an `io::Write`.

pub mod csv;
pub mod json;
pub mod markdown;
pub mod sarif;
pub mod text;

use crate::group::Group;
use crate::plain::shorten;

/// A group in one line: category, place, message, fingerprint.
#[must_use]
pub fn line(group: &Group) -> String {
    format!("{} {} {} [{}]", group.category.code(), place(group), headline(group, 100), group.fingerprint)
}

/// A group's place in a few words: its location, else its function, else nothing.
fn place(group: &Group) -> String {
    match &group.location {
        Some(site) if site.column > 0 => site.to_string(),
        Some(site) => format!("{}:{}", site.file, site.line),
        None => group.top_frame.clone(),
    }
}

/// The message's first line, cut.
fn headline(group: &Group, limit: usize) -> String {
    let line = group.message.lines().map(str::trim).find(|line| !line.is_empty()).unwrap_or("(no message)");
    shorten(line, limit).into_owned()
}

/// `1 report`, `2 reports`.
fn plural(count: u64, word: &str) -> String {
    if count == 1 { format!("{count} {word}") } else { format!("{count} {word}s") }
}
