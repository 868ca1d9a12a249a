//! The prompt: incremental search and filter of the list that is shown, and times to go to.

use super::navigate::jump;
use super::{Effect, tell, travel};
use crate::keymap::Command;
use crate::model::Model;
use crate::model::list::ListId;
use crate::model::query;
use crate::model::rows::Words;
use crate::model::ui::{Prompt, PromptKind, Stand};
use crate::msg::PromptEdit;

/// The longest text of a prompt.
const LONGEST: usize = 200;

/// Opens the prompt for a search, a filter, or a time.
pub fn open(model: &mut Model, command: Command) {
    let kind = match command {
        Command::Filter => PromptKind::Filter,
        Command::GoTo => PromptKind::Time,
        _ => PromptKind::Search,
    };
    if kind == PromptKind::Time {
        let (text, before, stood) = Default::default();
        model.ui.prompt = Some(Prompt { kind, text, before, stood });
        return;
    }
    let Some(target) = target(model, kind) else {
        return tell(model, "only lists can be searched and filtered");
    };
    let before = target.clone();
    let text = if kind == PromptKind::Filter { before.clone() } else { String::new() };
    let stood = model.ui.screen().list().map(|id| Stand::of(model.ui.list(id))).unwrap_or_default();
    model.ui.prompt = Some(Prompt { kind, text, before, stood });
}

/// The text that a prompt changes.
fn target(model: &mut Model, kind: PromptKind) -> Option<&mut String> {
    let list = model.ui.list_mut(model.ui.screen().list()?);
    match kind {
        PromptKind::Search => Some(&mut list.search),
        PromptKind::Filter => Some(&mut list.filter),
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
        PromptEdit::Complete => complete(model, &mut prompt),
        PromptEdit::Accept if prompt.kind == PromptKind::Time => return travel::to(model, &prompt.text),
        PromptEdit::Accept | PromptEdit::Cancel => {
            let value = if edit == PromptEdit::Accept {
                prompt.text
            } else {
                stand(model, prompt.stood);
                prompt.before
            };
            if let Some(target) = target(model, prompt.kind) {
                *target = value;
            }
            // What was searched for among other rows would stay marked among these.
            if let (PromptKind::Filter, PromptEdit::Accept, Some(id)) =
                (prompt.kind, edit, model.ui.screen().list())
            {
                model.ui.list_mut(id).search.clear();
            }
            return None;
        }
    }
    if let Some(target) = target(model, prompt.kind) {
        target.clone_from(&prompt.text);
    }
    // Each text is looked for from where one was when the search began, not from where a shorter one led: what is
    // not found leads nowhere.
    if prompt.kind == PromptKind::Search {
        stand(model, prompt.stood);
        find(model, 1, Here::Counts);
    }
    model.ui.prompt = Some(prompt);
    None
}

/// Back to where the list was.
fn stand(model: &mut Model, stood: Stand) {
    if let Some(id) = model.ui.screen().list() {
        stood.restore(model.ui.list_mut(id));
    }
}

/// What the last word of a filter could become.
#[must_use]
pub fn completions(model: &Model, list: ListId, text: &str) -> Vec<String> {
    query::completions(text, list.fields(), |field| model.values(list, field))
}

/// Takes what all completions begin with, or the only one.
fn complete(model: &Model, prompt: &mut Prompt) {
    let (PromptKind::Filter, Some(list)) = (prompt.kind, model.ui.screen().list()) else { return };
    let found = completions(model, list, &prompt.text);
    let Some((first, rest)) = found.split_first() else { return };
    let mut common = first.as_str();
    for other in rest {
        let same = common.char_indices().zip(other.chars()).take_while(|((_, a), b)| a == b);
        let end = same.last().map_or(0, |((index, c), _)| index + c.len_utf8());
        common = &common[..end];
    }
    let completed = query::complete(&prompt.text, common);
    if completed.len() > prompt.text.len() && completed.len() <= LONGEST {
        prompt.text = completed;
    }
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
    let Some(list) = model.ui.screen().list() else { return false };
    let words = Words::new(&model.ui.list(list).search);
    if words.is_empty() {
        return false;
    }
    let rows = model.rows(list);
    let matches = |index: usize| model.row_matches(rows[index], &words);
    if here == Here::Counts && model.ui.list(list).index(&rows).is_some_and(matches) {
        return true;
    }
    jump(model, list, by, |model, key| model.row_matches(key, &words))
}
