//! Panics by root cause, and how lives ended, for the two reports.

use super::json::{moment, site};
use super::text::sightings_of;
use crate::model::life::{Doing, TaskRow};
use crate::model::panics::PanicGroup;
use crate::model::world::World;
use crate::text::{counted, grouped};
use mapwatch_event::Panic;
use mapwatch_event::panic::ScopeSeen;
use mapwatch_triage::knowledge;
use mapwatch_triage::report::Language;
use serde_json::{Value, json};
use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::fmt::Write;

/// Lines that the text has for lives.
const LINES: usize = 40;

/// What the text says of panics: of those that a finding started, the finding says it all.
pub(super) fn write_panics(out: &mut String, world: &World) -> std::fmt::Result {
    for group in world.panics.iter().filter(|group| group.latest.conflict.is_none()) {
        let (panic, cause) = (&*group.latest, &group.cause);
        let known = knowledge::of(cause.category);
        writeln!(out, "\npanic: {} [{}]", group.headline(), cause.category)?;
        let mut row = |label: &str, text: &str| {
            if text.is_empty() { Ok(()) } else { writeln!(out, "{label:>10}  {text}") }
        };
        row("at", &panic.location.to_string())?;
        row("who", &panic.actor.to_string())?;
        for scope in &panic.scopes {
            row("in", &identity(scope))?;
        }
        row("caught by", &panic.caught_by)?;
        row("cause", &format!("{} ({} % sure: {})", cause.category.title(), cause.confidence, cause.reason))?;
        row("scenario", known.scenario)?;
        row("cure", known.cure)?;
        known.links(Language::Rust).try_for_each(|link| row("read", &knowledge::titled(link)))?;
        row("seen", &sightings_of(world, group.count, group.first_seen, group.last_seen))?;
    }
    Ok(())
}

fn identity(scope: &ScopeSeen) -> String {
    let fields = scope.fields.iter().map(|field| format!(" {}={}", field.name, field.value));
    format!("{} {}{}", scope.kind.word(), scope.name, fields.collect::<String>())
}

/// The same for programs.
pub(super) fn panics(world: &World) -> Vec<Value> {
    world.panics.iter().map(|group| panic(world, group)).collect()
}

fn panic(world: &World, group: &PanicGroup) -> Value {
    let (cause, known) = (&group.cause, knowledge::of(group.cause.category));
    let Panic { message, location, actor, thread, scopes, caught_by, held, waited, stack, conflict, .. } =
        &*group.latest;
    json!({
        "category": cause.category,
        "confidence": cause.confidence,
        "reason": cause.reason,
        "scenario": known.scenario,
        "cure": known.cure,
        "links": known.links(Language::Rust).collect::<Vec<_>>(),
        "message": message,
        "site": site(location),
        "actor": actor,
        "thread": thread,
        "scopes": scopes,
        "caught_by": (!caught_by.is_empty()).then_some(caught_by),
        "held": held,
        "waited": waited,
        "frames": stack.frames,
        "frames_note": stack.note,
        "conflict": conflict,
        "count": group.count,
        "fatal": group.fatal,
        "first_seen": moment(world, group.first_seen),
        "last_seen": moment(world, group.last_seen),
    })
}

/// Lives of one name that ended alike, or do the same.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Fate {
    urgency: Reverse<u8>,
    state: &'static str,
    kind: &'static str,
    name: String,
    how: String,
}

fn fates(world: &World) -> BTreeMap<Fate, u64> {
    let mut fates = BTreeMap::new();
    for session in world.sessions.values() {
        for (id, known, life) in session.actors.lives() {
            let row = TaskRow { session, id, known, life, now: session.last_at };
            let doing = row.doing();
            let how = life.cancelled.as_ref().map_or_else(String::new, |cancelled| {
                let at = cancelled.site.map(|site| format!(" at {}", session.site_text(site)));
                let by = cancelled.actor.and_then(|id| session.actors.get(id));
                let by = by.filter(|known| !known.name.is_empty());
                let by = by.map(|known| format!(" ({} `{}`)", known.kind.word(), known.name));
                row.how(cancelled).to_owned() + &at.unwrap_or_default() + &by.unwrap_or_default()
            });
            let fate = Fate {
                urgency: Reverse(if doing == Doing::AliveAtEnd { 0 } else { doing.urgency() }),
                state: doing.word(),
                kind: life.kind.word(),
                name: known.name.clone(),
                how,
            };
            *fates.entry(fate).or_insert(0) += 1;
        }
    }
    fates
}

/// How tasks, threads and scopes ended, by name; the most urgent first.
pub(super) fn write_fates(out: &mut String, world: &World) -> std::fmt::Result {
    let fates = fates(world);
    if fates.is_empty() {
        return Ok(());
    }
    writeln!(out, "\ntasks, threads and scopes")?;
    for (Fate { urgency: _, state, kind, name, how }, count) in fates.iter().take(LINES) {
        let name = if name.is_empty() { "without a name".to_owned() } else { format!("`{name}`") };
        let line = format!("  {:>7}  {state:<12}  {kind:<12}  {name}  {how}", grouped(*count));
        writeln!(out, "{}", line.trim_end())?;
    }
    match fates.len().saturating_sub(LINES) {
        0 => Ok(()),
        more => writeln!(out, "  and {}", counted(more, "more kind")),
    }
}

/// The same for programs.
pub(super) fn endings(world: &World) -> Vec<Value> {
    fates(world)
        .into_iter()
        .map(|(Fate { urgency: _, state, kind, name, how }, count)| {
            json!({ "state": state, "kind": kind, "name": name, "how": how, "count": count })
        })
        .collect()
}
