//! The mouse, where the user wants it: the wheel moves, a click selects, a second one opens, tabs are tabs.

use super::navigate::{go, scroll};
use super::{Effect, menu};
use crate::keymap::Command;
use crate::model::Model;
use crate::msg::Mouse;

/// Rows of one turn of the wheel.
const WHEEL: isize = 3;

/// Obeys the mouse.
pub fn obey(model: &mut Model, mouse: Mouse) -> Option<Effect> {
    model.ui.revision += 1;
    match mouse {
        Mouse::Wheel(turns) if model.ui.menu.is_some() => menu::step(model, turns),
        Mouse::Wheel(turns) => scroll(model, turns * WHEEL),
        Mouse::Click(column, 0) => {
            let tab = model.ui.measured.tabs.iter().position(|end| column < *end);
            if let Some(tab) = tab {
                model.ui.menu = None;
                go(model, Command::Screen(tab));
            }
        }
        Mouse::Click(_, row) => click(model, row),
    }
    None
}

fn click(model: &mut Model, row: u16) {
    let measured = model.ui.measured;
    let Some(list) = model.ui.screen().list().filter(|_| model.ui.menu.is_none()) else { return };
    let Some(offset) = row.checked_sub(measured.first_row).map(usize::from) else { return };
    let rows = model.rows(list);
    let Some(key) = rows.get(measured.top + offset).filter(|_| offset < measured.page).copied() else {
        return;
    };
    if model.selected() == Some(key) {
        return go(model, Command::Open);
    }
    let list = model.ui.list_mut(list);
    list.follow = false;
    list.selected = Some(key);
}
