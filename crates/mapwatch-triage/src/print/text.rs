//! Text for a terminal: what to do first, then the groups, then what could not be read.

use super::{Visible, headline, plural};
use crate::group::Group;
use crate::knowledge;
use crate::response;
use crate::summary::{Exit, Summary};
use crate::time::iso;
use std::io::{self, Write};

/// How much is said.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Detail {
    /// Groups that are told in full; 0 means all.
    pub full: usize,
    /// Whether the questions behind each next step are told.
    pub explain: bool,
}

/// Writes a summary.
///
/// # Errors
///
/// What writing says.
pub fn write(out: &mut dyn Write, summary: &Summary, detail: Detail) -> io::Result<()> {
    let out = &mut Visible(out);
    head(out, summary)?;
    for (index, group) in summary.groups.iter().enumerate() {
        if detail.full == 0 || index < detail.full {
            writeln!(out)?;
            full(out, index + 1, group, summary, detail)?;
        }
    }
    let hidden = summary.groups.len().saturating_sub(if detail.full == 0 { usize::MAX } else { detail.full });
    if hidden > 0 {
        writeln!(out, "\n{} more, not told in full (--top)", plural(hidden as u64, "group"))?;
    }
    unread(out, summary)
}

/// The first screen.
fn head(out: &mut dyn Write, summary: &Summary) -> io::Result<()> {
    let inputs = plural(summary.inputs, "input");
    let lines = plural(summary.lines, "line");
    let Some(first) = super::first(summary) else {
        if summary.exit() == Exit::CouldNotLook {
            return writeln!(out, "no input could be read");
        }
        writeln!(out, "no panic and no crash in {inputs}, {lines}")?;
        return alarms(out, summary);
    };
    let bugs = plural(summary.groups.len() as u64, "bug");
    writeln!(out, "{bugs}, {} in {inputs}, {lines}", plural(summary.count(), "report"))?;
    writeln!(out, "first: {}", response::to(first, summary).step)?;
    alarms(out, summary)?;
    writeln!(out, "\n   count  more  category                  where                             message")?;
    for group in summary.groups.iter().take(20) {
        let more = if group.secondary == 0 { String::new() } else { format!("+{}", group.secondary) };
        let category = group.category.code();
        let row = format!(
            "{:>8}  {more:>4}  {category:<24}  {:<32}  {}",
            group.count,
            group.place(),
            headline(group, 60)
        );
        writeln!(out, "{}", row.trim_end())?;
    }
    Ok(())
}

fn alarms(out: &mut dyn Write, summary: &Summary) -> io::Result<()> {
    for alarm in &summary.alarms {
        let about = alarm.fingerprint.as_deref().unwrap_or_default();
        writeln!(out, "alarm: {} {about} {}", alarm.kind.word(), alarm.text)?;
    }
    Ok(())
}

fn full(
    out: &mut dyn Write,
    number: usize,
    group: &Group,
    summary: &Summary,
    detail: Detail,
) -> io::Result<()> {
    writeln!(out, "{number}. {} [{}] {}", headline(group, 160), group.category.code(), group.fingerprint)?;
    row(out, "count", &counts(group))?;
    row(out, "where", &group.place())?;
    row(out, "in", &group.top_frame)?;
    row(out, "seen", &super::seen(group))?;
    row(out, "state", &state(group, summary))?;
    row(out, "files", &files(group))?;
    row(out, "why", &format!("{} ({} %)", group.reason, group.confidence))?;
    for follower in &group.followers {
        let what = if follower.duplicate { "printed twice" } else { follower.category.code() };
        row(out, "follows", &format!("{} × {what}: {}", follower.count, follower.message))?;
    }
    for frame in group.frames.iter().filter(|frame| frame.user).take(5) {
        row(out, "frame", &format!("{} at {}:{}", frame.function, frame.file, frame.line))?;
    }
    for suspect in summary.suspects.get(&group.fingerprint).into_iter().flatten() {
        row(out, "source", &format!("{}  {}", suspect.place, suspect.source))?;
        if !suspect.commit.is_empty() {
            let at = suspect.at.map(iso).unwrap_or_default();
            let (commit, author, title) = (&suspect.commit, &suspect.author, &suspect.title);
            row(out, "changed", &format!("{commit} {at} {author}: {title}"))?;
        }
    }
    for bucket in group.goroutines.iter().take(5).filter(|_| group.goroutines.len() > 1) {
        let waits =
            if bucket.minutes > 0 { format!(", up to {} minutes", bucket.minutes) } else { String::new() };
        row(out, "stacks", &format!("{} × {} in {}{waits}", bucket.count, bucket.state, bucket.top))?;
    }
    let entry = knowledge::of(group.category);
    row(out, "confirm", entry.confirm)?;
    row(out, "cure", entry.cure)?;
    if let Some((before, after)) = entry.example(group.language) {
        row(out, "before", before)?;
        row(out, "after", after)?;
    }
    let response = response::to(group, summary);
    row(out, "next", &response.step)?;
    if detail.explain {
        for question in &response.flow {
            row(out, "asked", question)?;
        }
        row(out, "prevent", entry.prevent)?;
        for link in entry.links(group.language) {
            row(out, "link", &knowledge::titled(link))?;
        }
    }
    Ok(())
}

fn row(out: &mut dyn Write, label: &str, text: &str) -> io::Result<()> {
    if text.is_empty() { Ok(()) } else { writeln!(out, "{label:>10}  {text}") }
}

fn counts(group: &Group) -> String {
    let mut text = plural(group.count, "time");
    for (count, what) in [
        (group.secondary, "that follow from it"),
        (group.mentions, "mentions by joins"),
        (group.endings, "ends of its process"),
        (group.recovered, "recovered"),
        (group.torn, "torn by another thread"),
    ] {
        if count > 0 {
            text += &format!(", {count} {what}");
        }
    }
    text
}

fn state(group: &Group, summary: &Summary) -> String {
    let Some(known) = summary.known.get(&group.fingerprint) else { return String::new() };
    let note = if known.note.is_empty() { String::new() } else { format!("; {}", known.note) };
    super::standing(group, known) + &note
}

fn files(group: &Group) -> String {
    let named: Vec<&str> = group.files.keys().take(3).map(String::as_str).collect();
    let more = group.files.len().saturating_sub(named.len());
    let rest = if more > 0 { format!(" and {more} more") } else { String::new() };
    format!("{}{rest}; first at {}", named.join(", "), group.first_place)
}

fn unread(out: &mut dyn Write, summary: &Summary) -> io::Result<()> {
    if summary.unread_count > 0 {
        writeln!(
            out,
            "\n{} looked like a panic and could not be read:",
            plural(summary.unread_count, "place")
        )?;
        for unread in summary.unread.iter().take(10) {
            writeln!(out, "  {}  {}", unread.place, unread.why)?;
        }
    }
    for problem in &summary.problems {
        // A skipped one was read well enough to know what it is.
        let what = if problem.why.ends_with("; skipped") { "" } else { "could not read " };
        writeln!(out, "{what}{}: {}", problem.place, problem.why)?;
    }
    if summary.overflow > 0 {
        writeln!(out, "{} beyond the most groups that are kept", plural(summary.overflow, "report"))?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use crate::Triage;

    #[test]
    fn of_equal_counts_the_earlier_bug_stands_first() {
        let panic = |second: u64, name: &str, cause: &str| {
            format!(
                "[2026-11-29T09:00:{second:02}Z ERROR a] thread 'w' panicked at '{cause}': src/{name}.rs:3\n"
            )
        };
        let causes = ["attempt to divide by zero", "no such order", "boom", "not yet implemented"];
        let order = |seconds: [u64; 4]| {
            let mut triage = Triage::new();
            for (index, (second, cause)) in seconds.into_iter().zip(causes).enumerate() {
                // Each in a file of its own, read in an order that is not that of time.
                triage.read_bytes(
                    &format!("{index}.log"),
                    panic(second, &format!("m{index}"), cause).as_bytes(),
                );
            }
            triage.finish().groups.iter().map(|group| group.message.clone()).collect::<Vec<_>>()
        };
        assert_eq!(order([10, 20, 30, 40]), causes);
        let backwards: Vec<&str> = causes.into_iter().rev().collect();
        assert_eq!(order([40, 30, 20, 10]), backwards);
    }
}
