//! Markdown for an issue or a chat: a table, then a section per group.

use super::{Visible, headline, plural};
use crate::knowledge;
use crate::report::Language;
use crate::response;
use crate::summary::{Exit, Summary};
use std::io::{self, Write};

/// Writes a summary.
///
/// # Errors
///
/// What writing says.
pub fn write(out: &mut dyn Write, summary: &Summary) -> io::Result<()> {
    let out: &mut dyn Write = &mut Visible(out);
    let bugs = plural(summary.groups.len() as u64, "bug");
    writeln!(out, "# {bugs}, {}\n", plural(summary.count(), "report"))?;
    for alarm in &summary.alarms {
        writeln!(out, "- **{}** {}", alarm.kind.word(), alarm.text)?;
    }
    if summary.exit() == Exit::CouldNotLook {
        return writeln!(out, "No input could be read.");
    }
    if summary.groups.is_empty() {
        return writeln!(out, "No panic and no crash in {}.", plural(summary.inputs, "input"));
    }
    writeln!(out, "\n| count | follow | category | where | message |\n|---:|---:|---|---|---|")?;
    for group in &summary.groups {
        let (place, message) = (cell(&group.place()), cell(&headline(group, 100)));
        writeln!(
            out,
            "| {} | {} | {} | `{place}` | {message} |",
            group.count,
            group.secondary,
            group.category.code()
        )?;
    }
    for group in &summary.groups {
        let entry = knowledge::of(group.category);
        writeln!(out, "\n## {} `{}`\n", group.category.title(), group.fingerprint)?;
        writeln!(out, "{}\n", entry.scenario)?;
        fenced(out, "text", group.message.trim_end())?;
        writeln!(out, "- why: {} ({} %)", group.reason, group.confidence)?;
        if group.first_seen.is_some() {
            writeln!(out, "- seen: {}", super::seen(group))?;
        }
        writeln!(out, "- confirm: {}\n- cure: {}\n- prevent: {}", entry.confirm, entry.cure, entry.prevent)?;
        writeln!(out, "- next: {}\n", response::to(group, summary).step)?;
        if let Some((before, after)) = entry.example(group.language) {
            let language = if group.language == Language::Go { "go" } else { "rust" };
            fenced(out, language, &format!("// before\n{before}\n// after\n{after}"))?;
        }
        for link in entry.links(group.language) {
            writeln!(out, "- <{link}> ({})", knowledge::whose(link))?;
        }
    }
    Ok(())
}

/// Code whose fence is longer than any inside.
fn fenced(out: &mut dyn Write, language: &str, text: &str) -> io::Result<()> {
    let mut fence = "```".to_owned();
    while text.contains(&fence) {
        fence.push('`');
    }
    writeln!(out, "{fence}{language}\n{text}\n{fence}\n")
}

fn cell(text: &str) -> String {
    text.replace('|', "\\|").replace('`', "'")
}
