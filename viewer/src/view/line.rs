//! One line of the log: all of it, when and from whom, what it tells of, and what was said around it.

use super::doc::{Lines, hanging, labelled, rule, span};
use super::{View, doc};
use crate::model::about::{self, About};
use crate::model::findings;
use crate::model::log::{LineId, LogLine, Voice};
use crate::model::program::Output;
use crate::model::session::Session;
use crate::text::moment;
use ratatui::style::Style;
use ratatui::text::Line;

/// Columns of the labels.
const LABEL: usize = 8;
/// Lines shown before it and behind it.
const AROUND: (usize, usize) = (5, 20);

/// The page.
#[must_use]
pub fn page(view: &View<'_>, id: LineId) -> Lines {
    let world = view.model.seen();
    let Some(line) = world.log.get(id) else {
        return doc::quiet(view, "this line is no longer kept, or was not said yet at this moment");
    };
    let theme = view.theme;
    let style = style(view, line);
    let text = Line::from(span(line.text.replace('␊', " "), style));
    let mut lines = hanging(view, span(" ", theme.text()), text);
    lines.push(Line::default());
    let when = world.since_start(line.at);
    lines.extend(labelled(view, "at", LABEL, &when.to_string(), theme.text()));
    lines.extend(labelled(view, "from", LABEL, &speaker(view, line), theme.text()));
    lines.extend(tells(view, id));
    if let Some(number) = number_of_the_system(&line.text) {
        let text = format!(
            "{number} is the operating system's number of the thread; mapwatch numbers threads and tasks itself, in \
             the order in which it meets them"
        );
        lines.extend(labelled(view, "number", LABEL, &text, theme.quiet()));
    }
    let (behind, before) = world.log.around(id);
    let mut around: Vec<(&LogLine, bool)> = before.take(AROUND.0).map(|line| (line, false)).collect();
    around.reverse();
    around.push((line, true));
    around.extend(behind.take(AROUND.1).map(|line| (line, false)));
    if around.len() > 1 {
        lines.push(Line::default());
        lines.push(rule(view, "Said around it, oldest first"));
        lines.extend(around.into_iter().flat_map(|(line, here)| neighbour(view, line, here)));
    }
    lines
}

/// How a line of the log looks.
#[must_use]
pub fn style(view: &View<'_>, line: &LogLine) -> Style {
    match line.voice {
        Voice::Viewer => view.theme.accent(),
        Voice::Trouble => view.theme.trouble(),
        Voice::Program(_) => view.theme.text(),
    }
}

/// Who speaks, in words.
fn speaker(view: &View<'_>, line: &LogLine) -> String {
    let program = || match &view.model.seen().program {
        Some(program) => format!("{}, process {}", program.name(), program.pid),
        None => "the program".to_owned(),
    };
    match line.voice {
        Voice::Viewer => "mapview".to_owned(),
        Voice::Trouble => "mapview, about trouble".to_owned(),
        Voice::Program(Output::Stdout) => format!("standard output of {}", program()),
        Voice::Program(Output::Stderr) => format!("standard error of {}", program()),
    }
}

/// The finding that it tells of, and which key opens it.
fn tells(view: &View<'_>, id: LineId) -> Lines {
    let theme = view.theme;
    let world = view.model.seen();
    let Some(about) = about::line(world, id) else { return Lines::new() };
    let (what, who, session) = match about {
        About::Conflict(finding) => {
            let actors = findings::who(&finding.latest, ToString::to_string);
            let what = format!("{} on {}", finding.category().title(), finding.latest.map.title());
            (what, actors.join(" and "), finding.last_seen.session)
        }
        About::Panic(group) => {
            let what = format!("a panic at {}", group.latest.location);
            (what, group.latest.actor.to_string(), group.last_seen.session)
        }
    };
    let mut lines = labelled(view, "of", LABEL, &format!("{what}; Enter opens it"), theme.strong());
    lines.extend(labelled(view, "by", LABEL, &who, theme.text()));
    let process = world.sessions.get(&session).map(|session| Session::title(session));
    if let Some(process) = process.filter(|_| world.sessions.len() > 1) {
        lines.extend(labelled(view, "process", LABEL, &process, theme.text()));
    }
    lines
}

/// The number in `thread 'settle' (3109) panicked at …`, as the standard library writes it.
fn number_of_the_system(text: &str) -> Option<&str> {
    let (named, rest) = text.strip_prefix("thread '")?.split_once(") panicked at ")?;
    let (_, number) = named.rsplit_once("' (")?;
    let is_number = !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit());
    (is_number && !rest.is_empty()).then_some(number)
}

/// When it was said, in as many columns as the latest moment takes, so that all stand below each other.
#[must_use]
pub fn time(view: &View<'_>, line: &LogLine) -> String {
    let world = view.model.seen();
    let columns = moment(world.since_start(world.until)).len().max(9);
    format!("{:>columns$}", moment(world.since_start(line.at)))
}

/// A line said nearby, whole.
fn neighbour(view: &View<'_>, line: &LogLine, here: bool) -> Lines {
    let theme = view.theme;
    let mark = if here { theme.glyphs.chosen } else { ' ' };
    let time = time(view, line);
    let style = if here { theme.strong() } else { style(view, line) };
    let text = Line::from(span(line.text.clone(), style));
    hanging(view, span(format!("{mark}{time}  "), theme.quiet()), text)
}
