//! The report for programs: one object. Its keys are a promise; more may be added beside them.

use super::{ends, lives};
use crate::export::{Account, Standing, Told};
use crate::model::findings::outcome_word;
use crate::model::maps::Map;
use crate::model::moment::Moment;
use crate::model::program::{Ending, Program};
use crate::model::session::{Session, State};
use crate::model::world::World;
use mapwatch_event::{ActorKind, Ending as ActorEnding, Lane, Side, Site, Stack};
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// The version of these keys: the first figure changes when a key changes its meaning or goes.
pub const SCHEMA: &str = "1.2";

/// Maps that are told one by one: of tens of thousands, those that met trouble and the busiest.
const MAPS: usize = 500;

/// The whole object, newline at its end.
#[must_use]
pub fn render(world: &World) -> String {
    tell(&Account::of(world))
}

/// The same of an account.
#[must_use]
pub fn tell(account: &Account<'_>) -> String {
    format!("{:#}\n", object(account))
}

/// The object as a value.
#[must_use]
pub fn object(account: &Account<'_>) -> Value {
    let world = account.world;
    let (ends, ends_not_told) = ends::objects(account);
    json!({
        "schema": SCHEMA,
        "findings": world.findings.iter().map(|found| finding(account, &account.told(found))).collect::<Vec<_>>(),
        "findings_not_kept": world.findings.dropped,
        "groups": [],
        "panics": lives::panics(world),
        "panics_not_kept": world.panics.dropped,
        "tasks": tasks(world),
        "lives": lives::endings(world),
        "ends": ends,
        "ends_not_told": ends_not_told,
        "unread": world.unread.lines.iter().map(|line| json!({
            "place": line.place,
            "line": line.line,
            "why": line.reason,
        })).collect::<Vec<_>>(),
        "unread_count": world.unread.count,
        "lost": lost(world),
        "processes": world.sessions.values().map(|session| process(session)).collect::<Vec<_>>(),
        "maps": account.maps().into_iter().take(MAPS).map(|(session, map)| tell_map(session, map))
            .collect::<Vec<_>>(),
        "maps_not_told": account.maps().len().saturating_sub(MAPS),
        "program": world.program.as_ref().map(program),
    })
}

fn finding(account: &Account<'_>, told: &Told<'_>) -> Value {
    let (world, finding, conflict) = (account.world, told.finding, told.conflict());
    let map = &conflict.map;
    json!({
        "category": conflict.category,
        "grade": finding.grade,
        "title": conflict.category.title(),
        "headline": mapwatch_event::Report::new(conflict).headline(),
        "map": {
            "id": map.id,
            "name": map.name,
            "kind": map.kind,
            "type": map.type_name,
            "length": map.length,
            "site": site(&map.made),
        },
        "sites": conflict.sides.iter().map(side).collect::<Vec<_>>(),
        "count": finding.count,
        "fingerprint": told.fingerprint.to_string(),
        "known": account.baseline.map(|_| told.standing == Standing::Known),
        "cause": conflict.cause,
        "cure": conflict.cure,
        "outcomes": finding.outcomes.iter().map(|(outcome, count)| (outcome_word(*outcome), *count))
            .collect::<BTreeMap<_, _>>(),
        "first_seen": moment(world, finding.first_seen),
        "last_seen": moment(world, finding.last_seen),
        "processes": finding.sessions.iter().filter_map(|id| world.sessions.get(id))
            .map(|session| session.header.pid).collect::<Vec<_>>(),
        "history": conflict.history.iter().map(|past| json!({
            "at_ns": past.at,
            "actor": past.actor,
            "operation": past.operation,
            "site": site(&past.site),
        })).collect::<Vec<_>>(),
    })
}

pub(crate) fn site(site: &Site) -> Value {
    json!({ "file": site.file, "line": site.line, "column": site.column })
}

pub(crate) fn side(side: &Side) -> Value {
    let Stack { frames, note } = &side.stack;
    json!({
        "role": side.role,
        "file": side.site.file,
        "line": side.site.line,
        "column": side.site.column,
        "actor": side.actor,
        "operation": side.operation,
        "access": side.operation.access(),
        "held_for_ns": side.held_for,
        "source": side.source,
        "frames": frames,
        "frames_note": note,
    })
}

/// A moment by the session's own time and by the wall clock.
pub(super) fn moment(world: &World, moment: Moment) -> Value {
    let header = world.sessions.get(&moment.session).map(|session| &session.header);
    json!({
        "pid": header.map(|header| header.pid),
        "at_ns": moment.at,
        "unix_micros": header.map(|header| header.started_unix_micros.saturating_add(moment.at.0 / 1000)),
    })
}

/// Tasks by state and ending, over all processes. Of a task whose end may have been lost, nothing is claimed.
fn tasks(world: &World) -> Value {
    const WORDS: [&str; 8] =
        ["alive", "alive_at_exit", "unknown", "completed", "panicked", "cancelled", "never_polled", "leaked"];
    let mut counts = BTreeMap::from(WORDS.map(|word| (word, 0_u64)));
    for session in world.sessions.values() {
        let unended = match session.state {
            _ if session.missed > 0 => "unknown",
            State::Open => "alive",
            State::Ended(_) => "alive_at_exit",
            State::Cut => "unknown",
        };
        for (_, known) in session.actors.iter().filter(|(_, known)| known.kind == ActorKind::Task) {
            let word = match known.ending {
                None => unended,
                Some((_, ActorEnding::Completed)) => "completed",
                Some((_, ActorEnding::Panicked)) => "panicked",
                Some((_, ActorEnding::Cancelled)) => "cancelled",
                Some((_, ActorEnding::NeverPolled)) => "never_polled",
                Some((_, ActorEnding::Leaked)) => "leaked",
                Some(_) => "unknown",
            };
            *counts.entry(word).or_default() += 1;
        }
    }
    json!(counts)
}

fn lost(world: &World) -> Value {
    let total = |lane: Lane| -> u64 {
        world
            .sessions
            .values()
            .filter_map(|session| session.lost.get(&lane))
            .map(|lost| lost.total)
            .fold(0, u64::saturating_add)
    };
    let undelivered: u64 = world.sessions.values().map(|session| session.missed).fold(0, u64::saturating_add);
    json!({ "facts": total(Lane::Facts), "samples": total(Lane::Samples), "undelivered": undelivered })
}

fn process(session: &Session) -> Value {
    let header = &session.header;
    json!({
        "pid": header.pid,
        "executable": header.executable,
        "arguments": header.arguments,
        "started_unix_micros": header.started_unix_micros,
        "policy": header.policy,
        "schema": header.schema,
        "writer": header.writer,
        "target": header.target,
        "state": session.state.words(),
        "ended_early": session.state == State::Cut,
        "ran_ns": session.last_at,
        "events": session.events,
        "maps": session.maps.len(),
        "conflicts": session.conflicts,
        "panics": session.panics,
    })
}

/// A map over its life. Bytes are those of the table, without what keys and values point to.
fn tell_map(session: &Session, map: &Map) -> Value {
    json!({
        "pid": session.header.pid,
        "id": map.id,
        "name": &*map.name,
        "kind": map.kind,
        "type": &*map.type_name,
        "site": session.site(map.made).map(site),
        "made_ns": map.made_at,
        "gone_ns": map.gone_at,
        "entries": map.length,
        "capacity": map.capacity,
        "entry_bytes": map.entry_bytes,
        "bytes": map.bytes(),
        "growths": map.grown,
        "moved": map.moved,
        "growing_ns": map.paused,
        "longest_growth_ns": map.longest_pause,
        "reads": map.total.reads,
        "writes": map.total.writes,
        "iterations": map.total.iterations,
        "conflicts": map.conflicts,
    })
}

fn program(program: &Program) -> Value {
    let (code, signal) = match &program.ending {
        Some(Ending::Code(code)) => (Some(*code), None),
        Some(Ending::Signal(_, name)) => (None, Some(name.as_str())),
        Some(Ending::Unknown) | None => (None, None),
    };
    json!({ "pid": program.pid, "command": program.command, "exit_code": code, "signal": signal })
}
