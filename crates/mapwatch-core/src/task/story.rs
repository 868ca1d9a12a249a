//! What is written down of one life for whoever follows lives: nobody asks for it where accesses are only checked.

use super::presence;
use super::watched::Bell;
use crate::site::{SiteCell, StaticSite};
use crate::{clock, policy, thread};
use mapwatch_event::task::{Field, TaskPolls};
use mapwatch_event::{Nanos, Site};
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::sync::{Mutex, OnceLock, PoisonError, Weak};

/// When a life began and what it did since. Each word has one writer at a time, as in the life itself.
#[derive(Debug)]
pub(crate) struct Story {
    fields: Mutex<Vec<Field>>,
    /// Where it begins, where the call says less.
    pub(crate) place: Option<Box<Site>>,
    /// The innermost life around it, else the task or thread that made it.
    pub(crate) parent: u64,
    pub(crate) spawned: Nanos,
    /// tokio's number, 0 where there is none (yet).
    pub(crate) runtime_id: AtomicU64,
    /// The runtime that it is polled on, 0 where that is unknown.
    pub(crate) runtime: AtomicU64,
    since: AtomicU64,
    busy: AtomicU64,
    longest: AtomicU64,
    longest_at: AtomicU64,
    longest_site: SiteCell,
    wakes: AtomicU64,
    woken_by: AtomicU64,
    thread: AtomicU64,
    pub(super) bell: OnceLock<Weak<Bell>>,
}

impl Story {
    /// It begins here and now.
    pub(super) fn new(place: Option<Box<Site>>, fields: Vec<Field>) -> Story {
        let spawned = clock::now();
        Story {
            fields: Mutex::new(fields),
            place,
            parent: presence::innermost(),
            spawned,
            runtime_id: AtomicU64::new(0),
            runtime: AtomicU64::new(0),
            since: AtomicU64::new(spawned.0),
            busy: AtomicU64::new(0),
            longest: AtomicU64::new(0),
            longest_at: AtomicU64::new(0),
            longest_site: SiteCell::empty(),
            wakes: AtomicU64::new(0),
            woken_by: AtomicU64::new(0),
            thread: AtomicU64::new(0),
            bell: OnceLock::new(),
        }
    }

    pub(super) fn carry(&self, field: Field) {
        self.fields.lock().unwrap_or_else(PoisonError::into_inner).push(field);
    }

    /// What it carries.
    pub(crate) fn fields(&self) -> Vec<Field> {
        self.fields.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    pub(super) fn resumed(&self, now: Nanos) {
        self.since.store(now.0, Relaxed);
        self.thread.store(thread::actor(), Relaxed);
    }

    pub(super) fn suspended(&self, began: Nanos, now: Nanos) {
        let took = now.since(began).0;
        self.busy.store(self.busy.load(Relaxed).wrapping_add(took), Relaxed);
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

    /// Somebody rang; `was_idle` where that woke it.
    pub(super) fn woken(&self, was_idle: bool) {
        self.wakes.fetch_add(1, Relaxed);
        if !policy::only_checks() {
            self.woken_by.store(presence::actor(), Relaxed);
            if was_idle {
                self.since.store(clock::rough().0, Relaxed);
            }
        }
    }

    /// Since when it does what it does.
    pub(super) fn since(&self) -> Nanos {
        Nanos(self.since.load(Relaxed))
    }

    /// Whether nobody is left who could wake it.
    pub(super) fn is_bell_forgotten(&self) -> bool {
        self.bell.get().is_some_and(Bell::is_forgotten)
    }

    /// Its polls, of which there were `count`; the site is the collector's to number.
    pub(crate) fn polls(&self, count: u64) -> (TaskPolls, Option<StaticSite>) {
        let polls = TaskPolls {
            count,
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
