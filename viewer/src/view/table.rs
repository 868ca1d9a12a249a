//! Lists: columns that give way when there is no room, and rows of which only the visible ones are built.

use super::doc::{Lines, span};
use super::{Built, View, doc, found, words};
use crate::model::list::{ListId, RowKey, window};
use crate::model::query::Query;
use crate::model::rows::Words;
use crate::msg::Measured;
use crate::text::{self, grouped};
use mapwatch_event::{Category, Nanos};
use ratatui::style::Style;
use ratatui::text::{Line, Span};
use std::cmp::Reverse;

/// Where a cell's text stands, and which end of it goes when it is too long.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Align {
    /// Left; the end is cut.
    Left,
    /// The same for who it was: paths of a lower rank give way before it is cut.
    Who,
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

/// The columns of operations one after the other; `when` says what their times are.
#[must_use]
pub const fn operations(when: &'static str) -> [Column; 5] {
    [
        Column::growing(when, 9, 14, Align::Right, 96),
        Column::fixed("access", 9, Align::Left, 40),
        Column::fixed("operation", 14, Align::Left, 95),
        Column::growing("who", 16, 40, Align::Who, 98),
        Column::growing("where", 18, 70, Align::Path, 97),
    ]
}

/// One cell.
#[derive(Clone, Debug, Default)]
pub struct Cell {
    /// Its text.
    pub text: String,
    /// What is shown instead where its column has no room for all; empty where it has no shorter form.
    pub brief: String,
    /// How it looks, but in a selected row.
    pub style: Style,
}

impl Cell {
    /// A cell.
    pub fn new(text: impl Into<String>, style: Style) -> Cell {
        Cell { text: text.into(), brief: String::new(), style }
    }

    /// The same with a shorter form, which says what tells it from the others.
    #[must_use]
    pub fn or(self, brief: impl Into<String>) -> Cell {
        Cell { brief: brief.into(), ..self }
    }

    /// A thread, task or scope: on little room its number and its name tell it from others.
    pub fn actor(title: impl Into<String>, style: Style) -> Cell {
        let title = title.into();
        let brief = words::brief_actor(&title).to_owned();
        Cell::new(title, style).or(brief)
    }

    /// A map: one without a name is told from others by its place.
    pub fn map(title: impl Into<String>, style: Style) -> Cell {
        let title = title.into();
        let brief = words::brief_map(&title).to_owned();
        Cell::new(title, style).or(brief)
    }

    /// A kind of bug.
    #[must_use]
    pub fn category(category: Category, style: Style) -> Cell {
        Cell::new(category.title(), style).or(words::brief_category(category))
    }

    /// A span of time: seven columns hold any.
    #[must_use]
    pub fn time(time: Nanos, style: Style) -> Cell {
        Cell::new(time.to_string(), style)
    }

    /// A moment on a session's clock.
    #[must_use]
    pub fn moment(time: Nanos, style: Style) -> Cell {
        Cell::new(text::moment(time), style)
    }
}

/// Shorter forms where there is no room: of names, which are parts of their texts, for all of a column, so that rows
/// that are named alike are read alike. A text that would lose one of these words keeps its own.
fn abbreviate(cells: &mut [Vec<Cell>], widths: &[usize], words: &[String]) {
    for (index, width) in widths.iter().enumerate() {
        let is_cut = |cell: &Cell| text::width(&cell.text) > *width;
        let any_is_cut = cells.iter().filter_map(|row| row.get(index)).any(is_cut);
        let column = cells.iter_mut().filter_map(|row| row.get_mut(index));
        for cell in column.filter(|cell| any_is_cut && !cell.brief.is_empty()) {
            let has_room = !is_cut(cell) && !cell.text.contains(&cell.brief);
            let is_lost = |word: &String| found::is_in(&cell.text, word) && !found::is_in(&cell.brief, word);
            if !has_room && !words.iter().any(is_lost) {
                cell.text = std::mem::take(&mut cell.brief);
            }
        }
    }
}

/// How wide each column is when texts without room have their shorter forms: what those leave is for the others.
fn fitted(columns: &[Column], room: usize, cells: &mut [Vec<Cell>], words: &[String]) -> Vec<usize> {
    let (before, _) = shared_out(columns, &fitting(columns, room), room, cells);
    abbreviate(cells, &before, words);
    widths(columns, room, cells)
}

/// Columns of a lower rank are not needed to understand a row.
const NEEDED: u8 = 90;

/// Columns in which the end of a path still says the file: `…ests.rs:141:31`.
const PLACE: usize = 14;

/// How wide each column is; 0 for one that gave way. Where names would be cut, columns that a row is understood without
/// give way to them, one by one.
#[must_use]
pub fn widths(columns: &[Column], room: usize, cells: &[Vec<Cell>]) -> Vec<usize> {
    let mut shown = fitting(columns, room);
    loop {
        let (widths, is_cut) = shared_out(columns, &shown, room, cells);
        let spare =
            columns.iter().enumerate().filter(|(index, column)| shown[*index] && column.rank < NEEDED);
        match spare.min_by_key(|(_, column)| column.rank) {
            Some((index, _)) if is_cut => shown[index] = false,
            _ => return widths,
        }
    }
}

/// How wide those that are shown are, and whether a name is cut. A column that can grow does so as far as its contents
/// need, from what is left; names before all others, and also from what paths of a lower rank can spare: who says more
/// than in which folder.
fn shared_out(columns: &[Column], shown: &[bool], room: usize, cells: &[Vec<Cell>]) -> (Vec<usize>, bool) {
    let mut left = room.saturating_sub(needed(columns, shown));
    let visible = columns.iter().zip(shown);
    let mut out: Vec<usize> =
        visible.map(|(column, shown)| if *shown { column.width.min(room) } else { 0 }).collect();
    let mut by_rank: Vec<usize> = (0..columns.len()).filter(|index| shown[*index]).collect();
    by_rank.sort_by_key(|index| (columns[*index].align != Align::Who, Reverse(columns[*index].rank)));
    let mut is_cut = false;
    for (at, index) in by_rank.iter().copied().enumerate() {
        let contents = cells.iter().filter_map(|row| row.get(index)).map(|cell| text::width(&cell.text));
        let wanted = contents.max().unwrap_or(0).min(columns[index].widest);
        let more = wanted.saturating_sub(out[index]).min(left);
        out[index] += more;
        left -= more;
        if columns[index].align == Align::Who {
            let is_path = |other: &Column| other.align == Align::Path && other.rank < columns[index].rank;
            for path in by_rank[at + 1..].iter().rev().filter(|path| is_path(&columns[**path])) {
                let spare = wanted.saturating_sub(out[index]).min(out[*path].saturating_sub(PLACE));
                out[index] += spare;
                out[*path] -= spare;
            }
            is_cut |= wanted > out[index];
        }
    }
    (out, is_cut)
}

/// Which columns there is room for; those of the lowest rank have given way.
fn fitting(columns: &[Column], room: usize) -> Vec<bool> {
    let mut shown: Vec<bool> = vec![true; columns.len()];
    while needed(columns, &shown) > room && shown.iter().filter(|shown| **shown).count() > 1 {
        let visible = columns.iter().enumerate().filter(|(index, _)| shown[*index]);
        let Some((lowest, _)) = visible.min_by_key(|(_, column)| column.rank) else { break };
        shown[lowest] = false;
    }
    shown
}

/// How wide they are together.
fn needed(columns: &[Column], shown: &[bool]) -> usize {
    let each = columns.iter().zip(shown).filter(|(_, shown)| **shown).map(|(column, _)| column.width + GAP);
    each.sum::<usize>().saturating_sub(GAP)
}

/// Why a column of a list that the user wants to see is not seen in this frame; `None` where it is.
#[must_use]
pub fn missing(view: &View<'_>, id: ListId, index: usize, measured: Measured) -> Option<&'static str> {
    match id.columns().get(index) {
        Some(facts) if is_alone(view, facts.title) => Some("one process"),
        _ if measured.gave_way & bit(index) > 0 => Some("no room"),
        _ => None,
    }
}

/// See [`Measured::gave_way`].
fn bit(index: usize) -> u32 {
    u32::try_from(index).ok().and_then(|index| 1_u32.checked_shl(index)).unwrap_or(0)
}

/// Those of a list's columns that gave way.
fn gave_way(id: ListId, columns: &[Column], widths: &[usize]) -> u32 {
    let gone = columns.iter().zip(widths).filter(|(_, width)| **width == 0);
    let index = |title| id.columns().iter().position(|facts| facts.title == title);
    gone.filter_map(|(column, _)| index(column.title)).map(bit).fold(0, |all, one| all | one)
}

/// The columns that the user wants to see. The one that orders the list has room for its mark, and gives way last where
/// the user chose it.
fn wanted(view: &View<'_>, id: ListId, all: &[Column]) -> Vec<Column> {
    let sort = sort(view, id);
    let shown = all.iter().filter(|column| is_shown(view, id, column));
    let kept = |column: &Column| match column.title == sort {
        true => {
            let width = column.width.max(text::width(sort) + 1);
            let rank = if view.model.ui.list(id).sort == 0 { column.rank } else { u8::MAX };
            Column { width, widest: column.widest.max(width), rank, ..*column }
        }
        false => *column,
    };
    shown.map(kept).collect()
}

/// The title of the column that orders a list.
fn sort(view: &View<'_>, id: ListId) -> &'static str {
    id.columns()[view.model.ui.list(id).sort.min(id.columns().len() - 1)].title
}

/// The mark of an order.
fn arrow(view: &View<'_>, inverted: bool) -> char {
    let [down, up] = view.theme.glyphs.sorted;
    if inverted { up } else { down }
}

/// Blank columns between two columns.
const GAP: usize = 2;

/// A small table within a page: all its rows, with titles where the columns have some.
#[must_use]
pub fn whole(view: &View<'_>, columns: &[Column], mut cells: Vec<Vec<Cell>>) -> Lines {
    let widths = fitted(columns, view.width.saturating_sub(2), &mut cells, &[]);
    let mut lines = Vec::with_capacity(cells.len() + 1);
    if columns.iter().any(|column| !column.title.is_empty()) {
        lines.push(titles(view, columns, &widths, None));
    }
    lines.extend(cells.into_iter().map(|cells| row(view, columns, &widths, cells, None, &[])));
    lines
}

/// One row; a style for all cells replaces their own, and these words are seen in it.
#[must_use]
pub fn row(
    view: &View<'_>,
    columns: &[Column],
    widths: &[usize],
    cells: Vec<Cell>,
    all: Option<Style>,
    words: &[String],
) -> Line<'static> {
    let mark = view.theme.glyphs.cut;
    let mut spans: Vec<Span<'static>> = vec![span(" ", all.unwrap_or_default())];
    for ((column, width), cell) in columns.iter().zip(widths).zip(cells) {
        if *width == 0 {
            continue;
        }
        let said = &cell.text;
        let text = match column.align {
            Align::Path => found::part(said, text::cut_front(said, *width, mark), *width, mark, words),
            Align::Left | Align::Who | Align::Right => {
                found::part(said, text::cut(said, *width, mark), *width, mark, words)
            }
            Align::Bars => {
                let surplus = said.chars().count().saturating_sub(*width);
                said.chars().skip(surplus).collect()
            }
        };
        let gap = " ".repeat(width.saturating_sub(text::width(&text)));
        let text = match column.align {
            Align::Right | Align::Bars => gap + &text,
            Align::Left | Align::Who | Align::Path => text + &gap,
        };
        if spans.len() > 1 {
            spans.push(span(" ".repeat(GAP), all.unwrap_or_default()));
        }
        spans.extend(found::spans(&text, all.unwrap_or(cell.style), words));
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
    let cells = columns
        .iter()
        .map(|column| match sorted {
            Some((title, inverted)) if title == column.title => {
                Cell::new(format!("{title}{}", arrow(view, inverted)), view.theme.accent())
            }
            _ => Cell::new(column.title, view.theme.quiet()),
        })
        .collect();
    row(view, columns, widths, cells, None, &[])
}

/// Rows from which there is room for all that a list shows of itself.
const HIGH: usize = 16;

/// What a list shows of itself above its titles: order, filter, search, marks; below that, in lines of its own, what
/// of the filter was not understood.
#[must_use]
pub fn summary(view: &View<'_>, what: &str, id: ListId, shown: usize) -> Lines {
    let theme = view.theme;
    let list = view.model.ui.list(id);
    let mut said = vec![(what.to_owned(), theme.strong())];
    let mut say = |text: String, style: Style| said.push((text, style));
    let inverted = if list.inverted { ", inverted" } else { "" };
    say(format!("by {}{}{inverted}", sort(view, id), arrow(view, list.inverted)), theme.quiet());
    let mut wrong = Lines::new();
    if !list.filter.is_empty() {
        let all = view.model.row_count(id);
        // The numbers before the text: the text may be longer than the line.
        let text = format!("{} of {} by `{}`", grouped(shown as u64), grouped(all as u64), list.filter);
        say(text, theme.found());
        let errors = Query::parse(&list.filter, id.fields()).errors;
        let front = || span(" not understood: ", theme.trouble());
        let said = |why| doc::hanging(view, front(), Line::from(span(why, theme.trouble())));
        wrong = errors.into_iter().take(1).flat_map(|error| said(error.why)).collect();
    }
    if !list.search.is_empty() {
        let matches = view.model.match_count(id);
        say(format!("search `{}`: {}", list.search, text::counted(matches, "row")), theme.found());
    }
    if !list.marked.is_empty() {
        say(format!("{} marked", list.marked.len()), theme.accent());
    }
    let hidden = view.model.ui.hidden_processes.len();
    if hidden > 0 {
        say(format!("{} hidden", text::counted(hidden, "process")), theme.trouble());
    }
    if list.follow {
        say("following".to_owned(), theme.good());
    }
    let is_high = view.height >= HIGH;
    // Where there is no room for all of it, what the user asked for comes first.
    let width: usize = said.iter().map(|(text, _)| text::width(text) + GAP * 2).sum();
    if !is_high && width > view.width && said.len() > 2 {
        said.rotate_left(2);
    }
    let mut spans = Vec::new();
    for (text, style) in said {
        if !spans.is_empty() {
            spans.push(span(format!("  {} ", theme.glyphs.dot), theme.quiet()));
        }
        spans.push(span(text, style));
    }
    let front = span(" ", theme.quiet());
    let mut lines = if is_high {
        doc::hanging(view, front, Line::from(spans))
    } else {
        spans.insert(0, front);
        vec![Line::from(spans)]
    };
    lines.extend(wrong);
    lines
}

/// How a row stands out: selected, found, marked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Standing {
    /// A style for all of it.
    pub style: Option<Style>,
    /// Whether it is marked.
    pub marked: bool,
}

/// The visible rows of a list, with how they stand out; and what they are of. `above` rows of the screen are taken.
#[must_use]
pub fn visible(
    view: &View<'_>,
    id: ListId,
    keys: &[RowKey],
    above: usize,
) -> (Vec<(RowKey, Standing)>, Measured) {
    let list = view.model.ui.list(id);
    let room = view.height.saturating_sub(above).max(1);
    let selected = list.index(keys).unwrap_or(0);
    let top = window(list.top, selected, room, keys.len());
    let words = Words::new(&list.search);
    let standing = |index: usize, key: RowKey| {
        let style = if index == selected {
            Some(view.theme.selected())
        } else {
            let found = !words.is_empty() && view.model.row_matches(key, &words);
            found.then(|| view.theme.found())
        };
        Standing { style, marked: list.marked.contains(&key) }
    };
    let rows = keys.iter().enumerate().skip(top).take(room);
    let rows = rows.map(|(index, key)| (*key, standing(index, *key))).collect();
    let first_row = u16::try_from(above).unwrap_or(u16::MAX);
    let selected = keys.get(selected).map(|key| (selected, *key));
    (rows, Measured { page: room, length: keys.len(), top, first_row, selected, ..Measured::default() })
}

/// A whole list under its summary `what`; where it has no row at all, `why`.
#[must_use]
pub fn list(
    view: &View<'_>,
    id: ListId,
    columns: &[Column],
    what: &str,
    why: &str,
    build: impl Fn(RowKey) -> Vec<Cell>,
) -> Built {
    let keys = view.model.rows(id);
    let mut lines = summary(view, what, id, keys.len());
    if keys.is_empty() {
        lines.extend(doc::quiet(view, if view.model.row_count(id) == 0 { why } else { HIDDEN }));
        return Built { lines, measured: Measured::default() };
    }
    let words = found::words(view.model.ui.list(id), id);
    // A line of its own, also while it is empty: the rows must not move with the selection.
    let said = usize::from(!words.is_empty());
    let Rows { lines: body, measured, elsewhere } =
        rows(view, id, columns, &keys, &words, lines.len() + said, build);
    if said > 0 {
        let elsewhere = elsewhere.map(|text| format!(" {text}")).unwrap_or_default();
        lines.push(Line::from(span(elsewhere, view.theme.found())));
    }
    lines.extend(body);
    Built { lines, measured }
}

/// What an empty list says while its filter is at fault.
pub const HIDDEN: &str = "The filter hides everything; Esc drops it.";

/// Visible rows under their titles.
struct Rows {
    lines: Lines,
    measured: Measured,
    /// Where a word is that the selected row was found by, where none of its columns shows it.
    elsewhere: Option<String>,
}

/// A list's titles and its visible rows, the selection among them. `build` makes the cells of one row, a cell for
/// each of the columns; only visible rows are built, and only of the columns that the user wants to see. `above` rows
/// of the screen are taken.
fn rows(
    view: &View<'_>,
    id: ListId,
    all: &[Column],
    keys: &[RowKey],
    words: &[String],
    above: usize,
    build: impl Fn(RowKey) -> Vec<Cell>,
) -> Rows {
    let (visible, measured) = visible(view, id, keys, above + 1);
    let shown: Vec<bool> = all.iter().map(|column| is_shown(view, id, column)).collect();
    let chosen = |cells: Vec<Cell>| -> Vec<Cell> {
        cells.into_iter().zip(&shown).filter(|(_, shown)| **shown).map(|(cell, _)| cell).collect()
    };
    let columns = wanted(view, id, all);
    let mut cells: Vec<Vec<Cell>> = visible.iter().map(|(key, _)| chosen(build(*key))).collect();
    let widths = fitted(&columns, view.width.saturating_sub(2), &mut cells, words);
    let measured = Measured { gave_way: gave_way(id, &columns, &widths), ..measured };
    let order = (sort(view, id), view.model.ui.list(id).inverted);
    let mut lines = vec![titles(view, &columns, &widths, Some(order))];
    let selected = measured.selected.map(|(_, key)| key);
    let mut elsewhere = None;
    for ((key, standing), cells) in visible.iter().zip(cells) {
        if selected == Some(*key) {
            let texts =
                || cells.iter().zip(&widths).filter(|(_, width)| **width > 0).map(|(cell, _)| &cell.text);
            let unseen = words.iter().find(|word| !texts().any(|text| found::is_in(text, word)));
            elsewhere = unseen.and_then(|word| where_else(view, id, *key, word));
        }
        let mut line = row(view, &columns, &widths, cells, standing.style, words);
        if standing.marked
            && let Some(first) = line.spans.first_mut()
        {
            *first = span(view.theme.glyphs.mark, standing.style.unwrap_or(view.theme.accent()));
        }
        lines.push(line);
    }
    Rows { lines, measured, elsewhere }
}

/// `this row's site: src/backup.rs:3:5`: the field that has the word.
fn where_else(view: &View<'_>, id: ListId, key: RowKey, word: &str) -> Option<String> {
    let room = view.width.saturating_sub(24);
    let mark = view.theme.glyphs.cut;
    let (field, text) = view.model.field_with(id, key, word)?;
    let usual = text::cut(&text, room, mark);
    let part = found::part(&text, usual, room, mark, &[word.to_owned()]);
    Some(format!("this row's {}: {part}", field.key()))
}

/// Unless the user hid it; the process is named only where there are several.
fn is_shown(view: &View<'_>, id: ListId, column: &Column) -> bool {
    let index = id.columns().iter().position(|facts| facts.title == column.title);
    let hidden = index.is_some_and(|index| view.model.ui.list(id).hidden.contains(&index));
    !hidden && !is_alone(view, column.title)
}

fn is_alone(view: &View<'_>, title: &str) -> bool {
    title == "process" && view.model.seen().sessions.len() <= 1
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

    #[test]
    fn a_path_gives_way_to_who_it_was_as_far_as_its_end_is_seen() {
        let columns = |align, rank| {
            [Column::growing("who", 6, 40, align, 99), Column::growing("where", 20, 60, Align::Path, rank)]
        };
        let cells =
            vec![vec![Cell::new("x".repeat(30), Style::new()), Cell::new("y".repeat(50), Style::new())]];
        assert_eq!(widths(&columns(Align::Who, 90), 46, &cells), [30, 14]);
        assert_eq!(widths(&columns(Align::Who, 90), 52, &cells), [30, 20]);
        assert_eq!(widths(&columns(Align::Left, 90), 40, &cells), [18, 20]);
        assert_eq!(widths(&columns(Align::Who, 90), 40, &cells), [24, 14], "no further, where it is needed");
        assert_eq!(widths(&columns(Align::Who, 50), 46, &cells), [30, 14]);
        assert_eq!(widths(&columns(Align::Who, 50), 40, &cells), [30, 0]);
    }
}
