//! The first screen: what to do first, alarms, categories by their share, and the bugs.

use super::desk::{Desk, Prompt};
use crate::model::ui::Look;
use crate::text::{clean, cut, cut_front, grouped, width, wrap};
use crate::theme::Theme;
use crate::view::doc::{fit, span};
use mapwatch_triage::group::Group;
use mapwatch_triage::summary::State;
use mapwatch_triage::{print, response};
use ratatui::style::Style;
use ratatui::text::{Line, Span};

/// Slots of a bug's rate.
const RATE: usize = 16;

/// The lines of the screen; the desk learns how many bugs fit.
pub(super) fn lines(desk: &mut Desk, look: Look, columns: usize, room: usize) -> Vec<Line<'static>> {
    let theme = Theme::new(look);
    let mut lines = head(desk, theme, columns, room);
    let rows = desk.rows();
    if rows.is_empty() {
        lines.push(Line::from(span(" nothing fits the filter; Esc drops it", theme.quiet())));
        return lines;
    }
    let wide = Widths::of(columns);
    lines.push(titles(desk, theme, &wide));
    let visible = room.saturating_sub(lines.len()).max(1);
    let selected = desk.row();
    let first = selected.saturating_sub(visible / 2).min(rows.len().saturating_sub(visible));
    for (at, group) in rows.iter().enumerate().skip(first).take(visible) {
        let line = row(desk, group, theme, &wide);
        let line = fit(line, columns, theme.glyphs.cut);
        lines.push(if at == selected { line.patch_style(theme.selected()) } else { line });
    }
    let count = rows.len();
    desk.measured(count, visible);
    lines
}

/// What to know before the list.
fn head(desk: &Desk, theme: Theme, columns: usize, room: usize) -> Vec<Line<'static>> {
    let summary = &desk.summary;
    let (bugs, shown) = (summary.groups.len(), desk.rows().len());
    let counted = if shown == bugs { bugs.to_string() } else { format!("{shown} of {bugs}") };
    let told = format!(
        " {}, {} in {}, {} lines",
        if bugs == 1 { "1 bug".to_owned() } else { format!("{counted} bugs") },
        crate::text::counted(usize::try_from(summary.count()).unwrap_or(usize::MAX), "report"),
        crate::text::counted(usize::try_from(summary.inputs).unwrap_or(usize::MAX), "input"),
        grouped(summary.lines)
    );
    let mut lines = vec![fit(Line::from(span(told, theme.accent())), columns, theme.glyphs.cut)];
    // Where there is little room, the bugs come first.
    let spare = room.saturating_sub(8);
    if let Some(first) = print::first(summary) {
        let text = format!("first: {}", response::to(first, summary).step);
        let folded = wrap(&clean(&text), columns.saturating_sub(2));
        lines.extend(folded.into_iter().take((spare / 4).min(3)).map(|text| styled(&text, theme.strong())));
    }
    let most = (spare / 5).min(3);
    for alarm in summary.alarms.iter().take(most) {
        let text = format!("{} {}: {}", theme.glyphs.grades[2], alarm.kind.word(), alarm.text);
        lines.push(styled(&cut(&clean(&text), columns.saturating_sub(2), theme.glyphs.cut), theme.trouble()));
    }
    let more = summary.alarms.len().saturating_sub(most);
    if more > 0 && most > 0 {
        let text = format!("  and {} more", crate::text::counted(more, "alarm"));
        lines.push(styled(&text, theme.trouble()));
    }
    let losses = losses(desk);
    if !losses.is_empty() && spare > 1 {
        lines.push(styled(&cut(&losses, columns.saturating_sub(2), theme.glyphs.cut), theme.trouble()));
    }
    lines.extend(categories(desk, theme, columns, (spare / 4).min(6)));
    lines
}

fn styled(text: &str, style: Style) -> Line<'static> {
    Line::from(span(format!(" {text}"), style))
}

/// What could not be read.
fn losses(desk: &Desk) -> String {
    let summary = &desk.summary;
    let mut parts = Vec::new();
    if summary.unread_count > 0 {
        parts.push(format!("{} looked like panics and could not be read", grouped(summary.unread_count)));
    }
    if let Some(problem) = summary.problems.first() {
        parts.push(format!("could not read {}: {}", problem.place, problem.why));
    }
    clean(&parts.join("; ")).into_owned()
}

/// The most frequent categories, each with a bar.
fn categories(desk: &Desk, theme: Theme, columns: usize, most: usize) -> Vec<Line<'static>> {
    let mut counts: Vec<(&str, u64)> =
        desk.summary.categories.iter().map(|(category, count)| (category.code(), *count)).collect();
    counts.sort_by(|a, b| b.1.cmp(&a.1).then(a.0.cmp(b.0)));
    let highest = counts.first().map_or(1, |(_, count)| *count).max(1);
    let room = columns.saturating_sub(40).min(40);
    let full = theme.glyphs.bars[7];
    let bar = |count: u64| {
        let length = usize::try_from(count.saturating_mul(room as u64).div_ceil(highest)).unwrap_or(room);
        full.to_string().repeat(length)
    };
    let line = |(code, count): &(&str, u64)| {
        Line::from(vec![
            span(format!(" {code:<24} {:>9} ", grouped(*count)), theme.quiet()),
            span(bar(*count), theme.trouble()),
        ])
    };
    counts.iter().take(most).map(line).collect()
}

/// How wide the columns are; 0 for one that gave way.
struct Widths {
    category: usize,
    place: usize,
    message: usize,
    rate: usize,
    state: usize,
}

impl Widths {
    fn of(columns: usize) -> Widths {
        // The count with what follows takes 14.
        let left = columns.saturating_sub(14);
        let rate = if columns >= 100 { RATE + 1 } else { 0 };
        let state = if columns >= 60 { 11 } else { 0 };
        let left = left.saturating_sub(rate + state);
        let category = left.min(24).min(left / 3 + 4);
        let place = if left > 60 { left / 4 } else { left.saturating_sub(category) / 3 };
        Widths { category, place, message: left.saturating_sub(category + place), rate, state }
    }
}

fn titles(desk: &Desk, theme: Theme, wide: &Widths) -> Line<'static> {
    let arrow = theme.glyphs.sorted[usize::from(desk.inverted)];
    let mut text = format!("{:>7} {:>5} ", "count", "more");
    for (title, columns) in [
        ("state", wide.state),
        ("category", wide.category),
        ("where", wide.place),
        ("rate", wide.rate),
        ("message", wide.message),
    ] {
        if columns > 0 {
            text += &format!("{:<columns$}", cut(title, columns.saturating_sub(1), theme.glyphs.cut));
        }
    }
    Line::from(vec![span(text, theme.quiet()), span(format!(" {arrow}{}", desk.order.word()), theme.quiet())])
}

fn row(desk: &Desk, group: &Group, theme: Theme, wide: &Widths) -> Line<'static> {
    let mark = theme.glyphs.cut;
    let more = if group.secondary == 0 { String::new() } else { format!("+{}", group.secondary) };
    let mut spans: Vec<Span<'static>> =
        vec![span(format!("{:>7} {more:>5} ", grouped(group.count)), theme.text())];
    let mut cell = |text: String, columns: usize, style: Style| {
        if columns > 0 {
            let blank = columns.saturating_sub(width(&text));
            spans.push(span(text + &" ".repeat(blank), style));
        }
    };
    let state = desk.state(group);
    let style = match state {
        Some(State::Escalating | State::Regressed) => theme.trouble(),
        Some(State::New) => theme.strong(),
        _ => theme.quiet(),
    };
    cell(state.map_or_else(String::new, |state| state.word().to_owned()), wide.state, style);
    let code = cut(group.category.code(), wide.category.saturating_sub(1), mark);
    cell(code, wide.category, if group.confidence >= 80 { theme.strong() } else { theme.text() });
    let place = clean(&group.place()).into_owned();
    cell(cut_front(&place, wide.place.saturating_sub(1), mark), wide.place, theme.accent());
    cell(spark(group, theme, RATE), wide.rate, theme.trouble());
    cell(clean(&print::headline(group, 200)).into_owned(), wide.message, theme.text());
    Line::from(spans)
}

/// Counts over the bug's own time, as bars; empty where the log has no stamps.
pub(super) fn spark(group: &Group, theme: Theme, slots: usize) -> String {
    let (Some((first, _)), Some((last, _))) = (group.timeline.first(), group.timeline.last()) else {
        return String::new();
    };
    let span = u64::try_from(last - first).unwrap_or(0) + 1;
    let mut counts = vec![0_u64; slots];
    for (at, count) in &group.timeline {
        let offset = u128::from(u64::try_from(at - first).unwrap_or(0));
        let slot = usize::try_from(offset * slots as u128 / u128::from(span)).unwrap_or(0);
        counts[slot.min(slots - 1)] += count;
    }
    let highest = counts.iter().copied().max().unwrap_or(1).max(1);
    let bar = |count: &u64| match *count {
        0 => ' ',
        count => {
            theme.glyphs.bars[usize::try_from((count * 8).div_ceil(highest)).unwrap_or(8).clamp(1, 8) - 1]
        }
    };
    counts.iter().map(bar).collect()
}

/// The bottom row: what is typed, what was said, or the keys.
pub(super) fn bottom(desk: &Desk, look: Look, columns: usize) -> Line<'static> {
    let theme = Theme::new(look);
    let line = match (&desk.prompt, desk.note.as_str()) {
        (Some((prompt, text)), _) => {
            let label = match prompt {
                Prompt::Search => "search: ",
                Prompt::Filter => "filter (category: state: where: count>5 -word): ",
                Prompt::Note => "note: ",
            };
            Line::from(vec![span(label, theme.accent()), span(clean(text).into_owned() + "_", theme.text())])
        }
        (None, "") => {
            let keys = if desk.is_page() || desk.is_help() {
                " q back  e/E next bug  a frames  o editor  y copy  r resolve  i ignore  A note  ? keys"
            } else {
                " q quit  Enter open  / search  f filter  s sort  r resolve  i ignore  A note  ? keys"
            };
            Line::from(span(keys, theme.quiet()))
        }
        (None, note) => Line::from(span(format!(" {}", clean(note)), theme.strong())),
    };
    fit(line, columns, theme.glyphs.cut)
}
