//! Who holds what now, since when, and who waits for it: the picture of a program that stands still.

use super::doc::{Lines, indented, rule, span};
use super::table::{self, Align, Cell, Column};
use super::{View, doc};
use crate::keymap::Command;
use crate::model::rows::MapRow;
use crate::text::{counted, grouped};
use mapwatch_event::ActorId;
use mapwatch_event::event::Holding;
use ratatui::text::Line;
use std::cmp::Reverse;

const WAITING: &[Column] = &[
    Column::fixed("for", 9, Align::Right, 99),
    Column::growing("who waits", 14, 34, Align::Who, 98),
    Column::fixed("wants to", 12, Align::Left, 90),
    Column::growing("map", 10, 30, Align::Left, 96),
    Column::growing("behind", 12, 34, Align::Who, 97),
    Column::growing("where", 16, 60, Align::Path, 80),
];

const HOLDING: &[Column] = &[
    Column::fixed("for", 9, Align::Right, 99),
    Column::growing("who holds", 14, 34, Align::Who, 98),
    Column::fixed("operation", 12, Align::Left, 90),
    Column::growing("map", 10, 30, Align::Left, 96),
    Column::growing("and waits for", 13, 34, Align::Left, 80),
    Column::growing("since", 16, 60, Align::Path, 85),
];

/// Rows of each table, those that last longest: of a hundred thousand nobody reads the rest.
const ROWS: usize = 200;

/// The page.
#[must_use]
pub fn page(view: &View<'_>) -> Lines {
    let waiting = Longest::of(view, |row| &row.map.waiters);
    let holding = Longest::of(view, |row| &row.map.holders);
    let is_empty = waiting.count + holding.count == 0;
    let mut lines = vec![Line::from(span(
        format!(" {} held, {} waiting", counted(holding.count, "guard"), grouped(waiting.count as u64)),
        view.theme.strong(),
    ))];
    let model = view.model;
    if is_empty && let Some(key) = model.ui.keys.of(Command::PreviousMoment).first() {
        let sentence = match model.tape.inhabited(model.seen().position, false) {
            Some(_) => format!("{} steps back to the last moment when somebody held something", key.name()),
            None => "nobody has held anything so far".to_owned(),
        };
        lines.extend(indented(view, vec![Line::from(span(sentence, view.theme.accent()))]));
    }
    lines.push(rule(view, "Waiting now, longest first"));
    lines.extend(waiting.table(view, WAITING, |row, wait| behind(row, wait.actor)));
    lines.push(rule(view, "Holding now, longest first"));
    lines.extend(holding.table(view, HOLDING, |row, hold| awaited(row, hold.actor)));
    lines
}

/// Those that last longest of all who hold, or wait; and how many there are.
struct Longest<'a> {
    rows: Vec<(MapRow<'a>, &'a Holding)>,
    count: usize,
}

impl<'a> Longest<'a> {
    fn of(view: &View<'a>, of_map: impl Fn(&MapRow<'a>) -> &'a [Holding]) -> Longest<'a> {
        let mut rows = Vec::new();
        for row in view.model.inhabited() {
            rows.extend(of_map(&row).iter().map(|holding| (row, holding)));
        }
        let count = rows.len();
        // Equal ones in the order of their maps, so that a picture of a program that stands still stands still.
        let order = |(row, holding): &(MapRow<'_>, &Holding)| {
            (Reverse(row.now.since(holding.since)), row.session.id, row.map.id, holding.actor)
        };
        if count > ROWS {
            rows.select_nth_unstable_by_key(ROWS, order);
            rows.truncate(ROWS);
        }
        rows.sort_by_key(order);
        Longest { rows, count }
    }

    fn table(
        &self,
        view: &View<'_>,
        columns: &[Column],
        other: impl Fn(&MapRow<'_>, &Holding) -> String,
    ) -> Lines {
        if self.rows.is_empty() {
            return doc::quiet(view, "nobody at this moment");
        }
        let cells = self.rows.iter().map(|(row, holding)| cells(view, row, holding, &other(row, holding)));
        let mut lines = table::whole(view, columns, cells.collect());
        if self.count > self.rows.len() {
            let more =
                format!("and {} more, for a shorter time", grouped((self.count - self.rows.len()) as u64));
            lines.extend(doc::quiet(view, &more));
        }
        lines
    }
}

fn cells(view: &View<'_>, row: &MapRow<'_>, holding: &Holding, other: &str) -> Vec<Cell> {
    let theme = view.theme;
    vec![
        Cell::time(row.now.since(holding.since), theme.trouble()),
        Cell::actor(row.session.actors.title(holding.actor), theme.text()),
        Cell::new(holding.operation.word(), theme.strong()),
        Cell::map(row.title(), theme.accent()),
        Cell::actor(other, theme.text()),
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
fn awaited(row: &MapRow<'_>, actor: ActorId) -> String {
    let awaited = row.session.maps.awaited_by(actor);
    awaited.map(|(map, _)| MapRow { map, ..*row }.title()).unwrap_or_default()
}
