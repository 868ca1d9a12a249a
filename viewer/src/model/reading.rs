//! Which of the sightings of a finding is read: it stays while others come, until the reader asks for the newest.

use super::Model;
use super::findings::{Finding, FindingId};
use super::moment::Moment;
use mapwatch_event::Conflict;
use std::sync::Arc;

/// The sighting that was the newest when the page of its finding was opened.
#[derive(Clone, Debug)]
pub struct Reading {
    conflict: Arc<Conflict>,
    seen: Moment,
    /// Its number among the sightings.
    number: u64,
}

/// A finding, and the sighting of it that is shown.
#[derive(Clone, Copy, Debug)]
pub struct Sighting<'a> {
    /// The finding.
    pub finding: &'a Finding,
    /// What is shown of it.
    pub conflict: &'a Conflict,
    /// When that was.
    pub seen: Moment,
    /// How often it was seen since.
    pub since: u64,
}

impl<'a> Sighting<'a> {
    /// The newest one.
    #[must_use]
    pub fn newest(finding: &'a Finding) -> Sighting<'a> {
        Sighting { finding, conflict: &finding.latest, seen: finding.last_seen, since: 0 }
    }
}

impl Model {
    /// The sighting that the page of a finding shows; at another moment than the present the newest one of then.
    #[must_use]
    pub fn sighting(&self, id: FindingId) -> Option<Sighting<'_>> {
        let finding = self.seen().findings.get(id)?;
        let reading = self.ui.reading.get(&id).filter(|_| self.ui.travel.is_none());
        Some(match reading.and_then(|reading| Some((reading, finding.count.checked_sub(reading.number)?))) {
            Some((Reading { conflict, seen, .. }, since)) => {
                Sighting { finding, conflict, seen: *seen, since }
            }
            None => Sighting::newest(finding),
        })
    }

    /// From now on the newest sighting of a finding is read.
    pub fn read_newest(&mut self, id: FindingId) {
        let Some(finding) = self.seen().findings.get(id) else { return };
        let conflict = Arc::clone(&finding.latest);
        let reading = Reading { conflict, seen: finding.last_seen, number: finding.count };
        self.ui.reading.insert(id, reading);
    }
}
