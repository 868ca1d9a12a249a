//! The lines about the end of a life; what they say is [`crate::model::end`]'s.

use super::doc::{Lines, hanging, labelled, labelled_path, rule, span};
use super::{View, rust, tasks};
use crate::model::end::{End, Halves, Said, Tone};
use crate::model::life::TaskRow;
use mapwatch_event::Ending;

const LABEL: usize = 10;

/// The lines about its end; none while it has not come.
#[must_use]
pub fn lines(view: &View<'_>, row: &TaskRow<'_>) -> Lines {
    let halves = Halves::of(view.model.seen());
    let Some(end) = End::of(*row, &halves) else { return Vec::new() };
    let title = match end.ending {
        Ending::Cancelled | Ending::NeverPolled => "End: why it was cancelled",
        _ => "End",
    };
    let mut lines = vec![rule(view, title)];
    lines.extend(labelled(view, "how", LABEL, &end.how(), tasks::style(view, row.doing())));
    for said in end.said() {
        lines.extend(sentence(view, &said, LABEL));
        if said.label == "where" {
            lines.extend(source(view, row));
        }
    }
    lines
}

/// The line of source that cancelled it, where the checkout is there.
fn source(view: &View<'_>, row: &TaskRow<'_>) -> Lines {
    let line = row.cancelled_at().and_then(|site| view.model.sources.get(site)?.line(site.line));
    let Some(line) = line.map(str::trim).filter(|line| !line.is_empty()) else { return Lines::new() };
    let front = span(format!(" {:LABEL$}  ", ""), view.theme.quiet());
    hanging(view, front, rust::line(view.theme, line, rust::Within::Code).0)
}

/// One sentence, its label in `columns`.
#[must_use]
pub fn sentence(view: &View<'_>, said: &Said, columns: usize) -> Lines {
    let theme = view.theme;
    let style = match said.tone {
        Tone::Plain => theme.text(),
        Tone::Strong => theme.strong(),
        Tone::Quiet => theme.quiet(),
        Tone::Trouble => theme.trouble(),
    };
    if said.text.is_empty() {
        return vec![labelled_path(view, said.label, columns, &said.place, theme.accent())];
    }
    let mut lines = labelled(view, said.label, columns, &said.text, style);
    if !said.place.is_empty() {
        lines.push(labelled_path(view, "", columns, &said.place, theme.quiet()));
    }
    lines
}
