//! Moving: between screens, within lists, within pages.

use super::{tell, tell_provided};
use crate::keymap::Command;
use crate::model::Model;
use crate::model::about::{self, About};
use crate::model::findings::Finding;
use crate::model::guards::GuardKey;
use crate::model::list::{ListId, RowKey};
use crate::model::log::Voice;
use crate::model::panics::PanicId;
use crate::model::reading::Sighting;
use crate::model::spells::Is;
use crate::model::ui::{MapKey, Provided, Screen, TaskKey};
use crate::text::grouped;

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
        Command::OpenMap => match map_at_hand(model) {
            Some(key) => show(model, Screen::Map(key)),
            None => tell(model, "there is no map that this is about"),
        },
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

/// Moves by rows, as far as there are some.
pub fn scroll(model: &mut Model, rows: isize) {
    step(model, Step::By(rows));
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
    let screen = model.ui.screen();
    let Some(id) = screen.list() else {
        // The page's end is what the last frame measured; the next frame corrects it where it has changed.
        let measured = model.ui.measured;
        let last = measured.length.saturating_sub(measured.page);
        let top = step.from(model.ui.scroll(), last + 1);
        model.ui.scrolled.insert(screen, top);
        return;
    };
    let rows = model.rows(id);
    let list = model.ui.list_mut(id);
    let Some(index) = list.index(&rows) else { return };
    let index = step.from(index, rows.len());
    // Moving by hand ends following, but at the last row: there, following is what one sees.
    list.follow &= index + 1 == rows.len();
    list.selected = Some(rows[index]);
}

fn side(model: &mut Model, forward: bool) {
    let Screen::Conflict(id) = model.ui.screen() else {
        return tell(model, "only the page of a conflict has sides to choose from");
    };
    let last = model.sides(id).saturating_sub(1);
    let now = model.ui.side.min(last);
    let next = if forward { (now + 1).min(last) } else { now.saturating_sub(1) };
    match next {
        _ if last == 0 => tell(model, "this finding has one side"),
        next if next == now && forward => tell(model, "that was the last side"),
        next if next == now => tell(model, "that was the first side"),
        next => model.ui.side = next,
    }
}

/// Shows a screen; one that is on the way already is gone back to, so that the way never grows in circles.
pub fn show(model: &mut Model, screen: Screen) {
    let screens = &mut model.ui.screens;
    if screens.is_empty() {
        screens.push(Screen::Overview);
    }
    match screens.iter().position(|on_the_way| *on_the_way == screen) {
        Some(index) => screens.truncate(index + 1),
        None => {
            screens.push(screen);
            let screens = &*screens;
            model.ui.reading.retain(|id, _| screens.contains(&Screen::Conflict(*id)));
            if let Screen::Conflict(id) = screen {
                model.read_newest(id);
            }
            // Who opens a page wants its title; only who comes back to it is where he was.
            model.ui.scrolled.remove(&screen);
        }
    }
    if matches!(screen, Screen::Conflict(_)) {
        model.ui.side = 0;
    }
}

fn tab(model: &mut Model, number: usize) {
    if let Some(screen) = Screen::TABS.get(number) {
        model.ui.screens = vec![*screen];
        model.ui.scrolled.remove(screen);
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
    let Some(id) = model.ui.screen().list() else {
        back(model);
        return;
    };
    let list = model.ui.list_mut(id);
    if list.filter.is_empty() && list.search.is_empty() {
        if !back(model) {
            tell(model, "q quits");
        }
        return;
    }
    list.filter.clear();
    list.search.clear();
}

/// From a guard to who holds it, or waits for it; to the map where that tells no life.
fn from_guard(model: &Model, key: GuardKey) -> Screen {
    model.task_row(key.task()).map_or(Screen::Map(key.map()), |row| Screen::Task(row.key()))
}

/// The map that a command on this screen is about.
fn map_at_hand(model: &Model) -> Option<MapKey> {
    match model.ui.screen() {
        Screen::Map(key) => Some(key),
        Screen::Task(key) => map_of_task(model, key),
        Screen::Conflict(id) => model.map_of(model.sighting(id)?),
        _ => match model.selected()? {
            RowKey::Map(key) => Some(key),
            RowKey::Guard(key) => Some(key.map()),
            RowKey::Task(key) => map_of_task(model, key),
            RowKey::Finding(id) => model.map_of(Sighting::newest(model.seen().findings.get(id)?)),
            RowKey::Panic(_) | RowKey::Line(_) => None,
        },
    }
}

/// The map that a task waits for, else one that it holds.
fn map_of_task(model: &Model, key: TaskKey) -> Option<MapKey> {
    let row = model.task_row(key)?;
    row.awaited().map(|(map, _)| map.key()).or_else(|| row.held().next().map(|(map, _)| map.key()))
}

/// From a task to the panic that ended it, else to what it waits for, else to what it holds, else to who spawned it.
fn from_task(model: &Model, key: TaskKey) -> Option<Screen> {
    let row = model.task_row(key)?;
    if let Some(group) = row.panicked().and_then(|panicked| panicked.group) {
        return Some(Screen::Panic(group));
    }
    let parent = || {
        let parent = TaskKey { session: key.session, actor: row.life.parent? };
        model.task_row(parent).map(|row| Screen::Task(row.key()))
    };
    map_of_task(model, key).map(Screen::Map).or_else(parent)
}

/// From a panic to the conflict that started it, else to the task that panicked.
fn from_panic(model: &Model, id: PanicId) -> Option<Screen> {
    let group = model.panic_row(id)?.group;
    let session = group.last_seen.session;
    let started = |finding: &&Finding| {
        group.latest.conflict == Some(finding.latest.id) && finding.sessions.contains(&session)
    };
    if let Some(finding) = model.findings().find(started) {
        return Some(Screen::Conflict(finding.id));
    }
    let task = TaskKey { session, actor: group.latest.actor.id };
    model.task_row(task).map(|row| Screen::Task(row.key()))
}

/// From a map to the first conflict in it, else to who waits for it or is in it.
fn from_map(model: &Model, key: MapKey) -> Option<Screen> {
    if let Some(finding) = model.findings_of(key).first() {
        return Some(Screen::Conflict(finding.id));
    }
    let row = model.map_row(key)?;
    let mut actors = row.map.waiters.iter().chain(row.map.holders.iter()).map(|holding| holding.actor);
    let task = |actor| model.task_row(TaskKey { session: key.session, actor }).map(|row| row.key());
    actors.find_map(task).map(Screen::Task)
}

/// Why Enter opens nothing here.
fn nothing(model: &Model) -> &'static str {
    match model.ui.screen() {
        Screen::Map(_) => "no conflict in this map, and nobody is inside; Esc goes back",
        Screen::Holders => "nobody holds anything at this moment; [ steps back to when somebody did",
        Screen::Task(_) => "it waits for nothing, holds nothing, and nobody is known who spawned it",
        Screen::Conflict(_) => "the map of this conflict is no longer kept",
        Screen::Line(_) => "this line tells of no conflict and no panic; Esc goes back",
        Screen::Panic(_) => "no conflict started this panic, and no task of mapwatch had it",
        screen if screen.list().is_some() => "this list is empty: there is no row to open",
        _ => "nothing to open here",
    }
}

/// Whether a sentence that was told is no longer true.
#[must_use]
pub fn is_refuted(model: &Model, provided: Provided) -> bool {
    match provided {
        Provided::Always => false,
        Provided::NothingOpens(screen) => model.ui.screen() != screen || target(model).is_some(),
        Provided::NothingFound => model.newest_finding().is_some(),
    }
}

fn open(model: &mut Model) {
    match target(model) {
        Some(screen) => show(model, screen),
        None => {
            tell_provided(model, nothing(model), Provided::NothingOpens(model.ui.screen()));
        }
    }
}

/// What Enter opens.
#[must_use]
pub fn target(model: &Model) -> Option<Screen> {
    match model.ui.screen() {
        Screen::Maps
        | Screen::Tasks
        | Screen::Conflicts
        | Screen::Panics
        | Screen::Holders
        | Screen::Findings
        | Screen::Log => match model.selected() {
            Some(RowKey::Map(key)) => Some(Screen::Map(key)),
            Some(RowKey::Task(key)) => Some(Screen::Task(key)),
            Some(RowKey::Finding(id)) => Some(Screen::Conflict(id)),
            Some(RowKey::Panic(id)) => Some(Screen::Panic(id)),
            Some(RowKey::Guard(key)) => Some(from_guard(model, key)),
            Some(RowKey::Line(id)) => Some(Screen::Line(id)),
            None => None,
        },
        Screen::Line(id) => about::line(model.seen(), id).map(|about| match about {
            About::Conflict(finding) => Screen::Conflict(finding.id),
            About::Panic(group) => Screen::Panic(group.id),
        }),
        Screen::Task(key) => from_task(model, key),
        Screen::Panic(id) => from_panic(model, id),
        Screen::Advice => model.newest_finding().map(|newest| Screen::Conflict(newest.id)),
        Screen::Overview => match model.newest_finding() {
            Some(newest) => Some(Screen::Conflict(newest.id)),
            None => Some(Screen::Maps),
        },
        Screen::Map(key) => from_map(model, key),
        Screen::Conflict(id) => {
            model.sighting(id).and_then(|sighting| model.map_of(sighting)).map(Screen::Map)
        }
        Screen::Help => None,
    }
}

/// `e` and `E`: the next thing that is wrong, in the terms of the screen.
fn problem(model: &mut Model, by: isize) {
    match model.ui.screen() {
        Screen::Maps => problem_in(model, ListId::Maps, by, |model, key| match key {
            RowKey::Map(key) => model.map_row(key).is_some_and(|row| row.map.conflicts > 0),
            _ => false,
        }),
        Screen::Log => problem_in(model, ListId::Log, by, |model, key| match key {
            RowKey::Line(id) => model.seen().log.get(id).is_some_and(|line| line.voice == Voice::Trouble),
            _ => false,
        }),
        Screen::Tasks => problem_in(model, ListId::Tasks, by, |model, key| match key {
            RowKey::Task(key) => model.task_row(key).is_some_and(|row| row.doing().urgency() > 5),
            _ => false,
        }),
        Screen::Conflicts => problem_in(model, ListId::Conflicts, by, |_, _| true),
        Screen::Panics => problem_in(model, ListId::Panics, by, |_, _| true),
        Screen::Holders => problem_in(model, ListId::Holders, by, |model, key| match key {
            RowKey::Guard(key) => model.guard_row(key).is_some_and(|row| row.is == Is::Waiting),
            _ => false,
        }),
        Screen::Findings => problem_in(model, ListId::Findings, by, |_, _| true),
        Screen::Conflict(id) => {
            let rows = model.rows(ListId::Conflicts);
            let index = rows.iter().position(|row| *row == RowKey::Finding(id)).unwrap_or(0);
            let next = index.saturating_add_signed(by).min(rows.len().saturating_sub(1));
            match rows.get(next) {
                Some(RowKey::Finding(next)) if *next != id => {
                    model.ui.screens.pop();
                    model.ui.list_mut(ListId::Conflicts).selected = Some(RowKey::Finding(*next));
                    show(model, Screen::Conflict(*next));
                }
                _ => tell(model, if by > 0 { "that was the last one" } else { "that was the first one" }),
            }
        }
        _ => match model.newest_finding() {
            Some(newest) => {
                let newest = newest.id;
                show(model, Screen::Conflict(newest));
            }
            None => tell_provided(model, "no conflict so far", Provided::NothingFound),
        },
    }
}

/// To the next row that is a problem; says which of how many it is, or that there is none.
fn problem_in(model: &mut Model, id: ListId, by: isize, wanted: impl Fn(&Model, RowKey) -> bool) {
    if !jump(model, id, by, &wanted) {
        return tell(model, "no row of this list is a problem");
    }
    let selected = model.ui.list(id).selected;
    let rows = model.rows(id);
    let problems: Vec<&RowKey> = rows.iter().filter(|key| wanted(model, **key)).collect();
    let at = problems.iter().position(|key| Some(**key) == selected).unwrap_or(0);
    tell(model, format!("problem {} of {}", grouped(at as u64 + 1), grouped(problems.len() as u64)));
}

/// Marks the selected row, or takes its mark away; and steps on.
pub fn mark(model: &mut Model) {
    let (Some(list), Some(key)) = (model.ui.screen().list(), model.selected()) else {
        return tell(model, "rows of lists can be marked");
    };
    let marked = &mut model.ui.list_mut(list).marked;
    if !marked.remove(&key) {
        marked.insert(key);
    }
    step(model, Step::By(1));
}

/// To the next marked row.
pub fn next_mark(model: &mut Model) {
    let Some(list) = model.ui.screen().list() else {
        return tell(model, "rows of lists can be marked");
    };
    let (marked, before) = (model.ui.list(list).marked.clone(), model.selected());
    if !jump(model, list, 1, |_, key| marked.contains(&key)) {
        tell(model, "no row is marked; m marks one");
    } else if model.ui.list(list).selected == before {
        tell(model, "this is the only marked row");
    }
}

/// Moves the selection to the next row that is wanted, round the end; whether there is one.
pub fn jump(model: &mut Model, id: ListId, by: isize, wanted: impl Fn(&Model, RowKey) -> bool) -> bool {
    let rows = model.rows(id);
    let Some(index) = model.ui.list(id).index(&rows) else { return false };
    let length = rows.len();
    let next = (1..=length).map(|distance| {
        if by > 0 { (index + distance) % length } else { (index + length - distance) % length }
    });
    let found = next.map(|index| rows[index]).find(|key| wanted(model, *key));
    if let Some(found) = found {
        let list = model.ui.list_mut(id);
        list.follow = false;
        list.selected = Some(found);
    }
    found.is_some()
}
