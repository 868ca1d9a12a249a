//! A life as a lane: one column per step of time, from left to now.

use super::View;
use super::doc::span;
use crate::model::life::TaskRow;
use mapwatch_event::{Nanos, TaskState};
use ratatui::style::Style;
use ratatui::text::{Line, Span};

/// The longest time that lanes show.
const LONGEST: Nanos = Nanos(30_000_000_000);

/// From when to when lanes go: the last half minute, or less where the session is younger.
#[must_use]
pub fn span_of(row: &TaskRow<'_>) -> (Nanos, Nanos) {
    let end = row.now;
    let begin = row.session.told_from.unwrap_or_default().max(Nanos(end.0.saturating_sub(LONGEST.0)));
    (begin.min(Nanos(end.0.saturating_sub(1))), end)
}

/// What the life was in each of `columns` steps, as characters.
#[must_use]
pub fn text(view: &View<'_>, row: &TaskRow<'_>, columns: usize) -> String {
    cells(view, row, columns).into_iter().map(|(glyph, _)| glyph).collect()
}

/// The same in colours.
#[must_use]
pub fn line(view: &View<'_>, row: &TaskRow<'_>, columns: usize) -> Line<'static> {
    let spans: Vec<Span<'static>> =
        cells(view, row, columns).into_iter().map(|(glyph, style)| span(glyph, style)).collect();
    Line::from(spans)
}

fn cells(view: &View<'_>, row: &TaskRow<'_>, columns: usize) -> Vec<(char, Style)> {
    let (begin, end) = span_of(row);
    let whole = end.since(begin).0;
    let blocked = row.awaited().map(|(_, wait)| wait.since);
    let ended = row.known.ending;
    let theme = view.theme;
    let [fresh, idle, woken, running, stranded, blocked_glyph] = theme.glyphs.lane;
    let cell = |column: usize| {
        let at = |column: usize| {
            let part = u128::from(whole) * column as u128 / columns.max(1) as u128;
            Nanos(begin.0.saturating_add(part as u64))
        };
        // The end of the step: what happened in it is seen.
        let (from, to) = (at(column), at(column + 1));
        if let Some((gone, ending)) = ended
            && gone < to
        {
            let here = gone >= from;
            let style =
                if ending == mapwatch_event::Ending::Completed { theme.quiet() } else { theme.trouble() };
            return (if here { theme.glyphs.states[2] } else { ' ' }, style);
        }
        if blocked.is_some_and(|since| since <= to) {
            return (blocked_glyph, theme.trouble());
        }
        match row.life.state_at(to) {
            None => (' ', theme.text()),
            Some(TaskState::Fresh) => (fresh, theme.quiet()),
            Some(TaskState::Running) => (running, theme.good()),
            Some(TaskState::Woken) => (woken, theme.accent()),
            Some(TaskState::Stranded) => (stranded, theme.trouble()),
            Some(_) => (idle, theme.quiet()),
        }
    };
    (0..columns).map(cell).collect()
}

/// What the signs of a lane mean.
#[must_use]
pub fn legend(view: &View<'_>) -> String {
    let [fresh, idle, woken, running, stranded, blocked] = view.theme.glyphs.lane;
    let end = view.theme.glyphs.states[2];
    format!(
        "{running} running  {idle} idle  {woken} woken  {blocked} blocked  {stranded} stranded  {fresh} fresh  {end} end"
    )
}
