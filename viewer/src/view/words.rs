//! Words that several screens use.

use super::View;
use super::doc::span;
use super::table::Cell;
use crate::model::findings;
use crate::model::moment::Moment;
use crate::model::series::Graph;
use crate::model::session::{Session, State};
use crate::model::tape::Interest;
use crate::text::{self, short_number};
use mapwatch_event::{Actor, Category, Conflict, Grade, Nanos, Role};
use ratatui::style::Style;
use ratatui::text::Span;

/// `✖ certain`.
#[must_use]
pub fn grade(view: &View<'_>, grade: Grade) -> Span<'static> {
    span(format!("{} {}", view.theme.grade_glyph(grade), grade.word()), view.theme.grade(grade))
}

/// When a moment was: how long ago while the program runs, else by the session's own time. A column of eleven holds any
/// of the former, one of fifteen the latter.
#[must_use]
pub fn when(view: &View<'_>, moment: Moment) -> String {
    let world = view.model.seen();
    match world.sessions.get(&moment.session) {
        Some(session) if session.is_live() => match session.now(world.clock).since(moment.at) {
            Nanos(0) => "now".to_owned(),
            ago => format!("{ago} ago"),
        },
        _ => format!("at {}", text::moment(moment.at)),
    }
}

/// The state of a session with its glyph.
#[must_use]
pub fn state(view: &View<'_>, session: &Session) -> (String, Style) {
    let [open, ended, cut] = view.theme.glyphs.states;
    match session.state {
        State::Open if session.origin.is_live() => (format!("{open} running"), view.theme.good()),
        State::Open => (format!("{open} reading"), view.theme.accent()),
        State::Ended(_) => (format!("{ended} ended"), view.theme.quiet()),
        State::Cut => (format!("{cut} cut off"), view.theme.trouble()),
    }
}

/// How long a session has run.
#[must_use]
pub fn uptime(view: &View<'_>, session: &Session) -> String {
    let now = session.now(view.model.clock());
    // Tenths of a second would flicker.
    if now.0 >= 1_000_000_000 {
        Nanos(now.0 / 1_000_000_000 * 1_000_000_000).to_string()
    } else {
        now.to_string()
    }
}

/// The title over rates: those of this moment, or means.
#[must_use]
pub fn traffic(is_live: bool) -> String {
    if is_live { "Traffic now" } else { "Traffic, mean over the session" }.to_owned()
}

/// What a graph of operations shows.
#[must_use]
pub fn graph(graph: &Graph) -> String {
    let span = graph.span();
    let shown = if graph.is_whole { format!("all {span}") } else { format!("the last {span}") };
    let highest = short_number(graph.highest());
    let throughout = if graph.is_flat() { "throughout" } else { "at most" };
    format!("graph: {shown}, a bar is {}, {highest}/s {throughout}", graph.step)
}

/// ``115 `report` `` of ``thread 115 `report` ``; empty for one without a name.
#[must_use]
pub fn brief_actor(title: &str) -> &str {
    title.split_once(' ').map_or("", |(_, rest)| if rest.contains('`') { rest } else { "" })
}

/// `orders.rs:23` of `SharedMap made at orders.rs:23`; empty for a map with a name.
#[must_use]
pub fn brief_map(title: &str) -> &str {
    title.split_once(" made at ").map_or("", |(_, place)| place)
}

/// The part of a title that tells it from others.
#[must_use]
pub fn brief_category(category: Category) -> &'static str {
    match category {
        Category::UninitialisedMap | Category::NilMap => "nil map",
        Category::GuardAcrossAwait => "guard across await",
        other => other.title().strip_prefix("concurrent ").unwrap_or_default(),
    }
}

/// Who met, in a column.
#[must_use]
pub fn who(conflict: &Conflict, style: Style) -> Cell {
    let titles =
        findings::who(conflict, |actor| Actor { on_thread: String::new(), ..actor.clone() }.to_string());
    Cell::new(titles.join(", "), style).or(findings::names(conflict))
}

/// What happened at the moment that is shown, where it is one of interest.
#[must_use]
pub fn happened(view: &View<'_>) -> Option<String> {
    let world = view.model.seen();
    Some(match view.model.tape.at(world.position)?.interest {
        Interest::Conflict(_) => {
            let finding = world.findings.newest()?;
            let map = finding.latest.map.title();
            let place = if brief_map(&map).is_empty() { &map } else { brief_map(&map) };
            format!("{} on {place}", finding.category().title())
        }
        Interest::Panic => {
            let latest = world.panics.iter().max_by_key(|group| group.recency())?;
            format!("{} panics", latest.latest.actor)
        }
        Interest::Process => "a process begins or ends".to_owned(),
        Interest::Task => "a task is cut short".to_owned(),
        Interest::Loss => "something is lost on the way".to_owned(),
        Interest::Inside => return None,
    })
}

/// What a role means, in a few words.
#[must_use]
pub fn role_meaning(role: Role) -> &'static str {
    match role {
        Role::Holder => "was inside first",
        Role::Attempt => "came second",
        Role::Look => "looked, and relied on it",
        Role::Between => "came between",
        Role::Act => "acted on an outdated look",
        Role::Waiter => "waits",
        Role::Begun => "did the first half",
        Role::Missing => "never came",
        Role::Cancel => "gave the work up",
        _ => "",
    }
}
