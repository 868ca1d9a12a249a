//! What was found, on screens: the bugs with their rates and categories, and a page for each.
//!
//! The same inside as the rest of the viewer, smaller: a key becomes a command by the same table, [`desk`] is the
//! state and what commands do to it, [`list`] and [`page`] draw it. The logs were read before the screens open.

mod desk;
mod list;
mod page;
#[cfg(test)]
mod tests;

use super::TriageArguments;
use crate::cli::look::chosen_ui;
use crate::keymap::Keys;
use crate::model::ui::Look;
use crate::os::{self, Asked};
use crate::runner::effects;
use crate::runner::input::{Input, Pressed};
use crate::terminal;
use anyhow::{Context as _, bail};
use crossbeam_channel::{Receiver, select, unbounded};
use desk::{Ask, Desk};
use mapwatch_triage::Summary;
use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::Line;
use ratatui::widgets::Paragraph;

/// What wakes the loop beside keys.
enum Wake {
    Signal(Asked),
    Panicked,
}

/// Shows a summary until the user quits; the signal that asked for it, where one did.
pub(super) fn show(summary: Summary, arguments: &TriageArguments) -> anyhow::Result<Option<i32>> {
    let ui = chosen_ui(arguments.no_color).0;
    let (look, keys) = (ui.look, Keys::clone(&ui.keys));
    let (wake, woken) = unbounded();
    let on_signal = wake.clone();
    os::on_signals(move |asked| drop(on_signal.send(Wake::Signal(asked))))
        .context("the signal handlers could not be installed")?;
    let taken = terminal::take(move || drop(wake.send(Wake::Panicked)));
    let (screens, guard) = taken.context("the terminal could not be set up")?;
    let input = Input::start().context("the keyboard could not be read")?;
    let mut shown = Shown { desk: Desk::new(summary), look, keys, screens, input, woken, arguments };
    let left = shown.run();
    drop(guard);
    left
}

struct Shown<'a> {
    desk: Desk,
    look: Look,
    keys: Keys,
    screens: terminal::Screens,
    input: Input,
    woken: Receiver<Wake>,
    arguments: &'a TriageArguments,
}

impl Shown<'_> {
    fn run(&mut self) -> anyhow::Result<Option<i32>> {
        loop {
            if !terminal::is_ours() {
                bail!("a thread of the viewer panicked");
            }
            let (desk, look) = (&mut self.desk, self.look);
            self.screens.draw(|frame| draw(frame, desk, look)).context("the terminal is gone")?;
            let keys = self.input.pressed().clone();
            let ask = select! {
                recv(self.woken) -> wake => match wake? {
                    Wake::Panicked => bail!("a thread of the viewer panicked"),
                    Wake::Signal(Asked::End(signal)) => return Ok(Some(signal)),
                    Wake::Signal(Asked::Suspend) => Some(Ask::Suspend),
                },
                recv(keys) -> pressed => match pressed? {
                    Pressed::Key(key) => self.desk.press(&self.keys, key),
                    Pressed::Pasted(text) => {
                        self.desk.paste(&text);
                        None
                    }
                    Pressed::Resized(..) => Some(Ask::Repaint),
                    Pressed::Mouse(_) => None,
                    Pressed::Lost => bail!("the terminal is gone"),
                },
            };
            match ask {
                Some(Ask::Quit) => return Ok(None),
                Some(ask) => self.carry_out(ask)?,
                None => {}
            }
        }
    }

    fn carry_out(&mut self, ask: Ask) -> anyhow::Result<()> {
        match ask {
            Ask::Quit => {}
            Ask::Repaint => self.repaint()?,
            Ask::Suspend => {
                terminal::leave();
                let stopped = os::suspend();
                self.come_back()?;
                if let Err(error) = stopped {
                    self.desk.note = format!("could not stop: {error}");
                }
            }
            Ask::Copy(text) => self.desk.note = effects::copy(&text),
            Ask::Edit(site) => {
                terminal::leave();
                self.desk.note = self.input.while_parked(|| effects::edit(&site, ""));
                self.come_back()?;
            }
            Ask::Remember(edit) => match super::memory::apply(self.arguments, &edit) {
                Ok(true) => self.desk.remembered(&edit),
                Ok(false) => self.desk.note = "the history does not know this bug".to_owned(),
                Err(error) => self.desk.note = format!("could not use the history: {error:#}"),
            },
        }
        Ok(())
    }

    fn come_back(&mut self) -> anyhow::Result<()> {
        terminal::enter().context("the terminal could not be set up again")?;
        self.repaint()
    }

    fn repaint(&mut self) -> anyhow::Result<()> {
        let size = self.screens.size()?;
        self.screens.resize(size.into()).context("the terminal is gone")
    }
}

/// Draws the desk; it learns how much fits.
fn draw(frame: &mut Frame<'_>, desk: &mut Desk, look: Look) {
    let area = frame.area();
    if area.width == 0 || area.height == 0 {
        return;
    }
    let lines = lines(desk, look, usize::from(area.width), usize::from(area.height));
    frame.render_widget(Paragraph::new(lines), Rect::new(0, 0, area.width, area.height));
}

/// The whole picture: as many lines as there are rows.
fn lines(desk: &mut Desk, look: Look, columns: usize, rows: usize) -> Vec<Line<'static>> {
    let room = rows.saturating_sub(1);
    let mut lines = if desk.is_help() {
        page::help(look, columns)
    } else if desk.is_page() {
        page::lines(desk, look, columns)
    } else {
        list::lines(desk, look, columns, room)
    };
    if desk.is_help() || desk.is_page() {
        desk.measured(lines.len(), room);
        lines = lines.into_iter().skip(desk.scrolled()).collect();
    }
    lines.truncate(room);
    lines.resize(room, Line::default());
    lines.push(list::bottom(desk, look, columns));
    lines
}
