//! A life as a lane: one column per step of time, from left to now.

use super::View;
use super::doc::span;
use crate::model::life::TaskRow;
use crate::model::spells::{Is, Spell};
use mapwatch_event::{Ending, Nanos, TaskState};
use ratatui::style::Style;
use ratatui::text::{Line, Span};

/// The longest time that lanes show.
const LONGEST: Nanos = Nanos(30_000_000_000);

/// The sign of a time of which was not told, or is no longer known, what the life did.
const UNTOLD: char = '?';

/// From when to when lanes go: the last half minute, or less where the session is younger.
#[must_use]
pub fn span_of(row: &TaskRow<'_>) -> (Nanos, Nanos) {
    let end = row.now;
    let begin = row.session.told_from.unwrap_or_default().max(Nanos(end.0.saturating_sub(LONGEST.0)));
    (begin.min(Nanos(end.0.saturating_sub(1))), end)
}

/// From when to when the lanes of one life's page go: its own life, as far back as it is known what it did.
#[must_use]
pub fn of_life(row: &TaskRow<'_>) -> (Nanos, Nanos) {
    let end = row.known.ending.map_or(row.now, |(at, _)| at);
    let begin = row.life.known_from();
    (begin.min(Nanos(end.0.saturating_sub(1))), end)
}

/// What the life was in each of `columns` steps of the list's time, as characters.
#[must_use]
pub fn text(view: &View<'_>, row: &TaskRow<'_>, columns: usize) -> String {
    cells(view, row, span_of(row), columns).into_iter().map(|(glyph, _)| glyph).collect()
}

/// What the life was in each of `columns` steps from `begin` to `end`, in colours.
#[must_use]
pub fn line(view: &View<'_>, row: &TaskRow<'_>, span_of: (Nanos, Nanos), columns: usize) -> Line<'static> {
    let spans: Vec<Span<'static>> =
        cells(view, row, span_of, columns).into_iter().map(|(glyph, style)| span(glyph, style)).collect();
    Line::from(spans)
}

fn cells(
    view: &View<'_>,
    row: &TaskRow<'_>,
    (begin, end): (Nanos, Nanos),
    columns: usize,
) -> Vec<(char, Style)> {
    let whole = end.since(begin).0;
    let blocked = row.awaited().map(|(_, wait)| wait.since);
    let ended = row.known.ending;
    let theme = view.theme;
    let [fresh, idle, woken, running, stranded, blocked_glyph] = theme.glyphs.lane;
    let waits: Vec<&Spell> = row.life.spells().iter().filter(|spell| spell.is == Is::Waiting).collect();
    let cell = |column: usize| {
        let at = |column: usize| {
            let part = u128::from(whole) * column as u128 / columns.max(1) as u128;
            Nanos(begin.0.saturating_add(part as u64))
        };
        // The end of the step: what happened in it is seen.
        let (from, to) = (at(column), at(column + 1));
        let is_last = column + 1 == columns;
        if let Some((gone, ending)) = ended
            && (gone < to || is_last && gone <= to)
        {
            let [_, completed, cut_short] = theme.glyphs.states;
            let (glyph, style) = match ending {
                Ending::Completed => (completed, theme.quiet()),
                _ => (cut_short, theme.trouble()),
            };
            return (if gone >= from { glyph } else { ' ' }, style);
        }
        if blocked.is_some_and(|since| since <= to) || waits.iter().any(|wait| wait.touches(from, to)) {
            return (blocked_glyph, theme.trouble());
        }
        match row.life.state_at(to) {
            None if to < row.life.spawned => (' ', theme.text()),
            None => (UNTOLD, theme.quiet()),
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
pub fn legend(view: &View<'_>, lane: &Line<'_>) -> String {
    let [fresh, idle, woken, running, stranded, blocked] = view.theme.glyphs.lane;
    let [_, completed, cut_short] = view.theme.glyphs.states;
    let is_untold = lane.spans.iter().any(|span| span.content.contains(UNTOLD));
    let untold = if is_untold { format!("  {UNTOLD} not told") } else { String::new() };
    format!(
        "{running} running  {idle} idle  {woken} woken  {blocked} blocked  {stranded} stranded  {fresh} fresh  \
         {completed} completed  {cut_short} cut short{untold}"
    )
}
