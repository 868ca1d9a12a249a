//! Lists: columns that give way when there is no room, and rows of which only the visible ones are built.

use super::View;
use super::doc::{Lines, span};
use crate::model::ui::{List, Sort, window};
use crate::msg::Measured;
use crate::text;
use ratatui::style::Style;
use ratatui::text::{Line, Span};

/// Where a cell's text stands, and which end of it goes when it is too long.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Align {
    /// Left; the end is cut.
    Left,
    /// Right; the end is cut.
    Right,
    /// Left; the beginning is cut: paths.
    Path,
    /// Right; the beginning goes without a mark: charts.
    Bars,
}

/// One column.
#[derive(Clone, Copy, Debug)]
pub struct Column {
    /// Its title.
    pub title: &'static str,
    /// Columns it needs.
    pub width: usize,
    /// Columns it may grow to.
    pub widest: usize,
    /// Where its text stands.
    pub align: Align,
    /// Columns of a lower rank give way first.
    pub rank: u8,
}

impl Column {
    /// A column of fixed width.
    #[must_use]
    pub const fn fixed(title: &'static str, width: usize, align: Align, rank: u8) -> Column {
        Column { title, width, widest: width, align, rank }
    }

    /// A column that takes what is left.
    #[must_use]
    pub const fn growing(title: &'static str, width: usize, widest: usize, align: Align, rank: u8) -> Column {
        Column { title, width, widest, align, rank }
    }
}

/// One cell.
#[derive(Clone, Debug, Default)]
pub struct Cell {
    /// Its text.
    pub text: String,
    /// How it looks, but in a selected row.
    pub style: Style,
}

impl Cell {
    /// A cell.
    pub fn new(text: impl Into<String>, style: Style) -> Cell {
        Cell { text: text.into(), style }
    }
}

/// How wide each column is; 0 for one that gave way. A column that can grow does so as far as its contents need.
#[must_use]
pub fn widths(columns: &[Column], room: usize, cells: &[Vec<Cell>]) -> Vec<usize> {
    let mut shown: Vec<bool> = vec![true; columns.len()];
    let needed = |shown: &[bool]| -> usize {
        let each =
            columns.iter().zip(shown).filter(|(_, shown)| **shown).map(|(column, _)| column.width + GAP);
        each.sum::<usize>().saturating_sub(GAP)
    };
    while needed(&shown) > room && shown.iter().filter(|shown| **shown).count() > 1 {
        let visible = columns.iter().enumerate().filter(|(index, _)| shown[*index]);
        let Some((lowest, _)) = visible.min_by_key(|(_, column)| column.rank) else { break };
        shown[lowest] = false;
    }
    let mut left = room.saturating_sub(needed(&shown));
    let visible = columns.iter().zip(&shown);
    let mut out: Vec<usize> =
        visible.map(|(column, shown)| if *shown { column.width.min(room) } else { 0 }).collect();
    let mut by_rank: Vec<usize> = (0..columns.len()).filter(|index| shown[*index]).collect();
    by_rank.sort_by_key(|index| std::cmp::Reverse(columns[*index].rank));
    for index in by_rank {
        let contents = cells.iter().filter_map(|row| row.get(index)).map(|cell| text::width(&cell.text));
        let wanted = contents.max().unwrap_or(0).min(columns[index].widest);
        let more = wanted.saturating_sub(out[index]).min(left);
        out[index] += more;
        left -= more;
    }
    out
}

/// Blank columns between two columns.
const GAP: usize = 2;

/// A small table within a page: all its rows, with titles where the columns have some.
#[must_use]
pub fn whole(view: &View<'_>, columns: &[Column], cells: Vec<Vec<Cell>>) -> Lines {
    let widths = widths(columns, view.width.saturating_sub(2), &cells);
    let mut lines = Vec::with_capacity(cells.len() + 1);
    if columns.iter().any(|column| !column.title.is_empty()) {
        lines.push(titles(view, columns, &widths, None));
    }
    lines.extend(cells.into_iter().map(|cells| row(view, columns, &widths, cells, None)));
    lines
}

/// One row; a style for all cells replaces their own.
#[must_use]
pub fn row(
    view: &View<'_>,
    columns: &[Column],
    widths: &[usize],
    cells: Vec<Cell>,
    all: Option<Style>,
) -> Line<'static> {
    let mark = view.theme.glyphs.cut;
    let mut spans: Vec<Span<'static>> = vec![span(" ", all.unwrap_or_default())];
    for ((column, width), cell) in columns.iter().zip(widths).zip(cells) {
        if *width == 0 {
            continue;
        }
        let text = match column.align {
            Align::Path => text::cut_front(&cell.text, *width, mark),
            Align::Left | Align::Right => text::cut(&cell.text, *width, mark),
            Align::Bars => {
                let surplus = cell.text.chars().count().saturating_sub(*width);
                cell.text.chars().skip(surplus).collect()
            }
        };
        let gap = " ".repeat(width.saturating_sub(text::width(&text)));
        let text = match column.align {
            Align::Right | Align::Bars => gap + &text,
            Align::Left | Align::Path => text + &gap,
        };
        if spans.len() > 1 {
            spans.push(span(" ".repeat(GAP), all.unwrap_or_default()));
        }
        spans.push(span(text, all.unwrap_or(cell.style)));
    }
    let mut line = Line::from(spans);
    if let Some(all) = all {
        let missing = view.width.saturating_sub(line.width());
        line.push_span(span(" ".repeat(missing), all));
    }
    line
}

/// The row of titles.
#[must_use]
pub fn titles(
    view: &View<'_>,
    columns: &[Column],
    widths: &[usize],
    sorted: Option<(&str, bool)>,
) -> Line<'static> {
    let [down, up] = view.theme.glyphs.sorted;
    let cells = columns
        .iter()
        .map(|column| match sorted {
            Some((title, inverted)) if title == column.title => {
                let arrow = if inverted { up } else { down };
                Cell::new(format!("{title}{arrow}"), view.theme.accent())
            }
            _ => Cell::new(column.title, view.theme.quiet()),
        })
        .collect();
    row(view, columns, widths, cells, None)
}

/// What a list shows of itself above its titles: order, filter, search.
#[must_use]
pub fn summary<K, S: Sort>(
    view: &View<'_>,
    what: &str,
    list: &List<K, S>,
    shown: usize,
    all: usize,
) -> Line<'static> {
    let theme = view.theme;
    let mut spans = vec![span(format!(" {what}"), theme.strong())];
    let mut say = |text: String, style: Style| {
        spans.push(span(format!("  {} ", theme.glyphs.dot), theme.quiet()));
        spans.push(span(text, style));
    };
    let inverted = if list.inverted { ", inverted" } else { "" };
    say(format!("by {}{inverted}", list.sort.word()), theme.quiet());
    if !list.filter.is_empty() {
        say(format!("filter `{}`: {shown} of {all}", list.filter), theme.found());
    }
    if !list.search.is_empty() {
        let matches = view.model.matching(&list.search).into_iter().filter(|found| *found).count();
        say(format!("search `{}`: {}", list.search, text::counted(matches, "row")), theme.found());
    }
    if list.follow {
        say("following".to_owned(), theme.good());
    }
    Line::from(spans)
}

/// A list's titles and its visible rows, the selection among them. `build` makes the cells of one row; only
/// visible rows are built.
pub fn rows<R, K: Copy + PartialEq, S: Sort>(
    view: &View<'_>,
    columns: &[Column],
    (list, all): (&List<K, S>, &[R]),
    key: impl Fn(&R) -> K,
    build: impl Fn(&R) -> Vec<Cell>,
) -> (Lines, Measured) {
    // The summary above and the titles.
    let room = view.height.saturating_sub(2).max(1);
    let keys: Vec<K> = all.iter().map(key).collect();
    let selected = list.index(&keys).unwrap_or(0);
    let top = window(list.top, selected, room, all.len());
    let cells: Vec<Vec<Cell>> = all.iter().skip(top).take(room).map(build).collect();
    let widths = widths(columns, view.width.saturating_sub(2), &cells);
    let found = view.model.matching(&list.search);
    let mut lines = vec![titles(view, columns, &widths, Some((list.sort.word(), list.inverted)))];
    for (index, cells) in cells.into_iter().enumerate() {
        let index = top + index;
        let style = if index == selected {
            Some(view.theme.selected())
        } else {
            (found.get(index) == Some(&true)).then(|| view.theme.found())
        };
        lines.push(row(view, columns, &widths, cells, style));
    }
    (lines, Measured { page: room, length: all.len(), top })
}

#[cfg(test)]
mod tests {
    use super::*;

    const COLUMNS: [Column; 3] = [
        Column::growing("name", 6, 20, Align::Left, 9),
        Column::fixed("kind", 4, Align::Left, 1),
        Column::fixed("count", 5, Align::Right, 5),
    ];

    #[test]
    fn columns_give_way_by_rank_and_grow_to_what_they_hold() {
        let long = vec![vec![Cell::new("x".repeat(50), Style::new())]];
        let short = vec![vec![Cell::new("x".repeat(9), Style::new())]];
        assert_eq!(widths(&COLUMNS, 19, &long), [6, 4, 5]);
        assert_eq!(widths(&COLUMNS, 16, &long), [9, 0, 5]);
        assert_eq!(widths(&COLUMNS, 9, &long), [9, 0, 0]);
        assert_eq!(widths(&COLUMNS, 3, &long), [3, 0, 0]);
        assert_eq!(widths(&COLUMNS, 0, &long), [0, 0, 0]);
        assert_eq!(widths(&COLUMNS, 90, &long), [20, 4, 5]);
        assert_eq!(widths(&COLUMNS, 90, &short), [9, 4, 5]);
    }
}
