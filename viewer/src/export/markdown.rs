//! The report as Markdown (GitHub's flavour): for a pull request, a job summary, a chat.
//!
//! Names and types come from the watched program: they stand in code spans whose fence is longer than any run
//! of backticks within, so that nothing in them becomes a heading, a link or HTML.

use super::{Account, Standing, Told};
use crate::model::end::cancelled_sides;
use crate::report::{ends, text};
use crate::text::{counted, grouped};
use mapwatch_event::{Report, Side};
use std::fmt::Write as _;

/// The whole report, newline at its end.
#[must_use]
pub fn tell(account: &Account<'_>) -> String {
    let mut out = String::new();
    // Writing to a string does not fail.
    let _ = write_all(&mut out, account);
    out
}

fn write_all(out: &mut String, account: &Account<'_>) -> std::fmt::Result {
    writeln!(out, "# mapview: {}\n", plain(&text::verdict(account.world)))?;
    if let Some(line) = text::known(account) {
        writeln!(out, "{}\n", plain(&line))?;
    }
    let findings = account.findings();
    if !findings.is_empty() {
        write_table(out, &findings)?;
    }
    for (index, told) in findings.iter().enumerate() {
        write_finding(out, account, index + 1, told)?;
    }
    write_ends(out, account)?;
    write_processes(out, account)?;
    write_unseen(out, account)
}

fn write_table(out: &mut String, findings: &[Told<'_>]) -> std::fmt::Result {
    writeln!(out, "| | grade | what | map | where | seen |\n|---|---|---|---|---|---|")?;
    for (index, told) in findings.iter().enumerate() {
        let conflict = told.conflict();
        let place = conflict.attempt().map(|side| code(&side.site.to_string())).unwrap_or_default();
        writeln!(
            out,
            "| {} | {}{} | {} | {} | {} | {} |",
            index + 1,
            told.finding.grade,
            if told.standing == Standing::Known { ", known" } else { "" },
            conflict.category.title(),
            cell(&code(&conflict.map.title())),
            cell(&place),
            grouped(told.finding.count)
        )?;
    }
    writeln!(out)
}

fn write_finding(
    out: &mut String,
    account: &Account<'_>,
    number: usize,
    told: &Told<'_>,
) -> std::fmt::Result {
    let conflict = told.conflict();
    writeln!(out, "## {number}. {}\n", plain(&told.headline()))?;
    writeln!(out, "| side | operation | who | where | when |\n|---|---|---|---|---|")?;
    for side in &conflict.sides {
        let held = side.time_words().unwrap_or_default();
        let Side { role, operation, actor, site, .. } = side;
        let (actor, site) = (cell(&code(&actor.to_string())), cell(&code(&site.to_string())));
        writeln!(out, "| {} | `{operation}` | {actor} | {site} | {held} |", role.word())?;
    }
    writeln!(out)?;
    for (word, sentence) in [("Cause", &conflict.cause), ("Cure", &conflict.cure)] {
        if !sentence.is_empty() {
            writeln!(out, "**{word}:** {}\n", plain(sentence))?;
        }
    }
    writeln!(out, "**Seen:** {}\n", plain(&text::sightings(account.world, told.finding)))?;
    for said in cancelled_sides(account.world, told.finding.first_seen.session, conflict) {
        let place = if said.place.is_empty() { String::new() } else { format!(", at {}", code(&said.place)) };
        writeln!(out, "**Ended:** {}{place}\n", plain(&said.text))?;
    }
    if told.standing == Standing::Known {
        writeln!(out, "**Known:** in the baseline, as `{}`\n", told.fingerprint)?;
    }
    let report = Report::new(conflict).to_string();
    let fence = "`".repeat(longest_run(&report).max(2) + 1);
    writeln!(out, "<details><summary>Both sides with their stacks</summary>\n")?;
    writeln!(out, "{fence}text\n{}\n{fence}\n\n</details>\n", report.trim_end())
}

/// Lives that were cut short, and why.
fn write_ends(out: &mut String, account: &Account<'_>) -> std::fmt::Result {
    let all = ends::of(account.world);
    if !all.is_empty() {
        writeln!(out, "## What was cut short, and why\n")?;
    }
    for alike in all.iter().take(ends::TEXT) {
        writeln!(out, "- {}", plain(&alike.headline()))?;
        for said in alike.latest.said() {
            let place = if said.place.is_empty() { String::new() } else { code(&said.place) };
            let gap = if said.text.is_empty() || place.is_empty() { "" } else { ", at " };
            writeln!(out, "  - {}: {}{gap}{place}", said.label, plain(&said.text))?;
        }
        if let Some(others) = alike.others(account.world) {
            writeln!(out, "  - beside it: {}", plain(&others))?;
        }
    }
    match all.len().saturating_sub(ends::TEXT) {
        0 if all.is_empty() => Ok(()),
        0 => writeln!(out),
        more => writeln!(out, "- and {}, which the JSON report tells\n", counted(more, "more kind")),
    }
}

fn write_processes(out: &mut String, account: &Account<'_>) -> std::fmt::Result {
    let world = account.world;
    if !world.sessions.is_empty() {
        writeln!(out, "## Processes\n")?;
    }
    for session in world.sessions.values() {
        writeln!(out, "- {}", plain(&text::process(session)))?;
    }
    if world.sessions_dropped > 0 {
        writeln!(out, "- and {} older ones, no longer kept", grouped(world.sessions_dropped))?;
    }
    Ok(())
}

/// What could not be seen: a report that leaves it out claims too much.
fn write_unseen(out: &mut String, account: &Account<'_>) -> std::fmt::Result {
    let world = account.world;
    let lost = world.sessions.values().filter(|session| !session.loss_words().is_empty());
    let mut lines: Vec<String> =
        lost.map(|session| format!("lost in {}: {}", session.title(), session.loss_words())).collect();
    if world.findings.dropped > 0 {
        lines.push(format!("{} more conflicts found no room", grouped(world.findings.dropped)));
    }
    if world.unread.count > 0 {
        lines.push(format!("{} lines could not be read", grouped(world.unread.count)));
        lines.extend(world.unread.lines.iter().take(20).map(ToString::to_string));
    }
    if !lines.is_empty() {
        writeln!(out, "\n## Not seen\n")?;
    }
    lines.iter().try_for_each(|line| writeln!(out, "- {}", plain(line)))
}

/// Text as text: whatever Markdown or HTML would make of a character is taken from it; code spans of our own
/// sentences stay.
fn plain(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 8);
    let mut in_code = !text.matches('`').count().is_multiple_of(2);
    let keeps_code = !in_code;
    for c in text.chars() {
        match c {
            '`' if keeps_code => {
                in_code = !in_code;
                out.push(c);
            }
            _ if in_code && keeps_code => out.push(c),
            '\\' | '`' | '*' | '_' | '[' | ']' | '<' | '>' | '#' | '|' | '~' | '&' | '!' => {
                out.push('\\');
                out.push(c);
            }
            '@' => out.push_str("&#64;"),
            c => out.push(c),
        }
    }
    out
}

/// A code span.
fn code(text: &str) -> String {
    let fence = "`".repeat(longest_run(text) + 1);
    if text.starts_with('`') || text.ends_with('`') {
        format!("{fence} {text} {fence}")
    } else {
        format!("{fence}{text}{fence}")
    }
}

/// In a table, a bar ends the cell even within a code span.
fn cell(text: &str) -> String {
    text.replace('|', "\\|")
}

fn longest_run(text: &str) -> usize {
    text.split(|c| c != '`').map(str::len).max().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn strangers_text_stays_text() {
        assert_eq!(plain("a <b> *c* [d](e) @f"), "a \\<b\\> \\*c\\* \\[d\\](e) &#64;f");
        assert_eq!(plain("`get_mut` on x_y"), "`get_mut` on x\\_y");
        assert_eq!(code("a`b``c"), "```a`b``c```");
        assert_eq!(code("`x`"), "`` `x` ``");
        assert_eq!(cell(&code("a|b")), "`a\\|b`");
    }
}
