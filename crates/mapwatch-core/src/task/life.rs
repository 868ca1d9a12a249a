//! One life: of a task, a watched thread, or a scope.
//!
//! Whoever polls, wakes, aborts or drops a task writes here; the collector reads. Each word has one writer at a
//! time (a future is polled by one thread at a time), so plain loads and stores suffice.

use super::letting_go::LetGo;
use super::watched::Bell;
use super::{crowd, presence};
use crate::cancel::overrun::{self, How};
use crate::policy::{self, Mode};
use crate::site::{SiteCell, StaticSite};
use crate::stack::{self, RawStack};
use crate::{clock, guard, thread};
use mapwatch_event::task::{Field, TaskPolls};
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

/// What is known of one task, thread or scope.
#[derive(Debug)]
pub struct Life {
    pub(crate) number: u64,
    pub(crate) kind: TaskKind,
    pub(crate) name: Cow<'static, str>,
    pub(crate) fields: Mutex<Vec<Field>>,
    pub(crate) site: StaticSite,
    /// Where it begins, where the call says less.
    pub(crate) place: Option<Box<Site>>,
    /// The innermost life around it, else the task or thread that made it.
    pub(crate) parent: u64,
    pub(crate) spawned: Nanos,
    /// Whether the crowd is to have it: where no collector follows lives, they are asked for by their names alone.
    listed: bool,
    /// Whether it is in the crowd.
    pub(super) joined: AtomicBool,
    /// tokio's number, 0 where there is none (yet).
    pub(crate) runtime_id: AtomicU64,
    /// The runtime that it is polled on, 0 where that is unknown.
    pub(crate) runtime: AtomicU64,
    state: AtomicU8,
    since: AtomicU64,
    polls: AtomicU64,
    busy: AtomicU64,
    longest: AtomicU64,
    longest_at: AtomicU64,
    pub(super) longest_site: SiteCell,
    wakes: AtomicU64,
    woken_by: AtomicU64,
    thread: AtomicU64,
    aborted_by: AtomicU64,
    aborted_at: SiteCell,
    set: Option<Arc<Abortion>>,
    pub(super) bell: OnceLock<Weak<Bell>>,
    end: OnceLock<End>,
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
        let is_followed = !policy::only_checks();
        let spawned = if is_followed { clock::now() } else { Nanos(0) };
        Life {
            listed: is_followed || !name.is_empty(),
            number,
            kind,
            name,
            fields: Mutex::new(fields),
            site,
            place,
            parent: presence::innermost(),
            spawned,
            joined: AtomicBool::new(false),
            runtime_id: AtomicU64::new(0),
            runtime: AtomicU64::new(0),
            state: AtomicU8::new(FRESH),
            since: AtomicU64::new(spawned.0),
            polls: AtomicU64::new(0),
            busy: AtomicU64::new(0),
            longest: AtomicU64::new(0),
            longest_at: AtomicU64::new(0),
            longest_site: SiteCell::empty(),
            wakes: AtomicU64::new(0),
            woken_by: AtomicU64::new(0),
            thread: AtomicU64::new(0),
            aborted_by: AtomicU64::new(0),
            aborted_at: SiteCell::empty(),
            set,
            bell: OnceLock::new(),
            end: OnceLock::new(),
        }
    }
}

/// Adds to a word that has one writer at a time.
fn add(word: &AtomicU64, more: u64) {
    word.store(word.load(Relaxed).wrapping_add(more), Relaxed);
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

    /// Adds to what it carries.
    pub fn carry(&self, field: Field) {
        self.fields.lock().unwrap_or_else(PoisonError::into_inner).push(field);
    }

    /// What it carries.
    pub(crate) fn fields(&self) -> Vec<Field> {
        self.fields.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Tells tokio's number of it.
    pub fn set_runtime_id(&self, id: u64) {
        self.runtime_id.store(id, Relaxed);
    }

    /// It is there for all to see from now on, if it was not before. Whoever polls or drops it sees to that.
    #[inline]
    pub fn appear(self: &Arc<Life>) {
        if self.listed && !self.joined.load(Relaxed) {
            crowd::join(self);
        }
    }

    /// A poll (or the only run) begins.
    pub(super) fn resume(&self, now: Nanos) {
        self.state.store(RUNNING, Relaxed);
        add(&self.polls, 1);
        if now.0 != 0 {
            self.since.store(now.0, Relaxed);
            self.thread.store(thread::actor(), Relaxed);
        }
    }

    /// A poll ends; the caller says whether the life does, too.
    pub(super) fn suspend(&self, began: Nanos, now: Nanos) {
        if now.0 == 0 || began.0 == 0 {
            // Lives are not followed: no bell tells of wakes.
            self.state.store(IDLE, Relaxed);
            return;
        }
        let still = self.state.compare_exchange(RUNNING, IDLE, Relaxed, Relaxed);
        if still.is_err() {
            self.state.store(WOKEN, Relaxed);
        }
        let took = now.since(began).0;
        add(&self.busy, took);
        self.since.store(now.0, Relaxed);
        let worst = presence::worst_wait();
        if took >= self.longest.load(Relaxed) {
            self.longest.store(took, Relaxed);
            self.longest_at.store(now.0, Relaxed);
            if let Some(site) = worst {
                self.longest_site.set(site);
            }
        }
    }

    /// Somebody woke it.
    pub(super) fn wake(&self) {
        let becomes = |state| match state {
            IDLE => Some(WOKEN),
            RUNNING => Some(RUNNING_WOKEN),
            _ => None,
        };
        let woken = self.state.fetch_update(Relaxed, Relaxed, becomes) == Ok(IDLE);
        self.wakes.fetch_add(1, Relaxed);
        if !policy::only_checks() {
            self.woken_by.store(presence::actor(), Relaxed);
            if woken {
                self.since.store(clock::rough().0, Relaxed);
            }
        }
    }

    /// Somebody is about to abort it.
    pub fn note_abort(&self, at: StaticSite) {
        if self.end.get().is_none() && self.aborted_by.load(Relaxed) == 0 {
            self.aborted_at.set(at);
            self.aborted_by.store(presence::actor(), Relaxed);
            self.runs_on_after(at);
        }
    }

    /// Blocking work that has begun does not hear of an abort.
    fn runs_on_after(&self, at: StaticSite) {
        if self.kind == TaskKind::Blocking && self.end.get().is_none() && self.state.load(Relaxed) == RUNNING
        {
            overrun::given_up(self.number, How::Aborted, Some(at));
        }
    }

    /// Somebody who waited for its end does so no more, and has no other way to learn of it.
    pub fn note_left(&self) {
        if self.end.get().is_none() {
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
        if self.end.set(End { ending, at, cut: cut.map(Box::new) }).is_ok() && self.listed {
            crowd::leave(self.number);
        }
    }

    /// How it ended, if it did.
    pub(crate) fn end(&self) -> Option<&End> {
        self.end.get()
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
        (state, Nanos(self.since.load(Relaxed)))
    }

    /// Whether it is suspended while nobody is left who could wake it.
    pub(crate) fn is_stranded(&self) -> bool {
        self.state.load(Relaxed) == IDLE && self.bell.get().is_some_and(Bell::is_forgotten)
    }

    /// Its polls; the site is the collector's to number.
    pub(crate) fn polls(&self) -> (TaskPolls, Option<StaticSite>) {
        let polls = TaskPolls {
            count: self.polls.load(Relaxed),
            busy: Nanos(self.busy.load(Relaxed)),
            longest: Nanos(self.longest.load(Relaxed)),
            longest_at: Nanos(self.longest_at.load(Relaxed)),
            longest_site: None,
            wakes: self.wakes.load(Relaxed),
        };
        // SAFETY: only `set` ever writes this site.
        (polls, unsafe { self.longest_site.get() })
    }

    /// Who woke it last and which thread polled it last; 0 for nobody.
    pub(crate) fn touched_by(&self) -> (u64, u64) {
        (self.woken_by.load(Relaxed), self.thread.load(Relaxed))
    }
}
