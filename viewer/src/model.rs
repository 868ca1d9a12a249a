//! What the viewer knows.
//!
//! Two halves: the [`World`] is what events told, and nothing else changes it; [`Ui`] is what the person at the
//! keyboard chose. Pausing keeps a copy of the world to look at while the real one goes on, so nothing has to
//! wait in a socket. Between them the [`Tape`] knows how the world was at every earlier moment. No module here imports the drawing library, reads a clock, or does I/O.
//!
//! Memory is bounded: every list has a cap, the oldest detail goes first, and what went is counted.

pub mod about;
pub mod actors;
pub mod end;
pub mod findings;
pub mod guards;
pub mod joined;
pub mod life;
pub mod list;
pub mod log;
#[cfg(test)]
mod loss_tests;
pub mod maps;
pub mod moment;
pub mod panicked;
pub mod panics;
pub mod program;
pub mod query;
pub mod reading;
pub mod rows;
pub mod series;
pub mod session;
pub mod shards;
pub mod sizes;
pub mod sources;
pub mod spells;
pub mod tape;
#[cfg(test)]
mod tests;
pub mod times;
pub mod ui;
pub mod unread;
pub mod world;

use list::RowKey;
use moment::Wall;
use rows::Ready;
use sources::Sources;
use std::time::Duration;
use tape::{Stop, Tape};
use ui::{Travel, Ui};
use world::World;

/// Everything that a frame is drawn from.
#[derive(Clone, Debug, Default)]
pub struct Model {
    /// What events told, up to now.
    pub world: World,
    /// What it was when the user pressed pause, or at the moment that the user travelled to.
    pub frozen: Option<Box<World>>,
    /// What was taken in, in order.
    pub tape: Tape,
    /// What the user chose.
    pub ui: Ui,
    /// Source that was read for the screens.
    pub sources: Sources,
    /// The rows of a long list, worked out beforehand.
    pub ready: Option<Ready>,
}

impl Model {
    /// The world to look at: the frozen one while the viewer is paused.
    #[must_use]
    pub fn seen(&self) -> &World {
        self.frozen.as_deref().unwrap_or(&self.world)
    }

    /// Whether the picture changes although nothing arrives: ages and rates of a live program.
    #[must_use]
    pub fn is_moving(&self) -> bool {
        self.frozen.is_none() && self.world.is_live() || self.ui.note.is_some() || !self.ui.writing.is_empty()
    }

    /// The selected row of the list that is shown.
    #[must_use]
    pub fn selected(&self) -> Option<RowKey> {
        let list = self.ui.screen().list()?;
        self.ui.list(list).row(&self.rows(list))
    }

    /// The moment that is shown: where nothing happened for a while, the user may be later than the last event.
    #[must_use]
    pub fn moment(&self) -> Wall {
        match self.ui.travel {
            Some(Travel { wanted: Stop::Until(wall), .. }) => wall,
            Some(_) => self.seen().now(),
            None => self.seen().until,
        }
    }

    /// The viewer's clock: time since it started.
    #[must_use]
    pub fn clock(&self) -> Duration {
        self.seen().clock
    }

    /// What waits behind the pause: events, and findings that the user has not seen; `None` while not paused.
    #[must_use]
    pub fn waiting(&self) -> Option<Waiting> {
        let frozen = self.frozen.as_deref()?;
        Some(Waiting {
            events: self.world.events - frozen.events,
            conflicts: self.world.findings.sightings - frozen.findings.sightings,
        })
    }
}

/// What waits behind the pause.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Waiting {
    /// Events of all kinds.
    pub events: u64,
    /// Conflicts among them.
    pub conflicts: u64,
}
