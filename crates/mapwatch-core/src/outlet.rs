//! What happens here as somebody else's events: a listener is called on the thread where it happened, an observer
//! on the collector's with the events as they are recorded.

use crate::recovery::Level;
use mapwatch_event::{Actor, Conflict, ConflictId, Event, Site};
use std::sync::OnceLock;

/// Something to tell.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub enum Told<'a> {
    /// Two sides met.
    Conflict(&'a Conflict),
    /// A thread panics; told while the session is recorded.
    Panic(Panicked<'a>),
}

/// A panic, as far as it is known while its hook runs.
#[derive(Clone, Copy, Debug)]
pub struct Panicked<'a> {
    /// Its number in the session.
    pub number: u64,
    /// Who.
    pub actor: &'a Actor,
    /// Its message.
    pub message: &'a str,
    /// Where.
    pub location: &'a Site,
    /// The conflict that it was started by.
    pub conflict: Option<ConflictId>,
    /// The recovery layer that will catch it.
    pub caught_by: Option<&'a str>,
    /// How grave it is: what that layer says.
    pub level: Level,
}

static LISTENER: OnceLock<fn(Told<'_>)> = OnceLock::new();

/// Calls `listener` from now on; the first one stays.
pub fn listen(listener: fn(Told<'_>)) {
    let _ = LISTENER.set(listener);
}

/// Whether anybody listens.
pub(crate) fn is_heard() -> bool {
    LISTENER.get().is_some()
}

static OBSERVER: OnceLock<fn(&Event)> = OnceLock::new();

/// Calls `observer` with every event of the session, on the collector's thread; the first one stays.
pub fn observe(observer: fn(&Event)) {
    let _ = OBSERVER.set(observer);
}

/// Shows an event to the observer; its panics are its own.
pub(crate) fn show(event: &Event) {
    if let Some(observer) = OBSERVER.get() {
        let _ = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| observer(event)));
    }
}

/// Tells the listener; its panics are its own.
pub(crate) fn tell(told: Told<'_>) {
    if let Some(listener) = LISTENER.get() {
        let _ = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| listener(told)));
    }
}
