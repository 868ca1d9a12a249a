//! The keys, from the key table; and what the words and signs of the screens mean.

use super::View;
use super::doc::{Lines, beside, rule, span};
use crate::keymap::{BINDINGS, Binding, Group, Key};
use mapwatch_event::Grade;
use ratatui::text::Line;

/// The page: two columns where there is room.
#[must_use]
pub fn page(view: &View<'_>) -> Lines {
    let half = view.width.saturating_sub(GAP) / 2;
    let (left, right) = (left(&view.with_width(half)), right(&view.with_width(half)));
    // A column that would cut its sentences is no column.
    let fits = |lines: &Lines| lines.iter().all(|line| line.width() <= half);
    if fits(&left) && fits(&right) {
        return beside(view, left, right, half, GAP);
    }
    let mut lines = self::left(view);
    lines.extend(self::right(view));
    lines
}

const GAP: usize = 3;

fn left(view: &View<'_>) -> Lines {
    [Group::Moving, Group::Screens, Group::Time].into_iter().flat_map(|group| section(view, group)).collect()
}

fn right(view: &View<'_>) -> Lines {
    let groups = [Group::Looking, Group::Acting];
    let mut lines: Lines = groups.into_iter().flat_map(|group| section(view, group)).collect();
    lines.extend(signs(view));
    lines.push(Line::default());
    lines.extend(states(view));
    lines.push(Line::default());
    lines.extend(numbers(view));
    lines
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

/// What a task does, or how it ended, in a sentence each.
const STATES: [(&str, &str); 12] = [
    ("blocked", "waits for a guard that somebody else holds"),
    ("running", "a thread works on it now"),
    ("idle", "suspended at an .await, until something wakes it"),
    ("woken", "was woken, and waits for a thread to go on with it"),
    ("fresh", "spawned, and no thread has begun with it yet"),
    ("begun", "a thread has begun with it; what it does now was not told"),
    ("stranded", "suspended, and nobody is left who could ever wake it"),
    ("completed", "ran to its end"),
    ("cancelled", "was dropped before its end; its page says by whom"),
    ("never polled", "was dropped before any thread began with it"),
    ("leaked", "its program ended, and it could never have gone on"),
    ("alive at end", "was still under way when its program ended"),
];

fn states(view: &View<'_>) -> Lines {
    let mut lines = vec![rule(view, "States of tasks")];
    lines.extend(STATES.into_iter().map(|(word, meaning)| {
        let word = span(format!(" {word:<15}"), view.theme.accent());
        Line::from(vec![word, span(format!(" {meaning}"), view.theme.text())])
    }));
    lines
}

/// What the numbers of threads and tasks are.
const NUMBERS: [&str; 4] = [
    "thread 4, task 9: counted by mapwatch, in the order in which it meets them",
    "task t20: one that tells no life of its own, by the number of its runtime",
    "the system's own number stands in what a program says of a panic:",
    "thread 'settle' (3109) panicked at src/orders.rs:88:9",
];

fn numbers(view: &View<'_>) -> Lines {
    let mut lines = vec![rule(view, "Numbers")];
    lines.extend(NUMBERS.into_iter().map(|text| Line::from(span(format!(" {text}"), view.theme.text()))));
    lines
}
