//! How a life ended: why and by whom, what it was doing, what it held and gave back, what it left half done. One source
//! of these sentences for the page of the life and for the reports.
//!
//! What the stream does not tell is said to be unknown: nobody should have to guess whether a blank means "no".

use super::findings::{Finding, happened};
use super::life::TaskRow;
use super::panicked::Panicked;
use super::session::{Session, SessionId};
use super::spells::{Is, Over, Spell};
use super::ui::TaskKey;
use super::world::World;
use crate::text::moment;
use mapwatch_event::task::Cancelled;
use mapwatch_event::{
    ActorId, ActorKind, CancelKind, Category, Conflict, Ending, MapId, Nanos, TaskState, Through,
};
use std::collections::BTreeMap;

/// The end of one life.
#[derive(Clone, Debug)]
pub struct End<'a> {
    /// The life.
    pub row: TaskRow<'a>,
    /// When.
    pub at: Nanos,
    /// How.
    pub ending: Ending,
    /// Who or what ended it, or tried to.
    pub cancelled: Option<&'a Cancelled>,
    /// The panic that it was, where that is known.
    pub panicked: Option<&'a Panicked>,
    /// Waits that were broken off with it.
    pub waited: Vec<&'a Spell>,
    /// Guards that were given back with it.
    pub gave_back: Vec<&'a Spell>,
    /// Maps of which it had a guard when its end began, and that nobody saw it give back.
    pub kept: Vec<(MapId, Fate)>,
    /// Updates that were found half done behind it.
    pub left: Vec<&'a Finding>,
    may_have_left_more: bool,
}

/// What became of a guard that was not given back.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Fate {
    /// It was forgotten, or given to somebody else.
    Outlived,
    /// The stream does not tell such things.
    Untold,
}

/// One thing that is said of an end: a sentence, a place in the source, or both.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Said {
    /// What it is about, in a word or two.
    pub label: &'static str,
    /// The sentence; empty where the place says it.
    pub text: String,
    /// The place; empty where there is none.
    pub place: String,
    /// How much it asks for attention.
    pub tone: Tone,
}

/// How much something asks for attention.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tone {
    /// As any text.
    Plain,
    /// A name that one looks for.
    Strong,
    /// That something is not known.
    Quiet,
    /// Trouble.
    Trouble,
}

impl Said {
    fn new(label: &'static str, text: impl Into<String>, tone: Tone) -> Said {
        Said { label, text: text.into(), place: String::new(), tone }
    }

    fn at(self, place: String) -> Said {
        Said { place, ..self }
    }
}

/// Updates that were found half done, by who left them so.
#[derive(Debug, Default)]
pub struct Halves<'a> {
    by_actor: BTreeMap<(SessionId, ActorId), Vec<&'a Finding>>,
    /// Whether some were joined with others, and their actors are no longer known.
    joined: bool,
}

impl<'a> Halves<'a> {
    /// Those of a world.
    #[must_use]
    pub fn of(world: &'a World) -> Halves<'a> {
        let mut halves = Halves::default();
        for finding in world.findings.iter().filter(|finding| is_half(finding.category())) {
            halves.joined |= finding.count > 2;
            let mut add = |session, conflict: &Conflict| {
                for side in &conflict.sides {
                    let of_actor = halves.by_actor.entry((session, side.actor.id)).or_default();
                    if !of_actor.iter().any(|other| other.id == finding.id) {
                        of_actor.push(finding);
                    }
                }
            };
            add(finding.first_seen.session, &finding.first);
            add(finding.last_seen.session, &finding.latest);
        }
        halves
    }
}

fn is_half(category: Category) -> bool {
    matches!(category, Category::LeakedEntry | Category::CancelledMidUpdate | Category::AccessAfterCancel)
}

impl<'a> End<'a> {
    /// The end of a life; none while it has not come.
    #[must_use]
    pub fn of(row: TaskRow<'a>, halves: &Halves<'a>) -> Option<End<'a>> {
        let (at, ending) = row.known.ending?;
        let spells = row.life.spells();
        let broken = |is: Is| {
            let with_it = |spell: &&Spell| matches!(spell.over, Some((_, Over::WithItsLife)));
            spells.iter().filter(|spell| spell.is == is).filter(with_it).collect::<Vec<_>>()
        };
        let gave_back = broken(Is::Holding);
        let told = |map: &MapId| gave_back.iter().any(|spell| spell.map == *map);
        let fate = |map: &MapId| if spells.outlived.contains(map) { Fate::Outlived } else { Fate::Untold };
        let kept = row.life.holding.iter().filter(|map| !told(map)).map(|map| (*map, fate(map))).collect();
        Some(End {
            row,
            at,
            ending,
            cancelled: row.life.cancelled.as_ref(),
            panicked: row.panicked(),
            waited: broken(Is::Waiting),
            gave_back,
            kept,
            left: halves.by_actor.get(&(row.session.id, row.id)).cloned().unwrap_or_default(),
            may_have_left_more: halves.joined,
        })
    }

    /// Whether it came before the life was done.
    #[must_use]
    pub fn was_cut_short(&self) -> bool {
        matches!(self.ending, Ending::Cancelled | Ending::NeverPolled | Ending::Leaked)
    }

    /// Whether it broke something off, gave something back or left something behind.
    #[must_use]
    pub fn broke_something(&self) -> bool {
        !(self.waited.is_empty() && self.gave_back.is_empty() && self.kept.is_empty() && self.left.is_empty())
    }

    /// `cancelled at 0.430s`.
    #[must_use]
    pub fn how(&self) -> String {
        format!("{} at {}", self.row.doing().word(), moment(self.at))
    }

    /// All that is known beside that, in the order in which one asks.
    #[must_use]
    pub fn said(&self) -> Vec<Said> {
        let mut said = Vec::new();
        if self.ending == Ending::Panicked {
            said.extend(self.panic());
        }
        match self.cancelled {
            Some(cancelled) => said.extend(self.cancellation(cancelled)),
            None if self.was_cut_short() && self.ending != Ending::Leaked => {
                said.push(Said::new("why", "the stream does not say who or what dropped it", Tone::Plain));
            }
            None => {}
        }
        if self.was_cut_short() {
            said.extend(self.doings());
            said.extend(self.guards());
            said.push(Said::new("left", self.left_behind(), Tone::Plain));
        }
        said
    }

    /// With which words it panicked, and where.
    fn panic(&self) -> Vec<Said> {
        let Some(panicked) = self.panicked else {
            let why = match self.row.known.kind {
                ActorKind::Scope => "the stream does not say which panic it was",
                _ => "where and with which words it panicked was not told, or is no longer kept",
            };
            return vec![Said::new("message", why, Tone::Quiet)];
        };
        let place = Said::new("panic at", "", Tone::Strong).at(panicked.place.to_string());
        vec![Said::new("message", panicked.words(), Tone::Trouble), place]
    }

    /// Why, by whom, and where.
    fn cancellation(&self, cancelled: &Cancelled) -> [Said; 3] {
        let in_vain = matches!(self.ending, Ending::Completed | Ending::Panicked);
        let why =
            if in_vain { "somebody aborted it, which came too late to stop it" } else { reason(cancelled) };
        let by = by_whom(self.row.session, cancelled).unwrap_or_else(|| "not known".to_owned());
        [
            Said::new("why", why, Tone::Trouble),
            Said::new("by", by, Tone::Strong),
            match cancelled.site {
                Some(site) => Said::new("where", "", Tone::Strong).at(self.row.session.site_text(site)),
                None => Said::new("where", "no line of your code is known for it", Tone::Quiet),
            },
        ]
    }

    /// What it was doing.
    fn doings(&self) -> Vec<Said> {
        let row = &self.row;
        if self.waited.is_empty() {
            return vec![Said::new("was doing", unawaited(row), Tone::Plain)];
        }
        let wait = |spell: &&Spell| {
            let behind = spell.behind.map(|id| format!(", behind {}", row.session.actors.title(id)));
            let operation =
                spell.operation.map_or_else(|| "for ".to_owned(), |operation| format!("to {operation} "));
            let text = format!(
                "it had waited {operation}{} for {}{}; that wait ended with it",
                row.map_title(spell.map),
                spell.length(row.now),
                behind.unwrap_or_default()
            );
            Said::new("was doing", text, Tone::Plain).at(row.session.site_text(spell.site))
        };
        self.waited.iter().map(wait).collect()
    }

    /// What it held.
    fn guards(&self) -> Vec<Said> {
        let row = &self.row;
        let given_back = self.gave_back.iter().map(|spell| {
            let text = format!(
                "a guard of {}, for {}; it was given back as the task was dropped",
                row.map_title(spell.map),
                spell.length(row.now)
            );
            Said::new("held", text, Tone::Plain).at(row.session.site_text(spell.site))
        });
        let kept = self.kept.iter().map(|(map, fate)| {
            let fate = match fate {
                Fate::Outlived => "it outlived the task: it was forgotten, or given to somebody else",
                Fate::Untold => "recordings in a format before 1.5 do not tell what became of it",
            };
            Said::new("held", format!("a guard of {}; {fate}", row.map_title(*map)), Tone::Trouble)
        });
        let said: Vec<Said> = given_back.chain(kept).collect();
        if !said.is_empty() {
            return said;
        }
        vec![Said::new("held", "no guard of a watched map or lock", Tone::Plain)]
    }

    /// What was found half done behind it.
    fn left_behind(&self) -> String {
        let found: Vec<String> = self.left.iter().map(|finding| happened(&finding.latest)).collect();
        match (found.is_empty(), self.row.session.is_live()) {
            (false, _) => found.join("; "),
            (true, true) => {
                "no half-done update of a map so far; those are found out when the program ends".to_owned()
            }
            (true, false) if self.may_have_left_more => {
                "no half-done update of a map that is kept: of several at one place, the first and the last are"
                    .to_owned()
            }
            (true, false) => "no half-done update of a map was found".to_owned(),
        }
    }
}

/// Those sides of a conflict that were cancelled, before it or after: who, by whom and where, each in a sentence.
#[must_use]
pub fn cancelled_sides(world: &World, session: SessionId, conflict: &Conflict) -> Vec<Said> {
    let mut said: Vec<Said> = Vec::new();
    for side in &conflict.sides {
        let row = TaskRow::of(world, TaskKey { session, actor: side.actor.id });
        if let Some(sentence) = row.as_ref().and_then(cancelled_side).filter(|new| !said.contains(new)) {
            said.push(sentence);
        }
    }
    said
}

fn cancelled_side(row: &TaskRow<'_>) -> Option<Said> {
    let (at, Ending::Cancelled) = row.known.ending? else { return None };
    let session = row.session;
    let (words, by, place) = match &row.life.cancelled {
        Some(cancelled @ Cancelled { kind, site, .. }) => (
            format!(" {}", kind.words()),
            by_whom(session, cancelled)
                .map_or_else(|| "by whom is not known".to_owned(), |whom| format!("by {whom}")),
            site.map_or_else(String::new, |site| session.site_text(site)),
        ),
        None => (String::new(), "by whom is not known".to_owned(), String::new()),
    };
    let text = format!("{} was cancelled{words} at {}, {by}", row.title(), moment(at));
    Some(Said::new("ended", text, Tone::Strong).at(place))
}

/// Who cut it short. A runtime that shuts down drops its tasks under numbers that stand nowhere else.
fn by_whom(session: &Session, cancelled: &Cancelled) -> Option<String> {
    let id = cancelled.actor?;
    Some(match session.actors.actor(id) {
        Some(actor) => actor.to_string(),
        None if cancelled.kind == CancelKind::Shutdown => "its runtime".to_owned(),
        None if id.0 & ActorId::RUNTIME != 0 => format!("task {id}, which was not announced"),
        None => format!("somebody of whom no more than a number is known, {id}"),
    })
}

/// What a kind of cancellation is, as a sentence.
#[must_use]
pub const fn reason(cancelled: &Cancelled) -> &'static str {
    match cancelled.kind {
        CancelKind::Abort if let Some(through) = cancelled.through => aborted(through),
        CancelKind::Abort => "somebody called abort on it, or dropped or shut down the set that it was in",
        CancelKind::Select => "it lost a race: another branch of a select! (or the like) was done first",
        CancelKind::Timeout => "its time was up: the timeout around it passed, and dropped it",
        CancelKind::Shutdown => "its runtime shut down while it was under way",
        _ => "whoever owned its future dropped it before it was done",
    }
}

/// What an abort was, as a sentence.
const fn aborted(through: Through) -> &'static str {
    match through {
        Through::Handle => "somebody called abort on it",
        Through::AbortAll => "somebody called abort_all on the set that it was in",
        Through::Shutdown => "the set that it was in was shut down",
        Through::Drop => "the set that it was in was dropped, which aborts all that is in it",
        _ => "it was aborted, in a way that this mapview does not know",
    }
}

/// What it was doing, where it waited for no guard.
fn unawaited(row: &TaskRow<'_>) -> String {
    let said = match row.life.state {
        _ if row.life.polls.count == 0 => "nothing: no thread had begun with it",
        TaskState::Running => {
            return format!("it ran when it was last heard of, since {}", moment(row.life.since));
        }
        TaskState::Woken => "it was woken, and no thread had gone on with it",
        TaskState::Stranded => "it was suspended at an .await, and nobody was left who could wake it",
        _ => {
            "it was suspended at an .await that waits for no watched guard; for what, the stream does not say"
        }
    };
    said.to_owned()
}
