//! What a triage gives: the bugs, what to know beside them, and what could not be read.
//!
//! Only data: [`alarm`](crate::alarm) and [`history`](crate::history) fill it in, [`print`](mod@crate::print) tells it.

use crate::group::Group;
use crate::report::Place;
use crate::time::Micros;
use mapwatch_event::{Category, Site};
use serde::Serialize;
use std::collections::BTreeMap;

/// What all inputs say together.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Summary {
    /// Bugs, the most frequent first.
    pub groups: Vec<Group>,
    /// What a person on call has to know beside the groups.
    pub alarms: Vec<Alarm>,
    /// Reports by category, followers not counted.
    pub categories: BTreeMap<Category, u64>,
    /// What looked like a report and could not be read; at most 100 are named.
    pub unread: Vec<Unread>,
    /// How many there were in all.
    pub unread_count: u64,
    /// Inputs that could not be read, or not to their end.
    pub problems: Vec<Unread>,
    /// Reports beyond the most groups that are kept.
    pub overflow: u64,
    /// Process ends that no report explains and that were no crash.
    pub endings: u64,
    /// Whether a manager says that something starts again and again.
    pub restarting: bool,
    /// The stamp of the last line read that has one.
    pub last_time: Option<Micros>,
    /// What earlier runs know of the groups, by fingerprint; empty where no history was asked.
    pub known: BTreeMap<String, Known>,
    /// Lines of a checkout that groups lead to, by fingerprint; empty where none was looked at.
    pub suspects: BTreeMap<String, Vec<Suspect>>,
    /// What each input is known by.
    #[serde(skip)]
    pub identities: BTreeMap<String, u64>,
    /// How many inputs were read.
    pub inputs: u64,
    /// How much text was read.
    pub bytes: u64,
    /// How many lines.
    pub lines: u64,
}

/// A line of the source that a group leads to, and the commit that wrote it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Suspect {
    /// Where, as the log says.
    pub place: Site,
    /// The line; empty where it cannot be read.
    pub source: String,
    /// The commit, shortened; empty where the line is not committed.
    pub commit: String,
    /// Who wrote it.
    pub author: String,
    /// The commit's first line.
    pub title: String,
    /// When.
    pub at: Option<Micros>,
}

/// A place and why nothing could be made of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Unread {
    /// Where.
    pub place: Place,
    /// Why, as a fragment.
    pub why: String,
}

/// How a triage ended, for automation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exit {
    /// Nothing was found.
    Nothing,
    /// Something was found.
    Found,
    /// No input could be read.
    CouldNotLook,
}

impl Exit {
    /// The exit code of the command: 0, 1 or 2.
    #[must_use]
    pub const fn code(self) -> u8 {
        match self {
            Exit::Nothing => 0,
            Exit::Found => 1,
            Exit::CouldNotLook => 2,
        }
    }
}

impl Summary {
    /// What the command's exit code says.
    #[must_use]
    pub fn exit(&self) -> Exit {
        if self.groups.iter().any(|group| !self.is_ignored(group)) {
            Exit::Found
        } else if self.inputs == 0 && !self.problems.is_empty() {
            Exit::CouldNotLook
        } else {
            Exit::Nothing
        }
    }

    /// Whether somebody said that a group is known and of no interest.
    #[must_use]
    pub fn is_ignored(&self, group: &Group) -> bool {
        self.known.get(&group.fingerprint).is_some_and(|known| known.state == State::Ignored)
    }

    /// Reports in all groups, followers not counted.
    #[must_use]
    pub fn count(&self) -> u64 {
        self.groups.iter().map(|group| group.count).sum()
    }

    /// Keeps only groups of some categories.
    pub fn keep_categories(&mut self, categories: &[Category]) {
        if !categories.is_empty() {
            self.groups.retain(|group| categories.contains(&group.category));
        }
    }

    /// Keeps only the first groups.
    pub fn keep_top(&mut self, most: usize) {
        self.groups.truncate(most);
    }
}

/// Something to act on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Alarm {
    /// What sort.
    pub kind: AlarmKind,
    /// The group's fingerprint, where it is about one.
    pub fingerprint: Option<String>,
    /// What to know, in a sentence.
    pub text: String,
}

/// What sort of alarm.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum AlarmKind {
    /// More than [`ESCALATING`](crate::alarm::ESCALATING) a minute.
    Rate,
    /// A process dies of it and is started again, and dies again.
    RestartLoop,
    /// Nothing panicked, and the process was killed or fell silent.
    Silence,
}

impl AlarmKind {
    /// The word in reports.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            AlarmKind::Rate => "rate",
            AlarmKind::RestartLoop => "restart-loop",
            AlarmKind::Silence => "silence",
        }
    }
}

/// What is known of a group from earlier runs and this one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Known {
    /// How it stands.
    pub state: State,
    /// The earliest time it was seen; when a run first saw it, where its log has no stamps.
    pub first_seen: Option<Micros>,
    /// The latest.
    pub last_seen: Option<Micros>,
    /// Reports in all inputs of all runs, each input once.
    pub count: u64,
    /// What somebody wrote about it; empty where nobody did.
    pub note: String,
}

/// How a group stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum State {
    /// Never seen before this input.
    New,
    /// Seen before, at its usual rate.
    Ongoing,
    /// More than [`ESCALATING`](crate::alarm::ESCALATING) a minute, or far above its own past.
    Escalating,
    /// It was resolved, or silent for two weeks, and is back.
    Regressed,
    /// Somebody said that it is resolved, and it was not seen since.
    Resolved,
    /// Somebody said that it is known and of no interest: it is counted and shown, and is no finding.
    Ignored,
}

const STATES: [State; 6] =
    [State::New, State::Ongoing, State::Escalating, State::Regressed, State::Resolved, State::Ignored];

impl State {
    /// The word in reports and in the database.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            State::New => "new",
            State::Ongoing => "ongoing",
            State::Escalating => "escalating",
            State::Regressed => "regressed",
            State::Resolved => "resolved",
            State::Ignored => "ignored",
        }
    }

    pub(crate) fn by_word(word: &str) -> State {
        STATES.into_iter().find(|state| state.word() == word).unwrap_or(State::Ongoing)
    }
}
