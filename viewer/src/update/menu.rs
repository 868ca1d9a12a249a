//! Menus: what orders a list, which of its columns are shown, which processes, what a report is written as.

use super::{Effect, tell};
use crate::export::Format;
use crate::keymap::Command;
use crate::model::Model;
use crate::model::list::{ColumnFacts, Order};
use crate::model::ui::{Menu, MenuKind, ThemeName, Writing};

/// One entry of a menu.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// What it says.
    pub text: String,
    /// Whether it is on.
    pub on: bool,
}

/// Opens a menu.
pub fn open(model: &mut Model, command: Command) {
    let kind = match (command, model.ui.screen().list()) {
        (Command::Processes, _) => MenuKind::Processes,
        (Command::Theme, _) => MenuKind::Themes,
        (Command::Write, _) => MenuKind::Formats,
        (Command::Sort, Some(list)) => MenuKind::Sort(list),
        (Command::Columns, Some(list)) => MenuKind::Columns(list),
        _ => return tell(model, "this screen has one order and no columns; lists have"),
    };
    if entries(model, kind).len() < 2 {
        let sentence = match kind {
            MenuKind::Processes => "there is one process, and it is shown",
            _ => "this list has one order and no columns to choose from",
        };
        return tell(model, sentence);
    }
    let index = entries(model, kind).iter().position(|entry| entry.on).unwrap_or(0);
    let index = if kind.is_choice() { index } else { 0 };
    model.ui.menu = Some(Menu { kind, index });
}

/// The title of a menu.
#[must_use]
pub fn title(kind: MenuKind) -> &'static str {
    match kind {
        MenuKind::Sort(_) => "order by",
        MenuKind::Columns(_) => "columns",
        MenuKind::Processes => "processes",
        MenuKind::Themes => "colours",
        MenuKind::Formats => "write as",
    }
}

/// What there is to choose.
#[must_use]
pub fn entries(model: &Model, kind: MenuKind) -> Vec<Entry> {
    match kind {
        MenuKind::Sort(list) => {
            let sort = model.ui.list(list).sort;
            let columns = list.columns().iter().enumerate();
            let sorting = columns.filter(|(_, column)| column.order != Order::No);
            sorting
                .map(|(index, column)| Entry { text: column.title.to_owned(), on: index == sort })
                .collect()
        }
        MenuKind::Columns(list) => {
            let hidden = &model.ui.list(list).hidden;
            let columns = list.columns().iter().enumerate();
            columns
                .map(|(index, column)| Entry { text: column.title.to_owned(), on: !hidden.contains(&index) })
                .collect()
        }
        MenuKind::Themes => ThemeName::ALL
            .into_iter()
            .map(|theme| Entry { text: theme.word().to_owned(), on: theme == model.ui.look.theme })
            .collect(),
        MenuKind::Formats => {
            let text = |format: Format| format!("{:<9} {}", format.word(), format.about());
            Format::ALL.map(|format| Entry { text: text(format), on: false }).into()
        }
        MenuKind::Processes => {
            let sessions = model.seen().sessions.values();
            sessions.map(|session| Entry { text: session.title(), on: model.shows(session.id) }).collect()
        }
    }
}

/// What the column that is chosen in a menu means.
#[must_use]
pub fn about(model: &Model, menu: Menu) -> Option<&'static ColumnFacts> {
    let (MenuKind::Sort(list) | MenuKind::Columns(list)) = menu.kind else { return None };
    let entry = entries(model, menu.kind).into_iter().nth(menu.index)?;
    list.columns().iter().find(|column| column.title == entry.text)
}

/// A report of this format is no longer being written.
pub fn written(model: &mut Model, format: Format) {
    let first = model.ui.writing.iter().position(|writing| writing.format == format.word());
    if let Some(index) = first {
        model.ui.writing.remove(index);
    }
}

/// Moves the choice.
pub fn step(model: &mut Model, by: isize) {
    let Some(menu) = model.ui.menu else { return };
    let length = entries(model, menu.kind).len();
    let index = menu.index.saturating_add_signed(by).min(length.saturating_sub(1));
    model.ui.menu = Some(Menu { index, ..menu });
}

/// Takes the chosen entry: one of a choice is taken and the menu closes; anything else is turned on or off.
pub fn take(model: &mut Model) -> Option<Effect> {
    let menu = model.ui.menu?;
    let entries = entries(model, menu.kind);
    if menu.kind.is_choice() {
        model.ui.menu = None;
    }
    let Some(entry) = entries.get(menu.index) else {
        model.ui.menu = None;
        return None;
    };
    match menu.kind {
        MenuKind::Sort(list) => {
            let index = list.columns().iter().position(|column| column.title == entry.text).unwrap_or(0);
            let list = model.ui.list_mut(list);
            // Choosing it once more turns it round.
            list.inverted = list.sort == index && !list.inverted;
            list.sort = index;
        }
        MenuKind::Columns(list) => {
            let hidden = &mut model.ui.list_mut(list).hidden;
            if entry.on && entries.iter().filter(|entry| entry.on).count() > 1 {
                hidden.insert(menu.index);
            } else {
                hidden.remove(&menu.index);
            }
        }
        MenuKind::Themes => {
            model.ui.look.theme = ThemeName::ALL[menu.index.min(ThemeName::ALL.len() - 1)];
        }
        MenuKind::Formats => {
            let format = *Format::ALL.get(menu.index)?;
            let writing = Writing { format: format.word(), since: model.world.clock };
            model.ui.writing.push(writing);
            return Some(Effect::Write(format, Box::new(model.seen().clone())));
        }
        MenuKind::Processes => {
            let id = model.seen().sessions.keys().nth(menu.index).copied()?;
            let hidden = &mut model.ui.hidden_processes;
            if !hidden.remove(&id) {
                hidden.insert(id);
            }
        }
    }
    None
}
