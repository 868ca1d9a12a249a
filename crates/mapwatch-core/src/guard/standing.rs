//! What an actor has, and what it waits for, at this moment: for whoever tells of its panic or its end.

use super::hold::{self, Hold};
use super::wait::{Waiting, all_holds, waiting};
use crate::panics::Touch;
use crate::thread::Desk;
use mapwatch_event::Nanos;

/// The guards that an actor has, and since when.
pub(crate) fn touched_by(actor: u64, now: Nanos) -> Vec<Touch> {
    let touch = |hold: &Hold| Touch {
        map: hold.map,
        operation: hold.operation,
        site: hold.site,
        span: now.since(hold.since),
    };
    all_holds().iter().filter(|hold| hold.actor == actor).map(touch).collect()
}

/// The guards that an actor waits for, and since when.
pub(crate) fn awaited_by(actor: u64, now: Nanos) -> Vec<Touch> {
    let touch = |wait: &Waiting| Touch {
        map: wait.map,
        operation: wait.operation,
        site: wait.site,
        span: now.since(wait.since),
    };
    waiting().iter().filter(|wait| wait.actor == actor).map(touch).collect()
}

/// The maps of which an actor has guards.
pub(crate) fn maps_held_by(actor: u64) -> Vec<u64> {
    let mut maps: Vec<u64> =
        all_holds().iter().filter(|hold| hold.actor == actor).map(|hold| hold.map).collect();
    maps.sort_unstable();
    maps.dedup();
    maps
}

/// Guards alive on this desk, for the collector.
pub(crate) fn held_on(desk: &'static Desk) -> impl Iterator<Item = Hold> {
    desk.chain().flat_map(|desk| hold::alive(&desk.holds))
}
