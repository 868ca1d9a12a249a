//! The picture: a pure function of the model. One file per screen.
//!
//! Every screen is built from lines of text, so that the same code serves any size: [`doc`] holds the pieces
//! (rules, boxes, two columns), [`table`] the lists, [`chrome`] the first and the last row. What a frame really
//! showed is returned as [`Measured`]; by that, scrolling knows its end.

pub mod advice;
pub mod chrome;
pub mod conflict;
pub mod conflicts;
pub mod doc;
pub mod ending;
pub mod findings;
pub mod found;
pub mod growth;
pub mod help;
pub mod holders;
pub mod lane;
pub mod line;
pub mod log;
pub mod map;
pub mod maps;
pub mod menu;
pub mod near_misses;
pub mod overview;
pub mod panic;
pub mod panics;
#[cfg(test)]
mod reader_tests;
pub mod rust;
pub mod scrubber;
pub mod sequence;
pub mod spark;
pub mod spread;
pub mod table;
pub mod task;
pub mod tasks;
#[cfg(test)]
mod tests;
#[cfg(test)]
mod theme_tests;
pub mod words;

use crate::model::Model;
use crate::model::ui::Screen;
use crate::msg::Measured;
use crate::theme::Theme;
use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::Line;
use ratatui::widgets::{Clear, Paragraph};

/// Everything that a screen needs to draw itself.
#[derive(Clone, Copy, Debug)]
pub struct View<'a> {
    /// What is known.
    pub model: &'a Model,
    /// How it looks.
    pub theme: Theme,
    /// Columns there are.
    pub width: usize,
    /// Rows there are.
    pub height: usize,
}

/// What a screen built.
#[derive(Debug)]
pub struct Built {
    /// The visible lines.
    pub lines: Vec<Line<'static>>,
    /// What they are of.
    pub measured: Measured,
}

/// Draws one frame.
pub fn view(frame: &mut Frame<'_>, model: &Model) -> Measured {
    let area = frame.area();
    let theme = Theme::new(model.ui.look);
    let parts = chrome::parts(area, model.ui.travel.is_some());
    let view =
        View { model, theme, width: usize::from(parts.body.width), height: usize::from(parts.body.height) };
    let built = screen(&view);
    draw(frame, parts.body, built.lines.into_iter().map(|line| view.cut(line)).collect());
    let row = |height: u16| View { width: usize::from(area.width), height: usize::from(height), ..view };
    draw(frame, parts.head, chrome::head(&row(parts.head.height)));
    draw(frame, parts.scrubber, scrubber::line(&row(parts.scrubber.height)));
    draw(frame, parts.foot, vec![chrome::foot(&row(1), built.measured)]);
    let over = [menu::overlay(&view, parts.body, built.measured), chrome::advice_above(&view, parts.body)];
    for (area, lines) in over.into_iter().flatten() {
        frame.render_widget(Clear, area);
        draw(frame, area, lines);
    }
    if let Some((column, row)) = chrome::cursor(model, parts.foot) {
        frame.set_cursor_position((column, row));
    }
    let first_row = parts.body.y + built.measured.first_row;
    let tabs = if parts.head.height > 0 { chrome::tab_ends(&row(1)) } else { [0; 9] };
    Measured { first_row, tabs, ..built.measured }
}

fn draw(frame: &mut Frame<'_>, area: Rect, lines: Vec<Line<'static>>) {
    frame.render_widget(Paragraph::new(lines), area);
}

fn screen(view: &View<'_>) -> Built {
    match view.model.ui.screen() {
        Screen::Overview => view.page(overview::page(view)),
        Screen::Maps => maps::list(view),
        Screen::Tasks => tasks::list(view),
        Screen::Conflicts => conflicts::list(view),
        Screen::Panics => panics::list(view),
        Screen::Findings => findings::list(view),
        Screen::Advice => view.page(advice::page(view)),
        Screen::Log => log::list(view),
        Screen::Holders => holders::list(view),
        Screen::Map(key) => view.page(map::page(view, key)),
        Screen::Task(key) => view.page(task::page(view, key)),
        Screen::Panic(id) => view.page(panic::page(view, id)),
        Screen::Conflict(id) => view.page(conflict::page(view, id)),
        Screen::Line(id) => view.page(line::page(view, id)),
        Screen::Help => view.page(help::page(view)),
    }
}

impl View<'_> {
    /// The same for another width.
    #[must_use]
    pub fn with_width(self, width: usize) -> Self {
        View { width, ..self }
    }

    /// The line, with a mark at its end where it is wider than the view.
    fn cut(&self, line: Line<'static>) -> Line<'static> {
        if line.width() > self.width { doc::fit(line, self.width, self.theme.glyphs.cut) } else { line }
    }

    /// The visible part of a page.
    fn page(&self, lines: Vec<Line<'static>>) -> Built {
        let length = lines.len();
        let top = self.model.ui.scroll().min(length.saturating_sub(self.height));
        let lines = lines.into_iter().skip(top).take(self.height).collect();
        Built { lines, measured: Measured { page: self.height, length, top, ..Measured::default() } }
    }
}
