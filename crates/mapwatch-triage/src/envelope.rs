//! What collectors put around a line: who wrote it, when, and where the program's own words begin.
//!
//! [`peel`] takes one raw line and takes off every envelope it knows, one inside the other: docker's json-file,
//! CRI, `kubectl --prefix`, `docker compose`, journald (short, export, JSON), syslog (RFC 3164 and 5424),
//! logcat, JSON and logfmt records of any logger. Prefixes that no collector is known for are left on and are learned
//! where a report begins (`assemble`).
//!
//! A line's *key* is the identity of the stream it belongs to (container, unit and process, thread), so that
//! interleaved streams can be taken apart; lines of one key are in order.

mod json;
mod logfmt;
mod prefix;

use crate::time::Micros;
use std::borrow::Cow;

pub use json::PanicFields;

/// How many envelopes are taken off at most; a guard against lines made to nest.
const DEPTH: usize = 5;

/// What is known of who wrote a line.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Origin {
    /// The host or node.
    pub host: String,
    /// The service, unit, container or pod.
    pub service: String,
    /// The process id, as text.
    pub process: String,
    /// Version or release, where the log tells.
    pub release: String,
}

/// How a line's content ends.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Form {
    /// One line of the program's output.
    #[default]
    Line,
    /// A part of a line that goes on in the next one of this stream.
    Partial,
    /// A whole record of a logger: what it says may have several lines and ends with it.
    Record,
}

/// One line without its envelopes.
#[derive(Clone, Debug, Default)]
pub struct Peeled<'a> {
    /// The stream; 0 where no envelope names one.
    pub key: u64,
    /// The program's own words; may hold several lines for a [`Form::Record`].
    pub content: Cow<'a, [u8]>,
    /// When, by the outermost envelope that tells.
    pub time: Option<Micros>,
    /// How the content ends.
    pub form: Form,
    /// Who wrote it.
    pub origin: Origin,
    /// What a structured record says about a panic beside its message.
    pub panic: Option<Box<PanicFields>>,
}

/// What [`peel`] is told about the input.
#[derive(Clone, Copy, Debug)]
pub struct Context {
    /// The year of stamps that have none.
    pub year: i64,
}

/// Takes every known envelope off one line (without its newline).
#[must_use]
pub fn peel(raw: &[u8], context: Context) -> Peeled<'_> {
    let mut line =
        Peeled { content: Cow::Borrowed(raw.strip_suffix(b"\r").unwrap_or(raw)), ..Peeled::default() };
    for _ in 0..DEPTH {
        if !peel_once(&mut line, context) {
            break;
        }
    }
    line
}

fn peel_once(line: &mut Peeled<'_>, context: Context) -> bool {
    if line.form == Form::Record && line.content.contains(&b'\n') {
        return false;
    }
    match &line.content {
        Cow::Borrowed(content) => {
            let content: &[u8] = content;
            if let Some(found) = prefix::strip(content, context.year) {
                line.adopt(found.layer);
                line.content = Cow::Borrowed(found.rest);
                return true;
            }
        }
        Cow::Owned(content) => {
            if let Some(found) = prefix::strip(content, context.year) {
                let rest = found.rest.to_vec();
                line.adopt(found.layer);
                line.content = Cow::Owned(rest);
                return true;
            }
        }
    }
    let opened = json::open(&line.content).or_else(|| logfmt::open(&line.content));
    let Some((layer, content)) = opened.or_else(|| json::embedded(&line.content, context.year)) else {
        return false;
    };
    line.adopt(layer);
    line.content = Cow::Owned(content);
    true
}

/// What one envelope adds.
#[derive(Default)]
struct Layer {
    identity: u64,
    time: Option<Micros>,
    form: Form,
    origin: Origin,
    panic: Option<Box<PanicFields>>,
}

impl Peeled<'_> {
    fn adopt(&mut self, layer: Layer) {
        self.key = mix(self.key, layer.identity);
        self.time = self.time.or(layer.time);
        // A part of a line stays one, whatever was inside.
        if self.form != Form::Partial && layer.form != Form::Line {
            self.form = layer.form;
        }
        let Origin { host, service, process, release } = layer.origin;
        for (mine, other) in [
            (&mut self.origin.host, host),
            (&mut self.origin.service, service),
            (&mut self.origin.process, process),
            (&mut self.origin.release, release),
        ] {
            if mine.is_empty() {
                *mine = other;
            }
        }
        if layer.panic.is_some() {
            self.panic = layer.panic;
        }
    }
}

/// FNV-1a of some bytes; the hash of stream keys and fingerprints.
#[must_use]
pub(crate) fn hash(seed: u64, bytes: &[u8]) -> u64 {
    bytes.iter().fold(seed ^ 0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(*byte)).wrapping_mul(0x0000_0100_0000_01b3)
    })
}

const fn mix(a: u64, b: u64) -> u64 {
    if b == 0 { a } else { a.rotate_left(17) ^ b.wrapping_mul(0x9e37_79b9_7f4a_7c15) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn content(line: &str) -> String {
        String::from_utf8_lossy(&peel(line.as_bytes(), Context { year: 2026 }).content).into_owned()
    }

    #[test]
    fn every_known_envelope_comes_off() {
        for line in [
            "hello",
            "hello\r",
            r#"{"log":"hello\n","stream":"stderr","time":"2026-11-23T15:51:58.1Z"}"#,
            r#"{"log": "hello\n", "stream": "stdout", "time": "2026-11-23T15:51:58.1Z"}"#,
            "2026-11-23T15:51:58.123456000Z stderr F hello",
            "[pod/web-1-7d9c5b8f6-x2x7k/app] hello",
            "web-1        | hello",
            "Nov 23 15:51:58 host1 mapd[4121]: hello",
            "2026-11-23T15:51:58+0000 host1 mapd[4121]: hello",
            "Nov 23 15:51:58 host1 kernel: hello",
            "<11>1 2026-11-23T15:51:58.123456Z host1 mapd 4121 - - hello",
            "<11>1 2026-11-23T15:51:58Z host1 mapd 4121 ID [a@1 b=\"x ] y\"] hello",
            "<11>Nov 23 15:51:58 host1 mapd[4121]: hello",
            "11-23 15:51:58.000 20613 20641 I RustStdoutStderr: hello",
            r#"{"ts":"2026-11-23T15:51:58.123Z","level":"info","msg":"hello"}"#,
            r#"{"@timestamp":"2026-11-23T15:51:58.123Z","log.level":"info","message":"hello"}"#,
            r#"{"timestamp":"2026-11-23T15:51:58Z","level":"INFO","fields":{"message":"hello"},"target":"a"}"#,
            r#"{"MESSAGE":[104,101,108,108,111],"_PID":"7"}"#,
            "MESSAGE=hello",
            r#"{"log":"{\"msg\":\"hello\"}\n","stream":"stderr","time":"2026-11-23T15:51:58.1Z"}"#,
            r#"{"log":"hello, cut in the mid"#,
            r#"time="2026-11-23T15:51:58Z" level=info msg="hello \"you\"" pid=7"#,
            "level=info msg=hello",
            "2026-11-23T15:51:58+00:00\tkube.var.log\t{\"log\":\"hello\\n\",\"stream\":\"stderr\"}",
            r#"app-1 2026-11-23T15:51:58Z {"level":"info","msg":"hello"}"#,
        ] {
            assert!(content(line).trim_end().starts_with("hello"), "{line}: {}", content(line));
        }
    }

    #[test]
    fn streams_are_told_apart_and_stay_together() {
        let key = |line: &str| peel(line.as_bytes(), Context { year: 2026 }).key;
        assert_eq!(key("web-1  | a"), key("web-1  | b"));
        assert_eq!(key("web-1  | a"), key("web-1  |"));
        assert_ne!(key("web-1  | a"), key("web-2  | a"));
        assert_ne!(key("Nov 23 15:51:58 h m[1]: a"), key("Nov 23 15:51:58 h m[2]: a"));
        assert_eq!(key("Nov 23 15:51:58 h m[1]: a"), key("Nov 23 15:51:59 h m[1]: b"));
        assert_eq!(key("INFO | a"), 0);
        assert_eq!(key("2026-11-23T15:51:58Z ERROR request: panic"), 0);
    }

    #[test]
    fn parts_are_marked() {
        let form = |line: &str| peel(line.as_bytes(), Context { year: 2026 }).form;
        assert_eq!(form("2026-11-23T15:51:58.1Z stderr P x"), Form::Partial);
        assert_eq!(form("2026-11-23T15:51:58.1Z stderr F x"), Form::Line);
        assert_eq!(form(r#"{"log":"x","stream":"stderr","time":"t"}"#), Form::Partial);
        assert_eq!(form(r#"{"msg":"a\nb"}"#), Form::Record);
    }
}
