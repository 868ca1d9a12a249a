//! Every run and every attachment is recorded, unless the user says no.

use super::look::Face;
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

/// The run is over; whoever looked at screens is told how to see it again.
pub fn end(common: &Common, recorded: Option<Recorded>, world: &World) {
    let Some(recorded) = recorded else { return };
    let id = recorded.id();
    recorded.end(report::text::verdict(world));
    if common.face() == Face::Screens
        && let Some(again) = Store::of_user().ok().and_then(|store| again(&store, &id))
    {
        complain(&again);
    }
}

/// How to open a run; nothing where nothing of it was recorded.
fn again(store: &Store, id: &str) -> Option<String> {
    let runs = store.list().ok()?;
    let index = runs.iter().position(|run| run.id == id && !run.files.is_empty())?;
    Some(format!("recorded; `mapview open {}` shows it again (mapview sessions lists all)", index + 1))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whoever_quits_is_told_how_to_see_it_again() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let store = Store::at(folder.path().join("runs"));
        let recorded = store.record("shop").expect("a run");
        let id = recorded.id();
        assert_eq!(again(&store, &id), None, "nothing was heard");
        std::fs::write(recorded.run.folder().join("0001-shop.jsonl"), "{}\n").expect("a file");
        recorded.end(String::new());
        let said = again(&store, &id).expect("it is there");
        assert!(said.contains("`mapview open 1`"), "{said}");
        assert_eq!(store.find("1").map(|run| run.id), Ok(id));
    }
}
