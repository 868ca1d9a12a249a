//! Which life panicked, where and with which words. Groups of panics keep their last one alone; each life is to say its
//! own.

use super::life::TaskRow;
use super::panics::{PanicId, headline};
use imbl::OrdMap;
use mapwatch_event::panic::ScopeSeen;
use mapwatch_event::{ActorId, ActorKind, Panic, Site};
use std::sync::Arc;

/// Panics of a session of which this is kept.
const KEPT: usize = 2_000;
/// Letters kept of what one said.
const LETTERS: usize = 400;

/// A panic, as far as the life that it ended says it.
#[derive(Clone, Debug)]
pub struct Panicked {
    actor: ActorId,
    scopes: Vec<ScopeSeen>,
    /// Where.
    pub place: Site,
    message: String,
    /// Its group, where one had room.
    pub group: Option<PanicId>,
}

impl Panicked {
    /// What is kept of a panic.
    #[must_use]
    pub fn of(panic: &Panic) -> Panicked {
        Panicked {
            actor: panic.actor.id,
            scopes: panic.scopes.clone(),
            place: panic.location.clone(),
            message: headline(&panic.message).chars().take(LETTERS).collect(),
            group: None,
        }
    }

    /// What it said.
    #[must_use]
    pub fn words(&self) -> &str {
        if self.message.is_empty() { "(no message)" } else { &self.message }
    }

    /// A task or a thread has its number in it, a scope its name and what it carries: such as a request's identity.
    fn is_of(&self, row: &TaskRow<'_>) -> bool {
        let is_within =
            || self.scopes.iter().any(|scope| is_named(scope, row)) && row.descends_from(self.actor);
        self.actor == row.id || row.known.kind == ActorKind::Scope && is_within()
    }

    fn is_like(&self, other: &Panicked) -> bool {
        (&self.place, &self.message) == (&other.place, &other.message)
    }
}

fn is_named(scope: &ScopeSeen, row: &TaskRow<'_>) -> bool {
    scope.name == row.known.name && scope.fields.starts_with(&row.life.fields)
}

/// The last panics of a session, by number.
#[derive(Clone, Debug, Default)]
pub struct LastPanics(OrdMap<u64, Arc<Panicked>>);

impl LastPanics {
    /// Takes one in.
    pub fn add(&mut self, number: u64, panicked: Panicked) {
        self.0.insert(number, Arc::new(panicked));
        if self.0.len() > KEPT
            && let Some((oldest, _)) = self.0.get_min().cloned()
        {
            self.0.remove(&oldest);
        }
    }

    /// Those of a life, the latest first.
    pub fn of<'a>(&'a self, row: TaskRow<'a>) -> impl Iterator<Item = &'a Panicked> {
        self.0.values().rev().map(|panicked| &**panicked).filter(move |panicked| panicked.is_of(&row))
    }

    /// The one that ended a life. Scopes that are named alike and panicked differently cannot be told apart.
    #[must_use]
    pub fn end_of<'a>(&'a self, row: TaskRow<'a>) -> Option<&'a Panicked> {
        let mut all = self.of(row);
        let latest = all.next()?;
        let is_certain = row.known.kind != ActorKind::Scope || all.all(|other| other.is_like(latest));
        is_certain.then_some(latest)
    }
}
