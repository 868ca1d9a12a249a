//! All maps: who they are, how full, what flows, who is inside, whether somebody collided there.

use super::table::{self, Align, Cell, Column};
use super::{Built, View, spark};
use crate::model::list::{ListId, RowKey};
use crate::model::rows::MapRow;
use crate::text::{bytes, grouped, short_count, short_number};
use mapwatch_event::Grade;
use ratatui::style::Style;

/// Slots of activity, half a second each.
const ACTIVITY: usize = 30;

/// The columns, in their order; those of low rank give way first.
pub(super) const COLUMNS: &[Column] = &[
    Column::fixed("", 1, Align::Left, 99),
    Column::growing("name", 12, 30, Align::Left, 98),
    Column::fixed("kind", 9, Align::Left, 60),
    Column::fixed("process", 16, Align::Left, 61),
    Column::fixed("entries", 8, Align::Right, 80),
    Column::fixed("capacity", 9, Align::Right, 40),
    Column::fixed("bytes", 8, Align::Right, 42),
    Column::fixed("growths", 8, Align::Right, 45),
    Column::fixed("reads/s", 8, Align::Right, 90),
    Column::fixed("writes/s", 9, Align::Right, 91),
    Column::fixed("iters/s", 7, Align::Right, 70),
    Column::fixed("held for", 9, Align::Right, 75),
    Column::fixed("conflicts", 10, Align::Right, 95),
    Column::growing("activity", 10, ACTIVITY, Align::Bars, 50),
    Column::growing("made at", 16, 44, Align::Path, 30),
];

/// The screen.
#[must_use]
pub fn list(view: &View<'_>) -> Built {
    table::list(view, ListId::Maps, COLUMNS, &summary(view), "No map so far.", |key| match key {
        RowKey::Map(key) => view.model.map_row(key).map_or_else(Vec::new, |row| cells(view, &row)),
        _ => Vec::new(),
    })
}

fn summary(view: &View<'_>) -> String {
    let sessions = view.model.processes();
    let (mut alive, mut gone, mut dropped) = (0, 0, 0);
    for session in sessions {
        alive += session.maps.alive();
        gone += session.maps.len() - session.maps.alive();
        dropped += session.maps.dropped;
    }
    let mut text = crate::text::counted(alive + gone, "map");
    if gone > 0 {
        text += &format!(", {} dropped by the program", grouped(gone as u64));
    }
    if dropped > 0 {
        text += &format!(", {} more not kept", grouped(dropped));
    }
    text
}

fn cells(view: &View<'_>, row: &MapRow<'_>) -> Vec<Cell> {
    let theme = view.theme;
    let map = row.map;
    let none = || Cell::new(theme.glyphs.none, theme.quiet());
    let number = |number: Option<u64>| match number {
        Some(number) => Cell::new(short_count(number), theme.text()),
        None => none(),
    };
    let rates = row.rates();
    let rate = |rate: f64| if rate < 0.05 { none() } else { Cell::new(short_number(rate), theme.text()) };
    let bad = map.conflicts > 0;
    let name = if map.gone_at.is_some() { theme.quiet() } else { theme.text() };
    let name = if bad { theme.strong() } else { name };
    let grade: Style = theme.grade(Grade::Certain);
    vec![
        if bad { Cell::new(theme.grade_glyph(Grade::Certain), grade) } else { Cell::default() },
        Cell::map(row.title(), name),
        Cell::new(map.kind_word(), theme.quiet()),
        Cell::new(row.session.title(), theme.quiet()),
        number(map.length),
        number(map.capacity),
        map.bytes().map_or_else(none, |amount| Cell::new(bytes(amount), theme.text())),
        if map.grown == 0 { none() } else { number(Some(map.grown)) },
        rate(rates.reads),
        rate(rates.writes),
        rate(rates.iterations),
        row.held_for().map_or_else(none, |held| Cell::time(held, theme.trouble())),
        if bad { Cell::new(grouped(map.conflicts), grade) } else { none() },
        Cell::new(spark::line(view, &map.series.last(row.now, ACTIVITY), ACTIVITY), theme.accent()),
        Cell::new(row.made(), theme.quiet()),
    ]
}
