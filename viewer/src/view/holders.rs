//! Who holds what now, since when, and who waits for it: the picture of a program that stands still.

use super::doc::{Lines, rule, span};
use super::table::{self, Align, Cell, Column};
use super::{View, doc};
use crate::model::rows::MapRow;
use crate::text::counted;
use mapwatch_event::ActorId;
use mapwatch_event::event::Holding;
use ratatui::text::Line;

const WAITING: &[Column] = &[
    Column::fixed("for", 9, Align::Right, 99),
    Column::growing("who waits", 14, 34, Align::Left, 98),
    Column::fixed("wants to", 12, Align::Left, 90),
    Column::growing("map", 10, 30, Align::Left, 96),
    Column::growing("behind", 12, 34, Align::Left, 97),
    Column::growing("where", 16, 60, Align::Path, 80),
];

const HOLDING: &[Column] = &[
    Column::fixed("for", 9, Align::Right, 99),
    Column::growing("who holds", 14, 34, Align::Left, 98),
    Column::fixed("by", 12, Align::Left, 90),
    Column::growing("map", 10, 30, Align::Left, 96),
    Column::growing("and waits for", 13, 34, Align::Left, 80),
    Column::growing("since", 16, 60, Align::Path, 85),
];

/// The page.
#[must_use]
pub fn page(view: &View<'_>) -> Lines {
    let rows: Vec<MapRow<'_>> = view.model.inhabited().collect();
    let (mut waiting, mut holding) = (Vec::new(), Vec::new());
    for row in &rows {
        waiting.extend(row.map.waiters.iter().map(|wait| (row, wait)));
        holding.extend(row.map.holders.iter().map(|hold| (row, hold)));
    }
    let longest_first = |list: &mut Vec<(&MapRow<'_>, &Holding)>| {
        list.sort_by_key(|(row, holding)| std::cmp::Reverse(row.now.since(holding.since)));
    };
    longest_first(&mut waiting);
    longest_first(&mut holding);
    let mut lines = vec![Line::from(span(
        format!(" {} held, {} waiting", counted(holding.len(), "guard"), waiting.len()),
        view.theme.strong(),
    ))];
    lines.push(rule(view, "Waiting now, longest first"));
    if waiting.is_empty() {
        lines.extend(doc::quiet(view, "nobody"));
    } else {
        let cells =
            waiting.iter().map(|(row, wait)| cells(view, row, wait, &behind(row, wait.actor))).collect();
        lines.extend(table::whole(view, WAITING, cells));
    }
    lines.push(rule(view, "Holding now, longest first"));
    if holding.is_empty() {
        lines.extend(doc::quiet(view, "nobody"));
    } else {
        let cells = holding
            .iter()
            .map(|(row, hold)| cells(view, row, hold, &awaited(&waiting, row, hold.actor)))
            .collect();
        lines.extend(table::whole(view, HOLDING, cells));
    }
    lines
}

fn cells(view: &View<'_>, row: &MapRow<'_>, holding: &Holding, other: &str) -> Vec<Cell> {
    let theme = view.theme;
    vec![
        Cell::new(row.now.since(holding.since).to_string(), theme.trouble()),
        Cell::new(row.session.actors.title(holding.actor), theme.text()),
        Cell::new(holding.operation.word(), theme.strong()),
        Cell::new(row.title(), theme.accent()),
        Cell::new(other, theme.text()),
        Cell::new(row.session.site_text(holding.site), theme.quiet()),
    ]
}

/// Who is in the way of one who waits for this map.
fn behind(row: &MapRow<'_>, waiter: ActorId) -> String {
    let mut actors: Vec<ActorId> = row.map.holders.iter().map(|holding| holding.actor).collect();
    actors.dedup();
    let name = |actor: &ActorId| {
        if *actor == waiter { "itself".to_owned() } else { row.session.actors.title(*actor) }
    };
    match actors.as_slice() {
        [] => "nobody that is known".to_owned(),
        [one] => name(one),
        [one, rest @ ..] => format!("{} and {} more", name(one), rest.len()),
    }
}

/// What a holder waits for itself.
fn awaited(waiting: &[(&MapRow<'_>, &Holding)], row: &MapRow<'_>, actor: ActorId) -> String {
    let own =
        |(other, wait): &&(&MapRow<'_>, &Holding)| other.session.id == row.session.id && wait.actor == actor;
    waiting.iter().find(own).map(|(other, _)| other.title()).unwrap_or_default()
}
