//! What is being polled on this thread: lives from the outermost to the innermost, and whose the guards are.

use super::life::Life;
use crate::policy;
use crate::site::StaticSite;
use crate::{clock, thread};
use mapwatch_event::{Nanos, TaskKind};
use std::cell::{Cell, RefCell};
use std::sync::Arc;

thread_local! {
    static OWNER: Cell<u64> = const { Cell::new(0) };
    /// Kept while lives are followed; nobody else asks.
    static OPEN: RefCell<Vec<Arc<Life>>> = const { RefCell::new(Vec::new()) };
    /// The longest wait for a guard since the innermost poll began.
    static WORST: Cell<(u64, Option<StaticSite>)> = const { Cell::new((0, None)) };
}

/// The watched task that owns what this thread does now; 0 for none.
#[inline]
pub(crate) fn owner() -> u64 {
    OWNER.get()
}

/// The task if there is one, else the thread.
pub(crate) fn actor() -> u64 {
    super::current().unwrap_or_else(thread::actor)
}

/// The innermost life here, else the task or the thread; while lives are followed.
pub(super) fn innermost() -> u64 {
    OPEN.try_with(|open| open.try_borrow().ok()?.last().map(|life| life.number))
        .ok()
        .flatten()
        .unwrap_or_else(actor)
}

/// All lives that are open on this thread, outermost first; none where lives are not followed.
pub(crate) fn open() -> Vec<Arc<Life>> {
    OPEN.try_with(|open| open.try_borrow().map(|open| open.clone()).unwrap_or_default()).unwrap_or_default()
}

/// A call of this thread waited for a guard.
pub(crate) fn waited(site: StaticSite, span: Nanos) {
    let _ = WORST.try_with(|worst| {
        if span.0 > worst.get().0 {
            worst.set((span.0, Some(site)));
        }
    });
}

/// The longest wait for a guard since the poll began.
pub(super) fn worst_wait() -> Option<StaticSite> {
    WORST.try_with(|worst| worst.replace((0, None)).1).ok().flatten()
}

/// Whether a life owns what happens while it is polled.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Standing {
    /// It is a task of its own.
    Task,
    /// It is part of whatever polls it, unless that is nobody known.
    Part,
}

/// One poll, from its beginning to its end.
pub(super) struct Entered<'a> {
    life: &'a Arc<Life>,
    outer: u64,
    began: Nanos,
    unwinding: bool,
}

/// A poll of `life` begins.
pub(super) fn enter(life: &Arc<Life>, standing: Standing) -> Entered<'_> {
    life.appear();
    let outer = OWNER.get();
    let owns = match (standing, life.kind) {
        (_, TaskKind::Scope | TaskKind::Span | TaskKind::Thread) => false,
        (Standing::Task, _) => true,
        (Standing::Part, _) => outer == 0 && super::runtime_task().is_none(),
    };
    if owns {
        OWNER.set(life.number);
    }
    let began = if policy::only_checks() {
        Nanos(0)
    } else {
        let _ = OPEN.try_with(|open| open.try_borrow_mut().map(|mut open| open.push(Arc::clone(life))));
        clock::now()
    };
    life.resume(began);
    Entered { life, outer, began, unwinding: std::thread::panicking() }
}

impl Drop for Entered<'_> {
    fn drop(&mut self) {
        if self.began.0 == 0 {
            self.life.suspend(Nanos(0), Nanos(0));
        } else {
            self.life.suspend(self.began, clock::now());
            let _ = OPEN.try_with(|open| open.try_borrow_mut().map(|mut open| open.pop()));
        }
        OWNER.set(self.outer);
        if !self.unwinding && std::thread::panicking() {
            self.life.panicked();
        }
    }
}

/// What a task does outside of its polls, such as dropping what it holds.
pub(super) fn as_owner<R>(life: &Life, act: impl FnOnce() -> R) -> R {
    /// Puts the owner back, also when a destructor panics.
    struct Back(u64);

    impl Drop for Back {
        fn drop(&mut self) {
            OWNER.set(self.0);
        }
    }

    let _back = Back(if OWNER.get() == 0 && owns(life) { OWNER.replace(life.number) } else { OWNER.get() });
    act()
}

/// A stretch of a life begins that ends with [`end`], whenever that is.
pub(super) fn begin(life: &Arc<Life>) {
    if owns(life) && OWNER.get() == 0 {
        OWNER.set(life.number);
    }
    let _ = OPEN.try_with(|open| open.try_borrow_mut().map(|mut open| open.push(Arc::clone(life))));
    life.resume(clock::now());
}

/// The stretch ends.
pub(super) fn end(life: &Arc<Life>) {
    let (_, began) = life.now();
    life.suspend(began, clock::now());
    if OWNER.get() == life.number {
        OWNER.set(0);
    }
    let _ = OPEN.try_with(|open| {
        let Ok(mut open) = open.try_borrow_mut() else { return };
        if let Some(index) = open.iter().rposition(|open| Arc::ptr_eq(open, life)) {
            open.remove(index);
        }
    });
}

/// Whether a life may own what is done in it.
fn owns(life: &Life) -> bool {
    !matches!(life.kind, TaskKind::Scope | TaskKind::Span | TaskKind::Thread)
}
