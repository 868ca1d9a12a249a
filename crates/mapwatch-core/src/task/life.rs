//! One life: of a task, a watched thread, or a scope.
//!
//! Whoever polls, wakes, aborts or drops a task writes here; the collector reads. Each word has one writer at a
//! time (a future is polled by one thread at a time), so plain loads and stores suffice.

use super::letting_go::LetGo;
use super::story::Story;
use super::{crowd, presence};
use crate::cancel::overrun::{self, How};
use crate::policy::{self, Mode};
use crate::site::{SiteCell, StaticSite};
use crate::stack::{self, RawStack};
use crate::{clock, guard, thread};
use mapwatch_event::task::Field;
use mapwatch_event::{CancelKind, Ending, Nanos, Site, TaskKind, TaskState, Through};
use std::borrow::Cow;
use std::sync::atomic::{AtomicBool, AtomicU8, AtomicU64, Ordering::Relaxed};
use std::sync::{Arc, Mutex, OnceLock, PoisonError, Weak};

const FRESH: u8 = 0;
const RUNNING: u8 = 1;
/// Woken while it was being polled.
const RUNNING_WOKEN: u8 = 2;
const IDLE: u8 = 3;
const WOKEN: u8 = 4;
/// Over by itself, where nobody follows lives: there is no more to say of it.
const DONE: u8 = 5;

/// What is known of one task, thread or scope.
#[derive(Debug)]
pub struct Life {
    pub(crate) number: u64,
    pub(crate) kind: TaskKind,
    pub(crate) name: Cow<'static, str>,
    pub(crate) site: StaticSite,
    /// Whether it is in the crowd.
    pub(super) joined: AtomicBool,
    state: AtomicU8,
    polls: AtomicU64,
    aborted_by: AtomicU64,
    aborted_at: SiteCell,
    set: Option<Arc<Abortion>>,
    end: OnceLock<End>,
    /// What is written down for whoever follows lives; `None` where accesses are only checked: a program that spawns
    /// much is to have small records.
    story: Option<Box<Story>>,
}

/// How a life ended.
#[derive(Debug)]
pub(crate) struct End {
    pub(crate) ending: Ending,
    pub(crate) at: Nanos,
    /// What an end that nobody else had a part in does not have: most lives end so, and pay for no more.
    pub(crate) cut: Option<Box<Cut>>,
}

/// What there is to say of a life that somebody else ended, or tried to.
#[derive(Debug)]
pub(crate) struct Cut {
    /// Who ended it before it was done; where it was done all the same, who tried to.
    pub(crate) cancel: Cancel,
    /// Maps of which it had guards when its end began.
    pub(crate) holding: Vec<u64>,
    /// What it let go of with its end.
    pub(crate) let_go: Vec<LetGo>,
}

/// Who ended a life before it was done; what the stack shows is found out by the collector.
#[derive(Debug)]
pub(crate) struct Cancel {
    pub(crate) kind: Option<CancelKind>,
    pub(crate) actor: u64,
    pub(crate) site: Option<StaticSite>,
    /// Of an abort.
    pub(crate) through: Option<Through>,
    pub(crate) stack: Option<RawStack>,
    /// Nobody was left who could have woken it.
    pub(crate) stranded: bool,
}

impl From<Cancel> for Cut {
    /// It was over by itself: it held nothing any more.
    fn from(cancel: Cancel) -> Cut {
        Cut { cancel, holding: Vec::new(), let_go: Vec::new() }
    }
}

impl End {
    /// Who ended it before it was done; where it was done all the same, who tried to.
    pub(crate) fn cancel(&self) -> Option<&Cancel> {
        self.cut.as_ref().map(|cut| &cut.cancel)
    }

    /// What it let go of with its end.
    pub(crate) fn let_go(&self) -> &[LetGo] {
        self.cut.as_ref().map_or(&[], |cut| &cut.let_go)
    }

    /// Maps of which it had guards when its end began.
    pub(crate) fn holding(&self) -> &[u64] {
        self.cut.as_ref().map_or(&[], |cut| &cut.holding)
    }
}

/// That a whole set of tasks was aborted, and by whom: one record for all of them.
#[derive(Debug, Default)]
pub struct Abortion {
    by: AtomicU64,
    at: OnceLock<(StaticSite, Through)>,
    /// Blocking work of the set, which goes on when it has begun.
    blocking: Mutex<Vec<Weak<Life>>>,
}

impl Abortion {
    /// Notes the call that aborts the set; the first one counts.
    pub fn note(&self, at: StaticSite, through: Through) {
        if self.at.set((at, through)).is_err() {
            return;
        }
        self.by.store(presence::actor(), Relaxed);
        let works = std::mem::take(&mut *self.blocking.lock().unwrap_or_else(PoisonError::into_inner));
        works.iter().filter_map(Weak::upgrade).for_each(|work| work.runs_on_after(at));
    }

    /// Blocking work is put into the set.
    pub fn includes(&self, work: &Arc<Life>) {
        let mut works = self.blocking.lock().unwrap_or_else(PoisonError::into_inner);
        if works.len() == works.capacity() {
            works.retain(|work| work.strong_count() > 0);
        }
        works.push(Arc::downgrade(work));
    }
}

/// What a life begins with.
#[derive(Debug)]
pub struct Birth {
    /// What sort of work.
    pub kind: TaskKind,
    /// Its name; empty for none.
    pub name: Cow<'static, str>,
    /// Where it begins.
    pub site: StaticSite,
    /// The same, where the call is not where the user wrote it.
    pub place: Option<Box<Site>>,
    /// What it carries.
    pub fields: Vec<Field>,
    /// The set that it may be aborted with.
    pub set: Option<Arc<Abortion>>,
}

impl Birth {
    /// A life of `kind` that begins at `site`.
    #[must_use]
    pub fn new(kind: TaskKind, name: impl Into<Cow<'static, str>>, site: StaticSite) -> Birth {
        Birth { kind, name: name.into(), site, place: None, fields: Vec::new(), set: None }
    }

    /// Begins the life; `None` when nothing is watched.
    #[must_use]
    pub fn begin(self) -> Option<Arc<Life>> {
        let life = self.prepare()?;
        life.appear();
        Some(life)
    }

    /// The same, but nobody is told of the life before it appears: it is about to learn its runtime's number.
    #[must_use]
    pub fn prepare(self) -> Option<Arc<Life>> {
        (policy::mode() != Mode::Off).then(|| {
            let number = match self.kind {
                TaskKind::Thread => thread::reserve(),
                _ => crowd::next(),
            };
            Arc::new(self.into_life(number))
        })
    }

    fn into_life(self, number: u64) -> Life {
        let Birth { kind, name, site, place, fields, set } = self;
        let story = (!policy::only_checks()).then(|| Box::new(Story::new(place, fields)));
        Life {
            number,
            kind,
            name,
            site,
            joined: AtomicBool::new(false),
            state: AtomicU8::new(FRESH),
            polls: AtomicU64::new(0),
            aborted_by: AtomicU64::new(0),
            aborted_at: SiteCell::empty(),
            set,
            end: OnceLock::new(),
            story,
        }
    }
}

impl Life {
    /// The number that events and reports call it by.
    #[must_use]
    pub fn id(&self) -> mapwatch_event::ActorId {
        mapwatch_event::ActorId(self.number)
    }

    /// Its name; empty for none.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Adds to what it carries, where that is written down.
    pub fn carry(&self, field: Field) {
        if let Some(story) = &self.story {
            story.carry(field);
        }
    }

    /// What is written down of it where lives are followed.
    pub(crate) fn story(&self) -> Option<&Story> {
        self.story.as_deref()
    }

    /// Tells tokio's number of it.
    pub fn set_runtime_id(&self, id: u64) {
        if let Some(story) = &self.story {
            story.runtime_id.store(id, Relaxed);
        }
    }

    /// Whether the crowd is to have it: where no collector follows lives, they are asked for by their names alone.
    fn is_listed(&self) -> bool {
        self.story.is_some() || !self.name.is_empty()
    }

    /// It is there for all to see from now on, if it was not before. Whoever polls or drops it sees to that.
    #[inline]
    pub fn appear(self: &Arc<Life>) {
        if self.is_listed() && !self.joined.load(Relaxed) {
            crowd::join(self);
        }
    }

    /// A poll (or the only run) begins; `now` is 0 where nobody is told.
    pub(super) fn resume(&self, now: Nanos) {
        self.state.store(RUNNING, Relaxed);
        self.polls.store(self.polls.load(Relaxed).wrapping_add(1), Relaxed);
        if let Some(story) = self.story().filter(|_| now.0 != 0) {
            story.resumed(now);
        }
    }

    /// A poll ends; the caller says whether the life does, too.
    pub(super) fn suspend(&self, began: Nanos, now: Nanos) {
        let Some(story) = self.story().filter(|_| now.0 != 0 && began.0 != 0) else {
            // Lives are not followed: no bell tells of wakes.
            self.state.store(IDLE, Relaxed);
            return;
        };
        let still = self.state.compare_exchange(RUNNING, IDLE, Relaxed, Relaxed);
        if still.is_err() {
            self.state.store(WOKEN, Relaxed);
        }
        story.suspended(began, now);
    }

    /// Somebody woke it.
    pub(super) fn wake(&self) {
        let becomes = |state| match state {
            IDLE => Some(WOKEN),
            RUNNING => Some(RUNNING_WOKEN),
            _ => None,
        };
        let woken = self.state.fetch_update(Relaxed, Relaxed, becomes) == Ok(IDLE);
        if let Some(story) = &self.story {
            story.woken(woken);
        }
    }

    /// Somebody is about to abort it.
    pub fn note_abort(&self, at: StaticSite) {
        if self.end().is_none() && self.aborted_by.load(Relaxed) == 0 {
            self.aborted_at.set(at);
            self.aborted_by.store(presence::actor(), Relaxed);
            self.runs_on_after(at);
        }
    }

    /// Blocking work that has begun does not hear of an abort.
    fn runs_on_after(&self, at: StaticSite) {
        if self.kind == TaskKind::Blocking && self.end().is_none() && self.state.load(Relaxed) == RUNNING {
            overrun::given_up(self.number, How::Aborted, Some(at));
        }
    }

    /// Somebody who waited for its end does so no more, and has no other way to learn of it.
    pub fn note_left(&self) {
        if self.end().is_none() {
            overrun::given_up(self.number, How::Left, None);
        }
    }

    /// It ran to its end; also in spite of an abort, which cannot stop work that has begun to run.
    pub fn complete(&self) {
        self.finish(Ending::Completed, self.abort().map(Cut::from));
    }

    pub(super) fn panicked(&self) {
        self.finish(Ending::Panicked, self.abort().map(Cut::from));
    }

    /// Whoever aborted it, or the set that it is in.
    fn abort(&self) -> Option<Cancel> {
        // SAFETY: only `set` ever writes this site.
        let own = unsafe { self.aborted_at.get() };
        let own = own.map(|at| (self.aborted_by.load(Relaxed), at, Through::Handle));
        let sets = || {
            let set = self.set.as_ref()?;
            set.at.get().map(|(at, through)| (set.by.load(Relaxed), *at, *through))
        };
        own.or_else(sets).map(|(actor, at, through)| Cancel {
            kind: Some(CancelKind::Abort),
            actor,
            site: Some(at),
            through: Some(through),
            stack: None,
            stranded: false,
        })
    }

    /// What to say about a drop that comes before the end: asked before anything of the task is dropped.
    pub(super) fn being_dropped(&self) -> Cut {
        let holding = if policy::only_checks() { Vec::new() } else { guard::maps_held_by(self.number) };
        if let Some(cancel) = self.abort() {
            return Cut { cancel, holding, let_go: Vec::new() };
        }
        let stack = (!policy::only_checks()).then(stack::capture);
        let stranded = self.is_stranded();
        let cancel =
            Cancel { kind: None, actor: presence::actor(), site: None, through: None, stack, stranded };
        Cut { cancel, holding, let_go: Vec::new() }
    }

    pub(super) fn dropped(&self, cut: Cut) {
        let aborted = cut.cancel.kind == Some(CancelKind::Abort);
        let ending = match self.polls.load(Relaxed) {
            0 if !aborted => Ending::NeverPolled,
            _ => Ending::Cancelled,
        };
        self.finish(ending, Some(cut));
    }

    fn finish(&self, ending: Ending, cut: Option<Cut>) {
        let at = if policy::only_checks() { Nanos(0) } else { clock::now() };
        let stack = cut.as_ref().and_then(|cut| cut.cancel.stack.as_ref());
        crate::cancel::ended(self.number, ending, stack);
        let is_listed = self.is_listed();
        if !is_listed && ending == Ending::Completed && cut.is_none() && self.end.get().is_none() {
            self.state.store(DONE, Relaxed);
        } else if self.end.set(End { ending, at, cut: cut.map(Box::new) }).is_ok() && is_listed {
            crowd::leave(self.number);
        }
    }

    /// How it ended, if it did.
    pub(crate) fn end(&self) -> Option<&End> {
        static BY_ITSELF: End = End { ending: Ending::Completed, at: Nanos(0), cut: None };
        self.end.get().or_else(|| (self.state.load(Relaxed) == DONE).then_some(&BY_ITSELF))
    }

    /// How often it was polled.
    pub(crate) fn count(&self) -> u64 {
        self.polls.load(Relaxed)
    }

    /// What it does now, since when.
    pub(crate) fn now(&self) -> (TaskState, Nanos) {
        let state = match self.state.load(Relaxed) {
            FRESH => TaskState::Fresh,
            RUNNING | RUNNING_WOKEN => TaskState::Running,
            WOKEN => TaskState::Woken,
            _ if self.is_stranded() => TaskState::Stranded,
            _ => TaskState::Idle,
        };
        (state, self.story().map_or(Nanos(0), Story::since))
    }

    /// Whether it is suspended while nobody is left who could wake it.
    pub(crate) fn is_stranded(&self) -> bool {
        self.state.load(Relaxed) == IDLE && self.story().is_some_and(Story::is_bell_forgotten)
    }
}
