//! Go: panics, fatal errors, goroutine dumps, the race detector.
//!
//! Texts are those of `runtime/panic.go`, `runtime/map.go`, `internal/runtime/maps`, `runtime/traceback.go` and
//! `race`. What Go prints differs by `GOTRACEBACK` and version; the shapes that hold are: a headline, an
//! optional `[signal …]`, then blocks `goroutine N [state, M minutes]:` of two-line frames.

use super::{Body, Opener, Phase, Start, Step, is_record, prose};
use crate::envelope::PanicFields;
use crate::report::{Bucket, Kind, Language, Report};
use mapwatch_event::{Frame, Site};
use std::collections::BTreeMap;

/// Where a Go report begins on a line.
pub(super) fn begins(line: &str) -> Option<Start> {
    let start = |opener, at| Some(Start { opener, at });
    if let Some(at) = line.find("WARNING: DATA RACE") {
        let told =
            prose::is_amid_words(&line[..at]) || !prose::is_end(&line[at + "WARNING: DATA RACE".len()..]);
        return if told { None } else { start(Opener::GoRace, at) };
    }
    if let Some(at) = line.find("SIGQUIT: quit") {
        let told = prose::is_amid_words(&line[..at]) || !prose::is_end(&line[at + "SIGQUIT: quit".len()..]);
        return if told { None } else { start(Opener::GoQuit, at) };
    }
    if let Some(at) = line.find("fatal error: ") {
        let text = &line[at + "fatal error: ".len()..];
        let told = prose::is_amid_words(&line[..at]) || text.trim_end().ends_with('?');
        return if at == 0 || is_runtime_text(text) && !told { start(Opener::GoFatal, at) } else { None };
    }
    let served = line.find("panic serving ").filter(|at| line[at + "panic serving ".len()..].contains(": "));
    if let Some(at) = served.or_else(|| line.find("Observed a panic")) {
        return if prose::is_amid_words(&line[..at]) { None } else { start(Opener::GoPanic, at) };
    }
    if let Some(at) = line.find("panic: ") {
        let kernel = line[..at].ends_with("Kernel ");
        let inside =
            line[..at].ends_with(|c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.'));
        if !kernel
            && !inside
            && !prose::is_amid_words(&line[..at])
            && (line[..at].trim().is_empty()
                || is_runtime_text(&line[at + 7..])
                || is_log_prefix(&line[..at]))
        {
            return start(Opener::GoPanic, at);
        }
    }
    recovered(line).and_then(|at| start(Opener::GoRecovered, at))
}

/// A prefix that a logger could have written: it ends with a blank after a bracket, a colon or a level.
fn is_log_prefix(prefix: &str) -> bool {
    let head = prefix.trim_end();
    is_record(prefix) && head.ends_with([']', ':', 'Z', '|']) || head.ends_with("[Recovery]")
}

/// Runtime errors that Go code recovered and logged itself.
fn recovered(line: &str) -> Option<usize> {
    let at = ["ecovered", "ECOVERED", "from panic"].iter().filter_map(|word| line.find(word)).min()?;
    const TEXTS: [&str; 5] = [
        "assignment to entry in nil map",
        "runtime error: ",
        "send on closed channel",
        "close of closed channel",
        "interface conversion: ",
    ];
    TEXTS.iter().filter_map(|text| line[at..].find(text)).min().map(|text| at + text)
}

/// What a Go program that recovered would have printed, where a record's fields are one's.
pub(crate) fn printed(fields: &PanicFields) -> Option<String> {
    let stack = fields.backtrace.trim_start();
    let is_go = stack.starts_with("goroutine ") || is_runtime_text(&fields.payload);
    (is_go && !fields.payload.is_empty()).then(|| format!("Observed a panic: {}\n\n{stack}", fields.payload))
}

/// Whether a text is one of the runtime's own.
fn is_runtime_text(text: &str) -> bool {
    const TEXTS: [&str; 22] = [
        "concurrent map ",
        "all goroutines are asleep",
        "runtime error: ",
        "assignment to entry in nil map",
        "send on closed channel",
        "close of closed channel",
        "close of nil channel",
        "sync: ",
        "stack overflow",
        "runtime: ",
        "unexpected signal",
        "fault",
        "bad map state",
        "interface conversion: ",
        "out of memory",
        "no goroutines (main called",
        "index out of range",
        "checkptr: ",
        "reflect: ",
        "reflect.",
        "bad ",
        "found ",
    ];
    TEXTS.iter().any(|known| text.starts_with(known))
}

/// What a line is to a crash.
pub(super) fn step(body: &mut Body, line: &str) -> Step {
    let text = line.trim_end();
    if goroutine_header(text).is_some() {
        body.phase = Phase::Frames;
        return Step::Taken;
    }
    if text.starts_with("exit status ") || text.starts_with("[exit status ") {
        return if body.phase == Phase::Message && body.text.lines().count() > 8 {
            Step::Ended
        } else {
            Step::Last
        };
    }
    match body.phase {
        Phase::Frames if is_block_line(text) => Step::Taken,
        Phase::Frames if text.is_empty() => Step::Taken,
        Phase::Frames => Step::Ended,
        _ if text.is_empty() || is_head_line(text) || is_block_line(text) => Step::Taken,
        _ if is_record(line) => Step::Skipped,
        // A message of several lines; without a goroutine behind it only its first line counts.
        _ if body.text.lines().count() < 24 && !body.text.contains("\n\n") => Step::Taken,
        _ => Step::Ended,
    }
}

/// A line that looks like a beginning but is inside this crash: a repanic, a second fatal, `[signal …`.
pub(super) fn is_own(body: &Body, line: &str) -> bool {
    let text = line.trim();
    if body.phase != Phase::Message {
        return text.starts_with("exit status ") || text.starts_with("[exit status ");
    }
    let headline = body.text.lines().count() < 8 && !body.text.contains("\n\n");
    headline
        && (line.starts_with("\tpanic: ")
            || line.starts_with(" panic: ")
            || text.starts_with("fatal error: ")
            || text.starts_with("[exit status ")
            || text.starts_with("exit status ")
            || text.starts_with("[signal ")
            || text.starts_with("panic: ") && body.text.contains("[recovered]"))
}

fn is_head_line(text: &str) -> bool {
    [
        "[signal ",
        "runtime stack:",
        "\tpanic: ",
        "fatal error: ",
        "goroutine ",
        "runtime: ",
        "[recovered]",
        "PC=",
    ]
    .iter()
    .any(|start| text.starts_with(start))
}

/// `goroutine 19 gp=0x1 m=0 mp=0x5 [chan receive, 3 minutes]:` → its number, its state.
fn goroutine_header(text: &str) -> Option<(&str, &str)> {
    let rest = text.trim_start().strip_prefix("goroutine ")?;
    let end = rest.find(' ')?;
    let number = &rest[..end];
    let state = rest[end..].split_once('[')?.1.rsplit_once("]:")?.0;
    number.bytes().all(|byte| byte.is_ascii_digit()).then_some((number, state))
}

fn is_block_line(text: &str) -> bool {
    let trimmed = text.trim_start();
    let register = trimmed
        .split_once("    ")
        .is_some_and(|(name, value)| name.len() <= 6 && value.trim().starts_with("0x"));
    is_place(text)
        || is_call(trimmed)
        || trimmed.starts_with("created by ")
        || register
        || trimmed.starts_with("...")
        || trimmed == "runtime stack:"
        || trimmed.starts_with("goroutine running on")
        || trimmed.starts_with("[originating from")
        || trimmed.starts_with("Goroutine ")
}

/// `\t/srv/app/main.go:25 +0x33`
fn is_place(text: &str) -> bool {
    (text.starts_with('\t') || text.starts_with("    ")) && place(text).is_some()
}

fn place(text: &str) -> Option<(&str, u32)> {
    let head = text.trim().split(" +0x").next().unwrap_or_default().split(" fp=").next().unwrap_or_default();
    let (file, line) = head.rsplit_once(':')?;
    let line = line.parse().ok()?;
    (file.ends_with(".go") || file.ends_with(".s") || file.ends_with(".c") || file.contains('/'))
        .then_some((file, line))
}

/// `main.(*registry).addID(0xc000098180, 0x1?, ...)`
fn is_call(text: &str) -> bool {
    text.ends_with(')')
        && text.find('(').is_some_and(|open| {
            let name = &text[..open];
            // `panic({0x6c1a40, 0xc0001a2000})` is the one function without a package.
            name == "panic" || !name.is_empty() && !name.contains(' ') && name.contains('.')
        })
}

/// The function of a call line, arguments off.
fn function(call: &str) -> &str {
    let call = call.trim();
    let call = call.strip_prefix("created by ").unwrap_or(call);
    let call = call.split(" in goroutine ").next().unwrap_or(call);
    // The arguments are the last parenthesis; `(*T)` before it is a receiver.
    match call.strip_suffix(')').and_then(|_| call.rfind('(')) {
        Some(open) if !call[open..].starts_with("(*") => &call[..open],
        _ => call,
    }
}

/// Two-line frames of one block.
fn frames<'a>(lines: impl Iterator<Item = &'a str>) -> Vec<Frame> {
    let mut frames: Vec<Frame> = Vec::new();
    let mut made_by = false;
    for line in lines.take(512) {
        if line.trim().is_empty() {
            break;
        }
        if line.trim_start().starts_with("created by ") {
            made_by = true;
            continue;
        }
        if let Some((file, number)) = place(line).filter(|_| line.starts_with(['\t', ' '])) {
            if let Some(last) = frames.last_mut().filter(|frame| frame.file.is_empty() && !made_by) {
                file.clone_into(&mut last.file);
                last.line = number;
                last.user = is_user(&last.function, file);
            }
            made_by = false;
        } else if is_call(line.trim()) {
            frames.push(Frame { function: function(line).to_owned(), ..Frame::default() });
        }
    }
    frames
}

/// Module code against GOROOT and the module cache.
fn is_user(function: &str, file: &str) -> bool {
    const ROOTS: [&str; 7] = [
        "/go/src/runtime/",
        "/go/src/sync/",
        "/go/src/internal/",
        "/go/src/reflect/",
        "/pkg/mod/",
        "/vendor/",
        "/usr/local/go/src/",
    ];
    if ROOTS.iter().any(|root| file.contains(root)) || file.starts_with("_cgo") || file.starts_with("GOROOT")
    {
        return false;
    }
    // GOROOT is `…/go<version>/src/` or `…/go/src/` with a standard package right below; a module's path has a
    // dot in its first element, or is `main`.
    let package = function.split(['/', '.']).next().unwrap_or_default();
    if function.starts_with("main.")
        || function.contains('/') && function.split('/').next().is_some_and(|host| host.contains('.'))
    {
        return true;
    }
    !STANDARD.contains(&package)
}

/// First elements of standard packages.
const STANDARD: [&str; 40] = [
    "runtime",
    "sync",
    "internal",
    "reflect",
    "fmt",
    "os",
    "io",
    "net",
    "time",
    "context",
    "bufio",
    "bytes",
    "strings",
    "strconv",
    "sort",
    "slices",
    "maps",
    "math",
    "encoding",
    "errors",
    "log",
    "testing",
    "syscall",
    "path",
    "regexp",
    "database",
    "crypto",
    "compress",
    "archive",
    "container",
    "html",
    "text",
    "unicode",
    "hash",
    "image",
    "index",
    "mime",
    "plugin",
    "iter",
    "unique",
];

/// Reads a panic, a fatal error, a dump.
pub(super) fn crash(body: &Body) -> Vec<Report> {
    let text = &body.text;
    let kind = match body.opener {
        Opener::GoFatal => Kind::Fatal,
        Opener::GoQuit => Kind::Dump,
        _ => Kind::Panic,
    };
    let mut report = Report { language: Language::Go, kind, ..Report::default() };
    report.recovered = body.opener == Opener::GoRecovered
        || text.starts_with("panic serving")
        || text.contains("Observed a panic");
    report.message = message(body);
    let has_goroutine = blocks(text).next().is_some();
    if body.opener == Opener::GoPanic && !has_goroutine && !stands_alone(text) {
        return Vec::new();
    }
    if body.opener == Opener::GoFatal && !has_goroutine && !is_runtime_text(&report.message) {
        return Vec::new();
    }
    if let Some((header, lines)) =
        blocks(text).find(|(header, _)| header.1.starts_with("running")).or_else(|| blocks(text).next())
    {
        report.thread = format!("goroutine {}", header.0);
        report.frames = frames(lines.lines());
    }
    report.goroutines = buckets(text);
    locate(&mut report);
    vec![report]
}

/// A panic without a goroutine is one where it begins its line and nothing of its own follows.
fn stands_alone(text: &str) -> bool {
    let mut rest = text.lines().skip(1).map(str::trim).filter(|line| !line.is_empty());
    rest.next().is_none_or(|line| {
        line.starts_with("exit status") || line.starts_with("[exit status") || line.starts_with('[')
    })
}

fn locate(report: &mut Report) {
    let top = report.top_user_frame().cloned();
    report.location = top.map(|frame| Site { file: frame.file, line: frame.line, column: 0 });
}

/// What was thrown: the first panic of a chain, without addresses of the value.
fn message(body: &Body) -> String {
    let text = &body.text;
    let first = text.lines().next().unwrap_or_default();
    if let Some(rest) = first.strip_prefix("panic serving ") {
        return rest.split_once(": ").map_or(rest, |(_, message)| message).to_owned();
    }
    if body.opener == Opener::GoRecovered {
        return first.trim_end_matches(" (<nil>)").to_owned();
    }
    let head: Vec<&str> =
        text.lines().take_while(|line| !line.trim().is_empty() && goroutine_header(line).is_none()).collect();
    let first = first.trim_start_matches("fatal error: ").trim_start_matches("panic: ");
    let first = first.split_once("Observed a panic: ").map_or(first, |(_, rest)| rest);
    // `fault` is the signal's word; the runtime's reason is on the next line.
    let better = head.iter().skip(1).find_map(|line| line.strip_prefix("fatal error: "));
    let first = if first == "fault" { better.unwrap_or(first) } else { first };
    let first = first.trim_end_matches(" [recovered]").trim_end_matches(", repanicked]");
    let mut message = first.to_owned();
    for line in head.iter().skip(1).take(12) {
        let trimmed = line.trim();
        let other =
            ["[signal ", "fatal error: ", "runtime stack:", "exit status", "[exit status", "runtime: "];
        if trimmed.starts_with("panic: ") || other.iter().any(|start| trimmed.starts_with(start)) {
            break;
        }
        message.push('\n');
        message.push_str(line);
    }
    message
}

/// Blocks of goroutines: header and the text behind it.
fn blocks(text: &str) -> impl Iterator<Item = ((&str, &str), &str)> {
    let mut rest = text;
    std::iter::from_fn(move || {
        while !rest.is_empty() {
            let (line, behind) = rest.split_once('\n').unwrap_or((rest, ""));
            rest = behind;
            if let Some(header) = goroutine_header(line) {
                return Some((header, behind));
            }
        }
        None
    })
}

/// Goroutines with the same state and innermost application frame, biggest bucket first.
fn buckets(text: &str) -> Vec<Bucket> {
    let mut found: BTreeMap<(String, String), (u64, u64)> = BTreeMap::new();
    for ((_, state), lines) in blocks(text) {
        let mut parts = state.split(", ");
        let name = parts.next().unwrap_or_default().to_owned();
        let minutes = parts.find_map(|part| part.strip_suffix(" minutes")?.parse().ok()).unwrap_or(0);
        let frames = frames(lines.lines().take(64));
        let top = frames.iter().find(|frame| frame.user).or(frames.first());
        let top = top.map(|frame| frame.function.clone()).unwrap_or_default();
        let entry = found.entry((name, top)).or_default();
        entry.0 += 1;
        entry.1 = entry.1.max(minutes);
        if found.len() > 1000 {
            break;
        }
    }
    let mut buckets: Vec<Bucket> = found
        .into_iter()
        .map(|((state, top), (count, minutes))| Bucket { state, top, count, minutes })
        .collect();
    buckets.sort_by_key(|bucket| std::cmp::Reverse(bucket.count));
    buckets
}

/// What a line is to a race report: everything up to its closing rule.
pub(super) fn race_step(body: &Body, line: &str) -> Step {
    let text = line.trim();
    if text.starts_with("==================") {
        return Step::Last;
    }
    let known = text.is_empty()
        || line.starts_with([' ', '\t'])
        || [" by goroutine ", " by main goroutine", "created at:", "Previous ", "Goroutine "]
            .iter()
            .any(|part| text.contains(part));
    match known {
        true => Step::Taken,
        false if is_record(line) => Step::Skipped,
        false if body.text.lines().count() > 3 => Step::Ended,
        false => Step::Skipped,
    }
}

/// Reads a race: two accesses, each with its stack.
pub(super) fn race(body: &Body) -> Vec<Report> {
    let mut report = Report { language: Language::Go, kind: Kind::Race, ..Report::default() };
    let mut sides: Vec<(&str, Vec<Frame>)> = Vec::new();
    let lines: Vec<&str> = body.text.lines().collect();
    for (index, line) in lines.iter().enumerate() {
        let text = line.trim();
        if text.contains(" at 0x") && text.contains(" by ") {
            sides.push((text, race_frames(&lines[index + 1..])));
        }
    }
    let what = |text: &str| {
        text.split(" at 0x").next().unwrap_or_default().trim_start_matches("Previous ").to_ascii_lowercase()
    };
    report.message = match (sides.first(), sides.get(1)) {
        (Some((first, _)), Some((second, _))) => format!("data race: {} after {}", what(first), what(second)),
        _ => "data race".to_owned(),
    };
    let by = sides.first().and_then(|(text, _)| text.split(" by ").nth(1)).unwrap_or_default();
    by.trim_end_matches(':').clone_into(&mut report.thread);
    let mut sides = sides.into_iter().map(|(_, frames)| frames);
    report.frames = sides.next().unwrap_or_default();
    report.other_frames = sides.next().unwrap_or_default();
    locate(&mut report);
    vec![report]
}

fn race_frames(lines: &[&str]) -> Vec<Frame> {
    frames(lines.iter().copied())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headers_and_functions() {
        assert_eq!(goroutine_header("goroutine 19 [running]:"), Some(("19", "running")));
        assert_eq!(
            goroutine_header("goroutine 19 gp=0x1 m=0 mp=0x5 [chan receive, 3 minutes]:"),
            Some(("19", "chan receive, 3 minutes"))
        );
        assert_eq!(function("main.(*registry).addID(0xc000098180, 0x1?)"), "main.(*registry).addID");
        assert_eq!(function("maps.Clone[...](...)"), "maps.Clone[...]");
        assert_eq!(function("main.main.func1()"), "main.main.func1");
        assert_eq!(function("f(0x1, {0x2, 0x3})"), "f");
    }

    #[test]
    fn what_only_contains_panic_is_not_one() {
        for line in [
            "Kernel panic: not syncing",
            "dont-panic: on",
            "no panic here",
            "gcc: fatal error: foo.h: No such file",
        ] {
            assert_eq!(begins(line), None, "{line}");
        }
        assert!(begins("panic: boom").is_some());
        assert!(begins("2026/11/23 15:51:58 http: panic serving 10.0.0.1:1: boom").is_some());
        assert!(begins("RECOVERED: assignment to entry in nil map (<nil>)").is_some());
    }
}
