//! The pieces that pages are made of.

use super::View;
use crate::text;
use ratatui::style::Style;
use ratatui::text::{Line, Span};

/// Lines of a page.
pub type Lines = Vec<Line<'static>>;

/// A span that owns its text.
pub fn span(text: impl Into<String>, style: Style) -> Span<'static> {
    Span::styled(text.into(), style)
}

/// Lines one column to the right, where the text of a page stands.
#[must_use]
pub fn indented(view: &View<'_>, mut lines: Lines) -> Lines {
    for line in &mut lines {
        line.spans.insert(0, span(" ", view.theme.text()));
    }
    lines
}

/// A line cut to `columns`, or filled up to them.
#[must_use]
pub fn fit(line: Line<'static>, columns: usize, mark: char) -> Line<'static> {
    let width = line.width();
    let mut spans = line.spans;
    if width <= columns {
        spans.push(Span::raw(" ".repeat(columns - width)));
        return Line::from(spans);
    }
    let mut left = columns;
    let mut out = Vec::with_capacity(spans.len());
    for Span { content, style } in spans {
        let width = text::width(&content);
        // The mark needs a column: a span that ends exactly at the edge is cut where something follows it.
        if width < left {
            left -= width;
            out.push(Span { content, style });
            continue;
        }
        let mut kept = text::head(&content, left.saturating_sub(1)).to_owned();
        if left > 0 {
            kept.push(mark);
        }
        let missing = left.saturating_sub(text::width(&kept));
        kept.push_str(&" ".repeat(missing));
        out.push(Span::styled(kept, style));
        break;
    }
    Line::from(out)
}

/// `── Title ─────────────`
#[must_use]
pub fn rule(view: &View<'_>, title: &str) -> Line<'static> {
    let theme = view.theme;
    let line = |count: usize| theme.glyphs.horizontal.to_string().repeat(count);
    let title = text::cut(title, view.width.saturating_sub(6), theme.glyphs.cut);
    let rest = view.width.saturating_sub(text::width(&title) + 5);
    Line::from(vec![
        span(line(2.min(view.width)), theme.quiet()),
        span(format!(" {title} "), theme.accent()),
        span(line(rest), theme.quiet()),
    ])
}

/// A box around lines, as wide as the view.
#[must_use]
pub fn boxed(view: &View<'_>, title: Line<'static>, body: Lines, style: Style) -> Lines {
    if view.width < 6 {
        return body;
    }
    let glyphs = view.theme.glyphs;
    let inside = view.width - 4;
    let [top_left, top_right, bottom_left, bottom_right] = glyphs.corners;
    let line = |count: usize| glyphs.horizontal.to_string().repeat(count);
    let title = if title.width() > inside { fit(title, inside, glyphs.cut) } else { title };
    let rest = inside.saturating_sub(title.width() + 1);
    let mut first = vec![span(format!("{top_left}{} ", glyphs.horizontal), style)];
    first.extend(title.spans);
    first.push(span(format!(" {}{top_right}", line(rest)), style));
    let mut lines = vec![fit(Line::from(first), view.width, glyphs.horizontal)];
    for content in body {
        let mut spans = vec![span(format!("{} ", glyphs.vertical), style)];
        spans.extend(fit(content, inside, glyphs.cut).spans);
        spans.push(span(format!(" {}", glyphs.vertical), style));
        lines.push(Line::from(spans));
    }
    lines.push(Line::from(span(format!("{bottom_left}{}{bottom_right}", line(view.width - 2)), style)));
    lines
}

/// Two pages beside each other, the left one `columns` wide.
#[must_use]
pub fn beside(view: &View<'_>, left: Lines, right: Lines, columns: usize, gap: usize) -> Lines {
    let rows = left.len().max(right.len());
    let mut left = left.into_iter();
    let mut right = right.into_iter();
    (0..rows)
        .map(|_| {
            let mut spans = fit(left.next().unwrap_or_default(), columns, view.theme.glyphs.cut).spans;
            spans.push(Span::raw(" ".repeat(gap)));
            spans.extend(right.next().unwrap_or_default().spans);
            Line::from(spans)
        })
        .collect()
}

/// Adds lines up to a height, so that boxes beside each other end together.
pub fn fill(lines: &mut Lines, height: usize) {
    while lines.len() < height {
        lines.push(Line::default());
    }
}

/// ` label  value`, the label in `columns`, the value wrapped under itself; nothing where there is no value.
#[must_use]
pub fn labelled(view: &View<'_>, label: &str, columns: usize, value: &str, style: Style) -> Lines {
    let room = view.width.saturating_sub(columns + 3).max(8);
    text::wrap(value, room)
        .into_iter()
        .filter(|part| !part.is_empty())
        .enumerate()
        .map(|(index, part)| {
            let label = if index == 0 { label } else { "" };
            Line::from(vec![span(format!(" {label:<columns$}  "), view.theme.quiet()), span(part, style)])
        })
        .collect()
}

/// The same for a path or a name, which is cut in front instead of wrapped.
#[must_use]
pub fn labelled_path(
    view: &View<'_>,
    label: &str,
    columns: usize,
    value: &str,
    style: Style,
) -> Line<'static> {
    let room = view.width.saturating_sub(columns + 3);
    let value = text::cut_front(value, room, view.theme.glyphs.cut);
    Line::from(vec![span(format!(" {label:<columns$}  "), view.theme.quiet()), span(value, style)])
}

/// A line behind what stands in front of it, broken under itself where it is longer than the view; every letter
/// keeps its style.
#[must_use]
pub fn hanging(view: &View<'_>, front: Span<'static>, line: Line<'static>) -> Lines {
    let indent = front.width();
    let room = view.width.saturating_sub(indent + 1).max(8);
    let parts = if line.width() <= room { vec![line] } else { broken(&line, room) };
    let behind = |(index, mut part): (usize, Line<'static>)| {
        let front = if index == 0 { front.clone() } else { span(" ".repeat(indent), front.style) };
        part.spans.insert(0, front);
        part
    };
    parts.into_iter().enumerate().map(behind).collect()
}

/// The line in parts of at most `columns`, at blanks where there are some; all of them indented as the line is.
fn broken(line: &Line<'static>, columns: usize) -> Lines {
    let text = line.to_string();
    let indent = (text.len() - text.trim_start_matches(' ').len()).min(columns / 2);
    let mut letters = line.spans.iter().flat_map(|span| span.content.chars().map(|c| (c, span.style)));
    let mut part = |text: String| {
        let mut spans: Vec<Span<'static>> = Vec::new();
        for c in text.chars() {
            // Breaking drops blanks and nothing else.
            let style = letters.find(|(letter, _)| *letter == c).map(|(_, style)| style).unwrap_or_default();
            match spans.last_mut() {
                Some(last) if last.style == style => last.content.to_mut().push(c),
                _ => spans.push(span(c, style)),
            }
        }
        Line::from(spans)
    };
    let mut parts: Lines =
        text::wrap(&text, columns.saturating_sub(indent)).into_iter().map(&mut part).collect();
    for part in parts.iter_mut().filter(|_| indent > 0) {
        part.spans.insert(0, Span::raw(" ".repeat(indent)));
    }
    parts
}

/// One quiet sentence, indented.
#[must_use]
pub fn quiet(view: &View<'_>, sentence: &str) -> Lines {
    text::wrap(sentence, view.width.saturating_sub(2).max(8))
        .into_iter()
        .map(|part| Line::from(span(format!(" {part}"), view.theme.quiet())))
        .collect()
}
