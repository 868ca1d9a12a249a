//! What is told: the world, its findings surest first, and which of them a baseline knows.

use crate::baseline::Baseline;
use crate::fingerprint::Fingerprint;
use crate::model::findings::Finding;
use crate::model::maps::Map;
use crate::model::session::Session;
use crate::model::world::World;
use mapwatch_event::{Conflict, Grade, Report, Side};
use std::collections::BTreeSet;

/// The world, judged by a baseline where there is one.
#[derive(Clone, Copy, Debug)]
pub struct Account<'a> {
    /// What was seen.
    pub world: &'a World,
    /// What was known before.
    pub baseline: Option<&'a Baseline>,
}

/// Whether a finding was known before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// Not in the baseline, or there is none.
    New,
    /// In the baseline.
    Known,
}

/// One finding as it is told.
#[derive(Clone, Copy, Debug)]
pub struct Told<'a> {
    /// The finding.
    pub finding: &'a Finding,
    /// What it is recognised by in another run.
    pub fingerprint: Fingerprint,
    /// Whether it was known before.
    pub standing: Standing,
}

impl<'a> Account<'a> {
    /// Without a baseline.
    #[must_use]
    pub fn of(world: &'a World) -> Account<'a> {
        Account { world, baseline: None }
    }

    /// The findings, surest first, then in the order in which they came.
    #[must_use]
    pub fn findings(&self) -> Vec<Told<'a>> {
        let mut findings: Vec<Told<'a>> =
            self.world.findings.iter().map(|finding| self.told(finding)).collect();
        findings.sort_by_key(|told| (std::cmp::Reverse(told.finding.grade), told.finding.id));
        findings
    }

    /// One finding, judged.
    #[must_use]
    pub fn told(&self, finding: &'a Finding) -> Told<'a> {
        let fingerprint = Fingerprint::of(&finding.first);
        let known = self.baseline.is_some_and(|baseline| baseline.knows(fingerprint));
        Told { finding, fingerprint, standing: if known { Standing::Known } else { Standing::New } }
    }

    /// The maps of all sessions: those that met trouble first, then the busiest.
    #[must_use]
    pub fn maps(&self) -> Vec<(&'a Session, &'a Map)> {
        let sessions = self.world.sessions.values().map(AsRef::as_ref);
        let mut maps: Vec<(&Session, &Map)> = sessions
            .flat_map(|session: &Session| session.maps.iter().map(move |map| (session, map)))
            .collect();
        maps.sort_by_key(|(session, map)| {
            let operations =
                map.total.reads.saturating_add(map.total.writes).saturating_add(map.total.iterations);
            (std::cmp::Reverse((map.conflicts, operations)), session.id, map.id)
        });
        maps
    }

    /// The session in which a finding was first seen, where it is still kept.
    #[must_use]
    pub fn session(&self, told: &Told<'_>) -> Option<&'a Session> {
        self.world.sessions.get(&told.finding.first_seen.session).map(AsRef::as_ref)
    }

    /// Whether something should fail a build: a finding above a note that the baseline does not know, or
    /// findings that nobody could look at because there was no room for them.
    #[must_use]
    pub fn any_problem(&self) -> bool {
        self.world.findings.dropped > 0 || self.findings().iter().any(Told::is_problem)
    }
}

impl<'a> Told<'a> {
    /// The conflict that stands for the finding.
    #[must_use]
    pub fn conflict(&self) -> &'a Conflict {
        &self.finding.first
    }

    /// Whether it should fail a build.
    #[must_use]
    pub fn is_problem(&self) -> bool {
        self.standing == Standing::New && self.finding.grade > Grade::Note
    }

    /// The first line of its report, without the tool's name.
    #[must_use]
    pub fn headline(&self) -> String {
        let line = Report::new(self.conflict()).headline();
        line.strip_prefix("mapwatch: ").map_or(line.clone(), str::to_owned)
    }

    /// What it is called in every run: no numbers of actors, no lines, and the sides in alphabetical order, for
    /// which of two comes second is luck.
    #[must_use]
    pub fn name(&self) -> String {
        let conflict = self.conflict();
        let place = |side: &Side| format!("`{}` in {}", side.operation, side.site.file);
        let places: BTreeSet<String> = conflict.sides.iter().map(place).collect();
        let places: Vec<String> = places.into_iter().collect();
        format!("{}: {}", conflict.category.title(), places.join(", "))
    }
}
