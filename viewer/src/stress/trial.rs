//! One run.

use crate::model::log::Voice;
use crate::model::moment::Wall;
use crate::model::program::Ending;
use crate::model::world::World;
use mapwatch_event::{Conflict, Grade, Nanos};
use std::sync::Arc;

/// Last lines of output that are kept of a run.
const LAST_WORDS: usize = 8;

/// How a run ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum End {
    /// By itself.
    Itself(Ending),
    /// It took too long, and was ended.
    Hung,
}

/// One conflict that a run found.
#[derive(Clone, Debug)]
pub struct Sighting {
    /// The first one of its kind in the run.
    pub conflict: Arc<Conflict>,
    /// How long after the run began.
    pub after: Nanos,
}

/// One run and what it brought.
#[derive(Clone, Debug)]
pub struct Trial {
    /// The dice of its delays.
    pub seed: u64,
    /// How it ended.
    pub end: End,
    /// How long it took.
    pub took: Nanos,
    /// Whether any watched process was heard.
    pub heard: bool,
    /// Delays, those of them that brought something, and their time.
    pub delays: (u64, u64, Nanos),
    /// Delays that were not made, because a runtime has one thread.
    pub in_vain: u64,
    /// What it found.
    pub sightings: Vec<Sighting>,
    /// Lines that could not be read, and what recorders lost of facts.
    pub unread: u64,
    /// The end of its output.
    pub last_words: Vec<String>,
}

impl Trial {
    /// What a run told; it began at `began`.
    #[must_use]
    pub fn of(world: &World, seed: u64, began: Wall, took: Nanos, end: End) -> Trial {
        let sighting = |conflict: &Arc<Conflict>, wall: Wall| Sighting {
            conflict: Arc::clone(conflict),
            after: wall.since(began),
        };
        let maps = world.sessions.values().flat_map(|session| session.maps.iter());
        let (mut delays, mut in_vain) = ((0, 0, Nanos(0)), 0_u64);
        for told in maps.map(|map| &map.provocation) {
            delays.0 += told.delays;
            delays.1 += told.fruitful;
            delays.2.0 = delays.2.0.saturating_add(told.spent.0);
            in_vain = in_vain.saturating_add(told.in_vain);
        }
        let lost = world.sessions.values().map(|session| session.missed).fold(0, u64::saturating_add);
        Trial {
            seed,
            end,
            took,
            heard: !world.heard_nobody(),
            delays,
            in_vain,
            sightings: world
                .findings
                .iter()
                .map(|found| sighting(&found.first, found.first_seen.wall))
                .collect(),
            unread: world.unread.count.saturating_add(lost),
            last_words: last_words(world),
        }
    }

    /// Whether it found anything worse than a note.
    #[must_use]
    pub fn found(&self) -> bool {
        self.sightings.iter().any(|sighting| sighting.conflict.grade > Grade::Note)
    }
}

fn last_words(world: &World) -> Vec<String> {
    let output = world.log.iter().filter(|line| matches!(line.voice, Voice::Program(_)));
    let lines: Vec<String> = output.map(|line| line.text.clone()).collect();
    lines[lines.len().saturating_sub(LAST_WORDS)..].to_vec()
}
