//! SARIF 2.1.0 (OASIS): for code scanning, editors, and whatever else reads static analysis results.
//!
//! A finding is a result at the site of the attempt. Its code flow has one thread flow per side, so that a reader
//! walks through both; the other sides and the map's creation are related locations, both backtraces are stacks.
//! `partialFingerprints` carries [`crate::fingerprint`] under its versioned name; `baselineState` is given where
//! there is a baseline. What could not be seen is a notification of the invocation.

mod result;
mod rules;

use super::Account;
use super::place::ROOT;
use crate::report::text;
use crate::text::grouped;
use mapwatch_event::{Category, Nanos};
use serde_json::{Value, json};
use std::collections::BTreeSet;

/// The schema that a reader finds it by.
const SCHEMA: &str =
    "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json";

/// The whole log, newline at its end.
#[must_use]
pub fn tell(account: &Account<'_>) -> String {
    format!("{:#}\n", log(account))
}

/// The log as a value.
#[must_use]
pub fn log(account: &Account<'_>) -> Value {
    let findings = account.findings();
    let categories: BTreeSet<Category> = findings.iter().map(|told| told.conflict().category).collect();
    let categories: Vec<Category> = categories.into_iter().collect();
    let index = |category: Category| categories.iter().position(|one| *one == category).unwrap_or(0);
    let results = findings.iter().map(|told| result::result(account, told, index(told.conflict().category)));
    json!({
        "$schema": SCHEMA,
        "version": "2.1.0",
        "runs": [{
            "tool": { "driver": {
                "name": "mapview",
                "version": env!("CARGO_PKG_VERSION"),
                "semanticVersion": env!("CARGO_PKG_VERSION"),
                "rules": categories.iter().map(|category| rules::rule(*category)).collect::<Vec<_>>(),
            } },
            "automationDetails": { "id": "mapview/" },
            "columnKind": "unicodeCodePoints",
            "originalUriBaseIds": {
                ROOT: { "description": { "text": "the folder that the compiler was started in" } },
            },
            "invocations": [invocation(account)],
            "results": results.collect::<Vec<_>>(),
            "properties": {
                "verdict": text::verdict(account.world),
                "processes": account.world.sessions.values().map(|session| text::process(session)).collect::<Vec<_>>(),
            },
        }],
    })
}

fn invocation(account: &Account<'_>) -> Value {
    let world = account.world;
    let began = world.sessions.values().map(|session| session.header.started_unix_micros).min();
    let ended = world
        .sessions
        .values()
        .map(|session| session.header.started_unix_micros.saturating_add(session.last_at.0 / 1000))
        .max();
    let mut invocation = json!({
        "executionSuccessful": !world.heard_nobody(),
        "toolExecutionNotifications": notifications(account),
    });
    for (key, micros) in [("startTimeUtc", began), ("endTimeUtc", ended)] {
        if let Some(time) = micros.and_then(utc) {
            invocation[key] = json!(time);
        }
    }
    invocation
}

/// Losses and unreadable lines: results that may be missing.
fn notifications(account: &Account<'_>) -> Vec<Value> {
    let world = account.world;
    let mut notes: Vec<String> = Vec::new();
    if world.heard_nobody() {
        notes.push(text::verdict(world));
    }
    for session in world.sessions.values().filter(|session| !session.loss_words().is_empty()) {
        notes.push(format!("lost in {}: {}", session.title(), session.loss_words()));
    }
    if world.findings.dropped > 0 {
        notes.push(format!("{} more conflicts found no room", grouped(world.findings.dropped)));
    }
    if world.unread.count > 0 {
        notes.push(format!("{} lines could not be read", grouped(world.unread.count)));
        notes.extend(world.unread.lines.iter().map(ToString::to_string));
    }
    notes.into_iter().map(|note| json!({ "level": "warning", "message": { "text": note } })).collect()
}

/// A moment by the wall clock as SARIF writes it; `None` where the clock of the recording is nonsense.
fn utc(unix_micros: u64) -> Option<String> {
    let time = chrono::DateTime::from_timestamp_micros(i64::try_from(unix_micros).ok()?)?;
    Some(time.format("%Y-%m-%dT%H:%M:%S%.3fZ").to_string())
}

/// The same of a time stamp in a session that began at `started`.
fn utc_at(started_unix_micros: u64, at: Nanos) -> Option<String> {
    utc(started_unix_micros.checked_add(at.0 / 1000)?)
}
