//! What actors did, beside each other in time, as far as it is still kept: the ground of the trace and of the
//! page's pictures.
//!
//! A recorder tells conflicts with their history, who holds what and waits for what, growths, and a sample of the
//! last operations; so lanes show what is known, not all that happened.

mod spells;

use super::{Account, Told};
use crate::model::findings::FindingId;
use crate::model::maps::Map;
use crate::model::session::Session;
use crate::model::spells::Is;
use crate::text::counted;
use mapwatch_event::event::Holding;
use mapwatch_event::{Actor, ActorId, Conflict, Nanos, Operation, PastOperation, Side};
use std::collections::BTreeMap;

/// The lanes of one session.
#[derive(Clone, Debug)]
pub struct Lanes<'a> {
    /// The session.
    pub session: &'a Session,
    /// One lane per actor that did something, by number.
    pub lanes: BTreeMap<ActorId, Lane>,
    /// The two sides of each conflict.
    pub links: Vec<Link>,
    /// Waits and holds that are over and have no stretch: there were longer ones.
    pub left_out: u64,
}

/// One actor's lane.
#[derive(Clone, Debug, Default)]
pub struct Lane {
    /// The actor, as reports name it.
    pub title: String,
    /// What it did, by time.
    pub stretches: Vec<Stretch>,
}

/// One thing that an actor did.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stretch {
    /// From when.
    pub from: Nanos,
    /// To when; the same as `from` where only the moment is known.
    pub to: Nanos,
    /// What sort of thing.
    pub what: What,
    /// The operation; `None` where only the site was told.
    pub operation: Option<Operation>,
    /// The map, as reports call it.
    pub map: String,
    /// The call.
    pub site: String,
    /// The finding that it is a side of.
    pub finding: Option<FindingId>,
}

/// What sort of thing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum What {
    /// An operation among others.
    Operation,
    /// An operation that made the table move.
    Growth,
    /// Inside a map, or in possession of a guard.
    Holding,
    /// Waiting to get in.
    Waiting,
    /// A side of a conflict that was inside, or had looked, before.
    Holder,
    /// The side of a conflict that came second.
    Attempt,
}

impl What {
    /// A word.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            What::Operation => "operation",
            What::Growth => "growth",
            What::Holding => "holding",
            What::Waiting => "waiting",
            What::Holder => "holder",
            What::Attempt => "attempt",
        }
    }
}

/// The arrow between two sides of a conflict.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Link {
    /// The finding.
    pub finding: FindingId,
    /// Its title.
    pub title: &'static str,
    /// Who was inside, and since when.
    pub from: (ActorId, Nanos),
    /// Who came second, and when.
    pub to: (ActorId, Nanos),
}

/// The lanes of all sessions that did something.
#[must_use]
pub fn lanes<'a>(account: &Account<'a>) -> Vec<Lanes<'a>> {
    let findings = account.findings();
    let all = account.world.sessions.values().map(|session| Lanes::of(session, &findings));
    all.filter(|lanes| !lanes.lanes.is_empty()).collect()
}

impl<'a> Lanes<'a> {
    fn of(session: &'a Session, findings: &[Told<'_>]) -> Lanes<'a> {
        let mut lanes = Lanes { session, lanes: BTreeMap::new(), links: Vec::new(), left_out: 0 };
        for told in findings {
            let finding = told.finding;
            if finding.first_seen.session == session.id {
                lanes.conflict(finding.id, &finding.first);
            }
            if finding.last_seen.session == session.id && finding.count > 1 {
                lanes.conflict(finding.id, &finding.latest);
            }
        }
        session.maps.iter().for_each(|map| lanes.map(map));
        let (past, left_out) = spells::past(session, spells::TOLD);
        past.into_iter().for_each(|(actor, stretch)| lanes.known(actor, stretch));
        lanes.left_out = left_out;
        for lane in lanes.lanes.values_mut() {
            lane.stretches.sort_by_key(|stretch| (stretch.from, std::cmp::Reverse(stretch.to), stretch.what));
            // A conflict's history and the samples tell the same operation twice.
            lane.stretches.dedup_by(|later, earlier| {
                later.what == What::Operation && earlier.is_at(later.from, later.operation, &later.site)
            });
        }
        lanes
    }

    /// How many waits and holds have no stretch, in words; `None` where all have one.
    #[must_use]
    pub fn left_out_words(&self) -> Option<String> {
        let count = usize::try_from(self.left_out).unwrap_or(usize::MAX);
        let words =
            || format!("{} of waiting or holding left out", counted(count, "shorter or earlier spell"));
        (count > 0).then(words)
    }

    /// The span of time that the lanes cover.
    #[must_use]
    pub fn span(&self) -> (Nanos, Nanos) {
        let all = || self.lanes.values().flat_map(|lane| &lane.stretches);
        let from = all().map(|stretch| stretch.from).min().unwrap_or_default();
        let to = all().map(|stretch| stretch.to).max().unwrap_or_default();
        (from, to)
    }

    fn put(&mut self, actor: ActorId, title: String, stretch: Stretch) {
        let lane = self.lanes.entry(actor).or_default();
        if lane.title.is_empty() {
            lane.title = title;
        }
        lane.stretches.push(stretch);
    }

    fn known(&mut self, actor: ActorId, stretch: Stretch) {
        let title = self.session.actors.title(actor);
        self.put(actor, title, stretch);
    }

    fn conflict(&mut self, finding: FindingId, conflict: &Conflict) {
        let map = conflict.map.title();
        for PastOperation { at, actor, operation, site } in &conflict.history {
            let stretch = Stretch {
                from: *at,
                to: *at,
                what: What::Operation,
                operation: Some(*operation),
                map: map.clone(),
                site: site.to_string(),
                finding: None,
            };
            self.put(actor.id, short(actor), stretch);
        }
        let attempt = conflict.attempt();
        for side in &conflict.sides {
            let is_attempt = attempt.is_some_and(|attempt| std::ptr::eq(attempt, side));
            let stretch = Stretch {
                from: begin(conflict, side),
                to: conflict.at,
                what: if is_attempt { What::Attempt } else { What::Holder },
                operation: Some(side.operation),
                map: map.clone(),
                site: side.site.to_string(),
                finding: Some(finding),
            };
            self.put(side.actor.id, short(&side.actor), stretch);
            if let Some(attempt) = attempt.filter(|_| !is_attempt) {
                self.links.push(Link {
                    finding,
                    title: conflict.category.title(),
                    from: (side.actor.id, begin(conflict, side)),
                    to: (attempt.actor.id, begin(conflict, attempt)),
                });
            }
        }
    }

    fn map(&mut self, map: &Map) {
        let title = title(self.session, map);
        let site = |id| self.session.site_text(id);
        let mut found: Vec<(ActorId, Stretch)> = Vec::new();
        let mut add = |actor, from, to, what, operation, site| {
            let operation = Some(operation);
            let stretch = Stretch { from, to, what, operation, map: title.clone(), site, finding: None };
            found.push((actor, stretch));
        };
        for past in map.recent.iter() {
            add(past.actor, past.at, past.at, What::Operation, past.operation, site(past.site));
        }
        for (at, growth) in map.growths.iter() {
            let from = at.since(growth.took);
            add(growth.actor, from, *at, What::Growth, Operation::Reserve, site(growth.site));
        }
        let now = self.session.last_at;
        let life = |actor| self.session.actors.get(actor).and_then(|known| known.life.as_deref());
        let inside = map.holders.iter().map(|holding| (holding, Is::Holding, What::Holding));
        let waiting = map.waiters.iter().map(|holding| (holding, Is::Waiting, What::Waiting));
        let lasts = |holding: &Holding, is| !spells::is_past(life(holding.actor), is, map.id, holding);
        let lasting = inside.chain(waiting).filter(|(holding, is, _)| lasts(holding, *is));
        for (Holding { actor, operation, site: at, since }, _, what) in lasting {
            add(*actor, *since, now.max(*since), what, *operation, site(*at));
        }
        for (actor, stretch) in found {
            self.known(actor, stretch);
        }
    }
}

impl Stretch {
    fn is_at(&self, from: Nanos, operation: Option<Operation>, site: &str) -> bool {
        self.from == from && self.operation == operation && self.site == site
    }

    /// `iter orders`, `waits for orders`, for a label.
    #[must_use]
    pub fn label(&self) -> String {
        match self.what {
            What::Growth => format!("{} grows", self.map),
            What::Waiting => format!("waits for {}", self.map),
            What::Holding => format!("holds {}", self.map),
            _ => match self.operation {
                Some(operation) => format!("{operation} {}", self.map),
                None => self.map.clone(),
            },
        }
    }
}

/// A map by the name that reports call it by.
#[must_use]
pub fn title(session: &Session, map: &Map) -> String {
    if map.name.is_empty() {
        let site = session.site_text(map.made);
        let site = site.rsplit('/').next().unwrap_or(&site);
        format!("{} made at {site}", map.kind_word())
    } else {
        map.name.to_string()
    }
}

/// When a side came in: a holder was inside before the two met.
fn begin(conflict: &Conflict, side: &Side) -> Nanos {
    conflict.at.since(side.held_for.unwrap_or_default())
}

fn short(actor: &Actor) -> String {
    Actor { on_thread: String::new(), ..actor.clone() }.to_string()
}
