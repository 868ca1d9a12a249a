//! A finding as a result: where, both ways there, what it is recognised by.

use super::super::place::{Checkout, of_frame};
use super::super::{Account, Standing, Told};
use super::{rules, utc_at};
use crate::fingerprint;
use crate::report::text;
use mapwatch_event::{ActorId, Conflict, Frame, MapFacts, PastOperation, Side, Site};
use serde_json::{Value, json};

/// A `result`.
pub(super) fn result(account: &Account<'_>, told: &Told<'_>, rule: usize) -> Value {
    let conflict = told.conflict();
    let session = account.session(told);
    let page = Page { conflict, checkout: Checkout::of(session), started: session.map(started) };
    let attempt = conflict.attempt();
    let mut result = json!({
        "ruleId": conflict.category.code(),
        "ruleIndex": rule,
        "kind": "fail",
        "level": rules::level(told.finding.grade),
        "message": { "text": message(account, told) },
        "locations": attempt.map(|side| page.side(side)).into_iter().collect::<Vec<_>>(),
        "relatedLocations": page.related(attempt),
        "codeFlows": [page.code_flow()],
        "stacks": conflict.sides.iter().filter_map(|side| page.stack(side)).collect::<Vec<_>>(),
        "partialFingerprints": { fingerprint::NAME: told.fingerprint.to_string() },
        "occurrenceCount": told.finding.count.min(i32::MAX as u64).max(1),
        "properties": {
            "grade": told.finding.grade,
            "map": conflict.map.title(),
            "mapType": conflict.map.type_name,
            "name": told.name(),
        },
    });
    if account.baseline.is_some() {
        result["baselineState"] = json!(match told.standing {
            Standing::New => "new",
            Standing::Known => "unchanged",
        });
    }
    result
}

fn started(session: &crate::model::session::Session) -> u64 {
    session.header.started_unix_micros
}

fn message(account: &Account<'_>, told: &Told<'_>) -> String {
    let conflict = told.conflict();
    let mut lines = vec![told.headline()];
    for (word, sentence) in [("Cause", &conflict.cause), ("Cure", &conflict.cure)] {
        if !sentence.is_empty() {
            lines.push(format!("{word}: {sentence}."));
        }
    }
    lines.push(format!("Seen {}.", text::sightings(account.world, told.finding)));
    lines.join("\n")
}

/// What all parts of a result need.
struct Page<'a> {
    conflict: &'a Conflict,
    checkout: Checkout,
    /// When the session began; `None` where it is not kept any more.
    started: Option<u64>,
}

impl Page<'_> {
    fn location(&self, site: &Site, words: &str) -> Value {
        json!({ "physicalLocation": self.checkout.physical(site), "message": { "text": words } })
    }

    fn side(&self, side: &Side) -> Value {
        let mut location = self.location(&side.site, &words(self.conflict, side));
        if side.site.line > 0 && !side.source.is_empty() {
            location["physicalLocation"]["contextRegion"] =
                json!({ "startLine": side.site.line, "snippet": { "text": side.source } });
        }
        if let Some(frame) = side.stack.frames.iter().find(|frame| frame.user && !frame.function.is_empty()) {
            location["logicalLocations"] =
                json!([{ "fullyQualifiedName": frame.function, "kind": "function" }]);
        }
        location
    }

    /// The other sides, and where the map was made.
    fn related(&self, attempt: Option<&Side>) -> Vec<Value> {
        let others =
            self.conflict.sides.iter().filter(|side| !attempt.is_some_and(|it| std::ptr::eq(it, *side)));
        let mut related: Vec<Value> = others.map(|side| self.side(side)).collect();
        let MapFacts { made, .. } = &self.conflict.map;
        if !made.file.is_empty() {
            related.push(self.location(made, &format!("`{}` is made here", self.conflict.map.title())));
        }
        for (id, location) in related.iter_mut().enumerate() {
            location["id"] = json!(id + 1);
        }
        related
    }

    fn code_flow(&self) -> Value {
        let sides = &self.conflict.sides;
        let past = self.conflict.history.len();
        let flow = |(index, side): (usize, &Side)| {
            json!({
                "id": format!("{}: {}", side.role.word(), side.actor),
                "message": { "text": words(self.conflict, side) },
                "locations": self.way(side, past + index + 1),
            })
        };
        json!({
            "message": { "text": self.conflict.cause },
            "threadFlows": sides.iter().enumerate().map(flow).collect::<Vec<_>>(),
        })
    }

    /// What the side's actor did on the map before, the calls that led to the site, the site.
    fn way(&self, side: &Side, order: usize) -> Vec<Value> {
        let mut way: Vec<Value> = Vec::new();
        for (index, past) in self.conflict.history.iter().enumerate() {
            if past.actor.id == side.actor.id && !is_the_side(past, side) {
                way.push(self.past(past, index + 1));
            }
        }
        let calls: Vec<&Frame> = side.stack.frames.iter().filter(|frame| !is_at(frame, &side.site)).collect();
        for (depth, frame) in calls.into_iter().rev().enumerate() {
            let Some(site) = of_frame(frame) else { continue };
            way.push(json!({
                "location": self.location(&site, &frame.function),
                "nestingLevel": depth,
                "importance": if frame.user { "important" } else { "unimportant" },
                "executionOrder": order,
            }));
        }
        let mut last = json!({
            "location": self.side(side),
            "kinds": [side.role.word(), side.operation.access().word()],
            "importance": "essential",
            "executionOrder": order,
        });
        self.stamp(&mut last, self.conflict.at.since(side.held_for.unwrap_or_default()));
        way.push(last);
        way
    }

    fn past(&self, past: &PastOperation, order: usize) -> Value {
        let words = format!("earlier: `{}` on `{}`", past.operation, self.conflict.map.title());
        let mut step = json!({
            "location": self.location(&past.site, &words),
            "kinds": [past.operation.access().word()],
            "importance": "unimportant",
            "executionOrder": order,
        });
        self.stamp(&mut step, past.at);
        step
    }

    fn stamp(&self, step: &mut Value, at: mapwatch_event::Nanos) {
        if let Some(time) = self.started.and_then(|started| utc_at(started, at)) {
            step["executionTimeUtc"] = json!(time);
        }
    }

    /// A backtrace; `None` where there is none.
    fn stack(&self, side: &Side) -> Option<Value> {
        let frame = |frame: &Frame| {
            let site = of_frame(frame).unwrap_or_default();
            let mut location = json!({ "message": { "text": function(frame) } });
            if !site.file.is_empty() {
                location["physicalLocation"] = self.checkout.physical(&site);
            }
            location["logicalLocations"] =
                json!([{ "fullyQualifiedName": function(frame), "kind": "function" }]);
            json!({ "location": location, "threadId": thread(side.actor.id) })
        };
        let note = &side.stack.note;
        let words = if note.is_empty() { String::new() } else { format!(" ({note})") };
        (!side.stack.frames.is_empty()).then(|| {
            json!({
                "message": { "text": format!("{}: {}{words}", side.role.word(), side.actor) },
                "frames": side.stack.frames.iter().map(frame).collect::<Vec<_>>(),
            })
        })
    }
}

fn words(conflict: &Conflict, side: &Side) -> String {
    let held = side.time_words().map(|words| format!(", {words}")).unwrap_or_default();
    format!(
        "{}: `{}` on `{}` by {}{held}",
        side.role.word(),
        side.operation,
        conflict.map.title(),
        side.actor
    )
}

fn function(frame: &Frame) -> &str {
    if frame.function.is_empty() { "(no symbol)" } else { &frame.function }
}

fn thread(id: ActorId) -> u64 {
    id.0 & !ActorId::TASK
}

/// Whether an entry of the history is the side itself: the last thing it did.
fn is_the_side(past: &PastOperation, side: &Side) -> bool {
    past.operation == side.operation && past.site == side.site
}

/// Whether a frame is the site's own call: debug information writes the path absolute, the call site relative.
fn is_at(frame: &Frame, site: &Site) -> bool {
    frame.line == site.line && !site.file.is_empty() && frame.file.ends_with(&site.file)
}
