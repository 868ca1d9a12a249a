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
    let found = OPENINGS.iter().filter_map(|opening| line.find(opening)).min();
    // miette's hook prints its report as an error.
    let reported = line.starts_with("Error: ").then(|| line["Error: ".len()..].trim_start());
    let shown = reported.is_some_and(|text| text.starts_with("× Main thread panicked"));
    if reported.is_some() && !shown {
        return Some(Start { opener: Opener::ErrorExit, at: 0 });
    }
    let at = match found {
        _ if shown => 0,
        Some(at) => at,
        None => worded(line)?.at,
    };
    let crashed = line[at..].strip_prefix("The application panicked (crashed)");
    if crashed.is_some_and(|behind| !super::prose::is_end(behind)) {
        return None;
    }
    Some(Start { opener: Opener::Hook, at })
}

/// A hook's own sentence with a place in it: `FATAL: panic at src/a.rs:3: boom`,
/// `PANIC in thread 'w' at src/a.rs:3:9: boom`.
struct Worded<'a> {
    at: usize,
    thread: &'a str,
    site: Site,
    message: &'a str,
}

fn worded(line: &str) -> Option<Worded<'_>> {
    let (at, mark) = ["anic at ", "PANIC at ", "anic in thread ", "PANIC in thread "]
        .iter()
        .find_map(|mark| line.find(mark).map(|at| (at, *mark)))?;
    let mut rest = &line[at + mark.len()..];
    let mut thread = "";
    if mark.ends_with("thread ") {
        let (name, behind) = rest.split_once(" at ")?;
        thread = name.trim_matches(['\'', '"', '`', ':', ',']);
        rest = behind;
    }
    let (site, end) = super::rust::leading_place(rest)?;
    let message = rest[end..].trim();
    // The `p` of `panic` belongs to the word.
    let at = if mark.starts_with('a') { at.checked_sub(1)? } else { at };
    let head = line.get(..at)?;
    let told = super::prose::is_sentence(head, rest, Some(end)) || super::prose::is_amid_words(head);
    let formed = rest[..end].ends_with(':') && !message.is_empty() && !site.file.contains(' ');
    (formed && !told).then_some(Worded { at, thread, site, message })
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

/// Whether a line holds the message that a hook's report waits for, whatever it says.
pub(super) fn is_message(body: &Body, line: &str) -> bool {
    let text = line.trim_start();
    let placed = line.starts_with("Message:") || text.starts_with("╰─▶") || text.len() < line.len();
    body.phase == Phase::Message && !body.closed_message && placed && !is_record(text)
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
    let placed = report.location.is_some() || !report.frames.is_empty();
    placed && !fields.payload.is_empty() || report.location.is_some() && !report.frames.is_empty()
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
    let (first, below) = text.split_once('\n').unwrap_or((text, ""));
    if let Some(Worded { thread, site, message, .. }) = worded(first) {
        thread.clone_into(&mut report.thread);
        message.clone_into(&mut report.message);
        report.location = Some(site);
        report.frames = frames::rust(below);
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
    if !read_diagnostic(report, text) {
        read_lines(report, text);
    }
}

/// miette's report: `├─▶ at FILE:L:C`, `╰─▶ MSG` with its wrapped lines below it, a backtrace, `help:`.
fn read_diagnostic(report: &mut Report, text: &str) -> bool {
    let Some((head, tail)) = text.split_once("╰─▶") else { return false };
    let place = |line: &str| site(line.trim_start().strip_prefix("├─▶ at ")?);
    report.location = head.lines().find_map(place);
    let own = |line: &&str| {
        let text = line.trim_start();
        !text.starts_with("help:") && !frames::continues(line)
    };
    let message: Vec<&str> = tail.lines().take_while(own).map(str::trim).collect();
    report.message = message.join("\n").trim().to_owned();
    true
}

/// better-panic (`in FILE, line N`, `thread: main`), and miette without a place.
fn read_lines(report: &mut Report, text: &str) {
    let mut message: Vec<&str> = Vec::new();
    for line in text.lines().skip(1) {
        let plain = line.trim();
        if let Some(name) = plain.strip_prefix("thread: ") {
            name.clone_into(&mut report.thread);
        } else if let Some((file, number)) =
            plain.strip_prefix("in ").and_then(|rest| rest.split_once(", line "))
        {
            let row = number.trim().parse().unwrap_or(0);
            report.location = Some(Site { file: file.to_owned(), line: row, column: 0 });
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
    let diagnosed = text.lines().take(4).any(|line| {
        let line = line.strip_prefix("Error:").unwrap_or(line);
        line.starts_with("  ") && line.trim_start().starts_with("× ")
    });
    if !chained && !reported && !diagnosed {
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
            "Error:   × Main thread panicked.\n  ├─▶ at src/a.rs:25\n  ╰─▶ boom\n  help: set the variable",
            "FATAL: panic at src/a.rs:25: boom",
            "[shop] PANIC in thread 'main' at src/a.rs:25:7: boom",
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
