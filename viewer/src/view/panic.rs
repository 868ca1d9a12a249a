//! One group of panics, by its last one: who, where, what it held and did, how it got there.

use super::conflict::stack_lines;
use super::doc::{Lines, hanging, indented, labelled, labelled_path, rule, span};
use super::table::{self, Align, Cell, Column};
use super::{View, doc, words};
use crate::model::panics::{PanicGroup, PanicId};
use crate::text::{counted, wrap};
use mapwatch_event::panic::MapTouched;
use mapwatch_triage::knowledge;
use mapwatch_triage::report::Language;
use ratatui::text::Line;

const LABEL: usize = 10;

/// The page.
#[must_use]
pub fn page(view: &View<'_>, id: PanicId) -> Lines {
    let Some(row) = view.model.panic_row(id) else {
        return doc::quiet(view, "this panic is no longer kept, or had not happened at this moment");
    };
    let theme = view.theme;
    let group = row.group;
    let panic = &*group.latest;
    let mut lines = Vec::new();
    for part in wrap(&panic.message.replace('␊', " "), view.width.saturating_sub(2)).into_iter().take(12) {
        lines.push(Line::from(span(format!(" {part}"), theme.strong())));
    }
    lines.push(labelled_path(view, "where", LABEL, &panic.location.to_string(), theme.accent()));
    lines.extend(labelled(view, "who", LABEL, &panic.actor.to_string(), theme.text()));
    let cause = &group.cause;
    let text = format!("{} ({} % sure: {})", row.cause(), cause.confidence, cause.reason);
    lines.extend(labelled(view, "root cause", LABEL, &text, theme.text()));
    let known = knowledge::of(cause.category);
    lines.extend(labelled(view, "scenario", LABEL, known.scenario, theme.text()));
    lines.extend(labelled(view, "confirm", LABEL, known.confirm, theme.text()));
    lines.extend(labelled(view, "cure", LABEL, known.cure, theme.good()));
    lines.extend(labelled(view, "seen", LABEL, &seen(view, group), theme.text()));
    if panic.fatal {
        lines.extend(labelled(
            view,
            "fatal",
            LABEL,
            "it cannot be caught: the process aborts",
            theme.trouble(),
        ));
    }
    if !panic.caught_by.is_empty() {
        lines.extend(labelled(view, "caught by", LABEL, &panic.caught_by, theme.text()));
    }
    for scope in &panic.scopes {
        let fields: Vec<String> =
            scope.fields.iter().map(|field| format!("{}={}", field.name, field.value)).collect();
        let text = format!("{} {}", scope.name, fields.join(" "));
        lines.extend(labelled(view, scope.kind.word(), LABEL, &text, theme.text()));
    }
    lines.extend(touched(view, "Held at that moment", &panic.held));
    lines.extend(touched(view, "Waited for", &panic.waited));
    lines.push(rule(view, "Stack"));
    let stack = stack_lines(view, "", &panic.stack, view.width.saturating_sub(2));
    lines.extend(indented(view, stack));
    lines.extend(operations(view, group));
    lines.push(rule(view, "Read on"));
    for link in known.links(Language::Rust) {
        let line = Line::from(span(knowledge::titled(link), theme.accent()));
        lines.extend(hanging(view, span(" ", theme.text()), line));
    }
    lines
}

fn seen(view: &View<'_>, group: &PanicGroup) -> String {
    let times = counted(usize::try_from(group.count).unwrap_or(usize::MAX), "time");
    if group.count == 1 {
        return format!("{times}, {}", words::when(view, group.last_seen));
    }
    format!(
        "{times}, first {}, last {}",
        words::when(view, group.first_seen),
        words::when(view, group.last_seen)
    )
}

const TOUCHED: &[Column] = &[
    Column::fixed("for", 9, Align::Right, 99),
    Column::growing("map", 10, 30, Align::Left, 98),
    Column::fixed("operation", 12, Align::Left, 97),
    Column::growing("where", 16, 70, Align::Path, 90),
];

fn touched(view: &View<'_>, title: &str, maps: &[MapTouched]) -> Lines {
    if maps.is_empty() {
        return Vec::new();
    }
    let theme = view.theme;
    let rows = maps.iter().map(|touched| {
        vec![
            Cell::time(touched.span, theme.trouble()),
            Cell::new(touched.title.clone(), theme.accent()),
            Cell::new(touched.operation.word(), theme.strong()),
            Cell::new(touched.site.to_string(), theme.quiet()),
        ]
    });
    let mut lines = vec![rule(view, title)];
    lines.extend(table::whole(view, TOUCHED, rows.collect()));
    lines
}

const OPERATIONS: &[Column] = &[
    Column::fixed("before", 9, Align::Right, 99),
    Column::fixed("operation", 14, Align::Left, 98),
    Column::growing("map", 10, 30, Align::Left, 97),
    Column::growing("where", 16, 70, Align::Path, 90),
];

/// What the actor did last, and what was logged nearby.
fn operations(view: &View<'_>, group: &PanicGroup) -> Lines {
    let theme = view.theme;
    let panic = &group.latest;
    let mut lines = Vec::new();
    if !panic.operations.is_empty() {
        lines.push(rule(view, "Its last operations, oldest first"));
        let rows = panic.operations.iter().map(|past| {
            vec![
                Cell::time(group.last_seen.at.since(past.at), theme.quiet()),
                Cell::new(past.operation.word(), theme.strong()),
                Cell::new(past.title.clone(), theme.accent()),
                Cell::new(past.site.to_string(), theme.quiet()),
            ]
        });
        lines.extend(table::whole(view, OPERATIONS, rows.collect()));
    }
    if !panic.context.is_empty() {
        lines.push(rule(view, "Logged nearby, oldest first"));
        for note in &panic.context {
            let front = format!(" {:>9}  {:<5}  ", crate::text::moment(note.at), note.level);
            let text = Line::from(span(format!("{}: {}", note.target, note.text), theme.text()));
            lines.extend(hanging(view, span(front, theme.quiet()), text));
        }
    }
    lines
}
