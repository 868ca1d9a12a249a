//! Rust's own reports: panics of every version, stack overflows, allocation failures, runtime fatals.
//!
//! The default hook's headline has three ages: `thread 'N' panicked at 'MSG', FILE:L:C` up to 1.72, location
//! first and the message on the lines below it from 1.73, a thread id in parentheses since 1.91.
//! `library/std/src/panicking.rs` and `library/std/src/rt.rs` hold the texts.

use super::frames::{self, split_location};
use super::{Body, Opener, Phase, Start, Step, is_record, prose};
use crate::report::{Kind, Language, Report};
use mapwatch_event::Site;

/// Where a report of this family begins on a line.
pub(super) fn begins(line: &str) -> Option<Start> {
    if let Some(at) = panic_start(line) {
        return Some(Start { opener: Opener::RustPanic, at });
    }
    let start = |opener, at| Some(Start { opener, at });
    if let Some(at) = line.find(" has overflowed its stack") {
        let begin = thread_start(&line[..at]).unwrap_or(0);
        let behind = &line[at + " has overflowed its stack".len()..];
        let told = !prose::is_end(behind) || prose::is_amid_words(&line[..begin]);
        return if told { None } else { start(Opener::StackOverflow, begin) };
    }
    if let Some(at) = line.find("memory allocation of ") {
        let rest = &line[at..];
        let failed = rest.split_once(" bytes failed").is_some_and(|(_, behind)| prose::is_end(behind));
        return if failed && !prose::is_amid_words(&line[..at]) {
            start(Opener::AllocFailure, at)
        } else {
            None
        };
    }
    if let Some(at) = line.find("fatal runtime error: ") {
        let text = &line[at + "fatal runtime error: ".len()..];
        let told = at > 0
            && (prose::is_amid_words(&line[..at])
                || ["is ", "was "].iter().any(|verb| text.starts_with(verb)));
        return if told { None } else { start(Opener::RuntimeFatal, at) };
    }
    None
}

/// Where a line tells of a task that panicked.
pub(super) fn begins_task(line: &str) -> Option<Start> {
    let at = line.find("JoinError::Panic").or_else(|| task_panicked(line))?;
    Some(Start { opener: Opener::TaskPanic, at })
}

/// `task 3 panicked with message "…"`, `task 3 panicked`: tokio's `Display` of a `JoinError`.
fn task_panicked(line: &str) -> Option<usize> {
    let at = line.find(" panicked")?;
    let head = line[..at].trim_end();
    let number = head.rsplit(' ').next()?;
    let before = head[..head.len() - number.len()].trim_end();
    let named = before.ends_with("task") && number.bytes().all(|byte| byte.is_ascii_digit());
    let behind = &line[at + " panicked".len()..];
    let named = named && (behind.starts_with(" with message") || prose::is_end(behind));
    named.then(|| before.len() - "task".len())
}

/// Offset of `thread 'x' panicked at`, or of a bare `panicked at` that names a place.
fn panic_start(line: &str) -> Option<usize> {
    let at = line.find("panicked at")?;
    let rest = line[at + "panicked at".len()..].trim_start();
    let place = leading_place(rest).map(|(_, end)| end);
    if let Some(start) = thread_start(line[..at].trim_end()) {
        // Words without a place and without quotes are a hook's only where a backtrace follows; that is looked
        // at when all lines are there.
        let formed = place.is_some() || rest.starts_with('\'') || prose::is_cut_place(rest) || start == 0;
        return (formed && !prose::is_sentence(&line[..start], rest, place)).then_some(start);
    }
    // `PanicHookInfo`'s Display has no thread; a sentence about a panic has no place.
    let tail = rest.strip_prefix('\'').unwrap_or(rest);
    let placed = rest.starts_with('\'') && (tail.contains("', ") || tail.contains("': ")) || place.is_some();
    (placed && !prose::is_sentence(&line[..at], rest, place)).then_some(at)
}

/// Offset of the `thread '…'` that ends a text, an id in parentheses allowed.
fn thread_start(head: &str) -> Option<usize> {
    let at = head.rfind("thread '").or_else(|| head.rfind("Thread '"));
    if let Some(mut at) = at {
        // `thread 'thread 'worker-2…`: two threads in one line; the report begins with the first.
        while head[..at].ends_with("thread '") {
            at -= "thread '".len();
        }
        return Some(at);
    }
    let at = head.rfind("thread ").or_else(|| head.rfind("Thread "))?;
    (head.len() - at < 64).then_some(at)
}

/// A location at the beginning of a text (`src/a.rs:1:2:`), and its length with the final colon.
pub(super) fn leading_place(text: &str) -> Option<(Site, usize)> {
    let line = text.lines().next().unwrap_or_default();
    let end = place_end(line)?;
    let (file, row, column) = split_location(line[..end].trim_end_matches(':'));
    let plausible = row > 0 && is_file(file);
    plausible.then(|| (Site { file: file.to_owned(), line: row, column }, end))
}

/// End of the first `name:digits[:digits][:]` of a line that is followed by a blank or the line's end.
fn place_end(line: &str) -> Option<usize> {
    let bytes = line.as_bytes();
    let mut from = 0;
    while let Some(colon) = memchr::memchr(b':', &bytes[from..]).map(|at| at + from) {
        let digits = |at: usize| bytes[at..].iter().take_while(|byte| byte.is_ascii_digit()).count();
        let first = digits(colon + 1);
        if first > 0 && colon > 0 {
            let mut end = colon + 1 + first;
            if bytes.get(end) == Some(&b':') && digits(end + 1) > 0 {
                end += 1 + digits(end + 1);
            }
            let end = if bytes.get(end) == Some(&b':') { end + 1 } else { end };
            if bytes.get(end).is_none_or(u8::is_ascii_whitespace) {
                return Some(end);
            }
        }
        from = colon + 1;
    }
    None
}

fn is_file(file: &str) -> bool {
    let name = file.rsplit(['/', '\\']).next().unwrap_or(file);
    name.contains('.') && !file.contains(['\'', '"']) && !file.contains(", ") || file.starts_with('<')
}

/// Sets a panic's phase by its first line: an old headline may be whole at once.
pub(super) fn open(body: &mut Body) {
    let rest = behind_headline(&body.text);
    if rest.starts_with('\'') && (old_place(rest).is_some() || hook_place(rest).is_some()) {
        body.closed_message = true;
        body.phase = Phase::After;
    }
}

fn behind_headline(text: &str) -> &str {
    text.find("panicked at").map_or("", |at| text[at + "panicked at".len()..].trim_start())
}

/// Whether the next line is a panic's message, whatever it looks like.
pub(super) fn awaits_message(body: &Body) -> bool {
    if body.phase != Phase::Message {
        return false;
    }
    let old = behind_headline(&body.text).starts_with('\'');
    old || !body.text.contains('\n') && !has_message(&body.text)
}

/// What a line is to a Rust report.
pub(super) fn step(body: &mut Body, line: &str) -> Step {
    let text = line.trim();
    if is_trailer(text) {
        body.trailers.push(text.to_owned());
        body.phase = Phase::After;
        return Step::Last;
    }
    if text.starts_with("note: run with ") || text.starts_with("note: Some details are omitted") {
        body.closed_message = true;
        body.phase = Phase::After;
        return Step::Taken;
    }
    if text == "stack backtrace:" || text == "Stack backtrace:" {
        body.closed_message = true;
        body.phase = Phase::Frames;
        return Step::Taken;
    }
    match body.phase {
        Phase::Frames if frames::continues(line) => Step::Taken,
        Phase::Frames | Phase::After if text.is_empty() => Step::Skipped,
        Phase::Frames => Step::Ended,
        Phase::After
            if frames::continues(line) && text.starts_with(|c: char| c.is_ascii_digit() || c == '<') =>
        {
            body.phase = Phase::Frames;
            Step::Taken
        }
        Phase::After if is_record(line) => Step::Skipped,
        Phase::After => Step::Ended,
        Phase::Message => message_step(body, line),
    }
}

fn message_step(body: &mut Body, line: &str) -> Step {
    if body.opener != Opener::RustPanic {
        return if line.trim().is_empty() || is_record(line) { Step::Skipped } else { Step::Ended };
    }
    let old = behind_headline(&body.text).starts_with('\'');
    if old {
        if ends_old(line) {
            body.closed_message = true;
            body.phase = Phase::After;
        }
        return Step::Taken;
    }
    // The first line below a headline is the message whatever it looks like; what comes later may be a record.
    let first = !body.text.contains('\n') && !has_message(&body.text);
    if !first && is_record(line) { Step::Skipped } else { Step::Taken }
}

/// Whether the headline carries its message on the same line.
fn has_message(headline: &str) -> bool {
    let rest = behind_headline(headline);
    leading_place(rest).is_some_and(|(_, end)| !rest[end..].trim().is_empty())
}

/// `…', src/a.rs:1:2` at the end of a line.
fn ends_old(line: &str) -> bool {
    line.rfind("', ").is_some_and(|at| {
        let (file, row, _) = split_location(&line[at + 3..]);
        row > 0 && is_file(file)
    })
}

/// What the runtime says after a report when it gives up.
pub(super) fn is_trailer(text: &str) -> bool {
    const TRAILERS: [&str; 10] = [
        "thread caused non-unwinding panic. aborting.",
        "thread panicked while panicking. aborting.",
        "thread panicked while processing panic. aborting.",
        "thread panicked inside panic hook",
        "fatal runtime error: stack overflow",
        "fatal runtime error: thread local panicked on drop",
        "fatal runtime error: failed to initiate panic",
        "fatal runtime error: drop of the panic payload panicked",
        "fatal runtime error: Rust panics must be rethrown",
        "fatal runtime error: Rust cannot catch foreign exceptions",
    ];
    TRAILERS.iter().any(|trailer| text.starts_with(trailer))
}

/// Reads a panic; several where threads of an old toolchain wrote into each other's lines.
pub(super) fn panics(body: &Body) -> Vec<Report> {
    let (headline, below) = body.text.split_once('\n').unwrap_or((&body.text, ""));
    if is_torn(headline) {
        return torn_panics(headline, below);
    }
    let Some(at) = headline.find("panicked at") else { return Vec::new() };
    let mut report = Report { thread: thread_name(&headline[..at]), ..Report::default() };
    let rest = body.text[at + "panicked at".len()..].trim_start();
    let read = match rest.strip_prefix('\'') {
        Some(quoted) => old_form(&mut report, quoted),
        None => new_form(&mut report, rest, body.closed_message),
    };
    if !read {
        return Vec::new();
    }
    // A lost tail is not a lost panic: a place that was cut is `None`.
    report.frames = frames::rust(frames_part(below));
    super::watched::read_stated(&mut report);
    vec![report]
}

/// Whether another thread's headline begins inside this one.
///
/// A message that quotes a panic has a blank or a quote before it; a torn line has whatever the first thread
/// had just written.
fn is_torn(headline: &str) -> bool {
    headline.match_indices("thread '").skip(1).any(|(at, _)| {
        headline[..at].ends_with(|c: char| c.is_ascii_alphanumeric() || matches!(c, '\'' | ':'))
    })
}

fn frames_part(below: &str) -> &str {
    let marker = ["stack backtrace:\n", "Stack backtrace:\n"].iter().find_map(|marker| below.rfind(marker));
    marker.map_or(below, |at| &below[at..])
}

fn thread_name(head: &str) -> String {
    let head = head.trim_end();
    let head = match head.rfind(" (") {
        Some(at)
            if head.ends_with(')') && head[at + 2..head.len() - 1].bytes().all(|b| b.is_ascii_digit()) =>
        {
            &head[..at]
        }
        _ => head,
    };
    let name = match head.find("hread '") {
        Some(at) => head[at + 7..].trim_end_matches('\''),
        None => head.rfind("hread ").map_or("", |at| &head[at + 6..]),
    };
    name.to_owned()
}

/// `MSG', FILE:L:C` (std) or `MSG': FILE:L` (log-panics); the last of several counts.
fn old_form(report: &mut Report, quoted: &str) -> bool {
    if let Some((end, site)) = old_place(quoted).or_else(|| hook_place(quoted)) {
        quoted[..end].clone_into(&mut report.message);
        report.location = Some(site);
        return true;
    }
    // Cut before its place: all that can be known is the first line.
    let first = quoted.lines().next().unwrap_or_default();
    report.message = first.trim_end_matches("',").trim_end_matches('\'').to_owned();
    report.torn = true;
    true
}

/// The last `', path:l:c` at the end of a line of a text; returns where the message ends.
fn old_place(text: &str) -> Option<(usize, Site)> {
    place_behind(text, "', ")
}

/// log-panics' `': path:l`.
fn hook_place(text: &str) -> Option<(usize, Site)> {
    place_behind(text, "': ")
}

fn place_behind(text: &str, mark: &str) -> Option<(usize, Site)> {
    let mut start = 0;
    let mut best = None;
    for line in text.split_inclusive('\n') {
        let content = line.trim_end();
        if let Some(at) = content.rfind(mark) {
            let (file, row, column) = split_location(&content[at + mark.len()..]);
            if row > 0 && is_file(file) {
                best = Some((start + at, Site { file: file.to_owned(), line: row, column }));
            }
        }
        start += line.len();
        if best.is_some() {
            break;
        }
    }
    best
}

/// Whether only words stand behind the headline: a sentence about a panic.
pub(super) fn is_words(body: &Body) -> bool {
    !prose::is_cut_place(behind_headline(&body.text).lines().next().unwrap_or_default())
}

/// `FILE:L:C:` and the message below it (or behind it).
fn new_form(report: &mut Report, rest: &str, closed: bool) -> bool {
    let headline = rest.lines().next().unwrap_or_default();
    let below = rest.get(headline.len()..).unwrap_or_default().trim_start_matches('\n');
    let Some((site, end)) = leading_place(headline) else {
        // A headline without a place, from a hand-written hook: `thread 'x' panicked at MSG`, and a backtrace.
        if !closed || prose::is_cut_place(headline) {
            return false;
        }
        headline.trim().clone_into(&mut report.message);
        return true;
    };
    report.location = Some(site);
    let behind = headline[end..].trim();
    let text = message_lines(below, closed, !behind.is_empty());
    report.message = match (behind.is_empty(), text.is_empty()) {
        (true, _) => text,
        (false, true) => behind.to_owned(),
        (false, false) => format!("{behind}\n{text}"),
    };
    true
}

/// The message's lines: up to the note or backtrace where one was seen, else only what must belong.
fn message_lines(below: &str, closed: bool, had_first: bool) -> String {
    let mut message = String::new();
    for (index, line) in below.lines().enumerate() {
        let text = line.trim();
        if text.starts_with("note: run with ") || text.eq_ignore_ascii_case("stack backtrace:") {
            break;
        }
        let first = index == 0 && !had_first;
        if !first && !closed && !continues_message(line, &message) {
            break;
        }
        if !first {
            message.push('\n');
        }
        message.push_str(line);
    }
    message.truncate(message.trim_end().len());
    message
}

/// Without a terminator, a line belongs to the message only by its shape.
fn continues_message(line: &str, message: &str) -> bool {
    let text = line.trim();
    line.starts_with([' ', '\t']) && !text.is_empty()
        || text == "Caused by:"
        || text.is_empty()
            && message.lines().count() == 1
            && !message.ends_with('\n')
            && message.contains(": ")
        || matches!(text.as_bytes(), [b')' | b'}' | b']', ..])
        || text.starts_with("~~~")
}

/// Two or more headlines in one line: each is told apart by its thread, and by what can be saved of its message.
fn torn_panics(headline: &str, below: &str) -> Vec<Report> {
    let count = headline.matches("thread '").count().max(headline.matches("panicked at").count());
    let mut messages: Vec<String> = Vec::new();
    let mut rest = headline;
    while let Some(at) = rest.find("panicked at '") {
        let text = &rest[at + "panicked at '".len()..];
        let next = text.find("panicked at '").unwrap_or(text.len());
        let message = text[..next].split("', ").next().unwrap_or_default();
        messages.push(message.split("thread '").next().unwrap_or_default().trim_end_matches('\'').to_owned());
        rest = text;
    }
    let mut reports = Vec::new();
    for index in 0..count.min(16) {
        let message = messages.get(index).map_or_else(String::new, |message| repair(message, &messages));
        reports.push(Report { message, torn: true, ..Report::default() });
    }
    let place = place_behind(&format!("{headline}\n{below}"), "', ").map(|(_, site)| site);
    if let Some(site) = place.filter(|site| site.column > 0 && !site.file.contains("thread"))
        && let Some(last) = reports.last_mut()
    {
        last.location = Some(site);
    }
    reports
}

/// A message that another thread's tail was written into, or the same message twice in a row.
fn repair(message: &str, all: &[String]) -> String {
    if let Some(shorter) = all
        .iter()
        .find(|other| other.len() > 8 && other.len() < message.len() && message.starts_with(other.as_str()))
    {
        return shorter.clone();
    }
    let half = message.len() / 2;
    if message.len() > 16
        && message.len().is_multiple_of(2)
        && message.is_char_boundary(half)
        && message[..half] == message[half..]
    {
        return message[..half].to_owned();
    }
    if message.is_empty() {
        all.iter().find(|other| !other.is_empty()).cloned().unwrap_or_default()
    } else {
        message.to_owned()
    }
}

/// Reads the reports that are no panics.
pub(super) fn others(body: &Body) -> Vec<Report> {
    let first = body.text.lines().next().unwrap_or_default();
    let mut report = Report { language: Language::Rust, ..Report::default() };
    match body.opener {
        Opener::StackOverflow => {
            report.kind = Kind::StackOverflow;
            report.thread = thread_name(first.split(" has overflowed").next().unwrap_or_default());
            report.message = "stack overflow".to_owned();
        }
        Opener::AllocFailure => {
            report.kind = Kind::AllocFailure;
            let end = first.find(" failed").map_or(first.len(), |at| at + " failed".len());
            first[..end].clone_into(&mut report.message);
            report.frames = frames::rust(&body.text);
        }
        Opener::RuntimeFatal => {
            report.kind = Kind::Fatal;
            first.trim_start_matches("fatal runtime error: ").clone_into(&mut report.message);
        }
        _ => {
            report.kind = Kind::TaskPanic;
            report.message = first.trim().to_owned();
        }
    }
    vec![report]
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
            if matches!(body.push(line), Step::Ended) {
                break;
            }
        }
        let mut reports = panics(&body);
        assert_eq!(reports.len(), 1, "{text}");
        reports.remove(0)
    }

    fn check(text: &str, thread: &str, message: &str, place: &str) {
        let report = read(text);
        assert_eq!(report.thread, thread, "{text}");
        assert_eq!(report.message, message, "{text}");
        assert_eq!(report.location.map(|site| site.to_string()).unwrap_or_default(), place, "{text}");
    }

    #[test]
    fn headlines_of_every_age() {
        check("thread 'main' panicked at 'boom', src/a.rs:1:2", "main", "boom", "src/a.rs:1:2");
        check("thread 'main' panicked at 'boom', src/a.rs:1", "main", "boom", "src/a.rs:1:0");
        check(
            "thread 'a b: c' panicked at src/a.rs:1:2:\nboom\nnote: run with `X`",
            "a b: c",
            "boom",
            "src/a.rs:1:2",
        );
        check("thread 'main' (42) panicked at src/a.rs:1:2:\nboom", "main", "boom", "src/a.rs:1:2");
        check("Thread main panicked at src/a.rs:1:2: boom", "main", "boom", "src/a.rs:1:2");
        check("panicked at src/a.rs:1:2:\nboom", "", "boom", "src/a.rs:1:2");
        check("thread 'w' panicked at C:\\a\\b.rs:3:4:\nx", "w", "x", "C:\\a\\b.rs:3:4");
        check("[E panic] thread 'w' panicked at 'x: y': src/a.rs:25", "w", "x: y", "src/a.rs:25:0");
        check(
            "thread 'w' panicked at '<::core::macros::panic macros>', <::core::macros::panic macros>:3:10",
            "w",
            "<::core::macros::panic macros>",
            "<::core::macros::panic macros>:3:10",
        );
    }

    #[test]
    fn messages_of_many_lines_and_none() {
        check(
            "thread 'm' panicked at 'a\n  left: `1`,\n right: `2`', a.rs:1:2\nnote: run with",
            "m",
            "a\n  left: `1`,\n right: `2`",
            "a.rs:1:2",
        );
        check("thread 'm' panicked at a.rs:1:2:\n\nnote: run with `R`", "m", "", "a.rs:1:2");
        check(
            "thread 'm' panicked at a.rs:1:2:\nE: loading\n\nCaused by:\n    root\nnote: run with `R`",
            "m",
            "E: loading\n\nCaused by:\n    root",
            "a.rs:1:2",
        );
        check(
            "thread 'm' panicked at a.rs:1:2:\none\nINFO next request\nmore of the program",
            "m",
            "one",
            "a.rs:1:2",
        );
        check("thread 'm' panicked at 'it's ', b.rs:9:9', a.rs:1:2", "m", "it's ', b.rs:9:9", "a.rs:1:2");
    }

    #[test]
    fn sentences_about_panics_are_not_panics() {
        for line in
            ["the worker panicked at night", "a thread panicked", "it panicked at 10:30", "panicked at"]
        {
            let start = begins(line);
            assert!(start.is_none(), "{line}: {start:?}");
        }
    }
}
