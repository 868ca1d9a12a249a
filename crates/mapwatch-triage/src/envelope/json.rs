//! Envelopes that are a JSON object: docker's json-file, journald's export as JSON, loggers' records.
//!
//! A line that is cut (a full disk, a collector's limit) is still read: what stands behind the message's key
//! is unescaped as far as it goes.

use super::{Form, Layer, Origin, hash};
use crate::time::{self, Micros};
use serde_json::Value;

/// Fields by which structured panic hooks tell a panic (`tracing-panic`, ECS, hand-written hooks).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PanicFields {
    /// What the panic said, where that is not the record's message.
    pub payload: String,
    /// `file:line:column`
    pub location: String,
    /// The backtrace, in any of the known shapes.
    pub backtrace: String,
    /// The thread's name.
    pub thread: String,
}

impl PanicFields {
    /// Whether they tell a panic on their own: where, and what it said or the way through the panic machinery.
    pub(crate) fn is_told(&self) -> bool {
        let unwinds = ["rust_begin_unwind", "core::panicking::", "std::panicking::"];
        let traced = || unwinds.iter().any(|name| self.backtrace.contains(name));
        !self.location.is_empty() && (!self.payload.is_empty() || traced())
    }
}

/// Keys whose value is the record's message, best first.
const MESSAGE: [&str; 11] = [
    "MESSAGE",
    "message",
    "msg",
    "fields.message",
    "log",
    "event",
    "textPayload",
    "short_message",
    "text",
    "body",
    "line",
];
const TIME: [&str; 10] = [
    "time",
    "timestamp",
    "@timestamp",
    "ts",
    "_SOURCE_REALTIME_TIMESTAMP",
    "__REALTIME_TIMESTAMP",
    "date",
    "t",
    "datetime",
    "eventTime",
];
/// Keys that name a stream; what they hold is hashed in this order.
const IDENTITY: [&str; 15] = [
    "host",
    "hostname",
    "_HOSTNAME",
    "pod",
    "kubernetes.pod_name",
    "kubernetes.container_name",
    "container",
    "container_name",
    "_SYSTEMD_UNIT",
    "service",
    "service.name",
    "pid",
    "_PID",
    "process.pid",
    "threadId",
];
const PAYLOAD: [&str; 10] = [
    "panic.payload",
    "panic_payload",
    "payload",
    "panic.message",
    "panic_message",
    "error.message",
    "panic",
    "error",
    "err",
    "reason",
];
const LOCATION: [&str; 6] = ["panic.location", "panic_location", "location", "panic.file", "file", "source"];
const BACKTRACE: [&str; 9] = [
    "panic.backtrace",
    "panic_backtrace",
    "backtrace",
    "error.stack_trace",
    "stacktrace",
    "stack_trace",
    "stack",
    "err.stack",
    "bt",
];
const THREAD: [&str; 5] = ["panic.thread", "thread.name", "thread_name", "threadName", "thread"];

/// Opens a JSON object and returns what it adds and the words inside.
pub(super) fn open(line: &[u8]) -> Option<(Layer, Vec<u8>)> {
    let line = line.trim_ascii();
    if line.first() != Some(&b'{') {
        return None;
    }
    // A session of a watched map is read as it is.
    if line.starts_with(b"{\"seq\":") && memchr::memmem::find(line, b"\"kind\":").is_some() {
        return None;
    }
    docker(line).or_else(|| record(line)).or_else(|| cut(line))
}

/// Bytes of a prefix behind which an object may begin.
const PREFIX: usize = 256;

/// An object behind a prefix that nobody knows (`app[web.1]: {"log":…}`): a collector's line, a record with a
/// stamp before it, or a panic's own fields. Any other text with an object in it is a text.
pub(super) fn embedded(line: &[u8], year: i64) -> Option<(Layer, Vec<u8>)> {
    let line = line.trim_ascii_end();
    let at = memchr::memmem::find(&line[..line.len().min(PREFIX)], b"{\"").filter(|at| *at > 0)?;
    let (prefix, object) = line.split_at(at);
    if object.last() != Some(&b'}') {
        return None;
    }
    let stream = prefix.iter().copied().filter(|byte| !byte.is_ascii_digit()).collect::<Vec<u8>>();
    let (mut layer, content) = match docker(object) {
        Some(opened) => opened,
        None => {
            let (layer, content) = record(object)?;
            let told = |fields: &PanicFields| !fields.payload.is_empty() && !fields.location.is_empty();
            let is_panic = layer.panic.as_deref().is_some_and(told);
            let is_stamped = prefix.ends_with(b" ") && time::find(prefix, year).is_some();
            (is_panic || is_stamped).then_some((layer, content))?
        }
    };
    layer.identity = hash(layer.identity, &stream);
    layer.time = layer.time.or_else(|| time::find(prefix, year));
    Some((layer, content))
}

/// docker's own keys, without a general parser: this is the densest envelope there is.
fn docker(line: &[u8]) -> Option<(Layer, Vec<u8>)> {
    let rest = line.strip_prefix(b"{\"log\":")?.trim_ascii_start().strip_prefix(b"\"")?;
    let (mut content, used) = unescape(rest);
    let rest = rest.get(used..)?;
    let stream = string_after(rest, b"\"stream\"")?;
    let at = string_after(rest, b"\"time\"").and_then(|stamp| time::leading(stamp, 0)).map(|(at, _)| at);
    let whole = content.last() == Some(&b'\n');
    if whole {
        content.pop();
    }
    let form = if whole { Form::Line } else { Form::Partial };
    // What a collector on Kubernetes adds tells the streams of one file apart.
    let named = |key: &[u8]| string_after(rest, key).unwrap_or_default();
    let (pod, container) = (named(b"\"pod_name\""), named(b"\"container_name\""));
    let identity = hash(hash(hash(8, stream), pod), container);
    let service = String::from_utf8_lossy(if pod.is_empty() { container } else { pod }).into_owned();
    let origin = Origin { service, ..Origin::default() };
    Some((Layer { identity, time: at, form, origin, ..Layer::default() }, content))
}

fn string_after<'a>(text: &'a [u8], key: &[u8]) -> Option<&'a [u8]> {
    let at = memchr::memmem::find(text, key)? + key.len();
    let rest =
        text.get(at..)?.trim_ascii_start().strip_prefix(b":")?.trim_ascii_start().strip_prefix(b"\"")?;
    Some(&rest[..memchr::memchr(b'"', rest)?])
}

/// Any other object with a message.
fn record(line: &[u8]) -> Option<(Layer, Vec<u8>)> {
    let lossy = String::from_utf8_lossy(line);
    let value: Value = serde_json::from_str(&lossy).ok()?;
    // A session of a watched map is read as it is.
    if value.get("kind").is_some() && (value.get("seq").is_some() || value.get("schema").is_some()) {
        return None;
    }
    let message = MESSAGE.iter().find_map(|key| find(&value, key)).and_then(bytes);
    let panic = panic_fields(&value);
    let content = match (message, &panic) {
        (Some(message), _) => message,
        (None, Some(fields)) => fields.payload.clone().into_bytes(),
        (None, None) => return None,
    };
    // A collector's record of a line keeps the line's end.
    let content = content.strip_suffix(b"\n").map(<[u8]>::to_vec).unwrap_or(content);
    let mut identity = hash(9, b"record");
    for key in IDENTITY {
        if let Some(text) = find(&value, key).and_then(scalar) {
            identity = hash(identity, text.as_bytes());
        }
    }
    let layer = Layer {
        identity,
        time: TIME.iter().find_map(|key| find(&value, key)).and_then(stamp),
        form: Form::Record,
        origin: origin(&value),
        panic: panic.map(Box::new),
    };
    Some((layer, content))
}

/// A value by a dotted key, written flat (`"panic.payload"`), nested, or inside tracing's `fields`.
fn find<'a>(value: &'a Value, key: &str) -> Option<&'a Value> {
    let object = value.as_object()?;
    if let Some(found) = object.get(key) {
        return Some(found);
    }
    let nested = key.split_once('.').and_then(|(outer, inner)| find(object.get(outer)?, inner));
    nested.or_else(|| match key.starts_with("fields.") || key == "message" || key == "MESSAGE" {
        true => None,
        false => object.get("fields").and_then(|fields| find(fields, key)),
    })
}

fn panic_fields(value: &Value) -> Option<PanicFields> {
    let text =
        |keys: &[&str]| keys.iter().find_map(|key| find(value, key)).and_then(scalar).unwrap_or_default();
    let mut fields = PanicFields {
        payload: text(&PAYLOAD),
        location: text(&LOCATION),
        backtrace: text(&BACKTRACE),
        thread: text(&THREAD),
    };
    let numbers = ["panic.line", "line", "lineno", "panic.column", "column", "col"];
    if !fields.location.is_empty() && !fields.location.contains(':') {
        for number in numbers.iter().filter_map(|key| find(value, key)).filter_map(Value::as_u64).take(2) {
            fields.location += &format!(":{number}");
        }
    }
    (!fields.payload.is_empty() || !fields.backtrace.is_empty() || !fields.location.is_empty())
        .then_some(fields)
}

fn origin(value: &Value) -> Origin {
    let text =
        |keys: &[&str]| keys.iter().find_map(|key| find(value, key)).and_then(scalar).unwrap_or_default();
    Origin {
        host: text(&["hostname", "_HOSTNAME", "host.name", "host", "kubernetes.host"]),
        service: text(&[
            "service.name",
            "_SYSTEMD_UNIT",
            "kubernetes.pod_name",
            "pod",
            "container_name",
            "container",
            "service",
            "name",
        ]),
        process: text(&["_PID", "pid", "process.pid"]),
        release: text(&["release", "service.version", "version", "build", "git_sha", "commit"]),
    }
}

fn scalar(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        Value::Array(lines) => {
            let lines: Vec<_> = lines.iter().filter_map(Value::as_str).collect();
            (!lines.is_empty()).then(|| lines.join("\n"))
        }
        Value::Object(object) => {
            ["message", "msg", "payload"].iter().find_map(|key| object.get(*key)?.as_str().map(str::to_owned))
        }
        _ => None,
    }
}

/// A message: text, or the array of bytes that journald writes where there are control characters.
fn bytes(value: &Value) -> Option<Vec<u8>> {
    match value {
        Value::String(text) => Some(text.clone().into_bytes()),
        Value::Array(numbers) => {
            numbers.iter().map(|number| number.as_u64().and_then(|byte| u8::try_from(byte).ok())).collect()
        }
        _ => None,
    }
}

fn stamp(value: &Value) -> Option<Micros> {
    match value {
        Value::String(text) if text.bytes().all(|byte| byte.is_ascii_digit()) => {
            time::epoch(text.parse().ok()?)
        }
        Value::String(text) => time::leading(text.as_bytes(), 0).map(|(at, _)| at),
        Value::Number(number) => time::epoch(number.as_f64()?),
        _ => None,
    }
}

/// An object without its end: the longest text behind a message's key.
fn cut(line: &[u8]) -> Option<(Layer, Vec<u8>)> {
    let keys: [&[u8]; 5] = [b"\"log\"", b"\"message\"", b"\"msg\"", b"\"MESSAGE\"", b"\"panic.payload\""];
    let rest = keys.iter().find_map(|key| {
        let at = memchr::memmem::find(line, key)? + key.len();
        line.get(at..)?.trim_ascii_start().strip_prefix(b":")?.trim_ascii_start().strip_prefix(b"\"")
    })?;
    let (content, _) = unescape(rest);
    let layer = Layer { identity: hash(10, b"cut"), form: Form::Record, ..Layer::default() };
    Some((layer, content))
}

/// A JSON string's contents up to its closing quote, and how many bytes were used (the quote included).
pub(super) fn unescape(text: &[u8]) -> (Vec<u8>, usize) {
    let mut out = Vec::with_capacity(text.len().min(256));
    let mut at = 0;
    while let Some(next) = memchr::memchr2(b'"', b'\\', &text[at..]) {
        out.extend_from_slice(&text[at..at + next]);
        at += next;
        if text[at] == b'"' {
            return (out, at + 1);
        }
        let Some(escaped) = text.get(at + 1) else { return (out, text.len()) };
        at += 2;
        match escaped {
            b'n' => out.push(b'\n'),
            b't' => out.push(b'\t'),
            b'r' => out.push(b'\r'),
            b'b' | b'f' => out.push(b' '),
            b'u' => at += unicode(&text[at..], &mut out),
            other => out.push(*other),
        }
    }
    out.extend_from_slice(&text[at..]);
    (out, text.len())
}

/// `XXXX` behind `\u`, with its second half where it is a surrogate; returns the bytes used.
fn unicode(text: &[u8], out: &mut Vec<u8>) -> usize {
    let unit = |at: usize| {
        let digits = std::str::from_utf8(text.get(at..at + 4)?).ok()?;
        u32::from_str_radix(digits, 16).ok()
    };
    let Some(first) = unit(0) else { return 0 };
    let (code, used) = match (first, text.get(4..6), unit(6)) {
        (0xd800..=0xdbff, Some(b"\\u"), Some(second @ 0xdc00..=0xdfff)) => {
            (0x10000 + ((first - 0xd800) << 10) + (second - 0xdc00), 10)
        }
        _ => (first, 4),
    };
    let mut buffer = [0; 4];
    out.extend_from_slice(char::from_u32(code).unwrap_or('\u{fffd}').encode_utf8(&mut buffer).as_bytes());
    used
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn strings_are_unescaped_as_far_as_they_go() {
        assert_eq!(unescape(br#"a\nb\u00e9\ud83d\ude00" rest"#), ("a\nbé😀".as_bytes().to_vec(), 23));
        for cut in [&br"a\"[..], br"a\u", br"a\u00", br"a\ud83d", br"a\ud83d\u"] {
            let _ = unescape(cut);
        }
    }

    #[test]
    fn structured_panics_are_found_flat_and_nested() {
        for line in [
            r#"{"fields":{"message":"A panic occurred","panic.payload":"p","panic.location":"a.rs:1:2"}}"#,
            r#"{"message":"A panic occurred","panic":{"payload":"p","location":"a.rs:1:2"}}"#,
            r#"{"msg":"application panicked","payload":"p","file":"a.rs","line":1,"column":2}"#,
        ] {
            let (layer, _) = open(line.as_bytes()).expect(line);
            let panic = layer.panic.expect(line);
            assert_eq!((panic.payload.as_str(), panic.location.as_str()), ("p", "a.rs:1:2"), "{line}");
        }
    }
}
