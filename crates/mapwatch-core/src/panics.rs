//! Panics, with what their thread was doing: a hook that runs before the one that was there.
//!
//! The hook takes addresses and numbers only, and waits for nothing but the short locks of this crate; the
//! collector finds names, frames and the last operations. It is set when recording starts, and calls the hook
//! that was there before it. A program that sets its own hook later and does not call the one before is heard
//! again after [`watch`].

use crate::outlet::{self, Panicked, Told};
use crate::policy::{self, Mode};
use crate::recovery::{self, Level};
use crate::site::StaticSite;
use crate::stack::{self, RawStack};
use crate::task::life::Life;
use crate::{clock, guard, notes, recorder, task, thread};
use mapwatch_event::panic::Note;
use mapwatch_event::{ConflictId, Nanos, Operation, Site};
use std::cell::Cell;
use std::panic::PanicHookInfo;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

/// Bytes kept of a message.
const MESSAGE: usize = 16 << 10;

/// A panic, before it is put into words.
#[derive(Debug)]
pub(crate) struct Raw {
    pub(crate) id: u64,
    pub(crate) thread: u64,
    pub(crate) actor: u64,
    pub(crate) scopes: Vec<Arc<Life>>,
    pub(crate) message: String,
    pub(crate) location: Site,
    pub(crate) stack: RawStack,
    pub(crate) conflict: Option<ConflictId>,
    /// The recovery layer that will catch it.
    pub(crate) caught_by: Option<String>,
    pub(crate) held: Vec<Touch>,
    pub(crate) waited: Vec<Touch>,
    pub(crate) context: Vec<Note>,
}

/// A guard, or a wait for one.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Touch {
    pub(crate) map: u64,
    pub(crate) operation: Operation,
    pub(crate) site: StaticSite,
    pub(crate) span: Nanos,
}

thread_local! {
    /// The conflict for which this thread is about to panic.
    static CAUSE: Cell<u64> = const { Cell::new(0) };
}

/// The calling thread is about to panic for this conflict.
pub(crate) fn because_of(conflict: ConflictId) {
    CAUSE.set(conflict.0);
}

/// Watches panics from now on: sets a hook that calls the present one after it. Does nothing when nobody
/// records, and on a thread that panics.
pub fn watch() {
    if policy::mode() == Mode::Record {
        set_hook();
    }
}

pub(crate) fn set_hook() {
    if std::thread::panicking() {
        return;
    }
    let before = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |info| {
        // Two of our hooks may stand in one chain: the outer one notes.
        let outer = IN_HOOK.replace(true);
        if !outer {
            note(info);
        }
        before(info);
        IN_HOOK.set(outer);
    }));
}

thread_local! {
    static IN_HOOK: Cell<bool> = const { Cell::new(false) };
}

fn note(info: &PanicHookInfo<'_>) {
    static NEXT: AtomicU64 = AtomicU64::new(1);
    if policy::mode() != Mode::Record {
        return;
    }
    let payload = info.payload();
    let text = payload.downcast_ref::<&str>().copied();
    let text = text.or_else(|| payload.downcast_ref::<String>().map(String::as_str));
    let text = text.unwrap_or("a value that is no text");
    let message = text[..text.floor_char_boundary(MESSAGE)].to_owned();
    let cause = CAUSE.replace(0);
    let (actor, now) = (task::current().unwrap_or_else(thread::actor), clock::now());
    let (caught_by, level) = match recovery::catcher_of(actor, &message) {
        Some((name, level)) => (Some(name), level),
        None => (None, Level::Error),
    };
    let raw = Box::new(Raw {
        id: NEXT.fetch_add(1, Relaxed),
        thread: thread::actor(),
        actor,
        scopes: task::open(),
        location: info.location().map(Site::from).unwrap_or_default(),
        stack: stack::capture(),
        conflict: (cause != 0 && message.starts_with("mapwatch: ")).then_some(ConflictId(cause)),
        message,
        caught_by,
        held: guard::touched_by(actor, now),
        waited: guard::awaited_by(actor, now),
        context: notes::of(actor),
    });
    if outlet::is_heard() {
        outlet::tell(Told::Panic(Panicked {
            number: raw.id,
            actor: &thread::describe_on(raw.actor, raw.thread),
            message: &raw.message,
            location: &raw.location,
            conflict: raw.conflict,
            caught_by: raw.caught_by.as_deref(),
            level,
        }));
    }
    recorder::panicked(raw);
}
