//! The menu, over the screen.

use super::doc::{Lines, boxed, fit, span};
use super::{View, table};
use crate::model::list::window;
use crate::model::ui::MenuKind;
use crate::msg::Measured;
use crate::text;
use crate::update::menu::{entries, title};
use ratatui::layout::Rect;
use ratatui::text::Line;

/// The widest a menu is.
const WIDEST: usize = 52;

/// Where it stands and what it shows; `None` while there is none.
#[must_use]
pub fn overlay(view: &View<'_>, body: Rect, measured: Measured) -> Option<(Rect, Lines)> {
    let menu = view.model.ui.menu?;
    let theme = view.theme;
    let mut entries = entries(view.model, menu.kind);
    if let MenuKind::Columns(list) = menu.kind {
        for (index, entry) in entries.iter_mut().enumerate().filter(|(_, entry)| entry.on) {
            if let Some(why) = table::missing(view, list, index, measured) {
                entry.text += &format!("  ({why})");
            }
        }
    }
    let widest = entries.iter().map(|entry| text::width(&entry.text)).max().unwrap_or(0).max(12);
    let columns = (widest + 8).min(WIDEST).min(view.width);
    let rows = entries.len().min(view.height.saturating_sub(2));
    if columns < 8 || rows == 0 {
        return None;
    }
    let top = window(0, menu.index, rows, entries.len());
    let is_choice = menu.kind.is_choice();
    let on = if is_choice { theme.glyphs.chosen } else { 'x' };
    let line = |(index, entry): (usize, &crate::update::menu::Entry)| {
        let sign = if entry.on { on } else { ' ' };
        let text =
            if is_choice { format!("{sign} {}", entry.text) } else { format!("[{sign}] {}", entry.text) };
        let style = if index == menu.index { theme.selected() } else { theme.text() };
        fit(Line::from(span(text, style)), columns - 4, theme.glyphs.cut).style(style)
    };
    let lines: Lines = entries.iter().enumerate().skip(top).take(rows).map(line).collect();
    let inside = view.with_width(columns);
    let lines = boxed(&inside, Line::from(span(title(menu.kind), theme.accent())), lines, theme.accent());
    let columns = u16::try_from(columns).ok()?;
    let area = Rect {
        x: body.x + body.width.saturating_sub(columns),
        y: body.y,
        width: columns.min(body.width),
        height: u16::try_from(lines.len()).ok()?.min(body.height),
    };
    Some((area, lines))
}
