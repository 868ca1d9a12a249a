//! Panic hooks that use their own words: color-eyre, color-backtrace, better-panic, miette, human-panic,
//! tracing-panic and hand-written structured ones; and `main`s that returned an error chain.
//!
//! None of these print `panicked at`. A structured record's fields, where the envelope had some, win over what
//! its text says.

use super::frames::{self, split_location};
use super::{Body, Opener, Phase, Start, Step, is_record};
use crate::envelope::PanicFields;
use crate::report::{Kind, Language, Report};
use mapwatch_event::Site;

/// First words of hooks. The text before them on their line is a logger's prefix.
const OPENINGS: [&str; 9] = [
    "The application panicked (crashed)",
    "application panicked",
    "A panic occurred",
    "Panic occurred",
    "panic occurred",
    "Main thread panicked",
    "hread panicked.",
    "had a problem and crashed",
    "panic.payload",
];

/// Where a hook's report, or an error chain, begins on a line.
pub(super) fn begins(line: &str) -> Option<Start> {
    if line.starts_with("Error: ") {
        return Some(Start { opener: Opener::ErrorExit, at: 0 });
    }
    let at = OPENINGS.iter().filter_map(|opening| line.find(opening)).min()?;
    let crashed = line[at..].strip_prefix("The application panicked (crashed)");
    if crashed.is_some_and(|behind| !super::prose::is_end(behind)) {
        return None;
    }
    Some(Start { opener: Opener::Hook, at })
}

/// What a line is to a hook's report.
pub(super) fn step(body: &mut Body, line: &str) -> Step {
    let text = line.trim();
    if super::rust::is_trailer(text) {
        return Step::Last;
    }
    if frames::continues(line) {
        body.phase = Phase::Frames;
        return Step::Taken;
    }
    let opens_section =
        ["Message:", "Location:", "Caused by:", "thread:", "in ", "Stack backtrace:", "help:"]
            .iter()
            .any(|word| text.starts_with(word));
    let closes = text.starts_with("Run with ") || text.starts_with("Backtrace omitted");
    if text.is_empty() || opens_section || closes || text.starts_with(['├', '╰', '│', '×', '⚠']) {
        if text.starts_with("Location:") || text.starts_with("in ") {
            body.closed_message = true;
        }
        return Step::Taken;
    }
    if is_record(line) {
        return Step::Ended;
    }
    // A message of several lines ends with its location; indented text belongs in any case.
    let message_open = body.opener == Opener::Hook && !body.closed_message && body.phase == Phase::Message;
    if line.starts_with([' ', '\t']) || message_open && body.text.contains("Message:") {
        Step::Taken
    } else {
        Step::Ended
    }
}

/// Reads a hook's panic.
pub(super) fn panics(body: &Body, fields: Option<&PanicFields>) -> Vec<Report> {
    let text = &body.text;
    let mut report = Report { language: Language::Rust, kind: Kind::Panic, ..Report::default() };
    let told = fields.is_some_and(|fields| fill(&mut report, fields));
    if !told {
        read_text(&mut report, text);
    }
    if report.frames.is_empty() {
        report.frames = frames::rust(text);
    }
    report.message = report.message.trim().to_owned();
    super::watched::read_stated(&mut report);
    let empty = report.message.is_empty() && report.location.is_none() && report.frames.is_empty();
    let sure = text.contains("(crashed)") || text.contains("and crashed") || text.contains("hread panicked");
    if empty && !sure { Vec::new() } else { vec![report] }
}

/// Takes over what a structured record says; whether it said enough.
fn fill(report: &mut Report, fields: &PanicFields) -> bool {
    fields.payload.clone_into(&mut report.message);
    report.location = site(&fields.location);
    fields.thread.clone_into(&mut report.thread);
    report.frames = frames::rust(&fields.backtrace);
    !fields.payload.is_empty() && (report.location.is_some() || !report.frames.is_empty())
}

fn site(place: &str) -> Option<Site> {
    let (file, line, column) = split_location(place.trim().trim_end_matches([',', '.']));
    (line > 0 && !file.is_empty()).then(|| Site { file: file.to_owned(), line, column })
}

fn read_text(report: &mut Report, text: &str) {
    if let Some(payload) = value(text, "panic.payload").or_else(|| value(text, "payload")) {
        report.message = payload;
        report.location =
            value(text, "panic.location").or_else(|| value(text, "location")).and_then(|at| site(&at));
        return;
    }
    if let Some((_, rest)) = text.split_once("Message:") {
        let end = rest.find("\nLocation:").unwrap_or(rest.len());
        rest[..end].trim().clone_into(&mut report.message);
        report.location = labelled_place(text);
        return;
    }
    if text.contains("occurred in file '") {
        report.location = in_file(text);
        return;
    }
    read_lines(report, text);
}

/// better-panic (`in FILE, line N`, `thread: main`) and miette (`├─▶ at FILE:L:C`, `╰─▶ MSG`).
fn read_lines(report: &mut Report, text: &str) {
    let mut message: Vec<&str> = Vec::new();
    for line in text.lines().skip(1) {
        let plain = line.trim().trim_start_matches(['├', '╰', '─', '▶', '│', ' ']);
        if let Some(name) = plain.strip_prefix("thread: ") {
            name.clone_into(&mut report.thread);
        } else if let Some((file, number)) =
            plain.strip_prefix("in ").and_then(|rest| rest.split_once(", line "))
        {
            let row = number.trim().parse().unwrap_or(0);
            report.location = Some(Site { file: file.to_owned(), line: row, column: 0 });
        } else if let Some(place) = plain.strip_prefix("at ").and_then(site) {
            report.location.get_or_insert(place);
        } else if !plain.is_empty()
            && !plain.starts_with("help:")
            && !plain.starts_with("Run with")
            && message.len() < 8
            && !frames::continues(line)
        {
            message.push(plain);
        }
    }
    report.message = message.join("\n");
    if let Some((_, rest)) = text.lines().next().and_then(|first| first.split_once("panicked:")) {
        rest.trim().clone_into(&mut report.message);
    }
}

/// `Location: src/main.rs:25`
fn labelled_place(text: &str) -> Option<Site> {
    let (_, rest) = text.split_once("Location:")?;
    rest.lines().map(str::trim).find(|line| !line.is_empty()).and_then(site)
}

/// human-panic's `Panic occurred in file 'src/main.rs' at line 25`.
fn in_file(text: &str) -> Option<Site> {
    let (_, rest) = text.split_once("in file '")?;
    let (file, rest) = rest.split_once('\'')?;
    let digits: String = rest.split("line ").nth(1)?.chars().take_while(char::is_ascii_digit).collect();
    Some(Site { file: file.to_owned(), line: digits.parse().ok()?, column: 0 })
}

/// The value of `key="…"`, `key=…`, `key: "…"` in a line of tracing's text formats.
fn value(text: &str, key: &str) -> Option<String> {
    let at = text.match_indices(key).find_map(|(at, _)| {
        let rest = text[at + key.len()..].strip_prefix(['=', ':'])?;
        Some(rest.trim_start())
    })?;
    let Some(quoted) = at.strip_prefix('"') else {
        let end = at.find([',', ' ', '\n']).unwrap_or(at.len());
        return Some(at[..end].to_owned());
    };
    let mut out = String::new();
    let mut chars = quoted.chars();
    while let Some(c) = chars.next() {
        match c {
            '"' => break,
            '\\' => match chars.next() {
                Some('n') => out.push('\n'),
                Some('t') => out.push('\t'),
                Some(other) => out.push(other),
                None => break,
            },
            c => out.push(c),
        }
    }
    Some(out)
}

/// Reads `Error: …` with its causes; without causes, a location or a backtrace it is an ordinary line.
pub(super) fn error_exit(body: &Body) -> Vec<Report> {
    let text = &body.text;
    let chained = text.contains("\nCaused by:") || text.contains("\nStack backtrace:");
    let reported =
        text.contains("\nLocation:") && (text.contains("BACKTRACE") || text.contains("Backtrace omitted"));
    if !chained && !reported {
        return Vec::new();
    }
    let end = ["\nStack backtrace:", "\nLocation:", "\nBacktrace omitted"]
        .iter()
        .filter_map(|mark| text.find(mark))
        .min();
    let message = text[..end.unwrap_or(text.len())].trim_start_matches("Error:").trim();
    let location = labelled_place(text);
    let frames = frames::rust(end.map_or("", |end| &text[end..]));
    vec![Report { kind: Kind::ErrorExit, message: message.to_owned(), location, frames, ..Report::default() }]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Report {
        let mut lines = text.lines();
        let first = lines.next().unwrap_or_default();
        let start = begins(first).expect(first);
        let mut body = Body::new(start.opener, &first[start.at..]);
        for line in lines {
            body.push(line);
        }
        panics(&body, None).remove(0)
    }

    #[test]
    fn each_hook_is_read() {
        for text in [
            "The application panicked (crashed).\nMessage:  boom\nLocation: src/a.rs:25\n\nBacktrace omitted.",
            "The application panicked (crashed).\n  boom\nin src/a.rs, line 25\nthread: main",
            "2026 ERROR r: tracing_panic: A panic occurred panic.payload=\"boom\" panic.location=\"src/a.rs:25\" x=1",
            "2026 ERROR t: A panic occurred, panic.payload: \"boom\", panic.location: \"src/a.rs:25\", n: 2",
            "  × Main thread panicked.\n  ├─▶ at src/a.rs:25\n  ╰─▶ boom\n  help: set the variable",
        ] {
            let report = read(text);
            assert_eq!(report.message, "boom", "{text}");
            assert_eq!(report.location.map(|at| (at.file, at.line)), Some(("src/a.rs".into(), 25)), "{text}");
        }
    }

    #[test]
    fn an_error_line_alone_is_no_exit() {
        let body = Body::new(Opener::ErrorExit, "Error: connection refused");
        assert!(error_exit(&body).is_empty());
    }
}
