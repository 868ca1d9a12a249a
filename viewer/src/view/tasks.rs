//! All lives: what each does and for how long, how it ended and by whom.

use super::table::{self, Align, Cell, Column};
use super::{Built, View, lane};
use crate::model::actors::Census;
use crate::model::life::{Doing, TaskRow};
use crate::model::list::{ListId, RowKey};
use crate::text::{grouped, short_count};
use mapwatch_event::TaskState;
use ratatui::style::Style;

/// Columns of a lane in the list.
const LANE: usize = 40;

/// Columns of its story from which it says by whom: before figures of polls, where there is no room for both.
const STORY: usize = 30;

/// The columns at the width of the view.
pub(super) fn columns(view: &View<'_>) -> [Column; 13] {
    with_story(if view.width < 76 { STORY / 2 } else { STORY })
}

/// Its story needs at least so many columns.
const fn with_story(what: usize) -> [Column; 13] {
    [
        Column::fixed("state", 12, Align::Left, 99),
        Column::growing("name", 16, 36, Align::Left, 98),
        Column::fixed("id", 8, Align::Right, 20),
        Column::fixed("kind", 12, Align::Left, 30),
        Column::fixed("process", 16, Align::Left, 60),
        Column::fixed("for/ago", 7, Align::Right, 97),
        Column::growing("what", what, 60, Align::Left, 96),
        Column::fixed("age", 7, Align::Right, 50),
        Column::fixed("polls", 7, Align::Right, 70),
        Column::fixed("busy", 7, Align::Right, 72),
        Column::fixed("max poll", 8, Align::Right, 74),
        Column::growing("life", 16, LANE, Align::Bars, 45),
        Column::growing("spawned at", 16, 44, Align::Path, 40),
    ]
}

/// The screen.
#[must_use]
pub fn list(view: &View<'_>) -> Built {
    let why = "No task was announced so far. Tasks tell their lives when they are spawned or wrapped by mapwatch \
               (`mapwatch::task::spawn`, a watched thread, a scope), or by the `tracing` layer of `mapwatch-tracing`. \
               A task that tokio itself spawned is only known by its number: conflicts call it task t21.";
    table::list(view, ListId::Tasks, &columns(view), &summary(&census(view)), why, |key| match key {
        RowKey::Task(key) => view.model.task_row(key).map_or_else(Vec::new, |row| cells(view, &row)),
        _ => Vec::new(),
    })
}

/// Lives of all processes that are shown, by state and ending.
#[must_use]
pub fn census(view: &View<'_>) -> Census {
    view.model.processes().fold(Census::default(), |mut sum, session| {
        let census = session.actors.census;
        let census = if session.is_live() { census } else { census.of_the_past() };
        sum.left += census.left;
        sum.alive.iter_mut().zip(census.alive).for_each(|(sum, count)| *sum += count);
        sum.ended.iter_mut().zip(census.ended).for_each(|(sum, count)| *sum += count);
        sum
    })
}

/// How many are alive, and how the others ended.
#[must_use]
pub fn summary(census: &Census) -> String {
    let [completed, panicked, cancelled, never_polled, leaked] = census.ended;
    let mut text = format!("{} alive, {} completed", grouped(census.all_alive()), grouped(completed));
    for (count, word) in [
        (census.left, "alive at end"),
        (panicked, "panicked"),
        (cancelled, "cancelled"),
        (never_polled, "never polled"),
        (leaked, "leaked"),
        (census.alive[4], "stranded"),
    ] {
        if count > 0 {
            text += &format!(", {} {word}", grouped(count));
        }
    }
    text
}

/// How a state looks.
#[must_use]
pub fn style(view: &View<'_>, doing: Doing) -> Style {
    let theme = view.theme;
    match doing {
        Doing::Alive(TaskState::Running) => theme.good(),
        Doing::Alive(TaskState::Woken) => theme.accent(),
        doing if doing.urgency() > 5 => theme.trouble(),
        Doing::Ended(_) => theme.quiet(),
        _ => theme.text(),
    }
}

fn cells(view: &View<'_>, row: &TaskRow<'_>) -> Vec<Cell> {
    let theme = view.theme;
    let doing = row.doing();
    let polls = &row.life.polls;
    let none = || Cell::new(theme.glyphs.none, theme.quiet());
    let time = |time: mapwatch_event::Nanos| {
        if time.0 == 0 { none() } else { Cell::time(time, theme.text()) }
    };
    let name = match doing {
        Doing::Ended(_) => theme.quiet(),
        _ => theme.strong(),
    };
    vec![
        Cell::new(doing.word(), style(view, doing)),
        Cell::actor(row.title(), name),
        Cell::new(row.id.to_string(), theme.quiet()),
        Cell::new(row.life.kind.word(), theme.quiet()),
        Cell::new(row.session.title(), theme.quiet()),
        time(row.spent()),
        Cell::new(row.story(), theme.text()).or(row.brief_story()),
        time(row.age()),
        if polls.count == 0 { none() } else { Cell::new(short_count(polls.count), theme.text()) },
        time(polls.busy),
        time(polls.longest),
        Cell::new(lane::text(view, row, LANE), theme.accent()),
        Cell::new(row.session.site_text(row.life.site), theme.quiet()),
    ]
}
