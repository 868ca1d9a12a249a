//! Lives, as events: beginnings, states that changed, endings, and how many of a runtime's tasks that covers.

use super::{Tally, Unnamed};
use crate::recorder::Span;
use crate::stack::{self, Function, RawStack};
use crate::task::life::{Cancel, End, Life};
use crate::task::story::Story;
use crate::task::{self, LetGo};
use mapwatch_event::event::Event;
use mapwatch_event::task::{
    Cancelled, Coverage, GivenUp, TaskEnded, TaskNow, TaskPolls, TaskSpawned, TaskStates,
};
use mapwatch_event::{ActorId, CancelKind, Ending, MapId, Nanos, Site, SiteId, TaskState};
use std::collections::{BTreeMap, HashMap, VecDeque};
use std::sync::atomic::Ordering::Relaxed;

/// Endings repeated to a latecomer.
const ENDED: usize = 1024;
/// Different stacks of cancellations whose reading is kept.
const READINGS: usize = 1024;
/// What a runtime said is told for so long.
const CURRENT: Nanos = Nanos(1_000_000_000);

/// What the collector remembers of lives.
#[derive(Default)]
pub(super) struct Lives {
    /// Count of polls and state, as last told.
    told: HashMap<u64, (u64, TaskState)>,
    ended: VecDeque<(Nanos, Event, Nanos, Event)>,
    readings: HashMap<RawStack, (CancelKind, Option<Site>)>,
    coverage: BTreeMap<u64, (u64, u64)>,
}

impl Tally {
    /// Tells of lives that began.
    pub(super) fn tell_beginnings(&mut self) {
        for life in task::fresh_since() {
            let beginning = self.spawned(&life);
            self.out.extend(beginning);
        }
    }

    /// Tells of lives that ended; a life whose beginning is in this round is told to begin first.
    pub(super) fn tell_endings(&mut self) {
        let ended = task::ended_since();
        // It may have begun after this round looked for beginnings.
        self.tell_beginnings();
        for life in ended {
            self.lives.told.remove(&life.number);
            let stack = life.end().and_then(|end| end.cancel()?.stack.as_ref());
            match stack {
                Some(stack) if !self.lives.readings.contains_key(stack) => {
                    self.unnamed.push_back(Unnamed::Ended(life));
                }
                _ => self.tell_ending(&life),
            }
        }
    }

    pub(super) fn tell_ending(&mut self, life: &Life) {
        let Some((at, event)) = self.ended(life) else { return };
        if self.lives.ended.len() == ENDED {
            self.lives.ended.pop_front();
        }
        if let Some((spawned, beginning)) = self.spawned(life) {
            self.lives.ended.push_back((spawned, beginning, at, event.clone()));
        }
        self.out.push((at, event));
    }

    fn spawned(&mut self, life: &Life) -> Option<(Nanos, Event)> {
        let story = life.story()?;
        let site = match &story.place {
            Some(place) => self.site_of((**place).clone(), story.spawned),
            None => self.site(life.site, story.spawned),
        };
        let event = Event::TaskSpawned(TaskSpawned {
            id: ActorId(life.number),
            kind: life.kind,
            name: life.name.clone().into_owned(),
            site,
            parent: named(story.parent),
            runtime_id: Some(story.runtime_id.load(Relaxed)).filter(|id| *id != 0),
            fields: story.fields(),
        });
        Some((story.spawned, event))
    }

    fn polls(&mut self, life: &Life, now: Nanos) -> TaskPolls {
        let (polls, site) = life.story().map(|story| story.polls(life.count())).unwrap_or_default();
        TaskPolls { longest_site: site.map(|site| self.site(site, now)), ..polls }
    }

    fn ended(&mut self, life: &Life) -> Option<(Nanos, Event)> {
        let end = life.end()?;
        let cancelled = end.cancel().map(|cancel| self.cancelled(cancel, end.at));
        let stranded = end.cancel().is_some_and(|cancel| cancel.stranded);
        let by_shutdown = cancelled.as_ref().is_some_and(|by| by.kind == CancelKind::Shutdown);
        let ending = match end.ending {
            Ending::Cancelled if stranded && by_shutdown => Ending::Leaked,
            ending => ending,
        };
        let event = Event::TaskEnded(TaskEnded {
            id: ActorId(life.number),
            ending,
            cancelled,
            polls: self.polls(life, end.at),
            holding: end.holding().iter().copied().map(MapId).collect(),
            waited: self.let_go(end, Span::Waited),
            gave_back: self.let_go(end, Span::Held),
        });
        Some((end.at, event))
    }

    fn let_go(&mut self, end: &End, what: Span) -> Vec<GivenUp> {
        let all = end.let_go().iter().filter(|let_go| let_go.what == what).copied();
        all.map(|LetGo { map, site, span, .. }| GivenUp {
            map: MapId(map),
            site: self.site(site, end.at),
            span,
        })
        .collect()
    }

    fn cancelled(&mut self, cancel: &Cancel, at: Nanos) -> Cancelled {
        let (kind, site) = match (&cancel.kind, &cancel.stack) {
            (Some(kind), _) => (*kind, cancel.site.map(|site| self.site(site, at))),
            (None, Some(stack)) => {
                let (kind, site) = self.read(stack);
                (kind, site.map(|site| self.site_of(site, at)))
            }
            (None, None) => (CancelKind::Dropped, None),
        };
        Cancelled { kind, actor: named(cancel.actor), site, through: cancel.through }
    }

    fn read(&mut self, stack: &RawStack) -> (CancelKind, Option<Site>) {
        if let Some(reading) = self.lives.readings.get(stack) {
            return reading.clone();
        }
        let reading = (reason(&stack::functions(stack)), place(stack));
        if self.lives.readings.len() < READINGS {
            self.lives.readings.insert(stack.clone(), reading.clone());
        }
        reading
    }

    fn site_of(&mut self, site: Site, at: Nanos) -> SiteId {
        let next = SiteId(self.sites.len() as u64 + 1);
        let id = *self.sites.entry(site.clone()).or_insert(next);
        if id == next {
            self.out.push((at, Event::Site(mapwatch_event::event::SiteSeen { id, site })));
        }
        id
    }

    /// Tells what tasks do, where that changed since the last span, and at the very end which ones are lost.
    pub(super) fn tell_states(&mut self, now: Nanos, last: bool) {
        let alive = task::alive();
        let mut changed = Vec::new();
        for life in &alive {
            let (state, since) = life.now();
            let word = (life.count(), state);
            if self.lives.told.insert(life.number, word) == Some(word) {
                continue;
            }
            let (woken_by, thread) = life.story().map(Story::touched_by).unwrap_or_default();
            changed.push(TaskNow {
                id: ActorId(life.number),
                state,
                since,
                polls: self.polls(life, now),
                woken_by: named(woken_by),
                thread: named(thread),
            });
        }
        if !changed.is_empty() {
            self.out.push((now, Event::TaskStates(TaskStates { alive: alive.len() as u64, tasks: changed })));
        }
        self.tell_coverage(now);
        if last {
            for life in alive.iter().filter(|life| life.is_stranded()) {
                let ended = TaskEnded {
                    id: ActorId(life.number),
                    ending: Ending::Leaked,
                    cancelled: None,
                    polls: self.polls(life, now),
                    holding: Vec::new(),
                    waited: Vec::new(),
                    gave_back: Vec::new(),
                };
                self.out.push((now, Event::TaskEnded(ended)));
            }
        }
    }

    fn tell_coverage(&mut self, now: Nanos) {
        for (runtime, sample) in task::coverage() {
            if now.since(sample.at) > CURRENT {
                continue;
            }
            let watched = task::alive()
                .iter()
                .filter(|life| life.story().is_some_and(|story| story.runtime.load(Relaxed) == runtime))
                .filter(|_| runtime != 0)
                .count() as u64;
            let said = (sample.alive, watched);
            if self.lives.coverage.insert(runtime, said) != Some(said) {
                let Sensible { alive, watched } = sensible(said);
                let event = Coverage { runtime, alive, watched, workers: sample.workers };
                self.out.push((now, Event::Coverage(event)));
            }
        }
    }

    /// The lives that a latecomer has to know: all that are there, and the last that ended.
    pub(super) fn lives_for_latecomers(&mut self, now: Nanos, told: &mut Vec<(Nanos, Event)>) {
        for (spawned, event, ended, end) in &self.lives.ended {
            told.extend([(*spawned, event.clone()), (*ended, end.clone())]);
        }
        let alive = task::alive();
        let mut states = Vec::new();
        for life in &alive {
            told.extend(self.spawned(life));
            let (state, since) = life.now();
            let polls = self.polls(life, now);
            let (woken_by, thread) = life.story().map(Story::touched_by).unwrap_or_default();
            let id = ActorId(life.number);
            states.push(TaskNow {
                id,
                state,
                since,
                polls,
                woken_by: named(woken_by),
                thread: named(thread),
            });
        }
        if !states.is_empty() {
            told.push((now, Event::TaskStates(TaskStates { alive: states.len() as u64, tasks: states })));
        }
    }
}

/// Two counts that belong together.
struct Sensible {
    alive: u64,
    watched: u64,
}

/// The two counts are taken at two moments: more watched tasks than tasks means that some ended in between.
fn sensible((alive, watched): (u64, u64)) -> Sensible {
    Sensible { alive, watched: watched.min(alive) }
}

fn named(number: u64) -> Option<ActorId> {
    (number != 0).then_some(ActorId(number))
}

/// Why a future was dropped, by who is on the stack of the drop, innermost first.
fn reason(functions: &[Function]) -> CancelKind {
    for function in functions {
        let name = function.name.as_str();
        let executor =
            name.contains("async_executor::") && name.contains("Executor as core::ops::drop::Drop>");
        if name.contains("shutdown") && name.contains("tokio::") || name.contains("LocalSet as") || executor {
            return CancelKind::Shutdown;
        }
        if name.contains("Timeout<") || name.contains("timeout::") {
            return CancelKind::Timeout;
        }
        // `select!` keeps its branches in a tuple; `futures::select` and races in types of that name.
        if name.starts_with("core::ptr::drop_in_place<(")
            || name.contains("Select<")
            || name.contains("Or<")
            || name.contains("RunUntilCancelled")
        {
            return CancelKind::Select;
        }
        if function.user && !name.contains("drop_in_place") {
            break;
        }
    }
    CancelKind::Dropped
}

/// The innermost place in the user's code.
fn place(stack: &RawStack) -> Option<Site> {
    let stack = stack::resolve(stack, "");
    let frame = stack.frames.iter().find(|frame| frame.user)?;
    Some(Site { file: frame.file.clone(), line: frame.line, column: frame.column })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_drop_is_read_from_the_frames_between_it_and_the_user() {
        let check = |names: &[(&str, bool)], kind| {
            let function = |(name, user): &(&str, bool)| Function {
                name: (*name).to_owned(),
                user: *user,
                ..Function::default()
            };
            assert_eq!(reason(&names.iter().map(function).collect::<Vec<_>>()), kind, "{names:?}");
        };
        let drop = "core::ptr::drop_in_place<mapwatch_core::task::watched::Watched<shop::fetch>>";
        check(&[(drop, false), ("shop::serve", true)], CancelKind::Dropped);
        let timeout = "core::ptr::drop_in_place<tokio::time::timeout::Timeout<Watched<shop::fetch>>>";
        check(&[(drop, false), (timeout, false), ("shop::serve", true)], CancelKind::Timeout);
        let select = "core::ptr::drop_in_place<(Watched<shop::a>, Watched<shop::b>)>";
        check(&[(drop, false), (select, false), ("shop::serve", true)], CancelKind::Select);
        let shutdown = "tokio::runtime::task::harness::Harness<T,S>::shutdown";
        check(&[(drop, false), (shutdown, false)], CancelKind::Shutdown);
        let executor = "<async_executor::Executor as core::ops::drop::Drop>::drop";
        check(&[(drop, false), (executor, false), ("shop::serve", true)], CancelKind::Shutdown);
        check(&[(drop, false), ("async_executor::State::tick", false)], CancelKind::Dropped);
        check(&[(drop, false), ("shop::serve", true), (timeout, false)], CancelKind::Dropped);
    }
}
