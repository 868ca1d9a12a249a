//! A panic in words: names, frames, and the last operations of whoever panicked.

use super::{Past, Tally};
use crate::panics::{Raw, Touch};
use crate::task::story::Story;
use crate::{entry, thread};
use mapwatch_event::panic::{ActorOperation, MapTouched, ScopeSeen};
use mapwatch_event::{MapId, Panic, Stack};

/// Operations told.
const OPERATIONS: usize = 16;

impl Tally {
    /// Everything but the names of its frames.
    pub(super) fn panic(&self, raw: Raw) -> Panic {
        let scopes = raw.scopes.iter().filter(|life| life.number != raw.actor).map(|life| ScopeSeen {
            kind: life.kind,
            name: life.name().to_owned(),
            fields: life.story().map(Story::fields).unwrap_or_default(),
        });
        Panic {
            id: raw.id,
            thread: thread::describe(raw.thread),
            actor: thread::describe_on(raw.actor, raw.thread),
            scopes: scopes.collect(),
            message: raw.message,
            location: raw.location,
            stack: Stack::default(),
            conflict: raw.conflict,
            fatal: cfg!(panic = "abort"),
            caught_by: raw.caught_by.unwrap_or_default(),
            held: raw.held.iter().map(|touch| self.touched(touch)).collect(),
            waited: raw.waited.iter().map(|touch| self.touched(touch)).collect(),
            operations: self.operations(raw.actor),
            context: raw.context,
        }
    }

    fn touched(&self, touch: &Touch) -> MapTouched {
        MapTouched {
            map: MapId(touch.map),
            title: self.title(touch.map),
            operation: touch.operation,
            site: touch.site.into(),
            span: touch.span,
        }
    }

    fn title(&self, map: u64) -> String {
        let known = self.maps.get(&map).map(|map| map.entry.facts().title());
        known.or_else(|| Some(entry::find(map)?.facts().title())).unwrap_or_default()
    }

    /// The last operations of an actor, oldest first.
    fn operations(&self, actor: u64) -> Vec<ActorOperation> {
        let mut all: Vec<(u64, Past)> = self
            .maps
            .iter()
            .flat_map(|(id, map)| map.history.iter().map(|past| (*id, *past)))
            .filter(|(_, past)| past.actor == actor)
            .collect();
        all.sort_by_key(|(_, past)| past.at);
        let surplus = all.len().saturating_sub(OPERATIONS);
        let operation = |(map, past): (u64, Past)| ActorOperation {
            at: past.at,
            map: MapId(map),
            title: self.title(map),
            operation: past.operation,
            site: past.site.into(),
        };
        all.into_iter().skip(surplus).map(operation).collect()
    }
}
