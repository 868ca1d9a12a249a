//! The prompt: incremental search and filter of the list that is shown.

use super::navigate::jump;
use super::{Effect, tell, travel};
use crate::keymap::Command;
use crate::model::Model;
use crate::model::ui::{Prompt, PromptKind, Screen};
use crate::msg::PromptEdit;

/// The longest text of a prompt.
const LONGEST: usize = 200;

/// Opens the prompt for a search or a filter.
pub fn open(model: &mut Model, command: Command) {
    let kind = match command {
        Command::Filter => PromptKind::Filter,
        Command::GoTo => {
            let (text, before) = Default::default();
            model.ui.prompt = Some(Prompt { kind: PromptKind::Time, text, before });
            return;
        }
        _ => PromptKind::Search,
    };
    let Some(target) = target(model, kind) else {
        tell(model, "Maps, Conflicts and Log can be searched and filtered");
        return;
    };
    let before = target.clone();
    let text = if kind == PromptKind::Filter { before.clone() } else { String::new() };
    model.ui.prompt = Some(Prompt { kind, text, before });
}

/// The text that a prompt changes.
fn target(model: &mut Model, kind: PromptKind) -> Option<&mut String> {
    let ui = &mut model.ui;
    let (search, filter) = match ui.screen() {
        Screen::Maps => (&mut ui.maps.search, &mut ui.maps.filter),
        Screen::Conflicts => (&mut ui.conflicts.search, &mut ui.conflicts.filter),
        Screen::Log => (&mut ui.log.search, &mut ui.log.filter),
        _ => return None,
    };
    match kind {
        PromptKind::Search => Some(search),
        PromptKind::Filter => Some(filter),
        PromptKind::Time => None,
    }
}

/// One edit; what is typed takes effect at once.
pub fn edit(model: &mut Model, edit: PromptEdit) -> Option<Effect> {
    let mut prompt = model.ui.prompt.take()?;
    let text = &mut prompt.text;
    match edit {
        PromptEdit::Type(c) if text.len() < LONGEST && !c.is_control() => text.push(c),
        PromptEdit::Type(_) => {}
        PromptEdit::Erase => {
            text.pop();
        }
        PromptEdit::EraseWord => {
            let kept = text.trim_end().rfind(' ').map_or(0, |space| space + 1);
            text.truncate(kept);
        }
        PromptEdit::Clear => text.clear(),
        PromptEdit::Accept if prompt.kind == PromptKind::Time => return travel::to(model, &prompt.text),
        PromptEdit::Accept | PromptEdit::Cancel => {
            let value = if edit == PromptEdit::Accept { prompt.text } else { prompt.before };
            if let Some(target) = target(model, prompt.kind) {
                *target = value;
            }
            return None;
        }
    }
    if let Some(target) = target(model, prompt.kind) {
        target.clone_from(&prompt.text);
    }
    if prompt.kind == PromptKind::Search {
        find(model, 1, Here::Counts);
    }
    model.ui.prompt = Some(prompt);
    None
}

/// `n` and `N`.
pub fn step(model: &mut Model, by: isize) {
    match target(model, PromptKind::Search) {
        Some(search) if !search.is_empty() => {}
        _ => return tell(model, "nothing is searched for; / searches"),
    }
    if !find(model, by, Here::DoesNotCount) {
        tell(model, "no row matches");
    }
}

#[derive(Clone, Copy, PartialEq)]
enum Here {
    Counts,
    DoesNotCount,
}

/// Selects the next match; whether there is one.
fn find(model: &mut Model, by: isize, here: Here) -> bool {
    let search = target(model, PromptKind::Search).cloned().unwrap_or_default();
    let marked = model.matching(&search);
    if !marked.contains(&true) {
        return false;
    }
    macro_rules! jump_in {
        ($list:ident, $keys:ident) => {{
            let rows = model.$keys();
            let here_matches = model.ui.$list.index(&rows).is_some_and(|index| marked[index]);
            if !(here == Here::Counts && here_matches) {
                jump(&mut model.ui.$list, &rows, &marked, by);
            }
        }};
    }
    match model.ui.screen() {
        Screen::Maps => jump_in!(maps, map_keys),
        Screen::Conflicts => jump_in!(conflicts, finding_keys),
        Screen::Log => jump_in!(log, log_keys),
        _ => {}
    }
    true
}
