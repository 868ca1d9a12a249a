//! For lnav: a format file, to be installed once with `lnav -i FILE`, and the event stream as lnav takes it.
//!
//! A recording counts time from its own beginning, and lnav passes over lines of the first second of 1970: so the
//! stream is given with times of the wall clock, line by line, otherwise as it is. lnav then shows every event,
//! conflicts as errors, losses as warnings, and every field as a column for its SQL (the kind is `log_body`).

use crate::model::moment::Wall;
use crate::model::program::Output;
use crate::msg::ProgramMsg;
use crate::source::output;
use mapwatch_event::Event;
use serde_json::{Value, json};

/// The format file, newline at its end.
#[must_use]
pub fn format_file() -> String {
    format!("{:#}\n", format_object())
}

/// One line of a recording with its time on the wall clock; `None` for bytes that are no line of one.
///
/// `began` is the beginning of the session in nanoseconds since 1970; a header sets it.
#[must_use]
pub fn absolute(line: &[u8], began: &mut u64) -> Option<String> {
    if let Some((at, said)) = output::decode(line) {
        return Some(of_the_program(at, &said).to_string());
    }
    let mut object: Value = serde_json::from_slice(line).ok()?;
    let since = if object["kind"] == "header" {
        *began = object["started_unix_micros"].as_u64()?.saturating_mul(1000);
        0
    } else {
        object["t"].as_u64()?
    };
    object.as_object_mut()?.insert("t".to_owned(), json!(began.saturating_add(since)));
    Some(object.to_string())
}

/// What the viewer recorded of the program that it started, among the events.
fn of_the_program(Wall(at): Wall, said: &ProgramMsg) -> Value {
    let (kind, name, message) = match said {
        ProgramMsg::Output(Output::Stdout, text) => ("output", "out", text.clone()),
        ProgramMsg::Output(Output::Stderr, text) => ("output", "err", text.clone()),
        ProgramMsg::Started { pid, command } => ("program", "started", format!("{pid}: {command}")),
        ProgramMsg::Ended(ending) => ("program", "ended", ending.words()),
    };
    json!({ "t": at, "kind": kind, "data": { "name": name, "message": message } })
}

fn format_object() -> Value {
    let text = |about: &str| json!({ "kind": "string", "description": about });
    let number = |about: &str| json!({ "kind": "integer", "foreign-key": true, "description": about });
    let count = |about: &str| json!({ "kind": "integer", "description": about });
    let name = |about: &str| json!({ "kind": "string", "identifier": true, "description": about });
    let nested = |about: &str| json!({ "kind": "json", "description": about });
    json!({
        "$schema": "https://lnav.org/schemas/format-v1.schema.json",
        "mapwatch_log": {
            "title": "mapwatch events",
            "description": "The event stream of mapwatch, as `mapview export --format lnav FILE` writes it.",
            "json": true,
            "hide-extra": true,
            "timestamp-field": "t",
            "timestamp-divisor": 1_000_000_000.0,
            "level-field": "kind",
            "level": levels(),
            "body-field": "kind",
            "opid-field": "data/map/name",
            "value": {
                "seq": number("The event's place in the stream; a gap is a loss."),
                "t": number("Nanoseconds since 1970."),
                "kind": name("The kind of event."),
                "data": nested("What is told, by kind."),
                "data/category": name("What is wrong."),
                "data/grade": name("How sure that is."),
                "data/cause": text("What happened, in one sentence."),
                "data/cure": text("What to do, in one sentence."),
                "data/outcome": name("What became of it."),
                "data/map": nested("The map: its number, or its facts."),
                "data/map/name": name("The map's name."),
                "data/sides": nested("Both sides: role, operation, actor, site, stack."),
                "data/history": nested("The last operations on the map."),
                "data/message": text("What a panic said."),
                "data/ending": name("How a life ended."),
                "data/id": number("A number that other events refer to."),
                "data/name": text("The name of a map or an actor."),
                "data/type_name": text("The map's type."),
                "data/entry_bytes": count("Bytes of one of the map's entries, without what it points to."),
                "data/file": text("The file of a site."),
                "data/line": number("The line of a site."),
                "data/before": count("Capacity before."),
                "data/after": count("Capacity after."),
                "data/moved": count("Entries that moved."),
                "data/maps": nested("Traffic by map."),
                "data/holders": nested("Who is inside."),
                "data/count": count("How many were lost."),
                "data/reason": text("Why, in a few words."),
            },
            "line-format": line_format(),
            "sample": [],
        },
    })
}

/// Kinds that are not of the ordinary level, by level.
const LEVELS: [(&str, &[&str]); 5] = [
    ("error", &["conflict", "panic"]),
    ("warning", &["loss"]),
    ("notice", &["header", "map-made", "map-gone", "map-named", "end", "program"]),
    ("debug", &["traffic", "holders", "task-states", "coverage"]),
    ("trace", &["site", "actor", "actor-gone"]),
];

/// Which kinds are of which level; all others are ordinary.
fn levels() -> Value {
    let is_named = |kind: &&str| LEVELS.iter().any(|(_, kinds)| kinds.contains(kind));
    let others: Vec<&str> = Event::KINDS.iter().copied().filter(|kind| !is_named(kind)).collect();
    let others: Vec<&str> = others.into_iter().chain(["output"]).collect();
    let all = LEVELS.into_iter().chain([("info", &others[..])]);
    all.map(|(level, kinds)| (level.to_owned(), json!(format!("^({})$", kinds.join("|"))))).collect()
}

/// A line as lnav shows it: the time, the kind, and of the fields those that it has.
fn line_format() -> Vec<Value> {
    let shown = [
        "data/category",
        "data/map/name",
        "data/cause",
        "data/message",
        "data/name",
        "data/type_name",
        "data/file",
        "data/line",
        "data/before",
        "data/after",
        "data/ending",
        "data/reason",
        "data/count",
    ];
    let first = [
        json!({ "field": "__timestamp__", "timestamp-format": "%H:%M:%S.%L" }),
        json!(" "),
        json!({ "field": "kind", "min-width": 12 }),
    ];
    let others = shown.map(|field| [json!(" "), json!({ "field": field, "default-value": "" })]);
    first.into_iter().chain(others.into_iter().flatten()).collect()
}
