//! Conflicts, joined: the same category at the same sites is one finding, counted.

use super::joined::Joined;
use super::moment::{Moment, Wall};
use super::session::SessionId;
use super::ui::MapKey;
use mapwatch_event::{Actor, Category, Conflict, Grade, Outcome, Report, Site};
use std::collections::BTreeSet;
use std::sync::Arc;

/// Findings kept; a program with more has one problem.
pub const FINDINGS: usize = 2_000;
/// Sessions, and maps, remembered of one finding.
const SESSIONS: usize = 64;

/// One finding of this viewer, numbered in the order in which they came.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FindingId(pub u64);

impl From<u64> for FindingId {
    fn from(number: u64) -> FindingId {
        FindingId(number)
    }
}

/// One finding.
#[derive(Clone, Debug)]
pub struct Finding {
    /// Its number.
    pub id: FindingId,
    /// The first conflict of this kind.
    pub first: Arc<Conflict>,
    /// The last one; the same value as `first` while there is one.
    pub latest: Arc<Conflict>,
    /// How many.
    pub count: u64,
    /// The surest grade it was seen with.
    pub grade: Grade,
    /// When it was first seen.
    pub first_seen: Moment,
    /// When it was last seen.
    pub last_seen: Moment,
    /// In which sessions, the first 64 of them.
    pub sessions: BTreeSet<SessionId>,
    /// In which maps, the first 64 of them.
    pub maps: BTreeSet<MapKey>,
    /// What became of it, and how often.
    pub outcomes: Vec<(Outcome, u64)>,
}

impl Finding {
    fn new(id: FindingId, conflict: Arc<Conflict>, moment: Moment) -> Finding {
        Finding {
            id,
            count: 0,
            grade: conflict.grade,
            first: Arc::clone(&conflict),
            latest: conflict,
            first_seen: moment,
            last_seen: moment,
            sessions: BTreeSet::new(),
            maps: BTreeSet::new(),
            outcomes: Vec::new(),
        }
    }

    /// Its category.
    #[must_use]
    pub fn category(&self) -> Category {
        self.first.category
    }

    /// What orders findings by their latest sighting.
    #[must_use]
    pub fn recency(&self) -> (Wall, FindingId) {
        (self.last_seen.wall, self.id)
    }

    fn seen(&mut self, conflict: Arc<Conflict>, moment: Moment) {
        self.count += 1;
        self.grade = self.grade.max(conflict.grade);
        self.last_seen = moment;
        match self.outcomes.iter_mut().find(|(outcome, _)| *outcome == conflict.outcome) {
            Some((_, count)) => *count += 1,
            None => self.outcomes.push((conflict.outcome, 1)),
        }
        if self.sessions.len() < SESSIONS {
            self.sessions.insert(moment.session);
        }
        if self.maps.len() < SESSIONS {
            self.maps.insert(MapKey { session: moment.session, map: conflict.map.id });
        }
        self.latest = conflict;
    }

    /// `panicked`, or `panicked 3x, reported 1x`.
    #[must_use]
    pub fn outcome_words(&self) -> String {
        let words: Vec<String> = match self.outcomes.as_slice() {
            [(outcome, _)] => vec![outcome_word(*outcome).to_owned()],
            many => {
                many.iter().map(|(outcome, count)| format!("{} {count}x", outcome_word(*outcome))).collect()
            }
        };
        words.join(", ")
    }
}

/// What became of a conflict, in a word or two.
#[must_use]
pub fn outcome_word(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::Panicked => "panicked",
        Outcome::Reported => "reported",
        Outcome::Refused => "refused",
        Outcome::Aborted => "aborted",
    }
}

/// What makes two conflicts the same finding.
pub type Key = (Category, Vec<Site>);

/// All findings.
pub type Findings = Joined<FindingId, Key, Finding>;

impl Findings {
    /// Takes in a conflict.
    pub fn add(&mut self, session: SessionId, conflict: Conflict, wall: Wall) {
        let moment = Moment { session, at: conflict.at, wall };
        let key = key(&conflict);
        let conflict = Arc::new(conflict);
        if let Some(finding) = self.group(key, FINDINGS, |id| Finding::new(id, Arc::clone(&conflict), moment))
        {
            finding.seen(conflict, moment);
        }
    }

    /// The one seen last.
    #[must_use]
    pub fn newest(&self) -> Option<&Finding> {
        self.iter().max_by_key(|finding| finding.recency())
    }

    /// How many of each grade, surest first; grades without any are left out.
    #[must_use]
    pub fn by_grade(&self) -> Vec<(Grade, usize)> {
        [Grade::Certain, Grade::Hazard, Grade::Suspect, Grade::Note, Grade::Logged]
            .into_iter()
            .map(|grade| (grade, self.iter().filter(|finding| finding.grade == grade).count()))
            .filter(|(_, count)| *count > 0)
            .collect()
    }

    /// Whether there is one that should fail a build: anything above a note.
    #[must_use]
    pub fn any_problem(&self) -> bool {
        self.dropped > 0 || self.iter().any(|finding| finding.grade > Grade::Note)
    }
}

/// What happened, in one sentence: the report's first line without what stands beside it on the screen.
#[must_use]
pub fn happened(conflict: &Conflict) -> String {
    let headline = Report::new(conflict).headline();
    let code = format!(" [{}]", conflict.category);
    let title = format!("mapwatch: {}", conflict.category.title());
    let text = headline.strip_suffix(&code).unwrap_or(&headline);
    let text = text.strip_prefix(&title).unwrap_or(text);
    text.strip_prefix(": ").unwrap_or(text).to_owned()
}

/// The same where there is little room: the map, and who met there.
#[must_use]
pub fn parties(conflict: &Conflict) -> String {
    format!("{}: {}", conflict.map.title(), names(conflict))
}

/// Who stands on the sides, by name.
#[must_use]
pub fn names(conflict: &Conflict) -> String {
    let names = who(conflict, |actor| match &*actor.name {
        "" => format!("{} {}", actor.kind.word(), actor.id),
        name => name.to_owned(),
    });
    names.join(", ")
}

/// Who stands on the sides, in their order, as `say` says it; whoever is said alike stands there once.
#[must_use]
pub fn who(conflict: &Conflict, say: impl Fn(&Actor) -> String) -> Vec<String> {
    let mut said = Vec::new();
    for text in conflict.sides.iter().map(|side| say(&side.actor)) {
        if !said.contains(&text) {
            said.push(text);
        }
    }
    said
}

fn key(conflict: &Conflict) -> Key {
    let (category, sites) = conflict.same_finding_key();
    (category, sites.into_iter().cloned().collect())
}
