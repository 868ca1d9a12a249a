//! Recorded time as one row: where one is, and where something of interest happened.

use super::doc::{Lines, span};
use super::{View, spark};
use crate::model::moment::Wall;
use crate::model::tape::Interest;
use crate::text;
use mapwatch_event::{Grade, Nanos};
use ratatui::text::Line;

/// The row; nothing where there is no room, or no journey.
#[must_use]
pub fn line(view: &View<'_>) -> Lines {
    let (model, theme) = (view.model, view.theme);
    let Some(travel) = model.ui.travel.filter(|_| view.height > 0) else { return Vec::new() };
    let world = &model.world;
    let began = world.began.unwrap_or_default();
    let all = world.until.since(began);
    let here = model.moment();
    let going = if travel.under_way.is_some() { " going" } else { "" };
    let label = format!(
        " {} of {}{going} ",
        text::moment(world.since_start(here)),
        text::moment(world.since_start(world.until))
    );
    let columns = view.width.saturating_sub(label.len() + 2);
    if columns == 0 {
        return vec![Line::from(span(label, theme.strong()))];
    }
    let column = |wall: Wall| share(wall.since(began), all, columns);
    let mut worst: Vec<Option<Grade>> = vec![None; columns];
    let mut marked = vec![0_usize; columns];
    let mut found = vec![0_u64; columns];
    for point in model.tape.points() {
        let at = column(point.wall);
        marked[at] += 1;
        found[at] += u64::from(matches!(point.interest, Interest::Conflict(_) | Interest::Panic));
        let grade = match point.interest {
            Interest::Conflict(grade) => Some(grade),
            Interest::Panic => Some(Grade::Hazard),
            Interest::Process | Interest::Task | Interest::Loss | Interest::Inside => None,
        };
        worst[at] = worst[at].max(grade);
    }
    // Signs in every column say nothing: where they would be crowded, bars tell how much was found in each.
    let taken = worst.iter().filter(|grade| grade.is_some()).count();
    let highest = found.iter().copied().max().unwrap_or(0);
    let bars = (taken * 2 > columns)
        .then(|| spark::scaled(view, &found, highest, 1))
        .and_then(|mut rows| rows.pop());
    let mut line = Line::from(span(" ", theme.text()));
    for at in 0..columns {
        let bar = bars.as_ref().and_then(|bars| bars.get(at).copied());
        let (glyph, style) = match (at == column(here), worst[at], marked[at] > 0) {
            (true, _, _) => (theme.glyphs.chosen, theme.tab()),
            (_, Some(grade), _) => (bar.unwrap_or(theme.grade_glyph(grade)), theme.grade(grade)),
            (_, None, true) => (theme.glyphs.states[1], theme.quiet()),
            (_, None, false) => (theme.glyphs.horizontal, theme.quiet()),
        };
        line.push_span(span(glyph, style));
    }
    line.push_span(span(label, theme.strong()));
    vec![line]
}

fn share(part: Nanos, all: Nanos, columns: usize) -> usize {
    if all.0 == 0 {
        return columns - 1;
    }
    (u128::from(part.0) * (columns as u128 - 1) / u128::from(all.0)).min(columns as u128 - 1) as usize
}
