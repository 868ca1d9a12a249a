//! Every run and every attachment is recorded, unless the user says no.

use super::{Common, complain};
use crate::model::world::World;
use crate::report;
use crate::source::Feed;
use crate::store::{Recorded, Store};
use std::io;

/// Makes a run in the state directory, and a feed that is recorded there. Where that cannot be, one looks all the
/// same, and is told.
#[must_use]
pub fn begin(common: &Common, command: &str, feed: Feed) -> (Feed, Option<Recorded>) {
    if common.no_record || std::env::var_os("MAPVIEW_RECORD").is_some_and(|value| value == "0") {
        return (feed, None);
    }
    match record(command) {
        Ok(recorded) => (feed.recorded(Some(recorded.run.clone())), Some(recorded)),
        Err(error) => {
            complain(&format!("this run is not recorded: {error}"));
            (feed, None)
        }
    }
}

fn record(command: &str) -> io::Result<Recorded> {
    Store::of_user()?.record(command)
}

/// The run is over.
pub fn end(recorded: Option<Recorded>, world: &World) {
    if let Some(recorded) = recorded {
        recorded.end(report::text::verdict(world));
    }
}
