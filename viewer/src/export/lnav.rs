//! How lnav reads the event stream: a format file, to be installed with `lnav -i FILE`.
//!
//! It describes recordings (`MAPWATCH_OUT=run.jsonl`) themselves, so nothing is converted: `lnav run.jsonl` then
//! shows every event at its time since the session began, conflicts as errors, losses as warnings, and every
//! field as a column for its SQL.

use serde_json::{Value, json};

/// The format file, newline at its end.
#[must_use]
pub fn format_file() -> String {
    format!("{:#}\n", format_object())
}

fn format_object() -> Value {
    let text = |about: &str| json!({ "kind": "string", "description": about });
    let number = |about: &str| json!({ "kind": "integer", "foreign-key": true, "description": about });
    let nested = |about: &str| json!({ "kind": "json", "description": about });
    json!({
        "$schema": "https://lnav.org/schemas/format-v1.schema.json",
        "mapwatch_log": {
            "title": "mapwatch events",
            "description": "The event stream of mapwatch: MAPWATCH_OUT=FILE, or the bytes of its socket.",
            "json": true,
            "hide-extra": true,
            "timestamp-field": "t",
            "timestamp-divisor": 1_000_000_000.0,
            "level-field": "kind",
            "level": {
                "error": "^conflict$",
                "warning": "^loss$",
                "notice": "^(map-made|map-gone|map-named|end)$",
                "info": "^growth$",
                "debug": "^(traffic|holders)$",
                "trace": "^(site|actor|actor-gone)$",
            },
            "body-field": "kind",
            "opid-field": "data/map/name",
            "value": {
                "seq": number("The event's place in the stream; a gap is a loss."),
                "t": number("Nanoseconds since the session began."),
                "kind": { "kind": "string", "identifier": true, "description": "The kind of event." },
                "data": nested("What is told, by kind."),
                "data/category": { "kind": "string", "identifier": true, "description": "What is wrong." },
                "data/grade": { "kind": "string", "identifier": true, "description": "How sure that is." },
                "data/cause": text("What happened, in one sentence."),
                "data/cure": text("What to do, in one sentence."),
                "data/outcome": { "kind": "string", "identifier": true, "description": "What became of it." },
                "data/map": nested("The map: its number, or its facts."),
                "data/map/name": { "kind": "string", "identifier": true, "description": "The map's name." },
                "data/sides": nested("Both sides: role, operation, actor, site, stack."),
                "data/history": nested("The last operations on the map."),
                "data/id": number("A number that other events refer to."),
                "data/name": text("The name of a map or an actor."),
                "data/type_name": text("The map's type."),
                "data/file": text("The file of a site."),
                "data/line": number("The line of a site."),
                "data/before": { "kind": "integer", "description": "Capacity before." },
                "data/after": { "kind": "integer", "description": "Capacity after." },
                "data/moved": { "kind": "integer", "description": "Entries that moved." },
                "data/maps": nested("Traffic by map."),
                "data/holders": nested("Who is inside."),
                "data/count": { "kind": "integer", "description": "How many were lost." },
                "data/reason": text("Why, in a few words."),
            },
            "line-format": [
                { "field": "__timestamp__", "timestamp-format": "%M:%S.%L" },
                " ",
                { "field": "kind", "min-width": 9 },
                { "prefix": " ", "field": "data/category", "default-value": "" },
                { "prefix": " on ", "field": "data/map/name", "default-value": "" },
                { "prefix": ": ", "field": "data/cause", "default-value": "" },
                { "prefix": " ", "field": "data/name", "default-value": "" },
                { "prefix": " ", "field": "data/type_name", "default-value": "" },
                { "prefix": " ", "field": "data/file", "default-value": "" },
                { "prefix": ":", "field": "data/line", "default-value": "" },
                { "prefix": " from ", "field": "data/before", "default-value": "" },
                { "prefix": " to ", "field": "data/after", "default-value": "" },
                { "prefix": " ", "field": "data/reason", "default-value": "" },
                { "prefix": ", lost ", "field": "data/count", "default-value": "" },
            ],
            "sample": [],
        },
    })
}
