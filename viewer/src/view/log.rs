//! The program's output, beginnings and ends, in one stream.

use super::doc::span;
use super::table::{self, Standing};
use super::{Built, View, doc, found};
use crate::keymap::Command;
use crate::model::list::{ListId, RowKey};
use crate::model::log::LogLine;
use crate::model::rows::level;
use crate::model::ui::Folding;
use crate::msg::Measured;
use crate::text::{counted, cut, grouped};
use ratatui::text::Line;

/// The screen.
#[must_use]
pub fn list(view: &View<'_>) -> Built {
    let log = &view.model.seen().log;
    let keys = view.model.rows(ListId::Log);
    let mut what = counted(log.len(), "line");
    if log.dropped() > 0 {
        what += &format!(", {} older ones not kept", grouped(log.dropped()));
    }
    if view.model.ui.folding == Folding::User
        && let Some(key) = view.model.ui.keys.of(Command::Frames).first()
        && let hidden @ 1.. = log.iter().filter(|line| line.is_of_a_backtrace()).count()
    {
        what += &format!(", {} of backtraces folded ({} shows them)", grouped(hidden as u64), key.name());
    }
    let mut lines = table::summary(view, &what, ListId::Log, keys.len());
    if keys.is_empty() {
        lines.extend(doc::quiet(
            view,
            if log.is_empty() { "Nothing was said so far." } else { table::HIDDEN },
        ));
        return Built { lines, measured: Measured::default() };
    }
    let (visible, measured) = table::visible(view, ListId::Log, &keys, lines.len());
    let words = found::words(view.model.ui.list(ListId::Log), ListId::Log);
    for (key, standing) in visible {
        if let RowKey::Line(id) = key
            && let Some(row) = log.get(id)
        {
            lines.push(line(view, row, standing, &words));
        }
    }
    Built { lines, measured }
}

fn line(
    view: &View<'_>,
    row: &LogLine,
    Standing { style: whole, marked }: Standing,
    words: &[String],
) -> Line<'static> {
    let theme = view.theme;
    let style = super::line::style(view, row);
    let voice = level(row.voice);
    let mark = if marked { theme.glyphs.mark } else { ' ' };
    let time = format!("{mark}{}  ", super::line::time(view, row));
    let voice = format!("{voice:<7}  ");
    let room = view.width.saturating_sub(crate::text::width(&time) + voice.len());
    let mark = theme.glyphs.cut;
    let text = found::part(&row.text, cut(&row.text, room, mark), room, mark, words);
    let mut line = Line::from(vec![
        span(time, whole.unwrap_or(theme.quiet())),
        span(voice, whole.unwrap_or(theme.quiet())),
    ]);
    line.spans.extend(found::spans(&text, whole.unwrap_or(style), words));
    if let Some(whole) = whole {
        let missing = view.width.saturating_sub(line.width());
        line.push_span(span(" ".repeat(missing), whole));
    }
    line
}
