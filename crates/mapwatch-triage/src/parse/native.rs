//! Reports of tools: sanitizers, Miri, parking_lot's deadlock detector, go-deadlock.

use super::frames;
use super::{Body, Opener, Phase, Start, Step, is_record};
use crate::report::{Kind, Language, Report};
use mapwatch_event::{Frame, Site};

/// Where a tool's report begins on a line.
pub(super) fn begins(line: &str) -> Option<Start> {
    let start = |opener, at| Some(Start { opener, at });
    if let Some(at) = sanitizer_start(line) {
        return start(Opener::Sanitizer, at);
    }
    if let Some(at) = line.find("error: Undefined Behavior: ") {
        return start(Opener::Miri, at);
    }
    if let Some(at) = line.find("deadlocks detected") {
        let head = line[..at].trim_end();
        let number = head.rsplit(|c: char| !c.is_ascii_digit()).next().unwrap_or_default();
        let some = number.bytes().any(|digit| digit != b'0');
        return if some { start(Opener::Deadlock, head.len() - number.len()) } else { None };
    }
    line.find("POTENTIAL DEADLOCK:").and_then(|at| start(Opener::Deadlock, at))
}

/// `==17236==ERROR: AddressSanitizer:`, `WARNING: ThreadSanitizer:`.
fn sanitizer_start(line: &str) -> Option<usize> {
    let at = line.find("Sanitizer: ")?;
    let name = line.as_bytes()[..at].iter().rev().take_while(|byte| byte.is_ascii_alphanumeric()).count();
    let word = at - name;
    let head = line[..word].trim_end();
    let level = head.ends_with("ERROR:") || head.ends_with("WARNING:") || head.ends_with("FATAL:");
    // Their own lines carry the process: `==17236==ERROR: `, or `(pid=17236)` at the end.
    (level && (head.contains("==") || line.contains("(pid="))).then_some(word)
}

/// What a line is to a tool's report.
pub(super) fn step(body: &mut Body, line: &str) -> Step {
    match body.opener {
        Opener::Sanitizer => sanitizer_step(body, line),
        Opener::Miri => miri_step(line),
        _ => deadlock_step(line),
    }
}

fn sanitizer_step(body: &mut Body, line: &str) -> Step {
    let text = line.trim();
    if text.ends_with("==ABORTING") || body.phase == Phase::After && text.starts_with("==================") {
        return Step::Last;
    }
    if text.starts_with("SUMMARY: ") {
        body.phase = Phase::After;
        return Step::Taken;
    }
    let dump = line.starts_with([' ', '\t', '=', '0']) || text.starts_with("Shadow ") || text.is_empty();
    match body.phase {
        Phase::After if dump => Step::Taken,
        Phase::After => Step::Ended,
        _ if is_record(line) => Step::Skipped,
        _ => Step::Taken,
    }
}

fn miri_step(line: &str) -> Step {
    let text = line.trim();
    if text.starts_with("error: aborting due to") {
        return Step::Last;
    }
    let shaped = text.is_empty()
        || line.starts_with([' ', '\t'])
        || text.starts_with("note:")
        || text.starts_with("help:");
    let source =
        text.starts_with('|') || text.starts_with("-->") || text.starts_with(|c: char| c.is_ascii_digit());
    match shaped || source || text.starts_with("=") {
        true => Step::Taken,
        false if is_record(line) => Step::Skipped,
        false => Step::Ended,
    }
}

fn deadlock_step(line: &str) -> Step {
    let text = line.trim();
    let known =
        text.starts_with("Deadlock #") || text.starts_with("Thread Id") || text == ")" || text.is_empty();
    match known || line.starts_with([' ', '\t']) || frames::continues(line) {
        true => Step::Taken,
        false if is_record(line) => Step::Skipped,
        false => Step::Ended,
    }
}

/// Reads a tool's report.
pub(super) fn reports(body: &Body) -> Vec<Report> {
    match body.opener {
        Opener::Sanitizer => vec![sanitizer(&body.text)],
        Opener::Miri => vec![miri(&body.text)],
        _ => vec![deadlock(&body.text)],
    }
}

fn sanitizer(text: &str) -> Report {
    let first = text.lines().next().unwrap_or_default();
    let (tool, rest) = first.split_once(": ").unwrap_or((first, ""));
    // What comes behind `on address` changes with every run.
    let what = rest.split(" on address").next().unwrap_or(rest).split(" (pid=").next().unwrap_or(rest);
    let what = what.split(" on unknown address").next().unwrap_or(what);
    let race = tool == "ThreadSanitizer" && what.contains("race");
    let mut report = Report {
        language: Language::Native,
        kind: if race { Kind::Race } else { Kind::Sanitizer },
        message: format!("{tool}: {}", what.trim()),
        frames: frames::sanitizer(text),
        ..Report::default()
    };
    if report.frames.iter().any(|frame| frame.file.contains(".rs")) {
        report.language = Language::Rust;
    }
    locate(&mut report);
    report
}

fn miri(text: &str) -> Report {
    let first = text.lines().next().unwrap_or_default();
    let mut report = Report { kind: Kind::Sanitizer, ..Report::default() };
    first.trim_start_matches("error: ").clone_into(&mut report.message);
    let place = text.lines().find_map(|line| line.trim().strip_prefix("--> "));
    report.location = place.map(|place| {
        let (file, line, column) = frames::split_location(place);
        Site { file: file.to_owned(), line, column }
    });
    for line in text.lines() {
        let Some(rest) = line.trim().strip_prefix("= note: inside `") else { continue };
        let (function, place) = rest.split_once("` at ").unwrap_or((rest.trim_end_matches('`'), ""));
        // Miri prints a span, `file:3:5: 3:20`; its beginning is the place.
        let (file, row, column) = frames::split_location(place.split(": ").next().unwrap_or(place));
        let user = frames::owner(file) == frames::Owner::User && !function.starts_with("std::");
        let function = frames::clean(function);
        report.frames.push(Frame { function, file: file.to_owned(), line: row, column, user });
    }
    report
}

fn deadlock(text: &str) -> Report {
    let mut report =
        Report { kind: Kind::Deadlock, message: "deadlock detected".to_owned(), ..Report::default() };
    if text.starts_with("POTENTIAL") {
        report.language = Language::Go;
    }
    report.frames = frames::rust(text);
    // The same detector reports mutexes and rwlocks; the lock's own frame tells which.
    let lock = report.frames.iter().find(|frame| frame.function.starts_with("lock_api::"));
    if let Some(lock) = lock {
        let name = if lock.function.contains("rwlock") { "RwLock" } else { "Mutex" };
        report.message = format!("deadlock detected on a {name}");
    }
    locate(&mut report);
    report
}

fn locate(report: &mut Report) {
    let site = report.top_user_frame().map(|frame| Site {
        file: frame.file.clone(),
        line: frame.line,
        column: frame.column,
    });
    report.location = site.filter(|site| !site.file.is_empty());
}
