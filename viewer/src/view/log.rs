//! The program's output, beginnings and ends, in one stream.

use super::doc::span;
use super::table;
use super::{Built, View, doc};
use crate::model::log::{LogLine, Voice};
use crate::model::program::Output;
use crate::model::ui::window;
use crate::msg::Measured;
use crate::text::{counted, cut, grouped};
use ratatui::style::Style;
use ratatui::text::Line;

/// The screen.
#[must_use]
pub fn list(view: &View<'_>) -> Built {
    let list = &view.model.ui.log;
    let log = &view.model.seen().log;
    let rows = view.model.log_rows();
    let mut what = counted(log.len(), "line");
    if log.dropped() > 0 {
        what += &format!(", {} older ones not kept", grouped(log.dropped()));
    }
    let mut lines = vec![table::summary(view, &what, list, rows.len(), log.len())];
    if rows.is_empty() {
        lines.extend(doc::quiet(
            view,
            if log.is_empty() {
                "nothing was said so far"
            } else {
                "the filter hides all lines; Esc drops it"
            },
        ));
        return Built { lines, measured: Measured::default() };
    }
    let room = view.height.saturating_sub(1).max(1);
    let keys: Vec<_> = rows.iter().map(|line| line.id).collect();
    let selected = list.index(&keys).unwrap_or(0);
    let top = window(list.top, selected, room, rows.len());
    let found = view.model.matching(&list.search);
    for (index, row) in rows.iter().enumerate().skip(top).take(room) {
        let whole = if index == selected {
            Some(view.theme.selected())
        } else {
            (found.get(index) == Some(&true)).then(|| view.theme.found())
        };
        lines.push(line(view, row, whole));
    }
    Built { lines, measured: Measured { page: room, length: rows.len(), top } }
}

fn line(view: &View<'_>, row: &LogLine, whole: Option<Style>) -> Line<'static> {
    let theme = view.theme;
    let (voice, style) = match row.voice {
        Voice::Viewer => ("mapview", theme.accent()),
        Voice::Trouble => ("trouble", theme.trouble()),
        Voice::Program(Output::Stdout) => ("out", theme.text()),
        Voice::Program(Output::Stderr) => ("err", theme.text()),
    };
    let time = format!(" {:>9}  ", view.model.seen().since_start(row.at).to_string());
    let voice = format!("{voice:<7}  ");
    let room = view.width.saturating_sub(time.len() + voice.len());
    let text = cut(&row.text, room, theme.glyphs.cut);
    let mut line = Line::from(vec![
        span(time, whole.unwrap_or(theme.quiet())),
        span(voice, whole.unwrap_or(theme.quiet())),
        span(text, whole.unwrap_or(style)),
    ]);
    if let Some(whole) = whole {
        let missing = view.width.saturating_sub(line.width());
        line.push_span(span(" ".repeat(missing), whole));
    }
    line
}
