//! Is something wrong, and where.

use super::doc::{Lines, beside, rule, span};
use super::table::{self, Align, Cell, Column};
use super::{View, doc, spark, words};
use crate::model::findings::{Finding, happened};
use crate::model::life::{PanicRow, TaskRow};
use crate::model::moment::{Moment, Wall};
use crate::model::rows::MapRow;
use crate::model::series::SLOTS;
use crate::model::session::{Session, State};
use crate::text::{counted, cut_front, grouped, short_number};
use mapwatch_event::event::Holding;
use mapwatch_event::{Category, Ending, Nanos, Side};
use ratatui::text::{Line, Span};
use std::collections::{BTreeMap, BTreeSet};

/// Columns from which the page has two.
const BESIDE: usize = 120;

type Part = fn(&View<'_>) -> Lines;

/// The page.
#[must_use]
pub fn page(view: &View<'_>) -> Lines {
    let mut lines = vec![verdict(view)];
    if view.model.seen().heard_nobody() {
        lines.push(Line::default());
        lines.extend(waiting(view));
        return lines;
    }
    if view.width < BESIDE {
        lines.push(Line::default());
        for part in [categories, newest, panics, inside, tasks, traffic, busiest, processes, recorder] {
            lines.extend(part(view));
        }
        return lines;
    }
    lines.push(Line::default());
    let half = (view.width - 3) / 2;
    let (left, right) = (view.with_width(half), view.with_width(view.width - 3 - half));
    let join = |view: &View<'_>, parts: &[Part]| parts.iter().flat_map(|part| part(view)).collect::<Lines>();
    lines.extend(beside(
        view,
        join(&left, &[categories, newest, panics, inside]),
        join(&right, &[tasks, traffic, busiest, processes, recorder]),
        half,
        3,
    ));
    lines
}

/// The answer in one line.
fn verdict(view: &View<'_>) -> Line<'static> {
    let theme = view.theme;
    let world = view.model.seen();
    let maps: usize = world.sessions.values().map(|session| session.maps.len()).sum();
    if world.findings.is_empty() {
        let so_far = if world.is_midway() { " so far" } else { "" };
        let what = match (world.heard_nobody(), maps) {
            (true, _) => return Line::from(span(" Nothing to look at yet", theme.strong())),
            (false, 0) => format!("no map in use{so_far}"),
            (false, maps) => format!("nothing found{so_far} in {}", counted(maps, "map")),
        };
        // Panics that no conflict explains are found, too, and stand below.
        let panics: u64 = view.model.all_panics().map(|row| row.group.on_their_own()).sum();
        if panics > 0 {
            let panics = counted(usize::try_from(panics).unwrap_or(usize::MAX), "panic");
            let what = what.replace("nothing found", "no conflict");
            return Line::from(vec![
                span(format!(" {} {panics}", theme.glyphs.states[2]), theme.trouble()),
                span(format!("; {what}"), theme.text()),
            ]);
        }
        return Line::from(vec![
            span(format!(" {} ", theme.glyphs.good), theme.good()),
            span(what, theme.strong()),
        ]);
    }
    let mut spans = vec![Span::raw(" ")];
    for (grade, count) in world.findings.by_grade() {
        let text = format!("{} {} {}", theme.grade_glyph(grade), grouped(count as u64), grade.word());
        spans.push(span(text, theme.grade(grade)));
        spans.push(Span::raw("   "));
    }
    let hit = view.model.all_maps().filter(|row| row.map.conflicts > 0).count();
    let newest =
        view.model.newest_finding().map_or_else(String::new, |finding| words::when(view, finding.last_seen));
    spans.push(span(format!("in {hit} of {}, the latest {newest}", counted(maps, "map")), theme.text()));
    Line::from(spans)
}

/// Nobody has connected: what one may do about it.
fn waiting(view: &View<'_>) -> Lines {
    let world = view.model.seen();
    let ended = world.program.as_ref().and_then(|program| program.ending.as_ref());
    let mut lines = match (&world.program, ended) {
        (Some(program), Some(ending)) => doc::quiet(
            view,
            &format!("{} {}, and no watched process connected.", program.name(), ending.words()),
        ),
        (Some(program), None) => {
            doc::quiet(view, &format!("{} runs; waiting for it to use a watched map.", program.name()))
        }
        (None, _) if world.unread.count > 0 => {
            let mut lines = doc::quiet(view, "What was heard so far is no session of mapwatch:");
            for line in world.unread.lines.iter().take(3) {
                let text = Line::from(span(line.to_string(), view.theme.trouble()));
                lines.extend(doc::hanging(view, span("   ", view.theme.text()), text));
            }
            lines
        }
        (None, _) => doc::quiet(view, "waiting for the first line"),
    };
    lines.push(Line::default());
    let advice = "A program connects at the first use of a mapwatch:: map in a build with checking on (debug, or the feature `checked`). Its output is on the Log screen (9).";
    lines.extend(doc::quiet(view, advice));
    lines
}

const CATEGORIES: &[Column] = &[
    Column::fixed("", 1, Align::Left, 96),
    Column::growing("", 24, 44, Align::Left, 99),
    Column::growing("", 8, 30, Align::Left, 85),
    Column::fixed("", 6, Align::Right, 95),
    Column::growing("", 11, 15, Align::Right, 80),
];

/// What was found, by category: how often, where, when last.
fn categories(view: &View<'_>) -> Lines {
    let theme = view.theme;
    let all = &view.model.seen().findings;
    if all.is_empty() {
        return Vec::new();
    }
    let mut by_category: BTreeMap<Category, Vec<&Finding>> = BTreeMap::new();
    for finding in all.iter() {
        by_category.entry(finding.category()).or_default().push(finding);
    }
    let mut groups: Vec<Vec<&Finding>> = by_category.into_values().collect();
    let grade = |group: &[&Finding]| group.iter().map(|finding| finding.grade).max();
    groups.sort_by_key(|group| std::cmp::Reverse(grade(group)));
    let rows = groups.iter().take(10).filter_map(|group| {
        let latest = group.iter().max_by_key(|finding| finding.recency())?;
        let grade = grade(group)?;
        let maps: BTreeSet<String> = group.iter().map(|finding| finding.first.map.title()).collect();
        let place = match maps.len() {
            1 => maps.into_iter().next().unwrap_or_default(),
            many => counted(many, "map"),
        };
        let count: u64 = group.iter().map(|finding| finding.count).sum();
        Some(vec![
            Cell::new(theme.grade_glyph(grade), theme.grade(grade)),
            Cell::category(latest.category(), theme.text()),
            Cell::map(place, theme.strong()),
            Cell::new(format!("{}x", grouped(count)), theme.text()),
            Cell::new(words::when(view, latest.last_seen), theme.quiet()),
        ])
    });
    let mut lines = vec![rule(view, "Findings by category")];
    lines.extend(table::whole(view, CATEGORIES, rows.collect()));
    lines.push(Line::default());
    lines
}

fn newest(view: &View<'_>) -> Lines {
    let theme = view.theme;
    let Some(finding) = view.model.newest_finding() else { return Vec::new() };
    let conflict = &finding.latest;
    let mut lines = vec![rule(view, "Latest conflict (Enter opens it)")];
    for part in crate::text::wrap(&happened(conflict), view.width.saturating_sub(2)) {
        lines.push(Line::from(span(format!(" {part}"), theme.text())));
    }
    for side in [conflict.holder(), conflict.attempt()].into_iter().flatten() {
        lines.extend(side_lines(view, side));
    }
    lines.push(Line::default());
    lines
}

const PANICS: &[Column] = &[
    Column::fixed("", 6, Align::Right, 97),
    Column::growing("", 16, 34, Align::Left, 96),
    Column::growing("", 20, 60, Align::Left, 98),
    Column::growing("", 16, 40, Align::Path, 80),
    Column::growing("", 13, 15, Align::Right, 70),
];

/// Panics, the latest first.
fn panics(view: &View<'_>) -> Lines {
    let theme = view.theme;
    let mut groups: Vec<PanicRow<'_>> = view.model.all_panics().collect();
    if groups.is_empty() {
        return Vec::new();
    }
    groups.sort_by_key(|row| std::cmp::Reverse(row.group.recency()));
    let rows = groups.iter().take(4).map(|row| {
        vec![
            Cell::new(format!("{}x", grouped(row.group.count)), theme.text()),
            Cell::category(row.group.cause.category, theme.strong()),
            Cell::new(super::panics::message(view, row), theme.text()),
            Cell::new(row.group.latest.location.to_string(), theme.quiet()),
            Cell::new(words::when(view, row.group.last_seen), theme.quiet()),
        ]
    });
    let mut lines = vec![rule(view, "Panics, the latest first (5 has all)")];
    lines.extend(table::whole(view, PANICS, rows.collect()));
    lines.push(Line::default());
    lines
}

/// What tasks do, and how many of them nobody watches.
fn tasks(view: &View<'_>) -> Lines {
    let census = super::tasks::census(view);
    if census.all() == 0 {
        return Vec::new();
    }
    let [fresh, running, idle, woken, stranded] = census.alive;
    let waiting: usize = view.model.processes().map(|session| session.maps.waiting()).sum();
    let mut lines = vec![rule(view, "Tasks (3 has all)")];
    lines.extend(doc::quiet(view, &super::tasks::summary(&census)));
    let states = [
        (running as usize, "running"),
        (idle as usize, "idle"),
        (woken as usize, "woken"),
        (fresh as usize, "fresh"),
        (stranded as usize, "stranded"),
        (waiting, "waiting for a guard"),
    ];
    let said = states.into_iter().filter(|(count, _)| *count > 0);
    let said: Vec<String> = said.map(|(count, word)| format!("{} {word}", grouped(count as u64))).collect();
    let is_live = view.model.processes().any(Session::is_live);
    let mut text = match (said.is_empty(), is_live, census.left) {
        (false, ..) => format!("now {}", said.join(", ")),
        (true, true, _) => "nobody is alive".to_owned(),
        (true, false, 0) => "all of them had ended when the program was last heard of".to_owned(),
        (true, false, left) => format!("{} had not ended when the program was", grouped(left)),
    };
    let (mut alive, mut watched) = (0, 0);
    let told = view.model.processes().filter(|session| session.is_live() == is_live);
    for coverage in told.flat_map(|session| session.coverage.values()) {
        alive += coverage.alive;
        watched += coverage.watched;
    }
    if alive > watched {
        let all = counted(usize::try_from(alive).unwrap_or(usize::MAX), "task");
        let watched = grouped(watched);
        text += &if is_live {
            format!(
                "; mapwatch sees {watched} of the {all} on the runtime, the others were spawned without it"
            )
        } else {
            format!("; when the runtime last counted its tasks, mapwatch saw {watched} of its {all}")
        };
    }
    for part in crate::text::wrap(&text, view.width.saturating_sub(2).max(8)) {
        lines.push(Line::from(span(format!(" {part}"), view.theme.text())));
    }
    lines.extend(cut_short(view));
    lines.push(Line::default());
    lines
}

const CUT_SHORT: &[Column] = &[
    Column::growing("", 11, 15, Align::Right, 97),
    Column::fixed("", 12, Align::Left, 95),
    Column::growing("", 14, 30, Align::Left, 99),
    Column::growing("", 16, 60, Align::Left, 98),
];

/// The lives that were cut short last. Among many that just completed, only the last ones are looked at.
fn cut_short(view: &View<'_>) -> Lines {
    const LOOKED_AT: usize = 500;
    let clock = view.model.seen().clock;
    let mut ended: Vec<(Wall, TaskRow<'_>)> = Vec::new();
    for session in view.model.processes() {
        let now = session.now(clock);
        let rows = session.actors.latest_ended().take(LOOKED_AT).filter_map(|id| {
            let known = session.actors.get(id)?;
            let (at, ending) = known.ending?;
            let is_cut = matches!(ending, Ending::Cancelled | Ending::NeverPolled);
            let row = TaskRow { session, id, known, life: known.life.as_deref()?, now };
            is_cut.then(|| (session.wall(at), row))
        });
        ended.extend(rows.take(3));
    }
    ended.sort_by_key(|(wall, _)| std::cmp::Reverse(*wall));
    let theme = view.theme;
    let rows = ended.iter().take(3).map(|(wall, row)| {
        let at = row.known.ending.map_or(row.now, |(at, _)| at);
        vec![
            Cell::new(words::when(view, Moment { session: row.session.id, at, wall: *wall }), theme.quiet()),
            Cell::new(row.doing().word(), theme.trouble()),
            Cell::actor(row.title(), theme.strong()),
            Cell::new(row.story(), theme.text()).or(row.brief_story()),
        ]
    });
    table::whole(view, CUT_SHORT, rows.collect())
}

fn side_lines(view: &View<'_>, side: &Side) -> Lines {
    let theme = view.theme;
    let held = side.time_words().map_or_else(String::new, |words| format!("  {words}"));
    let site = cut_front(&side.site.to_string(), view.width.saturating_sub(11), theme.glyphs.cut);
    let mut lines = vec![
        Line::from(vec![
            span(format!(" {:<8}  ", side.role.word()), theme.quiet()),
            span(side.operation.word(), theme.strong()),
            span(format!("  {}", side.actor), theme.text()),
            span(held, theme.trouble()),
        ]),
        Line::from(vec![Span::raw(" ".repeat(11)), span(site, theme.accent())]),
    ];
    if !side.source.is_empty() {
        lines.push(Line::from(vec![Span::raw(" ".repeat(11)), span(side.source.clone(), theme.source())]));
    }
    lines
}

fn traffic(view: &View<'_>) -> Lines {
    let theme = view.theme;
    let world = view.model.seen();
    let live = world.is_midway();
    let sums =
        view.model.all_maps().filter(|row| row.session.is_live() == live).fold([0.0; 3], |sums, row| {
            let rates = row.rates();
            [sums[0] + rates.reads, sums[1] + rates.writes, sums[2] + rates.iterations]
        });
    let mut lines = vec![rule(view, &words::traffic(live))];
    let mut rates = Line::default();
    for (word, rate) in ["reads", "writes", "iterations"].into_iter().zip(sums) {
        rates.push_span(span(format!(" {}", short_number(rate)), theme.strong()));
        rates.push_span(span(format!(" {word}/s  "), theme.quiet()));
    }
    lines.push(rates);
    let columns = view.width.saturating_sub(2).min(SLOTS);
    let graph = world.foremost().map(|session| session.series.graph(session.now(world.clock), columns, live));
    if let Some(graph) = graph.filter(|graph| graph.highest() > 0.0) {
        lines.extend(doc::indented(view, spark::chart(view, &graph.steps, columns, 3, theme.accent())));
        lines.extend(doc::quiet(view, &words::graph(&graph)));
    }
    lines.push(Line::default());
    lines
}

/// Slots of activity, half a second each.
const ACTIVITY: usize = 24;

const BUSIEST: &[Column] = &[
    Column::growing("", 14, 30, Align::Left, 99),
    Column::fixed("", 9, Align::Left, 70),
    Column::fixed("", 16, Align::Right, 80),
    Column::fixed("", 10, Align::Right, 95),
    Column::growing("", 8, ACTIVITY, Align::Bars, 60),
];

const INSIDE: &[Column] = &[
    Column::fixed("", 9, Align::Right, 99),
    Column::growing("", 10, 24, Align::Left, 98),
    Column::fixed("", 12, Align::Left, 97),
    Column::growing("", 14, 30, Align::Left, 90),
    Column::growing("", 16, 44, Align::Path, 80),
];

/// Who is inside a map now, the longest first.
fn inside(view: &View<'_>) -> Lines {
    let theme = view.theme;
    let mut held: Vec<(Nanos, MapRow<'_>, &Holding)> = view
        .model
        .inhabited()
        .flat_map(|row| {
            row.map.holders.iter().map(move |holding| (row.now.since(holding.since), row, holding))
        })
        .collect();
    if held.is_empty() {
        return Vec::new();
    }
    held.sort_by_key(|(age, _, _)| std::cmp::Reverse(*age));
    let rows = held.iter().take(6).map(|(age, row, holding)| {
        vec![
            Cell::time(*age, theme.trouble()),
            Cell::map(row.title(), theme.strong()),
            Cell::new(holding.operation.word(), theme.text()),
            Cell::actor(row.session.actors.title(holding.actor), theme.text()),
            Cell::new(row.session.site_text(holding.site), theme.quiet()),
        ]
    });
    let mut lines = vec![rule(view, "Inside a map now, the longest first")];
    lines.extend(table::whole(view, INSIDE, rows.collect()));
    if held.len() > 6 {
        lines.extend(doc::quiet(view, &format!("and {} more", held.len() - 6)));
    }
    lines.push(Line::default());
    lines
}

fn busiest(view: &View<'_>) -> Lines {
    let theme = view.theme;
    let mut rows: Vec<(f64, MapRow<'_>)> =
        view.model.all_maps().map(|row| (row.rates().sum(), row)).collect();
    rows.retain(|(rate, _)| *rate > 0.0);
    if rows.is_empty() {
        return Vec::new();
    }
    rows.sort_by(|a, b| b.0.partial_cmp(&a.0).unwrap_or(std::cmp::Ordering::Equal));
    let mut lines = vec![rule(view, "Busiest maps; each graph by its own highest")];
    let mut table = Vec::new();
    for (rate, row) in rows.iter().take(6) {
        let entries =
            row.map.length.map_or_else(String::new, |length| format!("{} entries", grouped(length)));
        table.push(vec![
            Cell::map(row.title(), theme.text()),
            Cell::new(row.map.kind_word(), theme.quiet()),
            Cell::new(entries, theme.quiet()),
            Cell::new(format!("{}/s", short_number(*rate)), theme.strong()),
            Cell::new(spark::line(view, &row.map.series.last(row.now, ACTIVITY), ACTIVITY), theme.accent()),
        ]);
    }
    lines.extend(table::whole(view, BUSIEST, table));
    lines.push(Line::default());
    lines
}

fn processes(view: &View<'_>) -> Lines {
    let sessions = &view.model.seen().sessions;
    let mut lines = vec![rule(view, if sessions.len() == 1 { "Process" } else { "Processes, newest first" })];
    for session in sessions.values().rev().take(8) {
        lines.extend(process(view, session));
    }
    if sessions.len() > 8 {
        lines.extend(doc::quiet(view, &format!("and {} more", sessions.len() - 8)));
    }
    lines.push(Line::default());
    lines
}

fn process(view: &View<'_>, session: &Session) -> Lines {
    let theme = view.theme;
    let (state, style) = words::state(view, session);
    let header = &session.header;
    let mut lines = vec![Line::from(vec![
        span(format!(" {state:<10} "), style),
        span(session.title(), theme.text()),
        span(format!("  {}", words::uptime(view, session)), theme.text()),
        span(format!("  policy {}  {}", header.policy, counted(session.maps.len(), "map")), theme.quiet()),
    ])];
    if session.state == State::Cut {
        lines.extend(doc::quiet(view, session.cut_words()));
    }
    if view.model.seen().sessions.len() == 1 {
        let target = if header.target.is_empty() { String::new() } else { format!("  {}", header.target) };
        let text = format!("{}{target}  recording format {}", session.command_line(), header.schema);
        let text = cut_front(&text, view.width.saturating_sub(2), theme.glyphs.cut);
        lines.push(Line::from(span(format!(" {text}"), theme.quiet())));
    }
    lines
}

/// What the recorder lost, what could not be read: said where there is something to say.
fn recorder(view: &View<'_>) -> Lines {
    let theme = view.theme;
    let world = view.model.seen();
    let mut said: Vec<String> = Vec::new();
    for session in world.sessions.values() {
        let words = session.loss_words();
        if !words.is_empty() {
            said.push(format!("{} lost {words}", session.title()));
        }
    }
    if world.unread.count > 0 {
        said.push(format!("{} could not be read:", counted(world.unread.count as usize, "line")));
        said.extend(world.unread.lines.iter().take(3).map(|line| format!("  {line}")));
    }
    if world.sessions_dropped > 0 {
        said.push(format!("{} no longer kept", counted(world.sessions_dropped as usize, "older process")));
    }
    let mut lines = vec![rule(view, "Recorder")];
    if said.is_empty() {
        let events = counted(usize::try_from(world.events).unwrap_or(usize::MAX), "event");
        lines.extend(doc::quiet(view, &format!("{events} heard, nothing lost")));
    }
    for sentence in said.iter().take(8) {
        let sentence = Line::from(span(sentence.as_str(), theme.trouble()));
        lines.extend(doc::hanging(view, span(" ", theme.text()), sentence));
    }
    lines
}
