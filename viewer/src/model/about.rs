//! Which finding a line of the log tells of.
//!
//! What the viewer says of a panic knows its group. The program's own output is read: mapwatch's reports begin
//! with the headline of their conflict, and the standard library names the place of a panic.

use super::findings::Finding;
use super::log::{LineId, Log, LogLine, Voice};
use super::panics::PanicGroup;
use super::world::World;
use mapwatch_event::{Report, Role};

/// Lines that a report has at most before one of them.
const REPORT: usize = 200;

/// What a line tells of.
#[derive(Clone, Copy, Debug)]
pub enum About<'a> {
    /// A conflict.
    Conflict(&'a Finding),
    /// Panics of one group.
    Panic(&'a PanicGroup),
}

/// What a line tells of, where that is known: the line itself, or the one that begins its report.
#[must_use]
pub fn line(world: &World, id: LineId) -> Option<About<'_>> {
    let line = world.log.get(id)?;
    if let Some(group) = line.panic.and_then(|panic| world.panics.get(panic)) {
        return Some(About::Panic(group));
    }
    let head = head(&world.log, line)?;
    of_panic(world, &head.text).map(About::Panic).or_else(|| of_conflict(world, &head.text))
}

/// The line that begins what this one is a part of, as the program wrote it: reports and backtraces are indented,
/// or of known words.
fn head<'a>(log: &'a Log, line: &'a LogLine) -> Option<&'a LogLine> {
    if !matches!(line.voice, Voice::Program(_)) {
        return None;
    }
    let goes_on = |text: &str| text.starts_with(' ') || text == "stack backtrace:" || is_of_a_stack(text);
    if !goes_on(&line.text) {
        return Some(line);
    }
    let before = log.around(line.id).1.filter(|other| other.voice == line.voice);
    before.take(REPORT).find(|other| !goes_on(&other.text))
}

/// `holder's stack (taken when …):`, `look:`, `attempt's stack: not taken`: as a report begins a side's stack.
fn is_of_a_stack(text: &str) -> bool {
    use Role as R;
    let roles = [R::Look, R::Between, R::Act, R::Waiter, R::Begun, R::Missing, R::Cancel].map(Role::word);
    let mut words = ["holder's stack", "attempt's stack"].into_iter().chain(roles);
    words.any(|word| {
        let rest = text.strip_prefix(word);
        rest.is_some_and(|rest| rest.starts_with(':') || rest.starts_with(" (") && rest.ends_with(':'))
    })
}

/// `mapwatch: concurrent map writes: … [concurrent-writes]`: the latest finding with this headline.
fn of_conflict<'a>(world: &'a World, text: &str) -> Option<About<'a>> {
    let text = text.trim();
    if !text.starts_with("mapwatch: ") {
        return None;
    }
    let code = |finding: &&Finding| text.ends_with(&format!("[{}]", finding.category()));
    let said = |finding: &&Finding| {
        [&finding.latest, &finding.first].iter().any(|conflict| Report::new(conflict).headline() == text)
    };
    let of_category = || world.findings.iter().filter(code);
    let found = of_category().filter(said).max_by_key(|finding| finding.recency());
    // Other actors than those of the first and the last time: what it names in quotes, and where, are the same.
    let alike = || {
        let kept = |finding: &&Finding| quoted(&Report::new(&finding.latest).headline()) == quoted(text);
        of_category().filter(kept).max_by_key(|finding| finding.recency())
    };
    found.or_else(alike).map(About::Conflict)
}

/// What stands in backquotes: operations and the map.
fn quoted(text: &str) -> Vec<&str> {
    text.split('`').skip(1).step_by(2).collect()
}

/// `thread 'x' panicked at src/a.rs:3:5:`: the latest group of this place.
fn of_panic<'a>(world: &'a World, text: &str) -> Option<&'a PanicGroup> {
    let (_, place) = text.split_once("' panicked at ").or_else(|| text.split_once(") panicked at "))?;
    let place = place.trim_end().trim_end_matches(':');
    let there = world.panics.iter().filter(|group| group.latest.location.to_string() == place);
    there.max_by_key(|group| group.recency())
}
