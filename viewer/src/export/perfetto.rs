//! Chrome's trace event format, which Perfetto (ui.perfetto.dev) and `chrome://tracing` open.
//!
//! A process is a session, a thread is an actor. A stretch with a length is a slice (`X`), a moment an instant
//! (`i`); the two sides of a conflict are joined by a flow (`s` to `f`). Slices of one track have to nest, and two
//! guards of one actor need not: one that does not fit opens a second track of the same name. Entries and
//! operations of maps are counters (`C`). Times are microseconds since the earliest session began.

#[cfg(test)]
mod tests;

use super::Account;
use super::lanes::{self, Lane, Lanes, Link, Stretch, What};
use crate::model::series::SLOT;
use mapwatch_event::{ActorId, Nanos};
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// The shortest slice, so that a flow has something to hold on to.
const SHORTEST: u64 = 1_000;
/// Slots of a map's operations that are told.
const SLOTS: usize = crate::model::series::SLOTS;

/// The whole trace, newline at its end.
#[must_use]
pub fn tell(account: &Account<'_>) -> String {
    let sessions = account.world.sessions.values();
    let began = sessions.map(|session| session.header.started_unix_micros).min().unwrap_or(0);
    let mut events = Vec::new();
    for (index, lanes) in lanes::lanes(account).iter().enumerate() {
        let trace = Trace {
            process: index as u64 + 1,
            shift: lanes.session.header.started_unix_micros.saturating_sub(began),
        };
        trace.write(account, lanes, &mut events);
    }
    let trace = json!({
        "displayTimeUnit": "ns",
        "traceEvents": events,
        "otherData": {
            "writer": concat!("mapview ", env!("CARGO_PKG_VERSION")),
            "verdict": crate::report::text::verdict(account.world),
            "began_unix_micros": began,
        },
    });
    // One event a line would be nicer to read; a trace is opened, not read.
    format!("{trace}\n")
}

/// One session on its way into the trace.
struct Trace {
    process: u64,
    /// Microseconds between the beginning of the trace and that of the session.
    shift: u64,
}

/// A slice of a track.
struct Placed<'a> {
    track: u64,
    stretch: &'a Stretch,
    from: u64,
    to: u64,
}

impl Trace {
    fn write(&self, account: &Account<'_>, lanes: &Lanes<'_>, events: &mut Vec<Value>) {
        let title = lanes.session.title();
        let left_out = lanes.left_out_words().map(|words| format!(" ({words})")).unwrap_or_default();
        events.push(self.name("process_name", 0, &format!("{title}{left_out}")));
        let mut tracks = 0;
        let mut placed: BTreeMap<ActorId, Vec<Placed<'_>>> = BTreeMap::new();
        for (actor, lane) in &lanes.lanes {
            let slices = place(lane, &mut tracks);
            let mut named = 0;
            for slice in &slices {
                if slice.track > named {
                    named = slice.track;
                    events.push(self.name("thread_name", slice.track, &lane.title));
                }
            }
            placed.insert(*actor, slices);
        }
        for slice in placed.values().flatten() {
            events.push(self.slice(account, slice));
        }
        for (index, link) in lanes.links.iter().enumerate() {
            self.flow(link, self.process * 1_000_000 + index as u64, &placed, events);
        }
        self.counters(lanes, events);
    }

    fn name(&self, what: &str, track: u64, name: &str) -> Value {
        json!({ "ph": "M", "name": what, "pid": self.process, "tid": track, "args": { "name": name } })
    }

    fn micros(&self, nanos: u64) -> f64 {
        self.shift as f64 + nanos as f64 / 1000.0
    }

    fn slice(&self, account: &Account<'_>, placed: &Placed<'_>) -> Value {
        let Placed { track, stretch, from, to } = placed;
        let mut event = json!({
            "name": stretch.label(),
            "cat": stretch.what.word(),
            "pid": self.process,
            "tid": track,
            "ts": self.micros(*from),
            "args": { "site": stretch.site, "map": stretch.map },
        });
        if let Some(operation) = stretch.operation {
            event["args"]["operation"] = json!(operation);
        }
        let finding = stretch.finding.and_then(|id| account.world.findings.get(id));
        if let Some(finding) = finding {
            event["args"]["finding"] = json!(account.told(finding).headline());
            event["args"]["cause"] = json!(finding.first.cause);
            event["args"]["cure"] = json!(finding.first.cure);
        }
        if from == to {
            event["ph"] = json!("i");
            event["s"] = json!("t");
        } else {
            event["ph"] = json!("X");
            event["dur"] = json!((to - from) as f64 / 1000.0);
        }
        event
    }

    /// An arrow binds to the slice that is there at its time, on its track.
    fn flow(
        &self,
        link: &Link,
        id: u64,
        placed: &BTreeMap<ActorId, Vec<Placed<'_>>>,
        events: &mut Vec<Value>,
    ) {
        let end = |(actor, at): (ActorId, Nanos), what: What| {
            let slices = placed.get(&actor)?;
            slices.iter().find(|slice| {
                slice.stretch.what == what
                    && slice.stretch.from == at
                    && slice.stretch.finding == Some(link.finding)
            })
        };
        let (Some(from), Some(to)) = (end(link.from, What::Holder), end(link.to, What::Attempt)) else {
            return;
        };
        for (phase, slice) in [("s", from), ("f", to)] {
            let mut event = json!({
                "ph": phase,
                "id": id,
                "name": link.title,
                "cat": "conflict",
                "pid": self.process,
                "tid": slice.track,
                "ts": self.micros(slice.from),
            });
            if phase == "f" {
                event["bp"] = json!("e");
            }
            events.push(event);
        }
    }

    /// Operations per second of each map, and entries as last told.
    fn counters(&self, lanes: &Lanes<'_>, events: &mut Vec<Value>) {
        let now = lanes.session.last_at;
        for map in lanes.session.maps.iter() {
            let slots = map.series.last(now, SLOTS);
            if slots.iter().all(|count| *count == 0) {
                continue;
            }
            let name = format!("{} operations/s", lanes::title(lanes.session, map));
            let first = (now.0 / SLOT.0).max(1) - slots.len() as u64;
            let mut last = None;
            for (index, count) in slots.iter().enumerate().filter(|(_, count)| {
                let changed = last != Some(**count);
                last = Some(**count);
                changed
            }) {
                events.push(json!({
                    "ph": "C",
                    "name": name,
                    "pid": self.process,
                    "ts": self.micros((first + index as u64) * SLOT.0),
                    "args": { "operations": *count as f64 * 1e9 / SLOT.0 as f64 },
                }));
            }
        }
    }
}

/// Puts a lane's stretches on as few tracks as let them nest. A side of a conflict always has a length.
fn place<'a>(lane: &'a Lane, tracks: &mut u64) -> Vec<Placed<'a>> {
    let mut placed = Vec::new();
    // Per track, the ends of the slices that are open.
    let mut open: Vec<(u64, Vec<u64>)> = Vec::new();
    for stretch in &lane.stretches {
        let (from, mut to) = (stretch.from.0, stretch.to.0.max(stretch.from.0));
        if stretch.finding.is_some() {
            to = to.max(from.saturating_add(SHORTEST));
        }
        let track = open.iter_mut().find_map(|(track, ends)| {
            ends.retain(|end| *end > from);
            ends.last().is_none_or(|end| to <= *end).then(|| {
                ends.push(to);
                *track
            })
        });
        let track = track.unwrap_or_else(|| {
            *tracks += 1;
            open.push((*tracks, vec![to]));
            *tracks
        });
        placed.push(Placed { track, stretch, from, to });
    }
    placed
}
