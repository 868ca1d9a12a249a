//! All findings: what, how sure, where, how often.

use super::table::{self, Align, Cell, Column};
use super::{Built, View, words};
use crate::model::findings::Finding;
use crate::model::list::{ListId, RowKey};
use crate::text::{counted, grouped};

pub(super) const COLUMNS: &[Column] = &[
    Column::fixed("grade", 9, Align::Left, 96),
    Column::growing("what", 18, 44, Align::Left, 99),
    Column::growing("map", 10, 26, Align::Left, 90),
    Column::growing("who", 14, 40, Align::Who, 92),
    Column::fixed("count", 6, Align::Right, 95),
    Column::growing("latest", 11, 15, Align::Right, 80),
    Column::fixed("outcome", 9, Align::Left, 40),
    Column::growing("holder", 18, 40, Align::Path, 70),
    Column::growing("attempt", 18, 40, Align::Path, 71),
    Column::fixed("process", 20, Align::Left, 50),
];

/// The screen.
#[must_use]
pub fn list(view: &View<'_>) -> Built {
    let why = "No conflict so far: nobody has met somebody else inside a map.";
    table::list(view, ListId::Conflicts, COLUMNS, &summary(view), why, |key| match key {
        RowKey::Finding(id) => {
            view.model.finding_row(id).map_or_else(Vec::new, |row| cells(view, row.finding))
        }
        _ => Vec::new(),
    })
}

fn summary(view: &View<'_>) -> String {
    let findings = &view.model.seen().findings;
    let mut text = counted(findings.len(), "finding");
    if findings.sightings > findings.len() as u64 {
        text += &format!(", seen {} times", grouped(findings.sightings));
    }
    if findings.dropped > 0 {
        text += &format!(", {} more not kept", grouped(findings.dropped));
    }
    text
}

fn cells(view: &View<'_>, finding: &Finding) -> Vec<Cell> {
    let theme = view.theme;
    let conflict = &finding.latest;
    let site = |side: Option<&mapwatch_event::Side>| {
        side.map_or_else(Cell::default, |side| Cell::new(side.site.to_string(), theme.quiet()))
    };
    let process = view.model.seen().sessions.get(&finding.last_seen.session);
    let process = match finding.sessions.len() {
        0 | 1 => process.map(|session| session.title()).unwrap_or_default(),
        many => counted(many, "process"),
    };
    let grade = words::grade(view, finding.grade);
    vec![
        Cell::new(grade.content, grade.style),
        Cell::category(conflict.category, theme.text()),
        Cell::map(conflict.map.title(), theme.strong()),
        words::who(conflict, theme.text()),
        Cell::new(grouped(finding.count), theme.text()),
        Cell::new(words::when(view, finding.last_seen), theme.quiet()),
        Cell::new(finding.outcome_words(), theme.quiet()),
        site(conflict.holder()),
        site(conflict.attempt()),
        Cell::new(process, theme.quiet()),
    ]
}
