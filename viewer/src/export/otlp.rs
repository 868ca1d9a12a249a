//! OTLP/HTTP JSON logs: what an OpenTelemetry collector takes at `/v1/logs`.
//!
//! A session is a resource, a finding is a log record by the semantic conventions for exceptions
//! (`exception.type`, `exception.message`, `exception.stacktrace`) and for code (`code.file.path`, …), at the
//! attempt; the other sides and what only mapwatch knows stand in `mapwatch.*`. A loss is a warning.
//!
//! By the JSON mapping of protobuf, 64-bit integers are strings.

use super::{Account, Standing, Told};
use crate::model::session::{Session, SessionId};
use crate::report::text;
use mapwatch_event::{Grade, Report, Side};
use serde_json::{Value, json};

/// The version of the conventions.
const CONVENTIONS: &str = "https://opentelemetry.io/schemas/1.33.0";

/// The whole request, newline at its end.
#[must_use]
pub fn tell(account: &Account<'_>) -> String {
    let findings = account.findings();
    let mut resources: Vec<Value> = Vec::new();
    for session in account.world.sessions.values() {
        let told = findings.iter().filter(|told| told.finding.first_seen.session == session.id);
        let mut records: Vec<Value> = told.map(|told| record(account, told, Some(session))).collect();
        records.extend(loss(session));
        resources.push(resource(process(session), records));
    }
    // Of a long run, only the findings of the oldest processes are kept.
    let kept = |id: &SessionId| account.world.sessions.contains_key(id);
    let homeless: Vec<Value> = findings
        .iter()
        .filter(|told| !kept(&told.finding.first_seen.session))
        .map(|told| record(account, told, None))
        .collect();
    if !homeless.is_empty() {
        resources.push(resource(vec![text_attribute("service.name", "unknown_service")], homeless));
    }
    format!("{:#}\n", json!({ "resourceLogs": resources }))
}

fn resource(attributes: Vec<Value>, records: Vec<Value>) -> Value {
    json!({
        "resource": { "attributes": attributes },
        "scopeLogs": [{
            "scope": { "name": "mapwatch", "version": env!("CARGO_PKG_VERSION") },
            "logRecords": records,
            "schemaUrl": CONVENTIONS,
        }],
        "schemaUrl": CONVENTIONS,
    })
}

fn process(session: &Session) -> Vec<Value> {
    let header = &session.header;
    let mut attributes = vec![text_attribute("service.name", session.name())];
    if header.pid != 0 {
        attributes.push(number("process.pid", u64::from(header.pid)));
    }
    if !header.executable.is_empty() {
        attributes.push(text_attribute("process.executable.path", &header.executable));
        attributes.push(text_attribute("process.executable.name", session.name()));
    }
    let arguments: Vec<Value> =
        header.arguments.iter().map(|argument| json!({ "stringValue": argument })).collect();
    if !arguments.is_empty() {
        attributes.push(json!({
            "key": "process.command_args",
            "value": { "arrayValue": { "values": arguments } },
        }));
    }
    if let Some((system, architecture)) = header.target.split_once('-') {
        attributes.push(text_attribute("os.type", system));
        attributes
            .push(text_attribute("host.arch", if architecture == "x86_64" { "amd64" } else { architecture }));
    }
    if !header.build_id.is_empty() {
        attributes.push(text_attribute("process.executable.build_id.gnu", &header.build_id));
    }
    attributes
}

fn record(account: &Account<'_>, told: &Told<'_>, session: Option<&Session>) -> Value {
    let conflict = told.conflict();
    let (number_of, word) = severity(told.finding.grade);
    let mut attributes = vec![
        text_attribute("exception.type", conflict.category.code()),
        text_attribute("exception.message", &told.headline()),
        text_attribute("exception.stacktrace", &Report::new(conflict).to_string()),
        text_attribute("mapwatch.grade", told.finding.grade.word()),
        text_attribute("mapwatch.fingerprint", &told.fingerprint.to_string()),
        text_attribute("mapwatch.map.name", &conflict.map.title()),
        text_attribute("mapwatch.map.type", &conflict.map.type_name),
        text_attribute("mapwatch.cause", &conflict.cause),
        text_attribute("mapwatch.cure", &conflict.cure),
        text_attribute("mapwatch.outcome", &told.finding.outcome_words()),
        number("mapwatch.count", told.finding.count),
    ];
    if account.baseline.is_some() {
        let known = json!({ "boolValue": told.standing == Standing::Known });
        attributes.push(json!({ "key": "mapwatch.known", "value": known }));
    }
    if let Some(attempt) = conflict.attempt() {
        attributes.extend(code(attempt));
    }
    let sides: Vec<Value> = conflict.sides.iter().map(side).collect();
    attributes.push(json!({ "key": "mapwatch.sides", "value": { "arrayValue": { "values": sides } } }));
    let started = session.map_or(0, |session| session.header.started_unix_micros);
    let time = u128::from(started) * 1000 + u128::from(conflict.at.0);
    json!({
        "timeUnixNano": if session.is_some() { time.min(u128::from(u64::MAX)).to_string() } else { "0".to_owned() },
        "observedTimeUnixNano": if session.is_some() { time.min(u128::from(u64::MAX)).to_string() } else { "0".to_owned() },
        "severityNumber": number_of,
        "severityText": word,
        "eventName": "mapwatch.conflict",
        "body": { "stringValue": format!("{} (seen {})", told.headline(), text::sightings(account.world, told.finding)) },
        "attributes": attributes,
    })
}

/// Where the attempt was, and who it was.
fn code(attempt: &Side) -> Vec<Value> {
    let mut attributes = vec![
        text_attribute("code.file.path", &attempt.site.file),
        number("code.line.number", u64::from(attempt.site.line)),
        number("code.column.number", u64::from(attempt.site.column)),
    ];
    if let Some(frame) = attempt.stack.user_frames().find(|frame| !frame.function.is_empty()) {
        attributes.push(text_attribute("code.function.name", &frame.function));
    }
    let actor = &attempt.actor;
    let thread = match actor.kind {
        mapwatch_event::ActorKind::Thread => &actor.name,
        _ => &actor.on_thread,
    };
    if !thread.is_empty() {
        attributes.push(text_attribute("thread.name", thread));
    }
    attributes
}

fn side(side: &Side) -> Value {
    let mut values = vec![
        text_attribute("role", side.role.word()),
        text_attribute("operation", side.operation.word()),
        text_attribute("actor", &side.actor.to_string()),
        text_attribute("site", &side.site.to_string()),
    ];
    if let Some(held) = side.held_for {
        values.push(number("held_for_ns", held.0));
    }
    json!({ "kvlistValue": { "values": values } })
}

fn loss(session: &Session) -> Option<Value> {
    let words = session.loss_words();
    let time = u128::from(session.header.started_unix_micros) * 1000 + u128::from(session.last_at.0);
    let time = time.min(u128::from(u64::MAX)).to_string();
    (!words.is_empty()).then(|| {
        json!({
            "timeUnixNano": time,
            "observedTimeUnixNano": time,
            "severityNumber": 13,
            "severityText": "WARN",
            "eventName": "mapwatch.loss",
            "body": { "stringValue": format!("lost in {}: {words}", session.title()) },
            "attributes": [],
        })
    })
}

fn severity(grade: Grade) -> (u32, &'static str) {
    match grade {
        Grade::Certain | Grade::Logged => (17, "ERROR"),
        Grade::Hazard | Grade::Suspect => (13, "WARN"),
        Grade::Note => (9, "INFO"),
    }
}

fn text_attribute(key: &str, value: &str) -> Value {
    json!({ "key": key, "value": { "stringValue": value } })
}

fn number(key: &str, value: u64) -> Value {
    let value = value.min(i64::MAX as u64).to_string();
    json!({ "key": key, "value": { "intValue": value } })
}
