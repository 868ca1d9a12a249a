//! One map: facts, who is in it now, what flows and from where, how it grew, who collided.

use super::doc::{Lines, beside, indented, labelled, labelled_path, rule, span};
use super::growth::growth;
use super::near_misses::near_misses;
use super::spread::spread;
use super::table::{self, Align, Cell, Column};
use super::{View, doc, spark, words};
use crate::model::findings::Finding;
use crate::model::maps::Map;
use crate::model::rows::{MADE_BY_STD, MapRow};
use crate::model::series::SLOTS;
use crate::model::times::Times;
use crate::model::ui::MapKey;
use crate::text::{bytes, counted, grouped, moment, short_number};
use mapwatch_event::Nanos;
use mapwatch_event::event::Holding;
use ratatui::text::Line;

/// Columns from which the page has two.
const BESIDE: usize = 110;
const LABEL: usize = 10;

/// The page.
#[must_use]
pub fn page(view: &View<'_>, key: MapKey) -> Lines {
    let Some(row) = view.model.map_row(key) else {
        return doc::quiet(view, "this map is no longer kept");
    };
    let mut lines = vec![title(view, &row)];
    let join = |view: &View<'_>, parts: &[Part]| -> Lines {
        parts.iter().flat_map(|part| part(view, &row)).collect()
    };
    if view.width < BESIDE {
        lines.extend(join(view, &[facts, holders, traffic, conflicts]));
    } else {
        let half = (view.width - 3) / 2;
        let column = view.with_width(half);
        let (left, right) = (join(&column, &[facts, holders]), join(&column, &[traffic, conflicts]));
        lines.extend(beside(view, left, right, half, 3));
    }
    lines.extend(join(view, &FURTHER));
    lines
}

type Part = fn(&View<'_>, &MapRow<'_>) -> Lines;

/// What stands below the first screen.
const FURTHER: [Part; 7] = [near_misses, growth, hot_sites, spread, held, waited, recent];

fn title(view: &View<'_>, row: &MapRow<'_>) -> Line<'static> {
    let theme = view.theme;
    let mut spans = vec![
        span(format!(" {}", row.title()), theme.strong()),
        span(format!("  {}", row.map.type_name), theme.quiet()),
    ];
    if row.map.conflicts > 0 {
        let grade = mapwatch_event::Grade::Certain;
        let text =
            format!("  {} {}", theme.grade_glyph(grade), counted(row.map.conflicts as usize, "conflict"));
        spans.push(span(text, theme.grade(grade)));
    }
    if let Some(gone) = row.map.gone_at {
        spans.push(span(format!("  dropped at {}", moment(gone)), theme.quiet()));
    }
    Line::from(spans)
}

fn facts(view: &View<'_>, row: &MapRow<'_>) -> Lines {
    let theme = view.theme;
    let map = row.map;
    let fill = match (map.length, map.capacity) {
        (Some(length), Some(capacity)) if capacity > 0 => Some(format!(
            "{} of {} ({} %)",
            grouped(length),
            grouped(capacity),
            u128::from(length) * 100 / u128::from(capacity)
        )),
        (Some(length), _) => Some(grouped(length)),
        (None, Some(capacity)) => Some(format!("? of {}", grouped(capacity))),
        // A lock has no entries, and a map that nobody has used since has not told its own.
        (None, None) => None,
    };
    let mut lines = vec![rule(view, "Facts")];
    lines.extend(labelled(view, "kind", LABEL, map.kind_word(), theme.text()));
    if row.is_made_by_std() {
        lines.extend(labelled(view, "made at", LABEL, MADE_BY_STD, theme.quiet()));
    } else {
        lines.push(labelled_path(view, "made at", LABEL, &row.made(), theme.text()));
    }
    if let Some(fill) = fill {
        lines.extend(labelled(view, "entries", LABEL, &fill, theme.text()));
    }
    if let Some(text) = memory(map) {
        lines.extend(labelled(view, "bytes", LABEL, &text, theme.text()));
    }
    lines.extend(labelled(view, "process", LABEL, &row.session.title(), theme.text()));
    lines
}

/// Bytes of the table, and what they are made of. Nobody knows what lies behind keys and values.
fn memory(map: &Map) -> Option<String> {
    let one = bytes(map.entry_bytes?);
    Some(match (map.bytes(), map.capacity, map.length) {
        (Some(all), Some(capacity), _) => {
            format!("{}: room for {} of {one}, heap behind them not counted", bytes(all), grouped(capacity))
        }
        (Some(all), None, Some(length)) => {
            format!("{}: {} of {one}, heap behind them not counted", bytes(all), grouped(length))
        }
        _ => format!("{one} an entry, heap behind it not counted"),
    })
}

fn traffic(view: &View<'_>, row: &MapRow<'_>) -> Lines {
    let theme = view.theme;
    let live = row.session.is_live();
    let (rates, total) = (row.rates(), &row.map.total);
    let mut lines = vec![rule(view, &words::traffic(live))];
    for (word, rate, total) in [
        ("reads", rates.reads, total.reads),
        ("writes", rates.writes, total.writes),
        ("iterations", rates.iterations, total.iterations),
    ] {
        lines.push(Line::from(vec![
            span(format!(" {word:<LABEL$}  "), theme.quiet()),
            span(format!("{:>8}/s", short_number(rate)), theme.strong()),
            span(format!("  {} in all", grouped(total)), theme.quiet()),
        ]));
    }
    let columns = view.width.saturating_sub(2).min(SLOTS);
    let graph = row.map.series.graph(row.now, columns, live);
    if graph.highest() > 0.0 {
        let chart = spark::chart(view, &graph.steps, columns, 3, theme.accent());
        lines.extend(indented(view, chart));
        lines.extend(doc::quiet(view, &words::graph(&graph)));
    }
    lines
}

const HOLDERS: &[Column] = &[
    Column::fixed("for", 9, Align::Right, 95),
    Column::fixed("is", 6, Align::Left, 96),
    Column::fixed("operation", 12, Align::Left, 94),
    Column::growing("who", 18, 40, Align::Who, 90),
    Column::growing("since", 16, 60, Align::Path, 80),
];

/// Holders and waiters that are listed; of more, the number is told.
const LISTED: usize = 12;

/// Who is inside, and who waits to get in.
fn holders(view: &View<'_>, row: &MapRow<'_>) -> Lines {
    let theme = view.theme;
    let mut lines = vec![rule(view, "Inside now")];
    let (holders, waiters) = (&row.map.holders, &row.map.waiters);
    if holders.is_empty() && waiters.is_empty() {
        lines.extend(doc::quiet(view, "nobody"));
        return lines;
    }
    let cells = |holding: &Holding, is: &str, style| {
        vec![
            Cell::time(row.now.since(holding.since), style),
            Cell::new(is, style),
            Cell::new(holding.operation.word(), theme.strong()),
            Cell::actor(row.session.actors.title(holding.actor), theme.text()),
            Cell::new(row.session.site_text(holding.site), theme.quiet()),
        ]
    };
    let inside = holders.iter().take(LISTED).map(|holding| cells(holding, "inside", theme.trouble()));
    let waiting = waiters.iter().take(LISTED).map(|holding| cells(holding, "waits", theme.quiet()));
    lines.extend(table::whole(view, HOLDERS, inside.chain(waiting).collect()));
    let unlisted = |all: &[Holding]| all.len().saturating_sub(LISTED);
    if unlisted(holders) + unlisted(waiters) > 0 {
        let more = format!("and {} more inside, {} more waiting", unlisted(holders), unlisted(waiters));
        lines.extend(doc::quiet(view, &more));
    }
    lines
}

const CONFLICTS: &[Column] = &[
    Column::fixed("", 9, Align::Left, 95),
    Column::growing("", 20, 44, Align::Left, 98),
    Column::growing("", 14, 40, Align::Who, 99),
    Column::growing("", 4, 12, Align::Right, 96),
    Column::growing("", 11, 15, Align::Right, 80),
];

fn conflicts(view: &View<'_>, row: &MapRow<'_>) -> Lines {
    let theme = view.theme;
    let findings = view.model.findings_of(row.key());
    if findings.is_empty() {
        return Vec::new();
    }
    let cells = |finding: &&Finding| {
        let grade = words::grade(view, finding.grade);
        vec![
            Cell::new(grade.content, grade.style),
            Cell::category(finding.category(), theme.text()),
            words::who(&finding.latest, theme.text()),
            Cell::new(format!("{}x", grouped(finding.count)), theme.quiet()),
            Cell::new(words::when(view, finding.last_seen), theme.quiet()),
        ]
    };
    let mut lines = vec![rule(view, "Conflicts (Enter opens the first)")];
    lines.extend(table::whole(view, CONFLICTS, findings.iter().take(8).map(cells).collect()));
    lines
}

const SITES: &[Column] = &[
    Column::fixed("count", 12, Align::Right, 95),
    Column::fixed("share", 6, Align::Right, 70),
    Column::fixed("access", 9, Align::Left, 40),
    Column::fixed("operation", 14, Align::Left, 90),
    Column::growing("where", 24, 90, Align::Path, 96),
];

fn hot_sites(view: &View<'_>, row: &MapRow<'_>) -> Lines {
    let theme = view.theme;
    let sites = row.map.hot_sites();
    let all: u128 = sites.iter().map(|(_, _, count)| u128::from(*count)).sum();
    if all == 0 {
        return Vec::new();
    }
    let mut lines = vec![rule(view, "Hot sites")];
    let mut rows = Vec::new();
    for (site, operation, count) in sites.iter().take(12) {
        let share = u128::from(*count) * 100 / all;
        let cells = vec![
            Cell::new(grouped(*count), theme.text()),
            Cell::new(format!("{share} %"), theme.quiet()),
            Cell::new(operation.access().word(), theme.quiet()),
            Cell::new(operation.word(), theme.strong()),
            Cell::new(row.session.site_text(*site), theme.text()),
        ];
        rows.push(cells);
    }
    lines.extend(table::whole(view, SITES, rows));
    lines
}

const TIMES: &[Column] = &[
    Column::fixed("in all", 9, Align::Right, 95),
    Column::fixed("times", 10, Align::Right, 80),
    Column::fixed("mean", 9, Align::Right, 70),
    Column::fixed("longest", 9, Align::Right, 90),
    Column::growing("where", 24, 90, Align::Path, 96),
];

fn held(view: &View<'_>, row: &MapRow<'_>) -> Lines {
    times(view, row, &row.map.held, "Held, by the site that took the guard")
}

fn waited(view: &View<'_>, row: &MapRow<'_>) -> Lines {
    times(view, row, &row.map.waited, "Waited, by site")
}

fn times(view: &View<'_>, row: &MapRow<'_>, times: &Times, title: &str) -> Lines {
    let theme = view.theme;
    let sum = times.sum();
    if sum.count == 0 {
        return Vec::new();
    }
    let mut lines = vec![rule(view, &format!("{title}: {} in all, {} at most", sum.total, sum.longest))];
    let mut rows = Vec::new();
    for (site, time) in times.longest_first().into_iter().take(8) {
        // Less than the recorder's clock can tell is not told as no time at all.
        let told = |time: Nanos, style| match time {
            Nanos(0) => Cell::new(theme.glyphs.none, theme.quiet()),
            time => Cell::time(time, style),
        };
        let cells = vec![
            told(time.total, theme.strong()),
            Cell::new(grouped(time.count), theme.text()),
            told(time.mean(), theme.text()),
            told(time.longest, theme.trouble()),
            Cell::new(row.session.site_text(site), theme.quiet()),
        ];
        rows.push(cells);
    }
    lines.extend(table::whole(view, TIMES, rows));
    lines
}

fn recent(view: &View<'_>, row: &MapRow<'_>) -> Lines {
    let theme = view.theme;
    if row.map.recent.is_empty() {
        return Vec::new();
    }
    let mut lines = vec![rule(view, "Recent operations, newest first")];
    let mut rows = Vec::new();
    for past in row.map.recent.iter().rev().take(16) {
        let cells = vec![
            Cell::moment(past.at, theme.quiet()),
            Cell::new(past.operation.access().word(), theme.quiet()),
            Cell::new(past.operation.word(), theme.strong()),
            Cell::actor(row.session.actors.title(past.actor), theme.text()),
            Cell::new(row.session.site_text(past.site), theme.quiet()),
        ];
        rows.push(cells);
    }
    lines.extend(table::whole(view, &table::operations("at"), rows));
    lines
}
