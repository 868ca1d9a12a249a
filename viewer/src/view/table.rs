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

/// How wide each column is; 0 for one that gave way.
#[must_use]
pub fn widths(columns: &[Column], room: usize) -> Vec<usize> {
    let mut shown: Vec<bool> = vec![true; columns.len()];
    let needed = |shown: &[bool]| -> usize {
        let each = columns.iter().zip(shown).filter(|(_, shown)| **shown).map(|(column, _)| column.width + 2);
        each.sum::<usize>().saturating_sub(1)
    };
    while needed(&shown) > room && shown.iter().filter(|shown| **shown).count() > 1 {
        let visible = columns.iter().enumerate().filter(|(index, _)| shown[*index]);
        let Some((lowest, _)) = visible.min_by_key(|(_, column)| column.rank) else { break };
        shown[lowest] = false;
    }
    let mut left = room.saturating_sub(needed(&shown));
    let mut out: Vec<usize> = columns
        .iter()
        .zip(&shown)
        .map(|(column, shown)| if *shown { column.width.min(room) } else { 0 })
        .collect();
    // What is left goes to the columns that can use it, one column each in turn, so that they grow alike.
    while left > 0 {
        let before = left;
        for (column, width) in columns.iter().zip(&mut out) {
            if *width > 0 && *width < column.widest && left > 0 {
                *width += 1;
                left -= 1;
            }
        }
        if left == before {
            break;
        }
    }
    out
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
        };
        let gap = " ".repeat(width.saturating_sub(text::width(&text)));
        let text = if column.align == Align::Right { gap + &text } else { text + &gap };
        spans.push(span(text, all.unwrap_or(cell.style)));
        spans.push(span("  ", all.unwrap_or_default()));
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

/// The visible rows of a list, with the selection among them. `build` makes the cells of one row.
pub fn rows<R, K: Copy + PartialEq, S>(
    view: &View<'_>,
    (columns, widths): (&[Column], &[usize]),
    (list, all): (&List<K, S>, &[R]),
    key: impl Fn(&R) -> K,
    build: impl Fn(&R) -> Vec<Cell>,
    room: usize,
) -> (Lines, Measured) {
    let keys: Vec<K> = all.iter().map(key).collect();
    let selected = list.index(&keys).unwrap_or(0);
    let top = window(list.top, selected, room, all.len());
    let found = view.model.matching(&list.search);
    let lines = all.iter().enumerate().skip(top).take(room).map(|(index, item)| {
        let style = if index == selected {
            Some(view.theme.selected())
        } else {
            (found.get(index) == Some(&true)).then(|| view.theme.found())
        };
        row(view, columns, widths, build(item), style)
    });
    (lines.collect(), Measured { page: room, length: all.len(), top })
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
    fn columns_give_way_by_rank_and_grow_to_their_widest() {
        assert_eq!(widths(&COLUMNS, 20), [6, 4, 5]);
        assert_eq!(widths(&COLUMNS, 16), [8, 0, 5]);
        assert_eq!(widths(&COLUMNS, 9), [8, 0, 0]);
        assert_eq!(widths(&COLUMNS, 3), [3, 0, 0]);
        assert_eq!(widths(&COLUMNS, 0), [0, 0, 0]);
        assert_eq!(widths(&COLUMNS, 90), [20, 4, 5]);
    }
}
