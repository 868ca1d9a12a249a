//! From lines to reports: where one begins, which lines belong to it, what it says.
//!
//! Three steps, each of which cannot fail. [`begins`] looks at one line (its envelope is off) and says whether
//! a report begins there and where. A [`Body`] then takes the lines that follow, one by one, and says which are
//! its own and when it is over; it is bounded in lines and bytes. [`Body::reports`] reads what was collected.
//! What looks like a panic and cannot be read comes back as [`Reading::Unread`].

pub(crate) mod exit;
pub(crate) mod frames;
pub(crate) mod go;
mod hook;
mod native;
mod prose;
mod rust;
mod watched;

use crate::envelope::PanicFields;
use crate::report::Report;

pub use exit::{Ending, Signal};

/// What sort of report begins on a line; decides which lines follow and who reads them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Opener {
    /// `thread 'x' panicked at …`, and its `Display` without a thread.
    RustPanic,
    /// A hook's own words: color-eyre, better-panic, miette, human-panic, tracing-panic.
    Hook,
    /// `thread 'x' has overflowed its stack`
    StackOverflow,
    /// `memory allocation of N bytes failed`
    AllocFailure,
    /// `fatal runtime error: …` on its own.
    RuntimeFatal,
    /// A `JoinError` in words: `task 3 panicked with message "…"`.
    TaskPanic,
    /// `Error: …` with a chain of causes, from `main`.
    ErrorExit,
    /// `panic: …`
    GoPanic,
    /// A panic that Go code recovered and logged in its own words.
    GoRecovered,
    /// `fatal error: …`
    GoFatal,
    /// `WARNING: DATA RACE`
    GoRace,
    /// `SIGQUIT: quit`
    GoQuit,
    /// `==1==ERROR: AddressSanitizer: …`, `WARNING: ThreadSanitizer: …`
    Sanitizer,
    /// `error: Undefined Behavior: …`
    Miri,
    /// `1 deadlocks detected`
    Deadlock,
    /// `mapwatch: … [code]`
    Watched,
    /// A conflict or a panic in an event stream.
    Conflict,
    /// A line about the end of a process.
    Exit,
}

/// Where a report begins on a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Start {
    pub(crate) opener: Opener,
    /// Byte offset of the report's first word; what stands before is a prefix to learn.
    pub(crate) at: usize,
}

/// Whether a report begins on this line.
pub(crate) fn begins(line: &str) -> Option<Start> {
    rust::begins(line)
        .or_else(|| watched::begins(line))
        .or_else(|| hook::begins(line))
        // A hook's line may quote the join error that it was called for.
        .or_else(|| rust::begins_task(line))
        .or_else(|| go::begins(line))
        .or_else(|| native::begins(line))
        .or_else(|| exit::begins(line))
}

/// What a body makes of a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Step {
    /// It is part of the report.
    Taken,
    /// It is somebody else's line between two of the report's.
    Skipped,
    /// The report ended before it.
    Ended,
    /// It is the report's last line.
    Last,
}

/// How far a report has come.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Phase {
    /// In the message.
    #[default]
    Message,
    /// In a backtrace, a goroutine block, a section of a sanitizer.
    Frames,
    /// All is said; only trailers may follow.
    After,
}

/// Lines kept of one report.
const MOST_LINES: usize = 20_000;
/// Bytes kept of one report; a longer one is read as far as this.
const MOST_BYTES: usize = 1 << 20;
/// Lines of others that may stand between two lines of a report in the same stream.
const MOST_FOREIGN: usize = 12;

/// A report that is being collected.
#[derive(Clone, Debug)]
pub(crate) struct Body {
    pub(crate) opener: Opener,
    pub(crate) text: String,
    pub(crate) phase: Phase,
    pub(crate) trailers: Vec<String>,
    /// Whether the message's end was seen (a `note:`, a backtrace), so that all lines before it are message.
    pub(crate) closed_message: bool,
    /// Lines in a row that did not belong.
    foreign: usize,
    lines: usize,
}

impl Body {
    /// Begins with the report's first line, its prefix cut.
    pub(crate) fn new(opener: Opener, first: &str) -> Body {
        let mut body = Body {
            opener,
            text: String::with_capacity(256),
            phase: Phase::Message,
            trailers: Vec::new(),
            closed_message: false,
            foreign: 0,
            lines: 0,
        };
        body.take(first);
        match opener {
            Opener::RustPanic => rust::open(&mut body),
            Opener::Conflict => body.phase = Phase::After,
            _ => {}
        }
        body
    }

    /// Whether nothing can follow, so that the body need not be kept open.
    pub(crate) fn is_single(&self) -> bool {
        matches!(self.opener, Opener::Exit | Opener::TaskPanic | Opener::Conflict | Opener::GoRecovered)
    }

    /// Looks at the next line of the stream.
    pub(crate) fn push(&mut self, line: &str) -> Step {
        if self.lines >= MOST_LINES || self.text.len() >= MOST_BYTES {
            return Step::Ended;
        }
        let step = match self.opener {
            Opener::RustPanic | Opener::StackOverflow | Opener::AllocFailure | Opener::RuntimeFatal => {
                rust::step(self, line)
            }
            Opener::Hook | Opener::ErrorExit => hook::step(self, line),
            Opener::GoPanic | Opener::GoFatal | Opener::GoQuit => go::step(self, line),
            Opener::GoRace => go::race_step(self, line),
            Opener::Sanitizer | Opener::Miri | Opener::Deadlock => native::step(self, line),
            Opener::Watched => watched::step(self, line),
            Opener::Exit | Opener::TaskPanic | Opener::Conflict | Opener::GoRecovered => Step::Ended,
        };
        match step {
            Step::Taken | Step::Last => {
                self.foreign = 0;
                self.take(line);
            }
            Step::Skipped => {
                self.foreign += 1;
                if self.foreign > MOST_FOREIGN {
                    return Step::Ended;
                }
            }
            Step::Ended => {}
        }
        step
    }

    /// Whether a line on which a report could begin belongs to this one.
    pub(crate) fn claims(&self, line: &str, start: Start) -> bool {
        let text = line.trim();
        match self.opener {
            Opener::RustPanic if rust::awaits_message(self) => start.opener != Opener::RustPanic,
            Opener::Hook if hook::is_message(self, line) => true,
            Opener::RustPanic | Opener::StackOverflow | Opener::AllocFailure | Opener::Hook => {
                rust::is_trailer(text)
            }
            Opener::GoPanic | Opener::GoFatal | Opener::GoQuit => go::is_own(self, line),
            Opener::Sanitizer => text.contains("SUMMARY: ") || text.ends_with("ABORTING"),
            Opener::Miri => text.starts_with("note: ") || text.starts_with("help: "),
            _ => false,
        }
    }

    /// Whether a line is a report's own beyond doubt, so that it decides how the lines below look.
    pub(crate) fn knows(&self, line: &str) -> bool {
        let text = line.trim();
        frames::continues(line)
            || text.starts_with("note: run with ")
            || text == "stack backtrace:"
            || text.starts_with("goroutine ")
            || text.starts_with("Message:")
            || text.starts_with("Caused by:")
    }

    /// Says that all lines so far belong to the report's message, unless it was over before.
    pub(crate) fn close_message(&mut self) {
        if self.opener == Opener::RustPanic && self.phase == Phase::Message {
            self.closed_message = true;
        }
    }

    fn take(&mut self, line: &str) {
        if !self.text.is_empty() || self.lines > 0 {
            self.text.push('\n');
        }
        let room = MOST_BYTES.saturating_sub(self.text.len());
        if line.len() <= room {
            self.text.push_str(line);
        } else {
            self.text.push_str(&crate::plain::shorten(line, room));
        }
        self.lines += 1;
    }

    /// Reads what was collected.
    pub(crate) fn reports(&self, fields: Option<&PanicFields>) -> Reading {
        let mut reports = match self.opener {
            Opener::RustPanic => rust::panics(self),
            Opener::StackOverflow | Opener::AllocFailure | Opener::RuntimeFatal | Opener::TaskPanic => {
                rust::others(self)
            }
            Opener::Hook => hook::panics(self, fields),
            Opener::ErrorExit => hook::error_exit(self),
            Opener::GoPanic | Opener::GoFatal | Opener::GoQuit | Opener::GoRecovered => go::crash(self),
            Opener::GoRace => go::race(self),
            Opener::Sanitizer | Opener::Miri | Opener::Deadlock => native::reports(self),
            Opener::Watched => watched::report(self),
            Opener::Conflict => watched::event(&self.text),
            Opener::Exit => return exit::read(&self.text).map_or(Reading::Nothing, Reading::Ending),
        };
        for report in &mut reports {
            if report.trailers.is_empty() {
                report.trailers.clone_from(&self.trailers);
            }
        }
        match (reports.is_empty(), self.opener) {
            (false, _) => Reading::Reports(reports),
            (true, Opener::RustPanic) if rust::is_words(self) => Reading::Nothing,
            (true, Opener::RustPanic) => Reading::Unread("a panic's headline without a place"),
            (true, _) => Reading::Nothing,
        }
    }
}

/// What a body turned out to be.
#[derive(Clone, Debug)]
pub(crate) enum Reading {
    /// One report; several where threads tore each other's lines.
    Reports(Vec<Report>),
    /// How a process ended.
    Ending(Ending),
    /// It only looked like a report.
    Nothing,
    /// It looked like a panic and could not be read.
    Unread(&'static str),
}

/// The category that a watched map's message states itself.
pub(crate) fn stated(message: &str) -> Option<mapwatch_event::Category> {
    if message.starts_with("mapwatch: ") { watched::code(message) } else { None }
}

/// Whether a line looks like a log record of its own: a stamp, a level, a JSON object.
///
/// Such a line never continues a message.
pub(crate) fn is_record(line: &str) -> bool {
    let bytes = line.as_bytes();
    match bytes.first() {
        None | Some(b' ' | b'\t') => return false,
        Some(b'{') => return line.starts_with("{\""),
        _ => {}
    }
    let head = line.trim_start_matches(['[', '<', '(', '"']);
    if crate::time::leading(head.as_bytes(), 2000).is_some() {
        return true;
    }
    let word = head.split(|c: char| !c.is_ascii_alphanumeric()).next().unwrap_or_default();
    let next = head.as_bytes().get(word.len());
    let level = ["TRACE", "DEBUG", "INFO", "WARN", "WARNING", "ERROR", "FATAL", "NOTICE", "CRITICAL", "ERR"];
    let klog =
        word.len() == 5 && "IWEF".contains(&word[..1]) && word[1..].bytes().all(|b| b.is_ascii_digit());
    (level.contains(&word) && next.is_none_or(|byte| matches!(byte, b' ' | b']' | b':' | b'\t' | b'|')))
        || klog
}
