//! logfmt records: `time=2026-11-23T15:51:58Z level=error msg="thread 'main' panicked at …"`.

use super::json::unescape;
use super::{Form, Layer, Origin, PanicFields, hash};
use crate::time::{self, Micros};

/// Keys that such a record begins with.
const FIRST: [&[u8]; 9] =
    [b"time=", b"ts=", b"t=", b"timestamp=", b"level=", b"lvl=", b"severity=", b"msg=", b"service="];

/// Opens a record and returns what it adds and its message.
pub(super) fn open(line: &[u8]) -> Option<(Layer, Vec<u8>)> {
    if !FIRST.iter().any(|key| line.starts_with(key)) {
        return None;
    }
    let content = [&b"msg="[..], b"message="].iter().find_map(|key| value(line, key))?;
    let text = |keys: &[&[u8]]| keys.iter().find_map(|key| value(line, key)).unwrap_or_default();
    let (host, service) = (text(&[b"host=", b"hostname="]), text(&[b"service=", b"app=", b"container="]));
    let process = text(&[b"pid="]);
    let identity = hash(hash(hash(hash(12, b"logfmt"), &host), &service), &process);
    let owned = |bytes: Vec<u8>| String::from_utf8_lossy(&bytes).into_owned();
    let origin =
        Origin { host: owned(host), service: owned(service), process: owned(process), ..Origin::default() };
    let at = stamp(&text(&[b"time=", b"ts=", b"t=", b"timestamp="]));
    let panic = panic(line, &content);
    Some((Layer { identity, time: at, form: Form::Record, origin, panic }, content))
}

/// What a record whose message tells of a panic says about it beside that.
fn panic(line: &[u8], message: &[u8]) -> Option<Box<PanicFields>> {
    memchr::memmem::find(&message.to_ascii_lowercase(), b"panic")?;
    let text = |keys: &[&[u8]]| {
        let found = keys.iter().find_map(|key| value(line, key)).unwrap_or_default();
        String::from_utf8_lossy(&found).into_owned()
    };
    let fields = PanicFields {
        payload: text(&[b"panic.payload=", b"payload=", b"panic=", b"error=", b"err=", b"reason="]),
        location: text(&[b"panic.location=", b"location=", b"source="]),
        backtrace: text(&[b"panic.backtrace=", b"backtrace=", b"stacktrace=", b"stack="]),
        thread: text(&[b"thread="]),
    };
    (!fields.payload.is_empty() || !fields.location.is_empty()).then(|| Box::new(fields))
}

fn stamp(text: &[u8]) -> Option<Micros> {
    time::leading(text, 0)
        .map(|(at, _)| at)
        .or_else(|| std::str::from_utf8(text).ok()?.parse().ok().and_then(time::epoch))
}

/// The value behind a key that stands at the beginning or behind a blank.
fn value(line: &[u8], key: &[u8]) -> Option<Vec<u8>> {
    let mut places = memchr::memmem::find_iter(line, key);
    let at = places.find(|at| *at == 0 || line[at - 1] == b' ')? + key.len();
    let rest = &line[at..];
    match rest.strip_prefix(b"\"") {
        Some(quoted) => Some(unescape(quoted).0),
        None => Some(rest[..memchr::memchr(b' ', rest).unwrap_or(rest.len())].to_vec()),
    }
}
