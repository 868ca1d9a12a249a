//! Summaries in the forms that people and tools read: one file per form, each writes to an `io::Write`.

pub mod csv;
pub mod json;
pub mod markdown;
pub mod sarif;
pub mod text;

use crate::group::Group;
use crate::plain::shorten;
use crate::summary::Summary;

/// A group in one line: category, place, message, fingerprint.
#[must_use]
pub fn line(group: &Group) -> String {
    format!("{} {} {} [{}]", group.category.code(), group.place(), headline(group, 100), group.fingerprint)
}

/// The message's first line, cut.
#[must_use]
pub fn headline(group: &Group, limit: usize) -> String {
    let line = group.message.lines().map(str::trim).find(|line| !line.is_empty()).unwrap_or("(no message)");
    shorten(line, limit).into_owned()
}

/// The group to look at first: the first alarm's, else the most frequent one that nobody ignores.
#[must_use]
pub fn first(summary: &Summary) -> Option<&Group> {
    let by_print = |print: &String| summary.groups.iter().find(|group| group.fingerprint == *print);
    let urgent = summary.alarms.iter().find_map(|alarm| by_print(alarm.fingerprint.as_ref()?));
    let open = || summary.groups.iter().find(|group| !summary.is_ignored(group));
    urgent.or_else(open).or(summary.groups.first())
}

/// `1 report`, `2 reports`.
fn plural(count: u64, word: &str) -> String {
    if count == 1 { format!("{count} {word}") } else { format!("{count} {word}s") }
}
