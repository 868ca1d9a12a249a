//! Envelopes that are a prefix of the line.
//!
//! Each recogniser is strict, because a wrong one would tear a report apart: a prefix that only looks like an
//! envelope is left on and learned with the report.

use super::{Form, Layer, Origin, hash};
use crate::time;

/// A prefix that was recognised.
pub(super) struct Found<'a> {
    pub(super) layer: Layer,
    pub(super) rest: &'a [u8],
}

/// Takes one prefix envelope off.
pub(super) fn strip(line: &[u8], year: i64) -> Option<Found<'_>> {
    match line.first()? {
        b'[' => kubectl(line),
        b'<' => syslog(line, year),
        b'0'..=b'9' => cri(line)
            .or_else(|| logcat(line, year))
            .or_else(|| journald(line, year))
            .or_else(|| stamped(line)),
        b'A'..=b'Z' => journald(line, year).or_else(|| export(line)).or_else(|| compose(line)),
        b'a'..=b'z' => compose(line),
        _ => None,
    }
}

/// `2026-11-23T15:51:58.1Z stderr F text`; `P` marks a part.
fn cri(line: &[u8]) -> Option<Found<'_>> {
    let (at, end) = time::leading(line, 0)?;
    let rest = line.get(end..)?.strip_prefix(b" ")?;
    let stream = rest.get(..7)?;
    if stream != b"stderr " && stream != b"stdout " {
        return None;
    }
    let (tag, text) = split(&rest[7..], b' ');
    let form = match tag.first()? {
        b'P' => Form::Partial,
        b'F' => Form::Line,
        _ => return None,
    };
    let layer = Layer { identity: hash(1, stream), time: Some(at), form, ..Layer::default() };
    Some(Found { layer, rest: text })
}

/// A stamp before a JSON record (`kubectl logs --timestamps`); before text it is left on, to be learned.
fn stamped(line: &[u8]) -> Option<Found<'_>> {
    let (at, end) = time::leading(line, 0)?;
    let rest = line.get(end..)?.strip_prefix(b" ")?;
    rest.starts_with(b"{\"").then(|| Found { layer: Layer { time: Some(at), ..Layer::default() }, rest })
}

/// `[pod/web-1/app] text`
fn kubectl(line: &[u8]) -> Option<Found<'_>> {
    let inner = line.strip_prefix(b"[pod/")?;
    let end = memchr::memchr(b']', inner)?;
    let name = &inner[..end];
    if name.contains(&b' ') {
        return None;
    }
    let rest = inner.get(end + 1..)?;
    let origin = Origin { service: String::from_utf8_lossy(name).into_owned(), ..Origin::default() };
    let layer = Layer { identity: hash(2, name), origin, ..Layer::default() };
    Some(Found { layer, rest: rest.strip_prefix(b" ").unwrap_or(rest) })
}

/// `web-1   | text`. A level word before a bar is a logger's column, not a container.
fn compose(line: &[u8]) -> Option<Found<'_>> {
    let bar = memchr::memchr(b'|', line.get(..line.len().min(80))?)?;
    let name = line[..bar].trim_ascii_end();
    let named = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.');
    let is_name = !name.is_empty() && name.len() < bar && name.iter().all(named);
    if !is_name || !name.iter().any(u8::is_ascii_lowercase) || is_level(name) {
        return None;
    }
    let rest = &line[bar + 1..];
    let origin = Origin { service: String::from_utf8_lossy(name).into_owned(), ..Origin::default() };
    let layer = Layer { identity: hash(3, name), origin, ..Layer::default() };
    Some(Found { layer, rest: rest.strip_prefix(b" ").unwrap_or(rest) })
}

/// `Nov 23 15:51:58 host unit[pid]: text`, also with an ISO stamp where a process id stands.
fn journald(line: &[u8], year: i64) -> Option<Found<'_>> {
    let (at, end) = time::leading(line, year)?;
    let without_year = line[0].is_ascii_alphabetic();
    let (host, rest) = split(line.get(end..)?.strip_prefix(b" ")?, b' ');
    let (identifier, text) = split(rest, b' ');
    let identifier = identifier.strip_suffix(b":")?;
    let (unit, pid) = match memchr::memchr(b'[', identifier) {
        Some(open) => (&identifier[..open], identifier[open + 1..].strip_suffix(b"]")?),
        None => (identifier, &b""[..]),
    };
    let sure = (!pid.is_empty() && pid.iter().all(u8::is_ascii_digit)) || unit == b"kernel" || without_year;
    // `Nov 23 15:51:58 stack backtrace:` has a stamp and no host.
    let is_words = pid.is_empty() && text.is_empty() && matches!(unit, b"backtrace" | b"by");
    if !sure || is_words || host.is_empty() || unit.is_empty() || is_level(host) || host.contains(&b'[') {
        return None;
    }
    Some(Found { layer: process(4, Some(at), host, unit, pid), rest: text })
}

/// `<11>1 STAMP host app pid id - text` (RFC 5424), `<11>Nov 23 15:51:58 host app[pid]: text` (RFC 3164).
fn syslog(line: &[u8], year: i64) -> Option<Found<'_>> {
    let close = memchr::memchr(b'>', line.get(..line.len().min(6))?)?;
    if close < 2 || !line[1..close].iter().all(u8::is_ascii_digit) {
        return None;
    }
    let rest = &line[close + 1..];
    let Some(rest) = rest.strip_prefix(b"1 ") else { return journald(rest, year) };
    let (stamp, rest) = split(rest, b' ');
    let (host, rest) = split(rest, b' ');
    let (app, rest) = split(rest, b' ');
    let (pid, rest) = split(rest, b' ');
    let (_id, rest) = split(rest, b' ');
    let text = skip_structured_data(rest);
    let at = time::leading(stamp, year).map(|(at, _)| at);
    Some(Found {
        layer: process(5, at, host, app, pid),
        rest: text.strip_prefix(b"\xef\xbb\xbf").unwrap_or(text),
    })
}

/// `-` or `[id name="value"]…`, in whose values `]` may stand.
fn skip_structured_data(rest: &[u8]) -> &[u8] {
    if rest.first() != Some(&b'[') {
        return split(rest, b' ').1;
    }
    let (mut quoted, mut escaped) = (false, false);
    for (at, byte) in rest.iter().enumerate() {
        match byte {
            _ if escaped => escaped = false,
            b'\\' => escaped = true,
            b'"' => quoted = !quoted,
            b' ' if !quoted && rest[at - 1] == b']' => return &rest[at + 1..],
            _ => {}
        }
    }
    &rest[rest.len()..]
}

/// `11-23 15:51:58.000 20613 20641 I Tag: text`
fn logcat(line: &[u8], year: i64) -> Option<Found<'_>> {
    if line.get(2) != Some(&b'-') {
        return None;
    }
    let (at, end) = time::leading(line, year)?;
    let rest = line.get(end..)?.trim_ascii_start();
    let (pid, rest) = split(rest, b' ');
    let (tid, rest) = split(rest.trim_ascii_start(), b' ');
    let (level, rest) = split(rest, b' ');
    let digits = |text: &[u8]| !text.is_empty() && text.iter().all(u8::is_ascii_digit);
    if !digits(pid) || !digits(tid) || level.len() != 1 {
        return None;
    }
    let colon = memchr::memchr(b':', rest)?;
    let (tag, text) = (rest[..colon].trim_ascii_end(), &rest[colon + 1..]);
    let mut layer = process(6, Some(at), b"", tag, pid);
    layer.identity = hash(layer.identity, tid);
    Some(Found { layer, rest: text.strip_prefix(b" ").unwrap_or(text) })
}

/// journald's export format: `MESSAGE=text`; its other fields are a stream of their own that nobody reads.
fn export(line: &[u8]) -> Option<Found<'_>> {
    let rest = line.strip_prefix(b"MESSAGE=")?;
    Some(Found { layer: Layer { identity: hash(7, b"export"), ..Layer::default() }, rest })
}

fn process(seed: u64, time: Option<time::Micros>, host: &[u8], unit: &[u8], pid: &[u8]) -> Layer {
    let owned = |bytes: &[u8]| match bytes {
        b"-" => String::new(),
        bytes => String::from_utf8_lossy(bytes).into_owned(),
    };
    let identity = hash(hash(hash(seed, host), unit), pid);
    let origin = Origin { host: owned(host), service: owned(unit), process: owned(pid), ..Origin::default() };
    Layer { identity, time, origin, ..Layer::default() }
}

fn is_level(word: &[u8]) -> bool {
    const LEVELS: [&[u8]; 9] =
        [b"trace", b"debug", b"info", b"warn", b"warning", b"error", b"fatal", b"critical", b"notice"];
    let word = word.trim_ascii();
    LEVELS.iter().any(|level| level.eq_ignore_ascii_case(word))
}

fn split(text: &[u8], at: u8) -> (&[u8], &[u8]) {
    match memchr::memchr(at, text) {
        Some(end) => (&text[..end], &text[end + 1..]),
        None => (text, &[]),
    }
}
