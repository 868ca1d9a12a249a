//! Near misses in one map, and the delays that provocation made of them.

use super::doc::{Lines, rule};
use super::table::{self, Align, Cell, Column};
use super::{View, doc};
use crate::model::rows::MapRow;
use crate::text::{counted, grouped};
use mapwatch_event::{NearMiss, SiteId};

/// Pairs that are listed.
const LISTED: usize = 8;

const COLUMNS: &[Column] = &[
    Column::fixed("near", 7, Align::Right, 95),
    Column::fixed("trap", 8, Align::Right, 94),
    Column::growing("at", 18, 70, Align::Path, 96),
    Column::growing("beside", 18, 70, Align::Path, 90),
];

/// Nothing where nobody provokes.
#[must_use]
pub fn near_misses(view: &View<'_>, row: &MapRow<'_>) -> Lines {
    let theme = view.theme;
    let told = &row.map.provocation;
    if told.delays == 0 && told.near_misses.is_empty() {
        return Vec::new();
    }
    let delays = counted(usize::try_from(told.delays).unwrap_or(usize::MAX), "delay");
    let sums = match told.delays {
        0 => delays,
        _ => format!("{delays}, {} fruitful, {} in all", grouped(told.fruitful), told.spent),
    };
    let mut lines = vec![rule(view, &format!("Near misses (provoked): {sums}"))];
    let site = |site: SiteId| row.session.site_text(site);
    let cells = told.near_misses.iter().take(LISTED).map(|near| {
        vec![
            Cell::new(grouped(near.count), theme.text()),
            Cell::new(trap(near), if near.ordered { theme.quiet() } else { theme.trouble() }),
            Cell::new(site(near.sites[0]), theme.text()),
            Cell::new(site(near.sites[1]), theme.quiet()),
        ]
    });
    lines.extend(table::whole(view, COLUMNS, cells.collect()));
    let unlisted = told.near_misses.len().saturating_sub(LISTED);
    if unlisted > 0 {
        lines.extend(doc::quiet(view, &format!("and {}", counted(unlisted, "more pair"))));
    }
    if told.in_vain > 0 {
        let sentence = format!("{} more not made: its task's runtime has one thread", grouped(told.in_vain));
        lines.extend(doc::quiet(view, &sentence));
    }
    lines
}

/// How likely a delay is there.
fn trap(near: &NearMiss) -> String {
    match near.chances.iter().max().copied().unwrap_or(0) {
        _ if near.ordered => "ordered".to_owned(),
        0 => "given up".to_owned(),
        chance => format!("{} %", chance / 10),
    }
}
