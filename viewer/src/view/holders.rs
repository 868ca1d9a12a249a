//! Who holds what now, since when, and who waits for it: the picture of a program that stands still.

use super::table::{self, Align, Cell, Column};
use super::{Built, View};
use crate::keymap::Command;
use crate::model::guards::GuardRow;
use crate::model::list::{ListId, RowKey};
use crate::model::spells::Is;
use crate::text::{counted, grouped};

pub(super) const COLUMNS: &[Column] = &[
    Column::fixed("state", 6, Align::Left, 99),
    Column::fixed("for", 7, Align::Right, 98),
    Column::growing("who", 14, 34, Align::Who, 97),
    Column::fixed("operation", 11, Align::Left, 80),
    Column::growing("map", 10, 30, Align::Left, 95),
    Column::growing("behind", 12, 34, Align::Who, 96),
    Column::growing("where", 16, 60, Align::Path, 70),
    Column::fixed("process", 16, Align::Left, 50),
];

/// The screen.
#[must_use]
pub fn list(view: &View<'_>) -> Built {
    table::list(view, ListId::Holders, COLUMNS, &summary(view), &why_empty(view), |key| match key {
        RowKey::Guard(key) => view.model.guard_row(key).map_or_else(Vec::new, |row| cells(view, &row)),
        _ => Vec::new(),
    })
}

fn summary(view: &View<'_>) -> String {
    let all = view.model.inhabited();
    let count = |(held, waiting): (usize, usize), map: crate::model::rows::MapRow<'_>| {
        (held + map.map.holders.len(), waiting + map.map.waiters.len())
    };
    let (held, waiting) = all.fold((0, 0), count);
    format!("{} held, {} waiting", counted(held, "guard"), grouped(waiting as u64))
}

fn why_empty(view: &View<'_>) -> String {
    let model = view.model;
    let why = "Nobody at this moment.";
    match model.ui.keys.of(Command::PreviousMoment).first() {
        Some(key) if model.tape.inhabited(model.seen().position, false).is_some() => {
            format!("{why} {} steps back to the last moment when somebody held something.", key.name())
        }
        _ => format!("{why} Nobody has held anything so far."),
    }
}

fn cells(view: &View<'_>, row: &GuardRow<'_>) -> Vec<Cell> {
    let theme = view.theme;
    let style = if row.is == Is::Waiting { theme.trouble() } else { theme.text() };
    let session = row.map.session;
    vec![
        Cell::new(row.word(), style),
        Cell::time(row.lasted(), theme.trouble()),
        Cell::actor(row.who(), theme.strong()),
        Cell::new(row.holding.operation.word(), theme.text()),
        Cell::map(row.map.title(), theme.accent()),
        Cell::actor(row.behind(), theme.text()),
        Cell::new(session.site_text(row.holding.site), theme.quiet()),
        Cell::new(session.title(), theme.quiet()),
    ]
}
