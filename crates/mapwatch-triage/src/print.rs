//! Summaries in the forms that people and tools read: one file per form, each writes to an `io::Write`.

pub mod csv;
pub mod json;
pub mod markdown;
pub mod sarif;
pub mod text;

use crate::group::Group;
use crate::plain::shorten;
use crate::summary::{Known, Summary};
use crate::time::iso;
use std::borrow::Cow;
use std::io::{self, Write};

/// A group in one line: category, place, message, fingerprint.
#[must_use]
pub fn line(group: &Group) -> String {
    let line = format!(
        "{} {} {} [{}]",
        group.category.code(),
        group.place(),
        headline(group, 100),
        group.fingerprint
    );
    visible(&line).into_owned()
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

/// When a group was seen, by the stamps of its reports, else by the nearest before them; empty where none is near.
#[must_use]
pub fn seen(group: &Group) -> String {
    let (Some(first), Some(last)) = (group.first_seen, group.last_seen) else { return String::new() };
    let span = if first == last { iso(first) } else { format!("{} to {}", iso(first), iso(last)) };
    if group.nearest_stamps {
        format!("after {span}: the nearest stamp before it, its own lines have none")
    } else {
        span
    }
}

/// How a group stands in the history, and since when: by the log's stamps, else by the clock of the run that read it.
#[must_use]
pub fn standing(group: &Group, known: &Known) -> String {
    let seen = match (known.first_seen, group.first_seen) {
        (None, _) => String::new(),
        (Some(at), first) if group.nearest_stamps && first == Some(at) => {
            format!(", first seen after {} (the nearest stamp before it)", iso(at))
        }
        (Some(at), Some(_)) => format!(", first seen {}", iso(at)),
        (Some(at), None) => format!(", first read by a run at {} (no stamp is near the report)", iso(at)),
    };
    format!("{}, {} in all inputs{seen}", known.state.word(), known.count)
}

/// `1 report`, `2 reports`.
fn plural(count: u64, word: &str) -> String {
    if count == 1 { format!("{count} {word}") } else { format!("{count} {word}s") }
}

/// Control characters of a log, which would move a terminal's cursor or ring its bell, as pictures.
fn visible(text: &str) -> Cow<'_, str> {
    let is_raw = |c: char| c.is_control() && !matches!(c, '\n' | '\t');
    if !text.contains(is_raw) {
        return Cow::Borrowed(text);
    }
    let picture = |c: char| match c {
        '\0'..'\x20' => char::from_u32(0x2400 + u32::from(c)).unwrap_or('\u{fffd}'),
        '\x7f' => '\u{2421}',
        _ => '\u{fffd}',
    };
    Cow::Owned(text.chars().map(|c| if is_raw(c) { picture(c) } else { c }).collect())
}

/// Writes what is written to it in visible characters.
struct Visible<'a>(&'a mut dyn Write);

impl Write for Visible<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        // Formatting writes whole strings.
        self.0.write_all(visible(&String::from_utf8_lossy(bytes)).as_bytes())?;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.0.flush()
    }
}
