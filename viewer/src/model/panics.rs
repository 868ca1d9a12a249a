//! Panics, joined: the same place with the same message, numbers aside, is one group, counted.

use super::joined::Joined;
use super::moment::{Moment, Wall};
use super::series::{Pace, Series};
use super::session::SessionId;
use mapwatch_event::{Category, Nanos, Panic, Site};
use mapwatch_triage::classify;
use std::collections::BTreeSet;
use std::sync::Arc;

/// Groups kept.
pub const GROUPS: usize = 2_000;
/// Sessions remembered of one group.
const SESSIONS: usize = 64;

/// One group of panics in this viewer, numbered in the order in which they came.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PanicId(pub u64);

impl From<u64> for PanicId {
    fn from(number: u64) -> PanicId {
        PanicId(number)
    }
}

/// A group.
#[derive(Clone, Debug)]
pub struct PanicGroup {
    /// Its number.
    pub id: PanicId,
    /// The last one.
    pub latest: Arc<Panic>,
    /// How many.
    pub count: u64,
    /// How many of them cannot be caught.
    pub fatal: u64,
    /// How many of them are the end of a conflict that was told: these are no finding of their own.
    pub of_conflicts: u64,
    /// The root cause.
    pub cause: Cause,
    /// When it was first seen.
    pub first_seen: Moment,
    /// When it was last seen.
    pub last_seen: Moment,
    /// In which sessions, the first 64 of them.
    pub sessions: BTreeSet<SessionId>,
    /// How many over the session's time.
    pub series: Series,
}

/// The root cause of a group.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cause {
    /// What is wrong.
    pub category: Category,
    /// How sure, in percent.
    pub confidence: u8,
    /// Why, in words.
    pub reason: String,
}

impl Cause {
    /// A conflict started it: nothing is surer.
    fn exact(category: Category) -> Cause {
        let reason = "a conflict that a watched map saw started it".to_owned();
        Cause { category, confidence: 100, reason }
    }

    fn of(panic: &Panic) -> Cause {
        let verdict = classify::of(&panic.message, &panic.stack.frames, Some(&panic.location));
        Cause { category: verdict.category, confidence: verdict.confidence, reason: verdict.reason }
    }
}

/// All groups, by place and message, numbers aside.
pub type Panics = Joined<PanicId, (Site, String), PanicGroup>;

impl Panics {
    /// Takes in a panic; `cause` is the category of the conflict that started it. Returns its group, where one had
    /// room.
    pub fn add(&mut self, moment: Moment, panic: Panic, cause: Option<Category>) -> Option<PanicId> {
        let key = (panic.location.clone(), shape(&panic.message));
        let panic = Arc::new(panic);
        let new = |id| PanicGroup {
            id,
            latest: Arc::clone(&panic),
            count: 0,
            fatal: 0,
            of_conflicts: 0,
            cause: cause.map_or_else(|| Cause::of(&panic), Cause::exact),
            first_seen: moment,
            last_seen: moment,
            sessions: BTreeSet::new(),
            series: Series::default(),
        };
        let group = self.group(key, GROUPS, new)?;
        group.count += 1;
        group.fatal += u64::from(panic.fatal);
        if let Some(category) = cause {
            group.of_conflicts += 1;
            group.cause = Cause::exact(category);
        }
        group.last_seen = moment;
        group.series.add(&Pace { at: moment.at, span: Nanos(1), writes: 1, ..Pace::default() });
        if group.sessions.len() < SESSIONS {
            group.sessions.insert(moment.session);
        }
        group.latest = panic;
        Some(group.id)
    }
}

impl PanicGroup {
    /// What orders groups by their latest sighting.
    #[must_use]
    pub fn recency(&self) -> (Wall, PanicId) {
        (self.last_seen.wall, self.id)
    }

    /// How many of them nothing else tells.
    #[must_use]
    pub fn on_their_own(&self) -> u64 {
        self.count - self.of_conflicts
    }

    /// The same without what the root cause says already: of a conflict, what was done and who was in the way.
    #[must_use]
    pub fn brief(&self) -> &str {
        let headline = self.headline();
        let category = self.cause.category;
        let text = headline.strip_prefix("mapwatch: ").unwrap_or(headline);
        let Some(text) = text.strip_prefix(category.title()).and_then(|text| text.strip_prefix(": ")) else {
            return headline;
        };
        let code = text.rsplit_once(" [").filter(|(_, code)| code.strip_suffix(']') == Some(category.code()));
        code.map_or(text, |(text, _)| text)
    }

    /// The first line of the message.
    #[must_use]
    pub fn headline(&self) -> &str {
        headline(&self.latest.message)
    }
}

/// The first line of a message.
#[must_use]
pub fn headline(message: &str) -> &str {
    message.split(['\n', '␊']).next().unwrap_or(message)
}

/// The message without what differs from one panic to the next: numbers, and what stands in quotes.
fn shape(message: &str) -> String {
    let first = headline(message);
    let mut shape = String::with_capacity(first.len());
    let mut quoted = false;
    for c in first.chars().take(400) {
        match c {
            '"' => {
                quoted = !quoted;
                shape.push('"');
            }
            _ if quoted => {}
            '0'..='9' if shape.ends_with('#') => {}
            '0'..='9' => shape.push('#'),
            c => shape.push(c),
        }
    }
    shape
}

#[cfg(test)]
mod tests {
    use super::*;

    fn panic(message: &str, line: u32) -> Panic {
        let location = Site { file: "src/a.rs".into(), line, column: 1 };
        Panic { message: message.into(), location, ..Panic::default() }
    }

    #[test]
    fn numbers_and_quotes_do_not_part_what_belongs_together() {
        let mut panics = Panics::default();
        let moment = Moment { session: SessionId(1), at: Nanos(1), wall: Wall(1) };
        panics.add(moment, panic("index 17 of 3, key \"a\"", 1), None);
        panics.add(moment, panic("index 4 of 12, key \"b\"", 1), Some(Category::Deadlock));
        panics.add(moment, panic("index 4 of 12, key \"b\"", 2), None);
        let counts: Vec<u64> = panics.iter().map(|group| group.count).collect();
        assert_eq!(counts, [2, 1]);
        assert_eq!(panics.iter().next().map(|group| group.cause.category), Some(Category::Deadlock));
        panics.add(moment, panic("index out of bounds: the len is 3 but the index is 17", 9), None);
        let last = panics.iter().last().map(|group| group.cause.category);
        assert_eq!(last, Some(Category::IndexOutOfBounds));
        for line in 10..GROUPS as u32 + 20 {
            panics.add(moment, panic("x", line), None);
        }
        assert_eq!((panics.len(), panics.dropped), (GROUPS, 13));
    }
}
