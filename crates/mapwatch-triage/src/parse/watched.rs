//! Watched maps' own reports, as text and as events.
//!
//! The first line is `mapwatch: … [code]` (`mapwatch_event::report`); the code is the category, so nothing has
//! to be guessed. The same line is the panic message where it panics, and the line of a conflict in a stream.

use super::{Body, Opener, Start, Step};
use crate::report::{Kind, Language, Report};
use mapwatch_event::panic::Panic;
use mapwatch_event::wire::{Line, decode_line};
use mapwatch_event::{Category, Conflict, Event, Frame, Site};

/// Where a report begins on a line.
pub(super) fn begins(line: &str) -> Option<Start> {
    let event = |kind: &str| line.contains(kind);
    if line.starts_with("{\"") && (event("\"kind\":\"conflict\"") || event("\"kind\":\"panic\"")) {
        return Some(Start { opener: Opener::Conflict, at: 0 });
    }
    let at = line.find("mapwatch: ")?;
    // Whatever is reported names the map or the operation in backticks.
    code(&line[at..]).filter(|_| line[at..].contains('`')).map(|_| Start { opener: Opener::Watched, at })
}

/// The category in brackets at the end of a first line.
pub(super) fn code(line: &str) -> Option<Category> {
    let line = line.lines().next()?.trim_end().strip_suffix(']')?;
    line[line.rfind('[')? + 1..].parse().ok()
}

/// A panic whose message is a watched map's first line states its category.
pub(super) fn read_stated(report: &mut Report) {
    report.stated = super::stated(&report.message);
    if report.stated.is_some() {
        report.kind = Kind::Watched;
    }
}

/// What a line is to a report: its block is indented, its stacks are named.
pub(super) fn step(body: &Body, line: &str) -> Step {
    let text = line.trim_end();
    let stack = text.ends_with(':') && text.contains("'s stack");
    let note = text.contains("'s stack") && body.text.contains('\n');
    if line.starts_with([' ', '\t']) || stack || note { Step::Taken } else { Step::Ended }
}

/// Reads a report's block.
pub(super) fn report(body: &Body) -> Vec<Report> {
    let text = &body.text;
    let first = text.lines().next().unwrap_or_default();
    let Some(stated) = code(first) else { return Vec::new() };
    let mut report = Report {
        language: Language::Rust,
        kind: Kind::Watched,
        message: first.trim().to_owned(),
        stated: Some(stated),
        announced: true,
        ..Report::default()
    };
    let rows: Vec<&str> = text.lines().map(str::trim_start).collect();
    let attempt = rows.iter().rev().find(|row| row.starts_with("attempt ") || row.starts_with("act "));
    report.location = attempt.or(rows.get(2)).and_then(|row| place(row));
    let actor = attempt.and_then(|row| row.split("on thread ").nth(1));
    actor.and_then(|rest| rest.split("  ").next()).unwrap_or_default().trim().clone_into(&mut report.thread);
    let (holder, attempt) = text.split_once("attempt's stack").unwrap_or((text, ""));
    report.frames = frames(attempt);
    report.other_frames = frames(holder.split_once("holder's stack").map_or("", |(_, rest)| rest));
    vec![report]
}

fn frames(text: &str) -> Vec<Frame> {
    super::frames::rust(text)
}

fn place(row: &str) -> Option<Site> {
    let (_, rest) = row.rsplit_once(" at ")?;
    let (file, line, column) = super::frames::split_location(rest.split("  ").next().unwrap_or(rest));
    (line > 0).then(|| Site { file: file.to_owned(), line, column })
}

/// Reads a conflict or a panic of an event stream.
pub(super) fn event(line: &str) -> Vec<Report> {
    match decode_line(line.as_bytes()) {
        Ok(Line::Event { event: Event::Conflict(conflict), .. }) => conflict_report(&conflict),
        Ok(Line::Event { event: Event::Panic(panic), .. }) => vec![live(&panic)],
        _ => Vec::new(),
    }
}

/// A live panic as a report; what a program tells of itself and what it left in a log are judged alike.
fn live(panic: &Panic) -> Report {
    let mut report = Report {
        language: Language::Rust,
        kind: Kind::Panic,
        message: panic.message.clone(),
        thread: panic.thread.name.clone(),
        location: (panic.location.line > 0).then(|| panic.location.clone()),
        frames: panic.stack.frames.clone(),
        recovered: !panic.caught_by.is_empty(),
        ..Report::default()
    };
    read_stated(&mut report);
    report
}

fn conflict_report(conflict: &Conflict) -> Vec<Report> {
    let attempt = conflict.attempt();
    let holder = conflict.holder();
    vec![Report {
        language: Language::Rust,
        kind: Kind::Watched,
        message: mapwatch_event::Report::new(conflict).headline(),
        // Where it panicked, the same words follow as a panic.
        announced: true,
        stated: Some(conflict.category),
        thread: attempt.map(|side| side.actor.to_string()).unwrap_or_default(),
        location: attempt.map(|side| side.site.clone()),
        frames: attempt.map(|side| side.stack.frames.clone()).unwrap_or_default(),
        other_frames: holder.map(|side| side.stack.frames.clone()).unwrap_or_default(),
        ..Report::default()
    }]
}
