//! How one map grew: entries under capacity over its whole life, where its table moved, and what that cost.

use super::doc::{Lines, rule, span};
use super::table::{self, Align, Cell, Column};
use super::{View, doc, spark};
use crate::model::rows::MapRow;
use crate::model::sizes::Size;
use crate::text::{bytes, counted, grouped, moment};
use mapwatch_event::Nanos;
use ratatui::text::Line;

/// Rows of the chart.
const ROWS: usize = 5;

/// Chart, sums, and the last growths.
#[must_use]
pub fn growth(view: &View<'_>, row: &MapRow<'_>) -> Lines {
    let map = row.map;
    if map.sizes.len() < 2 && map.growths.is_empty() {
        return Vec::new();
    }
    let mut lines = vec![rule(view, "Growth")];
    if map.sizes.len() > 1 {
        lines.extend(chart(view, row));
    }
    if map.grown > 0 {
        lines.extend(doc::quiet(view, &sums(row)));
    }
    lines.extend(last_growths(view, row));
    lines
}

/// What the growths were in all.
fn sums(row: &MapRow<'_>) -> String {
    let map = row.map;
    let times = usize::try_from(map.grown).unwrap_or(usize::MAX);
    format!(
        "{}, entries moved: {}{}; the calls took {} in all, {} at most",
        counted(times, "resize"),
        grouped(map.moved),
        map.bytes_of(map.moved).map_or_else(String::new, |amount| format!(" ({})", bytes(amount))),
        map.paused,
        map.longest_pause
    )
}

/// The life of the map from left to right: bars are entries, the line above is the capacity, below stand the
/// moments at which the table moved.
fn chart(view: &View<'_>, row: &MapRow<'_>) -> Lines {
    let theme = view.theme;
    let map = row.map;
    let (from, to) = (map.made_at, map.gone_at.unwrap_or(row.now));
    let scale = |size: &Size| size.length.max(size.capacity);
    let columns = view.width.saturating_sub(2).min(100);
    let all = map.sizes.sampled(from, to, columns);
    let highest = all.iter().map(scale).max().unwrap_or(0);
    if columns == 0 || highest == 0 {
        return Vec::new();
    }
    let lengths: Vec<u64> = all.iter().map(|size| size.length).collect();
    let bars = spark::scaled(view, &lengths, highest, ROWS);
    let mut lines = Vec::with_capacity(ROWS + 2);
    for (index, bars) in bars.into_iter().enumerate() {
        let level = ROWS - 1 - index;
        let mut spans = vec![span(" ", theme.text())];
        for (size, bar) in all.iter().zip(bars) {
            let on_line = size.capacity > 0 && spark::row_of(size.capacity, highest, ROWS) == level;
            spans.push(match bar {
                ' ' if on_line => span(theme.glyphs.horizontal, theme.trouble()),
                bar => span(bar, theme.accent()),
            });
        }
        lines.push(Line::from(spans));
    }
    lines.extend(resizes(view, row, (from, to), columns));
    let legend = format!(
        "bars: entries; line: capacity, {}{} at most; {}: the table moved; from {} to {}",
        grouped(highest),
        map.bytes_of(highest).map_or_else(String::new, |amount| format!(" or {}", bytes(amount))),
        theme.glyphs.sorted[1],
        moment(from),
        moment(to),
    );
    lines.extend(doc::quiet(view, &legend));
    lines
}

/// Where the table moved; in colour where an iterator was alive.
fn resizes(view: &View<'_>, row: &MapRow<'_>, (from, to): (Nanos, Nanos), columns: usize) -> Lines {
    let theme = view.theme;
    let span_of_life = u128::from(to.since(from).0.max(1));
    let mut marks = vec![None; columns];
    for (at, growth) in row.map.growths.iter() {
        let column = u128::from(at.since(from).0) * columns as u128 / span_of_life;
        let column = usize::try_from(column).unwrap_or(usize::MAX).min(columns - 1);
        let iterated = marks[column].unwrap_or(false) || growth.iterators > 0;
        marks[column] = Some(iterated);
    }
    if marks.iter().all(Option::is_none) {
        return Vec::new();
    }
    let mut spans = vec![span(" ", theme.text())];
    spans.extend(marks.into_iter().map(|mark| match mark {
        None => span(" ", theme.text()),
        Some(true) => span(theme.glyphs.sorted[1], theme.trouble()),
        Some(false) => span(theme.glyphs.sorted[1], theme.quiet()),
    }));
    vec![Line::from(spans)]
}

const GROWTHS: &[Column] = &[
    Column::growing("at", 9, 14, Align::Right, 96),
    Column::fixed("capacity", 21, Align::Right, 95),
    Column::fixed("bytes", 8, Align::Right, 85),
    Column::fixed("moved", 10, Align::Right, 80),
    Column::fixed("took", 9, Align::Right, 90),
    Column::fixed("iterators", 9, Align::Right, 60),
    Column::growing("who", 14, 40, Align::Left, 50),
    Column::growing("where", 16, 70, Align::Path, 70),
];

fn last_growths(view: &View<'_>, row: &MapRow<'_>) -> Lines {
    let theme = view.theme;
    let mut rows = Vec::new();
    for (at, growth) in row.map.growths.iter().rev().take(10) {
        let capacity = format!("{} {} {}", grouped(growth.before), theme.glyphs.arrow, grouped(growth.after));
        let after = match row.map.bytes_of(growth.after) {
            Some(amount) => Cell::new(bytes(amount), theme.text()),
            None => Cell::new(theme.glyphs.none, theme.quiet()),
        };
        let iterators = if growth.iterators > 0 { theme.trouble() } else { theme.quiet() };
        let cells = vec![
            Cell::moment(*at, theme.quiet()),
            Cell::new(capacity, theme.strong()),
            after,
            Cell::new(grouped(growth.moved), theme.text()),
            Cell::time(growth.took, theme.text()),
            Cell::new(growth.iterators.to_string(), iterators),
            Cell::actor(row.session.actors.title(growth.actor), theme.text()),
            Cell::new(row.session.site_text(growth.site), theme.quiet()),
        ];
        rows.push(cells);
    }
    if rows.is_empty() { Vec::new() } else { table::whole(view, GROWTHS, rows) }
}
