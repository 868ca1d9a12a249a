//! Lives that are entered and left from outside: spans, and what a recovery layer is around.
//!
//! A span may be left in another order than it was entered, and on another thread.

use super::life::Life;
use super::presence::{self, Standing};
use crate::policy::{self, Mode};
use std::sync::Arc;

/// Whether anybody is told of spans.
#[must_use]
pub fn are_told() -> bool {
    policy::mode() == Mode::Record
}

/// What this thread does from now on is done in the span.
pub fn enter(life: &Arc<Life>) {
    presence::begin(life);
}

/// What this thread does from now on is done outside of it.
pub fn exit(life: &Arc<Life>) {
    presence::end(life);
}

/// Calls `act` inside the span; a panic ends the span.
pub fn within<R>(life: Option<&Arc<Life>>, act: impl FnOnce() -> R) -> R {
    let _entered = life.map(|life| presence::enter(life, Standing::Part));
    act()
}

/// The span is over for good.
pub fn end(life: &Arc<Life>) {
    if std::thread::panicking() {
        life.panicked();
    } else {
        life.complete();
    }
}
