//! The keys, from the key table.

use super::View;
use super::doc::{Lines, beside, rule, span};
use crate::keymap::{BINDINGS, Binding, Group, Key};
use mapwatch_event::Grade;
use ratatui::text::Line;

/// The page: two columns where there is room.
#[must_use]
pub fn page(view: &View<'_>) -> Lines {
    let [moving, screens, looking, time, acting] = Group::ALL;
    if view.width < 100 {
        let mut lines = Vec::new();
        for group in Group::ALL {
            lines.extend(section(view, group));
        }
        lines.extend(signs(view));
        return lines;
    }
    let half = (view.width - 3) / 2;
    let column = view.with_width(half);
    let mut left = section(&column, moving);
    left.extend(section(&column, screens));
    left.extend(section(&column, time));
    let mut right = section(&column, looking);
    right.extend(section(&column, acting));
    right.extend(signs(&column));
    beside(view, left, right, half, 3)
}

fn section(view: &View<'_>, group: Group) -> Lines {
    let mut lines = vec![rule(view, group.title())];
    lines
        .extend(BINDINGS.iter().filter(|binding| binding.group == group).map(|binding| entry(view, binding)));
    lines.push(Line::default());
    lines
}

fn entry(view: &View<'_>, binding: &Binding) -> Line<'static> {
    let keys: Vec<String> =
        view.model.ui.keys.of(binding.command).iter().map(|key| Key::name(*key)).collect();
    Line::from(vec![
        span(format!(" {:<15}", keys.join("  ")), view.theme.accent()),
        span(format!(" {}", binding.help), view.theme.text()),
    ])
}

/// What the signs mean.
fn signs(view: &View<'_>) -> Lines {
    let meaning = [
        (Grade::Certain, "cannot be right: panics under the default policy"),
        (Grade::Hazard, "would fail with other luck"),
        (Grade::Suspect, "a logical race, seen with evidence"),
        (Grade::Note, "worth knowing; nothing is wrong yet"),
    ];
    let mut lines = vec![rule(view, "Signs")];
    lines.extend(meaning.into_iter().map(|(grade, meaning)| {
        let sign = format!(" {} {:<13}", view.theme.grade_glyph(grade), grade.word());
        Line::from(vec![span(sign, view.theme.grade(grade)), span(format!(" {meaning}"), view.theme.text())])
    }));
    lines
}
