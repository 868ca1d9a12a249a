//! Small charts of numbers over time.

use super::View;
use super::doc::{Lines, span};
use ratatui::style::Style;
use ratatui::text::Line;

/// One row of bars, as wide as there are numbers; the highest fills its cell, none is a blank.
#[must_use]
pub fn line(view: &View<'_>, numbers: &[u64], columns: usize) -> String {
    let highest = numbers.iter().copied().max().unwrap_or(0);
    let bars = view.theme.glyphs.bars;
    let shown = &numbers[numbers.len().saturating_sub(columns)..];
    let bars = shown.iter().map(|number| match eighths(*number, highest, 8) {
        0 => ' ',
        height => bars[height - 1],
    });
    let text: String = bars.collect();
    format!("{text:>columns$}")
}

/// Several rows of bars.
#[must_use]
pub fn chart(view: &View<'_>, numbers: &[u64], columns: usize, rows: usize, style: Style) -> Lines {
    let highest = numbers.iter().copied().max().unwrap_or(0);
    let shown = &numbers[numbers.len().saturating_sub(columns)..];
    let blank = columns - shown.len();
    let row = |cells: Vec<char>| {
        let text: String = std::iter::repeat_n(' ', blank).chain(cells).collect();
        Line::from(span(text, style))
    };
    scaled(view, shown, highest, rows).into_iter().map(row).collect()
}

/// The cells of several rows of bars, the uppermost row first, where `highest` fills them all.
#[must_use]
pub fn scaled(view: &View<'_>, numbers: &[u64], highest: u64, rows: usize) -> Vec<Vec<char>> {
    let bars = view.theme.glyphs.bars;
    let cell = |number: u64, row: usize| match eighths(number, highest, rows * 8).saturating_sub(row * 8) {
        0 => ' ',
        height => bars[height.min(8) - 1],
    };
    (0..rows).rev().map(|row| numbers.iter().map(|number| cell(*number, row)).collect()).collect()
}

/// The row, counted from below, that the top of a bar lies in.
#[must_use]
pub fn row_of(number: u64, highest: u64, rows: usize) -> usize {
    eighths(number, highest, rows * 8).saturating_sub(1) / 8
}

/// The height of a bar in eighths of a row: something is never nothing.
fn eighths(number: u64, highest: u64, full: usize) -> usize {
    if number == 0 || highest == 0 {
        return 0;
    }
    let height = u128::from(number) * full as u128 / u128::from(highest);
    (height as usize).clamp(1, full)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn something_is_never_nothing() {
        assert_eq!(eighths(0, 100, 8), 0);
        assert_eq!(eighths(1, u64::MAX, 8), 1);
        assert_eq!(eighths(u64::MAX, u64::MAX, 32), 32);
    }
}
