//! How the accesses of one map are spread: a bar for each shard, the same over time, and the keys that many of them
//! name.

use super::doc::{Lines, rule, span};
use super::table::{self, Align, Cell, Column};
use super::{View, doc, spark};
use crate::model::rows::MapRow;
use crate::text::{counted, grouped};
use mapwatch_event::{HotKey, Spread};
use ratatui::text::Line;

/// Shards in one row, at most: their numbers are easily counted off.
const ROW: usize = 64;
/// So many times an even share are shown as trouble.
const CROWDED: u64 = 4;
/// Fewer accesses for each shard say nothing about an uneven share.
const TELLING: u64 = 16;

/// Nothing of a map of which neither was told.
#[must_use]
pub fn spread(view: &View<'_>, row: &MapRow<'_>) -> Lines {
    let told = &row.map.spread;
    let mut lines = shards(view, &told.shards);
    lines.extend(over_time(view, row));
    lines.extend(keys(view, told));
    lines
}

/// A row for each span of time, its bars by its own highest one: a hot shard that moves is seen to move.
fn over_time(view: &View<'_>, row: &MapRow<'_>) -> Lines {
    let shards = &row.map.shards;
    if shards.spans().len() < 2 {
        return Vec::new();
    }
    let theme = view.theme;
    let mut lines = vec![rule(view, "Shards over time: until when, the busiest, its share")];
    for time in shards.spans() {
        let visits = &time.visits;
        let all = visits.iter().fold(0, |sum: u64, visits| sum.saturating_add(*visits));
        let highest = visits.iter().copied().max().unwrap_or(0);
        let busiest = visits.iter().position(|visits| *visits == highest).unwrap_or(0) * shards.joined();
        let share = u128::from(highest) * 100 / u128::from(all.max(1));
        let until = time.until.to_string();
        let mut spans = vec![span(format!(" {until:>9} {busiest:>5} {share:>3} % "), theme.quiet())];
        let bars = spark::scaled(view, visits, highest, 1).into_iter().flatten();
        spans.extend(visits.iter().zip(bars).map(|(one, bar)| {
            let crowded = is_crowded(*one, all, visits.len() as u64);
            span(bar, if crowded { theme.trouble() } else { theme.accent() })
        }));
        lines.push(Line::from(spans));
    }
    if shards.joined() > 1 {
        lines.extend(doc::quiet(view, &format!("a bar is {} shards, the first is named", shards.joined())));
    }
    lines
}

fn shards(view: &View<'_>, visits: &[u64]) -> Lines {
    let theme = view.theme;
    let all: u64 = visits.iter().fold(0, |sum, visits| sum.saturating_add(*visits));
    let Some((busiest, highest)) = visits.iter().copied().enumerate().max_by_key(|(_, visits)| *visits)
    else {
        return Vec::new();
    };
    if all == 0 {
        return Vec::new();
    }
    let count = visits.len() as u64;
    let mut lines = vec![rule(view, &format!("Shards: {count}; {}", skew(busiest, highest, all, count)))];
    let number = visits.len().to_string().len();
    let columns = view.width.saturating_sub(number + 3).clamp(1, ROW) / 8 * 8;
    for (index, part) in visits.chunks(columns.max(8)).enumerate() {
        let mut spans = vec![span(format!(" {:>number$} ", index * columns.max(8)), theme.quiet())];
        let bars = spark::scaled(view, part, highest, 1).into_iter().flatten();
        spans.extend(part.iter().zip(bars).map(|(visits, bar)| {
            let style = if is_crowded(*visits, all, count) { theme.trouble() } else { theme.accent() };
            span(bar, style)
        }));
        lines.push(Line::from(spans));
    }
    lines.extend(doc::quiet(view, &format!("accesses by shard; the highest bar is {}", grouped(highest))));
    lines
}

fn is_crowded(visits: u64, all: u64, shards: u64) -> bool {
    all >= TELLING.saturating_mul(shards)
        && u128::from(visits) * u128::from(shards) >= u128::from(CROWDED) * u128::from(all)
}

/// How uneven it is, in words.
fn skew(busiest: usize, highest: u64, all: u64, shards: u64) -> String {
    let times = highest as f64 * shards as f64 / all as f64;
    let share = highest as f64 * 100.0 / all as f64;
    let word = if is_crowded(highest, all, shards) { "crowded" } else { "the busiest" };
    format!("{busiest} is {word}: {share:.0} % of {}, {times:.1} times an even share", grouped(all))
}

const KEYS: &[Column] = &[
    Column::fixed("share", 6, Align::Right, 96),
    Column::fixed("samples", 10, Align::Right, 90),
    Column::growing("hash of the key", 15, 40, Align::Left, 95),
];

fn keys(view: &View<'_>, told: &Spread) -> Lines {
    let theme = view.theme;
    // A key that has not one access in a hundred is not hot.
    let is_hot = |key: &&HotKey| u128::from(key.count) * 100 >= u128::from(told.samples);
    let hot: Vec<&HotKey> = told.keys.iter().filter(is_hot).collect();
    if hot.is_empty() || told.samples == 0 {
        return Vec::new();
    }
    let samples = counted(usize::try_from(told.samples).unwrap_or(usize::MAX), "sample");
    let mut lines = vec![rule(view, &format!("Hot keys, of {samples} (one access in eight)"))];
    let cells = |key: &HotKey| {
        let share = u128::from(key.count) * 100 / u128::from(told.samples);
        vec![
            Cell::new(format!("{share} %"), theme.strong()),
            Cell::new(grouped(key.count), theme.text()),
            Cell::new(format!("{:08x}", key.hash), theme.text()),
        ]
    };
    lines.extend(table::whole(view, KEYS, hot.into_iter().map(cells).collect()));
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_few_accesses_crowd_no_shard() {
        assert!(!is_crowded(3, 3, 64), "three accesses of one key");
        assert!(!is_crowded(200, 1_000, 8), "a fifth instead of an eighth");
        assert!(is_crowded(600, 1_000, 8));
        assert!(is_crowded(u64::MAX, u64::MAX, u64::MAX / 64));
        assert_eq!(skew(3, 600, 1_000, 8), "3 is crowded: 60 % of 1,000, 4.8 times an even share");
    }
}
