//! Everything that was found, conflicts and panics together; sorted by place, what belongs together stands
//! together.

use super::table::{self, Align, Cell, Column};
use super::{Built, View, words};
use crate::model::findings::{happened, parties};
use crate::model::list::{ListId, RowKey};
use crate::text::{counted, grouped};

pub(super) const COLUMNS: &[Column] = &[
    Column::fixed("grade", 9, Align::Left, 97),
    Column::fixed("count", 7, Align::Right, 85),
    Column::growing("what", 20, 42, Align::Left, 98),
    Column::growing("where", 18, 40, Align::Path, 99),
    Column::growing("latest", 11, 15, Align::Right, 80),
    Column::growing("detail", 25, 90, Align::Left, 96),
];

/// Columns from which there is room for whole sentences.
const WIDE: usize = 120;

/// The screen.
#[must_use]
pub fn list(view: &View<'_>) -> Built {
    let what = counted(view.model.row_count(ListId::Findings), "finding");
    let why = "Nothing was found so far: no conflict, no hazard, no suspect, no panic.";
    table::list(view, ListId::Findings, COLUMNS, &what, why, |key| cells(view, key))
}

fn cells(view: &View<'_>, key: RowKey) -> Vec<Cell> {
    let theme = view.theme;
    match key {
        RowKey::Finding(id) => {
            let Some(row) = view.model.finding_row(id) else { return Vec::new() };
            let finding = row.finding;
            let grade = words::grade(view, finding.grade);
            let detail = if view.width < WIDE {
                Cell::map(parties(&finding.latest), theme.quiet())
            } else {
                Cell::new(happened(&finding.latest), theme.quiet())
            };
            let site = finding.latest.attempt().map(|side| side.site.to_string());
            vec![
                Cell::new(grade.content, grade.style),
                Cell::new(grouped(finding.count), theme.text()),
                Cell::category(finding.category(), theme.text()),
                Cell::new(site.unwrap_or_default(), theme.accent()),
                Cell::new(words::when(view, finding.last_seen), theme.quiet()),
                detail,
            ]
        }
        RowKey::Panic(id) => {
            let Some(row) = view.model.panic_row(id) else { return Vec::new() };
            let group = row.group;
            vec![
                Cell::new(format!("{} panic", theme.glyphs.states[2]), theme.trouble()),
                Cell::new(grouped(group.count), theme.text()),
                Cell::category(group.cause.category, theme.text()),
                Cell::new(group.latest.location.to_string(), theme.accent()),
                Cell::new(words::when(view, group.last_seen), theme.quiet()),
                Cell::new(group.brief(), theme.quiet()),
            ]
        }
        _ => Vec::new(),
    }
}
