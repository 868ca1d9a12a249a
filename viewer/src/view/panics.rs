//! Panics by root cause: how often, where, when, how fast they come.

use super::table::{self, Align, Cell, Column};
use super::{Built, View, spark, words};
use crate::model::life::PanicRow;
use crate::model::list::{ListId, RowKey};
use crate::text::{counted, grouped};

/// Slots of the rate, half a second each.
const RATE: usize = 24;

pub(super) const COLUMNS: &[Column] = &[
    Column::fixed("count", 6, Align::Right, 99),
    Column::growing("root cause", 16, 40, Align::Left, 97),
    Column::growing("message", 20, 70, Align::Left, 98),
    Column::growing("latest", 13, 15, Align::Right, 80),
    Column::growing("where", 16, 44, Align::Path, 90),
    Column::growing("who", 14, 34, Align::Left, 50),
    Column::growing("rate", 8, RATE, Align::Bars, 60),
    Column::fixed("process", 20, Align::Left, 40),
];

/// Columns from which there is room for whole sentences.
const WIDE: usize = 120;

/// The screen.
#[must_use]
pub fn list(view: &View<'_>) -> Built {
    let panics = &view.model.seen().panics;
    let mut what = counted(panics.len(), "group");
    if panics.sightings > panics.len() as u64 {
        what += &format!(" of {} panics", grouped(panics.sightings));
    }
    if panics.dropped > 0 {
        what += &format!(", {} more not kept", grouped(panics.dropped));
    }
    let why = "No panic was told so far. They are told by mapwatch's panic hook; those of a program without it stand \
               in its output (9), and `mapview triage` groups them in logs.";
    table::list(view, ListId::Panics, COLUMNS, &what, why, |key| match key {
        RowKey::Panic(id) => view.model.panic_row(id).map_or_else(Vec::new, |row| cells(view, &row)),
        _ => Vec::new(),
    })
}

fn cells(view: &View<'_>, row: &PanicRow<'_>) -> Vec<Cell> {
    let theme = view.theme;
    let group = row.group;
    let session = row.world.sessions.get(&group.last_seen.session);
    let now = session.map_or(group.last_seen.at, |session| session.now(row.world.clock));
    let cause = if group.cause.confidence >= 80 { theme.strong() } else { theme.text() };
    vec![
        Cell::new(grouped(group.count), theme.text()),
        Cell::category(group.cause.category, cause),
        Cell::new(message(view, row), theme.text()),
        Cell::new(words::when(view, group.last_seen), theme.quiet()),
        Cell::new(group.latest.location.to_string(), theme.accent()),
        Cell::actor(group.latest.actor.to_string(), theme.quiet()),
        Cell::new(spark::line(view, &group.series.last(now, RATE), RATE), theme.trouble()),
        Cell::new(session.map(|session| session.title()).unwrap_or_default(), theme.quiet()),
    ]
}

/// What it said beyond its root cause; on little room, whose map and whose thread counts more than a whole sentence.
pub(super) fn message(view: &View<'_>, row: &PanicRow<'_>) -> String {
    match row.group.brief() {
        text if view.width < WIDE && text.len() < row.group.headline().len() => shortened(text),
        text => text.to_owned(),
    }
}

/// `` `remove` on `sessions` while thread 9 `profile` reads it `` as `remove on sessions, 9 profile reads it`.
fn shortened(text: &str) -> String {
    let mut text = text.replace('`', "");
    for kind in ["thread", "task", "scope"] {
        text = text.replacen(&format!(" while {kind} "), ", ", 1);
    }
    text = text.replacen(" while ", ", ", 1);
    if let Some((before, place)) = text.split_once(" made at ") {
        let kept = before.rsplit_once(' ').map_or("", |(kept, _)| kept);
        text = format!("{kept} {place}").trim_start().to_owned();
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_says_little_goes_first() {
        let check = |text: &str, short: &str| assert_eq!(shortened(text), short);
        check(
            "`remove` on `sessions` while thread 9 `profile` reads it",
            "remove on sessions, 9 profile reads it",
        );
        check("`insert` on `SharedMap made at orders.rs:23`", "insert on orders.rs:23");
        check("`lock` on `till` while the same task holds it", "lock on till, the same task holds it");
    }
}
