//! JSON Lines: encode a line, decode a line.
//!
//! The bytes on a socket and in a file are the same. The first line of a session is
//! `{"kind":"header",…}`; every later line is `{"seq":12,"t":3400000,"kind":"growth","data":{…}}`, where `seq`
//! counts from 1 without gaps and `t` is nanoseconds since the session began.
//! A header in the middle of a file begins the next session.
//!
//! Reading is tolerant on purpose: a kind or a category that this version does not know is [`Line::Unknown`],
//! bytes that are no line at all are an [`Unread`]; neither stops the reader.
//! The cost of an event that this crate wrote is one pass; of one that somebody else laid out in another way, one
//! pass for the envelope and one for its data.

use crate::event::{
    ActorGone, ActorSeen, End, Event, Growth, Header, Holders, Loss, MapGone, MapMade, MapNamed, SiteSeen,
    Traffic,
};
use crate::id::{Nanos, Seq};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use std::borrow::Cow;
use std::fmt;

/// A version of the schema.
///
/// A higher minor only adds kinds and fields; a higher major may change their meaning.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Schema {
    /// Changes of meaning.
    pub major: u32,
    /// Additions.
    pub minor: u32,
}

impl Schema {
    /// What this crate writes.
    pub const CURRENT: Schema = Schema { major: 1, minor: 6 };

    /// The version in a header; `None` where the text is no `major.minor`.
    #[must_use]
    pub fn parse(text: &str) -> Option<Schema> {
        let (major, minor) = text.split_once('.')?;
        Some(Schema { major: major.parse().ok()?, minor: minor.parse().ok()? })
    }

    /// Whether this crate understands what a writer of that version wrote.
    #[must_use]
    pub const fn is_readable(self) -> bool {
        self.major == Schema::CURRENT.major
    }
}

impl fmt::Display for Schema {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.major, self.minor)
    }
}

/// One decoded line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Line {
    /// The beginning of a session.
    Header(Header),
    /// An event.
    Event {
        /// Its place in the stream.
        seq: Seq,
        /// When.
        at: Nanos,
        /// What.
        event: Event,
    },
    /// A line of a kind, or with contents, that this version does not know.
    Unknown {
        /// Its place in the stream.
        seq: Seq,
        /// The kind it claims.
        kind: String,
    },
}

/// Bytes that are no line of a session.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unread {
    /// Why, as a fragment that fits after "could not be read: ".
    pub reason: String,
}

impl fmt::Display for Unread {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.reason)
    }
}

impl std::error::Error for Unread {}

#[derive(Deserialize)]
struct Envelope<'a> {
    #[serde(borrow)]
    kind: Cow<'a, str>,
    #[serde(default)]
    seq: Seq,
    #[serde(default)]
    t: Nanos,
    #[serde(borrow, default)]
    data: Option<&'a RawValue>,
}

#[derive(Serialize)]
struct HeaderLine<'a> {
    kind: &'static str,
    #[serde(flatten)]
    header: &'a Header,
}

#[derive(Serialize)]
struct EventLine<'a, D> {
    seq: Seq,
    t: Nanos,
    kind: &'static str,
    data: &'a D,
}

/// One row per kind of event: the word on the wire and the type of its data.
macro_rules! kinds {
    ($($kind:literal => $variant:ident($data:ty)),+ $(,)?) => {
        impl Event {
            /// Every kind on the wire.
            pub const KINDS: &'static [&'static str] = &[$($kind,)+];

            /// The kind on the wire.
            #[must_use]
            pub const fn kind(&self) -> &'static str {
                match self { $(Event::$variant(_) => $kind,)+ }
            }

            fn from_data(kind: &str, data: &str) -> Option<serde_json::Result<Event>> {
                match kind {
                    $($kind => Some(serde_json::from_str::<$data>(data).map(Event::$variant)),)+
                    _ => None,
                }
            }

            fn write_line(&self, seq: Seq, t: Nanos, out: &mut Vec<u8>) -> serde_json::Result<()> {
                match self {
                    $(Event::$variant(data) => {
                        serde_json::to_writer(out, &EventLine { seq, t, kind: $kind, data })
                    })+
                }
            }
        }
    };
}

kinds! {
    "site" => Site(SiteSeen),
    "actor" => Actor(ActorSeen),
    "actor-gone" => ActorGone(ActorGone),
    "map-made" => MapMade(MapMade),
    "map-named" => MapNamed(MapNamed),
    "map-gone" => MapGone(MapGone),
    "growth" => Growth(Growth),
    "holders" => Holders(Holders),
    "traffic" => Traffic(Traffic),
    "conflict" => Conflict(Box<crate::conflict::Conflict>),
    "task-spawned" => TaskSpawned(crate::task::TaskSpawned),
    "task-states" => TaskStates(crate::task::TaskStates),
    "task-ended" => TaskEnded(crate::task::TaskEnded),
    "coverage" => Coverage(crate::task::Coverage),
    "panic" => Panic(Box<crate::panic::Panic>),
    "provocation" => Provocation(crate::provocation::Provocation),
    "spread" => Spread(crate::spread::Spread),
    "loss" => Loss(Loss),
    "end" => End(End),
}

/// Appends the header's line, newline included, to `out`.
pub fn encode_header(header: &Header, out: &mut Vec<u8>) {
    append_line(out, |out| serde_json::to_writer(out, &HeaderLine { kind: "header", header }));
}

/// Appends an event's line, newline included, to `out`.
pub fn encode_event(seq: Seq, at: Nanos, event: &Event, out: &mut Vec<u8>) {
    append_line(out, |out| event.write_line(seq, at, out));
}

/// A line is whole or absent: a value that cannot be written leaves `out` as it was.
fn append_line(out: &mut Vec<u8>, write: impl FnOnce(&mut Vec<u8>) -> serde_json::Result<()>) {
    let before = out.len();
    match write(out) {
        Ok(()) => out.push(b'\n'),
        Err(_) => out.truncate(before),
    }
}

/// Decodes one line, with or without its newline.
///
/// # Errors
///
/// [`Unread`] where the bytes are no line of a session: not UTF-8, not JSON, cut, or without a kind.
pub fn decode_line(line: &[u8]) -> Result<Line, Unread> {
    let unread = |reason: String| Unread { reason };
    let text = std::str::from_utf8(line).map_err(|_| unread("not UTF-8".to_owned()))?.trim_ascii();
    if let Some(line) = as_we_wrote_it(text) {
        return Ok(line);
    }
    let envelope: Envelope<'_> = serde_json::from_str(text).map_err(|error| unread(describe(&error)))?;
    if envelope.kind == "header" {
        return serde_json::from_str(text).map(Line::Header).map_err(|error| unread(describe(&error)));
    }
    let unknown = || Line::Unknown { seq: envelope.seq, kind: envelope.kind.clone().into_owned() };
    let Some(data) = envelope.data else { return Ok(unknown()) };
    Ok(match Event::from_data(&envelope.kind, data.get()) {
        Some(Ok(event)) => Line::Event { seq: envelope.seq, at: envelope.t, event },
        Some(Err(_)) | None => unknown(),
    })
}

/// An event whose line is laid out as [`encode_event`] lays it out; anything else is left to the whole parser.
///
/// What stands behind `"data":` has to be one value and the last one, or it is no value of the expected type: so a
/// line that means something else is never taken for one of ours.
fn as_we_wrote_it(text: &str) -> Option<Line> {
    let (seq, rest) = number(text.strip_prefix("{\"seq\":")?)?;
    let (at, rest) = number(rest.strip_prefix(",\"t\":")?)?;
    let (kind, rest) = rest.strip_prefix(",\"kind\":\"")?.split_once('"')?;
    let data = rest.strip_prefix(",\"data\":")?.strip_suffix('}')?;
    let event = Event::from_data(kind, data)?.ok()?;
    Some(Line::Event { seq: Seq(seq), at: Nanos(at), event })
}

/// The decimal number that a text begins with, and what follows it.
fn number(text: &str) -> Option<(u64, &str)> {
    let (mut value, mut length) = (0_u64, 0);
    for digit in text.bytes().take_while(u8::is_ascii_digit) {
        value = value.checked_mul(10)?.checked_add(u64::from(digit - b'0'))?;
        length += 1;
    }
    // JSON has no leading zeros.
    let is_plain = length == 1 || length > 1 && !text.starts_with('0');
    is_plain.then(|| (value, &text[length..]))
}

fn describe(error: &serde_json::Error) -> String {
    if error.is_eof() {
        "the line is cut".to_owned()
    } else {
        format!("no line of a mapwatch session ({error})")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::id::MapId;

    fn header() -> Header {
        Header {
            schema: Schema::CURRENT.to_string(),
            pid: 7,
            executable: "/bin/x".into(),
            ..Header::default()
        }
    }

    #[test]
    fn what_is_written_is_read() {
        let mut bytes = Vec::new();
        encode_header(&header(), &mut bytes);
        let event = Event::MapGone(MapGone { id: MapId(3) });
        encode_event(Seq(1), Nanos(5), &event, &mut bytes);
        let lines: Vec<_> = bytes.split_inclusive(|b| *b == b'\n').map(decode_line).collect();
        assert_eq!(lines[0], Ok(Line::Header(header())));
        assert_eq!(lines[1], Ok(Line::Event { seq: Seq(1), at: Nanos(5), event }));
        assert_eq!(lines.len(), 2);
    }

    #[test]
    fn lives_and_panics_come_back_and_say_no_more_than_is_known() {
        use crate::panic::Panic;
        use crate::task::{Cancelled, GivenUp, TaskEnded, TaskKind, TaskPolls, TaskSpawned};
        use crate::{ActorId, CancelKind, Ending, SiteId, Through};
        let id = ActorId(ActorId::TASK | 7);
        let spawned = TaskSpawned {
            id,
            kind: TaskKind::Future,
            name: "settle".into(),
            site: SiteId(3),
            parent: None,
            runtime_id: Some(12),
            fields: Vec::new(),
        };
        let ended = TaskEnded {
            id,
            ending: Ending::Cancelled,
            cancelled: Some(Cancelled {
                kind: CancelKind::Abort,
                actor: Some(ActorId(1)),
                site: None,
                through: Some(Through::AbortAll),
            }),
            polls: TaskPolls { count: 2, ..TaskPolls::default() },
            holding: vec![MapId(3)],
            waited: vec![GivenUp { map: MapId(4), site: SiteId(9), span: Nanos(70) }],
            gave_back: vec![GivenUp { map: MapId(3), site: SiteId(8), span: Nanos(80) }],
        };
        let panic = Panic { id: 1, message: "boom".into(), ..Panic::default() };
        for event in [Event::TaskSpawned(spawned), Event::TaskEnded(ended), Event::Panic(Box::new(panic))] {
            let mut bytes = Vec::new();
            encode_event(Seq(1), Nanos(5), &event, &mut bytes);
            assert!(!String::from_utf8_lossy(&bytes).contains("null"));
            assert_eq!(decode_line(&bytes), Ok(Line::Event { seq: Seq(1), at: Nanos(5), event }));
        }
    }

    #[test]
    fn a_stranger_is_skipped_and_named() {
        let line = br#"{"seq":4,"t":1,"kind":"teleport","data":{"to":"mars"}}"#;
        assert_eq!(decode_line(line), Ok(Line::Unknown { seq: Seq(4), kind: "teleport".into() }));
        let line = br#"{"seq":5,"t":1,"kind":"map-gone","data":{"id":"x"}}"#;
        assert_eq!(decode_line(line), Ok(Line::Unknown { seq: Seq(5), kind: "map-gone".into() }));
    }

    #[test]
    fn the_short_way_says_what_the_whole_parser_says() {
        let gone = |seq, at, id| Line::Event {
            seq: Seq(seq),
            at: Nanos(at),
            event: Event::MapGone(MapGone { id: MapId(id) }),
        };
        let ours = r#"{"seq":4,"t":1,"kind":"map-gone","data":{"id":7}}"#;
        assert_eq!(as_we_wrote_it(ours), Some(gone(4, 1, 7)));
        for (text, expected) in [
            (r#"{"seq":4,"t":1,"kind":"map-gone","data":{"id":7},"later":{}}"#, Some(gone(4, 1, 7))),
            (r#"{"seq":4,"t":1,"kind":"map-gone","data":{"id":7,"later":[{}]}}"#, Some(gone(4, 1, 7))),
            (r#"{ "kind": "map-gone", "data": {"id": 7}, "t": 1, "seq": 4 }"#, Some(gone(4, 1, 7))),
            (r#"{"seq":4,"t":1,"kind":"map\u002dgone","data":{"id":7}}"#, Some(gone(4, 1, 7))),
            (r#"{"seq":4,"t":1,"kind":"map-gone","data":{"id":7}}}"#, None),
            (r#"{"seq":04,"t":1,"kind":"map-gone","data":{"id":7}}"#, None),
            (r#"{"seq":-4,"t":1,"kind":"map-gone","data":{"id":7}}"#, None),
            (r#"{"seq":99999999999999999999,"t":1,"kind":"map-gone","data":{"id":7}}"#, None),
            (r#"{"seq":4,"t":1,"kind":"map-gone","data":{"id":7}"#, None),
            (r#"{"seq":4,"t":1,"kind":"map-gone","data":{"id":7}},"#, None),
        ] {
            assert_eq!(decode_line(text.as_bytes()).ok(), expected, "{text}");
        }
    }

    #[test]
    fn rubbish_is_an_error_never_a_panic() {
        for bytes in [&b""[..], b"\xff\xfe", b"{", b"[1,2]", b"null", b"{\"seq\":1}", b"\0\0\0"] {
            assert!(decode_line(bytes).is_err(), "{bytes:?}");
        }
        let cut = Unread { reason: "the line is cut".to_owned() };
        assert_eq!(decode_line(b"{\"kind\":\"site\",\"da"), Err(cut));
    }
}
