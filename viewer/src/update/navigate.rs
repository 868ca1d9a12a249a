//! Moving: between screens, within lists, within pages.

use super::tell;
use crate::keymap::Command;
use crate::model::Model;
use crate::model::log::Voice;
use crate::model::rows::MapRow;
use crate::model::ui::{List, MapKey, Screen};
use mapwatch_event::event::Holding;

/// Obeys a command that moves.
pub fn go(model: &mut Model, command: Command) {
    match command {
        Command::Up => step(model, Step::By(-1)),
        Command::Down => step(model, Step::By(1)),
        Command::HalfUp => step(model, Step::By(-half(model))),
        Command::HalfDown => step(model, Step::By(half(model))),
        Command::PageUp => step(model, Step::By(-(half(model) * 2))),
        Command::PageDown => step(model, Step::By(half(model) * 2)),
        Command::First => step(model, Step::First),
        Command::Last => step(model, Step::Last),
        Command::Left | Command::Right => side(model, command == Command::Right),
        Command::Open => open(model),
        Command::Back => back_or_clear(model),
        Command::Screen(number) => tab(model, number),
        Command::NextScreen => turn(model, 1),
        Command::PreviousScreen => turn(model, Screen::TABS.len() - 1),
        Command::Help => show(model, Screen::Help),
        Command::NextProblem => problem(model, 1),
        Command::PreviousProblem => problem(model, -1),
        _ => {}
    }
}

#[derive(Clone, Copy)]
enum Step {
    By(isize),
    First,
    Last,
}

impl Step {
    fn from(self, index: usize, length: usize) -> usize {
        let last = length.saturating_sub(1);
        match self {
            Step::By(rows) => index.saturating_add_signed(rows).min(last),
            Step::First => 0,
            Step::Last => last,
        }
    }
}

fn half(model: &Model) -> isize {
    isize::try_from(model.ui.measured.page / 2).unwrap_or(1).max(1)
}

fn step(model: &mut Model, step: Step) {
    match model.ui.screen() {
        Screen::Maps => {
            let rows = model.map_keys();
            select(&mut model.ui.maps, &rows, step);
        }
        Screen::Conflicts => {
            let rows = model.finding_keys();
            select(&mut model.ui.conflicts, &rows, step);
        }
        Screen::Log => {
            let rows = model.log_keys();
            select(&mut model.ui.log, &rows, step);
        }
        page => {
            // The page's end is what the last frame measured; the next frame corrects it where it has changed.
            let measured = model.ui.measured;
            let last = measured.length.saturating_sub(measured.page);
            let top = step.from(model.ui.scroll(), last + 1);
            model.ui.scrolled.insert(page, top);
        }
    }
}

/// Moving by hand ends following, but at the last row: there, following is what one sees.
fn select<K: Copy + PartialEq, S>(list: &mut List<K, S>, rows: &[K], step: Step) {
    let Some(index) = list.index(rows) else { return };
    let index = step.from(index, rows.len());
    list.follow &= index + 1 == rows.len();
    list.selected = Some(rows[index]);
}

fn side(model: &mut Model, forward: bool) {
    let Screen::Conflict(id) = model.ui.screen() else { return };
    let sides = model.seen().findings.get(id).map_or(0, |finding| finding.latest.sides.len());
    let last = sides.saturating_sub(1);
    let now = model.ui.side.min(last);
    model.ui.side = if forward { (now + 1).min(last) } else { now.saturating_sub(1) };
}

/// Shows a screen; one that is on the way already is gone back to, so that the way never grows in circles.
pub fn show(model: &mut Model, screen: Screen) {
    let screens = &mut model.ui.screens;
    if screens.is_empty() {
        screens.push(Screen::Overview);
    }
    match screens.iter().position(|on_the_way| *on_the_way == screen) {
        Some(index) => screens.truncate(index + 1),
        None => screens.push(screen),
    }
    if matches!(screen, Screen::Conflict(_)) {
        model.ui.side = 0;
    }
}

fn tab(model: &mut Model, number: usize) {
    if let Some(screen) = Screen::TABS.get(number) {
        model.ui.screens = vec![*screen];
    }
}

fn turn(model: &mut Model, by: usize) {
    let now = model.ui.screen().tab();
    let tabs = Screen::TABS.len();
    let index = Screen::TABS.iter().position(|tab| *tab == now);
    tab(model, index.map_or(0, |index| (index + by) % tabs));
}

/// Goes back one screen; false on a screen with a number, where there is no way back.
pub fn back(model: &mut Model) -> bool {
    if model.ui.screens.len() <= 1 {
        return false;
    }
    model.ui.screens.pop();
    true
}

/// Escape first drops what hides rows, then goes back.
fn back_or_clear(model: &mut Model) {
    let (filter, search) = match model.ui.screen() {
        Screen::Maps => (&mut model.ui.maps.filter, &mut model.ui.maps.search),
        Screen::Conflicts => (&mut model.ui.conflicts.filter, &mut model.ui.conflicts.search),
        Screen::Log => (&mut model.ui.log.filter, &mut model.ui.log.search),
        _ => {
            back(model);
            return;
        }
    };
    if filter.is_empty() && search.is_empty() {
        if !back(model) {
            tell(model, "q quits");
        }
        return;
    }
    filter.clear();
    search.clear();
}

/// The map that somebody has waited for longest; where nobody waits, the one that is held longest.
fn longest_waited(model: &Model) -> Option<MapKey> {
    let since = |row: &MapRow<'_>| {
        let map = row.map;
        let oldest = |list: &[Holding]| list.iter().map(|holding| row.now.since(holding.since)).max();
        (oldest(&map.waiters), oldest(&map.holders))
    };
    model.all_maps().filter(|row| since(row) != (None, None)).max_by_key(since).map(|row| row.key())
}

fn open(model: &mut Model) {
    let target = match model.ui.screen() {
        Screen::Maps => model.ui.maps.row(&model.map_keys()).map(Screen::Map),
        Screen::Conflicts => model.ui.conflicts.row(&model.finding_keys()).map(Screen::Conflict),
        Screen::Overview => match model.seen().findings.newest() {
            Some(newest) => Some(Screen::Conflict(newest.id)),
            None => Some(Screen::Maps),
        },
        Screen::Map(key) => model.findings_of(key).first().map(|finding| Screen::Conflict(finding.id)),
        Screen::Conflict(id) => {
            model.seen().findings.get(id).and_then(|finding| model.map_of(finding)).map(Screen::Map)
        }
        Screen::Holders => longest_waited(model).map(Screen::Map),
        Screen::Log | Screen::Help => None,
    };
    match target {
        Some(screen) => show(model, screen),
        None => tell(model, "nothing to open here"),
    }
}

/// `e` and `E`: the next thing that is wrong, in the terms of the screen.
fn problem(model: &mut Model, by: isize) {
    match model.ui.screen() {
        Screen::Maps => {
            let rows = model.map_rows();
            let bad: Vec<bool> = rows.iter().map(|row| row.map.conflicts > 0).collect();
            let keys = model.map_keys();
            jump(&mut model.ui.maps, &keys, &bad, by);
        }
        Screen::Log => {
            let bad: Vec<bool> = model.log_rows().iter().map(|line| line.voice == Voice::Trouble).collect();
            let keys = model.log_keys();
            jump(&mut model.ui.log, &keys, &bad, by);
        }
        Screen::Conflicts => step(model, Step::By(by)),
        Screen::Conflict(id) => {
            let rows = model.finding_keys();
            let index = rows.iter().position(|row| *row == id).unwrap_or(0);
            let next = index.saturating_add_signed(by).min(rows.len().saturating_sub(1));
            if let Some(next) = rows.get(next).filter(|next| **next != id) {
                model.ui.screens.pop();
                model.ui.conflicts.selected = Some(*next);
                show(model, Screen::Conflict(*next));
            } else {
                tell(model, if by > 0 { "that was the last one" } else { "that was the first one" });
            }
        }
        _ => match model.seen().findings.newest() {
            Some(newest) => {
                let newest = newest.id;
                show(model, Screen::Conflict(newest));
            }
            None => tell(model, "no conflict so far"),
        },
    }
}

/// Moves the selection to the next row that is marked, round the end.
pub fn jump<K: Copy + PartialEq, S>(list: &mut List<K, S>, rows: &[K], marked: &[bool], by: isize) {
    let Some(index) = list.index(rows) else { return };
    let length = rows.len();
    let next = (1..=length).map(|distance| {
        if by > 0 { (index + distance) % length } else { (index + length - distance) % length }
    });
    let mut next = next.filter(|index| marked.get(*index) == Some(&true));
    if let Some(found) = next.next() {
        list.follow = false;
        list.selected = Some(rows[found]);
    }
}
