//! Who came when: the sides of a race that no access of which overlapped another, as lanes in time.

use super::View;
use super::doc::{Lines, rule, span};
use super::table::{self, Align, Cell, Column};
use crate::text;
use mapwatch_event::{Actor, ActorId, Conflict, Grade, Role, Side};
use ratatui::style::Style;
use ratatui::text::Line;

/// Columns of a lane at most: wider ones say no more.
const LANE: usize = 60;
/// Columns of the actors' names at most.
const NAME: usize = 26;

const STEPS: &[Column] = &[
    Column::fixed("", 1, Align::Left, 99),
    Column::fixed("", 8, Align::Left, 97),
    Column::fixed("", 14, Align::Right, 96),
    Column::growing("", 8, 16, Align::Left, 95),
    Column::growing("", 12, 80, Align::Path, 98),
];

/// A lane for each actor, and a row for each step; nothing where the sides met at one moment.
#[must_use]
pub fn lines(view: &View<'_>, conflict: &Conflict) -> Lines {
    let steps = steps(conflict);
    if steps.len() < 2 {
        return Vec::new();
    }
    let mut lines = vec![rule(view, "Who came when")];
    lines.extend(lanes(view, &steps));
    let rows = steps.iter().map(|side| {
        let style = style(view, side.role);
        let when = match side.held_for {
            Some(before) if side.role != Role::Act => format!("{before} before"),
            _ => String::new(),
        };
        vec![
            Cell::new(mark(side.role), style),
            Cell::new(side.role.word(), style),
            Cell::new(when, view.theme.quiet()),
            Cell::new(side.operation.word(), view.theme.text()),
            Cell::new(side.site.to_string(), view.theme.accent()),
        ]
    });
    lines.extend(table::whole(view, STEPS, rows.collect()));
    lines
}

/// The sides that have a place in time, earliest first: those before an act, and the act.
fn steps(conflict: &Conflict) -> Vec<&Side> {
    if !conflict.sides.iter().any(|side| side.role == Role::Act) {
        return Vec::new();
    }
    let in_time = |side: &&Side| matches!(side.role, Role::Look | Role::Between | Role::Cancel | Role::Act);
    let mut steps: Vec<&Side> = conflict.sides.iter().filter(in_time).collect();
    // Where times are not told, the order in which the sides are told is the order in time.
    if steps.iter().all(|side| side.role == Role::Act || side.held_for.is_some()) {
        steps.sort_by_key(|side| std::cmp::Reverse(side.held_for.filter(|_| side.role != Role::Act)));
    }
    steps
}

fn lanes(view: &View<'_>, steps: &[&Side]) -> Lines {
    let mut actors: Vec<&Actor> = Vec::new();
    for side in steps {
        if !actors.iter().any(|actor| actor.id == side.actor.id) {
            actors.push(&side.actor);
        }
    }
    let names: Vec<String> = actors.iter().map(|actor| name(view, actor)).collect();
    let name_width = names.iter().map(|name| text::width(name)).max().unwrap_or(0);
    let columns = view.width.saturating_sub(name_width + 4).min(LANE);
    if columns < steps.len() * 2 {
        return Vec::new();
    }
    let places = places(steps, columns);
    let lane = |(actor, name): (&&Actor, &String)| {
        let gap = " ".repeat(name_width - text::width(name));
        let mut spans = vec![span(format!(" {name}{gap}  "), view.theme.text())];
        spans.extend(
            cells(view, steps, &places, actor.id, columns).into_iter().map(|(c, style)| span(c, style)),
        );
        Line::from(spans)
    };
    actors.iter().zip(&names).map(lane).collect()
}

fn name(view: &View<'_>, actor: &Actor) -> String {
    let plain = Actor { on_thread: String::new(), ..actor.clone() };
    text::cut(&plain.to_string(), NAME.min(view.width / 3), view.theme.glyphs.cut)
}

/// The lane of one actor: its steps, and a line from its first to its last.
fn cells(
    view: &View<'_>,
    steps: &[&Side],
    places: &[usize],
    actor: ActorId,
    columns: usize,
) -> Vec<(char, Style)> {
    let quiet = view.theme.quiet();
    let mut cells = vec![(' ', quiet); columns];
    let own = || steps.iter().zip(places).filter(|(side, _)| side.actor.id == actor);
    if let (Some((_, first)), Some((_, last))) = (own().next(), own().next_back()) {
        cells[*first..=*last].fill((view.theme.glyphs.horizontal, quiet));
    }
    for (side, place) in own() {
        cells[*place] = (mark(side.role), style(view, side.role));
    }
    cells
}

/// The column of each step: by its time, where that is told; in any case one after the other.
fn places(steps: &[&Side], columns: usize) -> Vec<usize> {
    let last = columns - 1;
    let whole = steps.first().and_then(|side| side.held_for).map_or(0, |time| time.0);
    let mut places: Vec<usize> = Vec::with_capacity(steps.len());
    for (index, side) in steps.iter().enumerate() {
        let ahead = steps.len() - 1 - index;
        let by_order = last * index / (steps.len() - 1);
        let wanted = match side.held_for {
            _ if ahead == 0 => last,
            Some(before) if whole > 0 => {
                let since = u128::from(whole.saturating_sub(before.0));
                usize::try_from(since * last as u128 / u128::from(whole)).unwrap_or(last)
            }
            _ => by_order,
        };
        let least = places.last().map_or(0, |before| before + 1);
        places.push(wanted.clamp(least, last - ahead));
    }
    places
}

fn mark(role: Role) -> char {
    match role {
        Role::Look => 'L',
        Role::Between => 'B',
        Role::Cancel => 'C',
        _ => 'A',
    }
}

fn style(view: &View<'_>, role: Role) -> Style {
    match role {
        Role::Act => view.theme.grade(Grade::Certain),
        Role::Between => view.theme.grade(Grade::Hazard),
        _ => view.theme.strong(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::side;
    use mapwatch_event::{Nanos, Operation};

    fn step(role: Role, before: Option<u64>) -> Side {
        Side { held_for: before.map(Nanos), ..side(role, Operation::Get, 1, "x", "src/x.rs", 1) }
    }

    #[test]
    fn steps_stand_by_time_and_never_on_each_other() {
        let check = |times: [Option<u64>; 3], columns, expected: [usize; 3]| {
            let [look, between, act] = times;
            let steps = [step(Role::Look, look), step(Role::Between, between), step(Role::Act, act)];
            assert_eq!(places(&steps.each_ref(), columns), expected, "{times:?}");
        };
        check([Some(1000), Some(250), None], 41, [0, 30, 40]);
        check([Some(1000), Some(1000), None], 41, [0, 1, 40]);
        check([Some(1000), Some(0), None], 41, [0, 39, 40]);
        check([None, None, None], 41, [0, 20, 40]);
        // A hostile stream: the one that came between was there before the look.
        check([Some(5), Some(u64::MAX), None], 6, [0, 1, 5]);
    }
}
