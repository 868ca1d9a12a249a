//! One life: what it does, whom it waits for, who ended it, its lane, its family.

use super::doc::{Lines, labelled, labelled_path, rule, span};
use super::table::{self, Align, Cell, Column};
use super::{View, doc, ending, lane, tasks};
use crate::model::life::TaskRow;
use crate::model::spells::{Is, Spell};
use crate::model::ui::TaskKey;
use crate::text::{grouped, moment};
use mapwatch_event::event::Holding;
use mapwatch_event::{ActorId, Side, TaskState};
use ratatui::text::Line;
use std::collections::BTreeSet;

const LABEL: usize = 10;
/// Generations above it, and children, that are shown.
const FAMILY: usize = 12;

/// The page.
#[must_use]
pub fn page(view: &View<'_>, key: TaskKey) -> Lines {
    let Some(row) = view.model.task_row(key) else {
        return doc::quiet(view, "this task is no longer kept, or was not announced at this moment");
    };
    let mut lines = head(view, &row);
    for part in [ending::lines, stranded, wait, guards, past, life, family, trouble] {
        lines.extend(part(view, &row));
    }
    lines
}

fn head(view: &View<'_>, row: &TaskRow<'_>) -> Lines {
    let theme = view.theme;
    let doing = row.doing();
    let mut lines = vec![Line::from(vec![
        span(format!(" {}", row.title()), theme.strong()),
        span(format!("  {}", row.life.kind.word()), theme.quiet()),
        span(format!("  {}", doing.word()), tasks::style(view, doing)),
        span(
            match row.known.ending {
                Some(_) if row.session.is_live() => format!(" {} ago", row.spent()),
                Some(_) => format!(" {} before the end", row.spent()),
                None => format!(" for {}", row.spent()),
            },
            theme.text(),
        ),
    ])];
    lines.push(labelled_path(view, "spawned at", LABEL, &row.session.site_text(row.life.site), theme.text()));
    if view.model.seen().sessions.len() > 1 {
        lines.extend(labelled(view, "process", LABEL, &row.session.title(), theme.text()));
    }
    for field in &row.life.fields {
        let value = if field.value.trim().is_empty() { "(empty)" } else { &field.value };
        lines.extend(labelled(view, &field.name, LABEL, value, theme.text()));
    }
    lines
}

/// Since when nobody can wake it, and where it was seen last: a waker that is gone tells nobody where it was.
fn stranded(view: &View<'_>, row: &TaskRow<'_>) -> Lines {
    if row.life.state != TaskState::Stranded {
        return Lines::new();
    }
    let theme = view.theme;
    let mut lines = vec![rule(view, "Stranded: suspended, and nobody is left who could wake it")];
    lines.extend(labelled(view, "since", LABEL, &moment(row.life.since), theme.trouble()));
    match row.last_seen() {
        Some(seen) => {
            let before = row.life.since.since(seen.at);
            let text = format!("{}, {before} before; at which .await it stands since is not told", seen.what);
            lines.extend(labelled(view, "last seen", LABEL, &text, theme.strong()));
            let place = row.session.site_text(seen.site);
            lines.push(labelled_path(view, "at", LABEL, &place, theme.accent()));
        }
        None => {
            let text = "no access of a watched map, no wait and no guard of it was told; where it was spawned \
                        stands above";
            lines.extend(labelled(view, "last seen", LABEL, text, theme.quiet()));
        }
    }
    lines
}

/// Whom it waits for, and whom those wait for in turn.
fn wait(view: &View<'_>, row: &TaskRow<'_>) -> Lines {
    let theme = view.theme;
    let mut lines = Vec::new();
    let (mut who, mut seen) = (row.id, vec![row.id]);
    while let Some((map, wait)) = row.session.maps.awaited_by(who) {
        if lines.is_empty() {
            lines.push(rule(view, "Waits"));
        }
        let title = row.session.actors.title(who);
        let map_title = row.map_title(map.id);
        lines.push(Line::from(vec![
            span(format!(" {title}"), theme.strong()),
            span(format!("  waits to {} ", wait.operation), theme.text()),
            span(map_title, theme.accent()),
            span(format!("  for {}", row.now.since(wait.since)), theme.trouble()),
        ]));
        lines.push(labelled_path(view, "", LABEL, &row.session.site_text(wait.site), theme.quiet()));
        for holding in map.holders.iter().take(4) {
            lines.push(holder(view, row, holding));
            lines.push(labelled_path(view, "", LABEL, &row.session.site_text(holding.site), theme.quiet()));
        }
        let Some(next) = map.holders.first().map(|holding| holding.actor) else { break };
        if seen.contains(&next) {
            lines.extend(doc::quiet(view, "that closes the circle"));
            break;
        }
        seen.push(next);
        who = next;
    }
    lines
}

fn holder(view: &View<'_>, row: &TaskRow<'_>, holding: &Holding) -> Line<'static> {
    let theme = view.theme;
    let who =
        if holding.actor == row.id { "itself".to_owned() } else { row.session.actors.title(holding.actor) };
    Line::from(vec![
        span(format!(" {:<LABEL$}  ", "behind"), theme.quiet()),
        span(who, theme.strong()),
        span(format!("  holds it by {}", holding.operation), theme.text()),
        span(format!("  for {}", row.now.since(holding.since)), theme.trouble()),
    ])
}

const GUARDS: &[Column] = &[
    Column::fixed("for", 9, Align::Right, 99),
    Column::growing("map", 10, 30, Align::Left, 98),
    Column::fixed("operation", 12, Align::Left, 97),
    Column::fixed("waiters", 7, Align::Right, 96),
    Column::growing("where", 16, 70, Align::Path, 90),
];

fn guards(view: &View<'_>, row: &TaskRow<'_>) -> Lines {
    let theme = view.theme;
    let rows: Vec<Vec<Cell>> = row
        .held()
        .map(|(map, holding)| {
            vec![
                Cell::time(row.now.since(holding.since), theme.trouble()),
                Cell::map(map.title(), theme.accent()),
                Cell::new(holding.operation.word(), theme.strong()),
                Cell::new(map.map.waiters.len().to_string(), theme.text()),
                Cell::new(row.session.site_text(holding.site), theme.quiet()),
            ]
        })
        .collect();
    if rows.is_empty() {
        return Vec::new();
    }
    let title =
        if row.known.ending.is_some() { "Still held after its end, as last told" } else { "Holds now" };
    let mut lines = vec![rule(view, title)];
    lines.extend(table::whole(view, GUARDS, rows));
    lines
}

const SPELLS: &[Column] = &[
    Column::growing("at", 9, 14, Align::Right, 92),
    Column::fixed("for", 9, Align::Right, 99),
    Column::fixed("it", 6, Align::Left, 98),
    Column::growing("map", 8, 30, Align::Left, 97),
    Column::growing("behind", 10, 34, Align::Who, 93),
    Column::growing("where", 16, 70, Align::Path, 91),
];

/// Spells that are listed; the page of a long life would have no end.
const LISTED: usize = 8;

/// What it waited for and held before.
fn past(view: &View<'_>, row: &TaskRow<'_>) -> Lines {
    let theme = view.theme;
    let over: Vec<&Spell> = row.life.spells().iter().rev().filter(|spell| spell.over.is_some()).collect();
    if over.is_empty() {
        return Vec::new();
    }
    let cells = over.iter().take(LISTED).map(|spell| {
        let word = match spell.is {
            Is::Waiting => "waited",
            Is::Holding => "held",
        };
        let behind = spell.behind.map(|id| row.session.actors.title(id)).unwrap_or_default();
        vec![
            Cell::moment(spell.since, theme.quiet()),
            Cell::time(spell.length(row.now), theme.text()),
            Cell::new(word, theme.strong()),
            Cell::map(row.map_title(spell.map), theme.accent()),
            Cell::actor(behind, theme.text()),
            Cell::new(row.session.site_text(spell.site), theme.quiet()),
        ]
    });
    let mut lines = vec![rule(view, "Waited and held before, the latest first")];
    lines.extend(table::whole(view, SPELLS, cells.collect()));
    let more = over.len().saturating_sub(LISTED) as u64 + row.life.spells().dropped;
    if more > 0 {
        lines.extend(doc::quiet(view, &format!("and {} earlier", grouped(more))));
    }
    lines
}

fn life(view: &View<'_>, row: &TaskRow<'_>) -> Lines {
    let theme = view.theme;
    let polls = &row.life.polls;
    let window @ (begin, end) = lane::of_life(row);
    let [from, to] = [begin, end].map(moment);
    let forgotten = if row.life.forgot { "; before that is no longer known" } else { "" };
    let title = format!("Life, {} from {from} to {to}{forgotten}", end.since(begin));
    let mut lines = vec![rule(view, &title)];
    let mut lane = lane::line(view, row, window, view.width.saturating_sub(2));
    lane.spans.insert(0, span(" ", theme.text()));
    let legend = lane::legend(view, &lane);
    lines.push(lane);
    lines.extend(doc::quiet(view, &legend));
    lines.extend(labelled(
        view,
        "age",
        LABEL,
        &format!("{}, begun at {}", row.age(), moment(row.life.spawned)),
        theme.text(),
    ));
    let mean = polls.busy.0.checked_div(polls.count).unwrap_or(0);
    let text = format!(
        "{}, {} in all, {} on average, {} woken",
        crate::text::counted(usize::try_from(polls.count).unwrap_or(usize::MAX), "poll"),
        polls.busy,
        mapwatch_event::Nanos(mean),
        grouped(polls.wakes)
    );
    lines.extend(labelled(view, "polls", LABEL, &text, theme.text()));
    if polls.count > 0 {
        let waited = polls.longest_site.map_or_else(String::new, |site| {
            format!(", most of it waiting at {}", row.session.site_text(site))
        });
        let text = format!("{}, ended at {}{waited}", polls.longest, moment(polls.longest_at));
        lines.extend(labelled(view, "max poll", LABEL, &text, theme.text()));
    }
    for (label, who) in [("woken by", row.life.woken_by), ("polled on", row.life.thread)] {
        if let Some(who) = who {
            lines.extend(labelled(view, label, LABEL, &row.session.actors.title(who), theme.text()));
        }
    }
    lines
}

/// Who spawned it, and whom it spawned, as a tree with lanes.
fn family(view: &View<'_>, row: &TaskRow<'_>) -> Lines {
    let mut above = Vec::new();
    let mut next = row.life.parent;
    while let Some(parent) = next.filter(|parent| !above.contains(parent) && above.len() < FAMILY) {
        above.push(parent);
        let known = row.session.actors.get(parent);
        next = known.and_then(|known| known.life.as_ref()).and_then(|life| life.parent);
    }
    let children: Vec<ActorId> = row
        .session
        .actors
        .lives()
        .filter(|(_, _, life)| life.parent == Some(row.id))
        .map(|(id, _, _)| id)
        .collect();
    if above.is_empty() && children.is_empty() {
        return Vec::new();
    }
    let mut lines = vec![rule(view, "Family")];
    for (depth, id) in above.iter().rev().enumerate() {
        lines.push(member(view, row, *id, depth));
    }
    lines.push(member(view, row, row.id, above.len()));
    for id in children.iter().take(FAMILY) {
        lines.push(member(view, row, *id, above.len() + 1));
    }
    if children.len() > FAMILY {
        lines.extend(doc::quiet(view, &format!("and {} more", grouped((children.len() - FAMILY) as u64))));
    }
    lines
}

fn member(view: &View<'_>, row: &TaskRow<'_>, id: ActorId, depth: usize) -> Line<'static> {
    let theme = view.theme;
    let indent = "  ".repeat(depth.min(12));
    let title = format!(" {indent}{}", row.session.actors.title(id));
    let here = if id == row.id { theme.strong() } else { theme.text() };
    let key = TaskKey { session: row.session.id, actor: id };
    let Some(other) = view.model.task_row(key) else { return Line::from(span(title, here)) };
    let doing = other.doing();
    let room = view.width / 2;
    let mut line = doc::fit(
        Line::from(vec![span(title, here), span(format!("  {}", doing.word()), tasks::style(view, doing))]),
        room,
        theme.glyphs.cut,
    );
    line.push_span(span("  ", theme.text()));
    let columns = view.width.saturating_sub(room + 3);
    line.spans.extend(lane::line(view, &other, lane::of_life(row), columns).spans);
    line
}

/// Conflicts that it was a side of, and panics of it.
fn trouble(view: &View<'_>, row: &TaskRow<'_>) -> Lines {
    let theme = view.theme;
    let session = row.session.id;
    let is_side = |side: &Side| side.actor.id == row.id;
    let conflicts = view
        .model
        .findings()
        .filter(|finding| finding.last_seen.session == session && finding.latest.sides.iter().any(is_side));
    let mut lines = Vec::new();
    for finding in conflicts.take(8) {
        lines.push(Line::from(vec![
            span(" ", theme.text()),
            super::words::grade(view, finding.grade),
            span(format!("  {}", crate::model::findings::happened(&finding.latest)), theme.text()),
        ]));
    }
    // The one that ended it stands above.
    let ended = row.panicked().map(|panicked| panicked.group);
    let mut groups = BTreeSet::new();
    let others = row.session.last_panics.of(*row);
    let others = others.filter(|other| Some(other.group) != ended && groups.insert(other.group));
    for panicked in others.take(8) {
        let place = panicked.place.to_string();
        lines.extend(labelled(view, "panicked", LABEL, panicked.words(), theme.text()));
        lines.push(labelled_path(view, "", LABEL, &place, theme.quiet()));
    }
    if !lines.is_empty() {
        lines.insert(0, rule(view, "Found with it"));
    }
    lines
}
