//! What the source says about how an act depends on a look. Where the source is not at hand, nothing is said.
//!
//! | asked | the text says so where |
//! |---|---|
//! | a value decides, and what came between changes what decides | a comparison stands between look and act, in one function, or below the look in its own; and it compares a field that the other one stores into, or a whole value that it stores over, or asks whether something is expired |
//! | that there was nothing decides | the act stands in a block that begins after the look, or behind a way out |
//! | the key is the length | the name that the length was given is among the act's arguments |
//! | what is stored is a copy of what was copied | the name that the copy was given, or one made of it, stands on the right of an assignment under the act's lock |
//! | a miss is the zero of a value | the statement of the look puts a number in its place (`unwrap_or(0)`, `unwrap_or_default()`) |

use crate::cancel::text::{closing, is_name, mask, offset, statement_start, words};
use crate::raise;
use crate::site::StaticSite;
use crate::stack::{self, RawStack};
use mapwatch_event::{Site, Stack};

/// What a finding relies on beside the order of events.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Reliance {
    /// Nothing: the order is enough.
    Order,
    /// That the value decided, and that the change was of what decides.
    Value,
    /// That it was decided by there being nothing.
    Emptiness,
    /// That the key is the length.
    Length,
    /// That a copy, changed, was put in the place of what was copied.
    Copy,
}

/// Words in the name of a question that a change in place answers anew.
const AGEING: [&str; 9] =
    ["expired", "stale", "idle", "elapsed", "timed_out", "outdated", "too_old", "is_old", "inactive"];

const COMPARISONS: [&str; 6] = [" < ", " > ", " <= ", " >= ", " == ", " != "];

/// What lets a comparison decide.
const CONDITIONS: [&str; 7] = ["if ", "match ", "while ", "filter(", "is_some_and(", ".then(", "any("];

/// What is asked beside a question, and may let in one only.
const TURNSTILES: [&str; 6] = ["&&", ".swap(", "compare_exchange", "fetch_", "call_once", "get_or_init"];

/// Ways out of a block.
const EXITS: [&str; 4] = ["return", "continue", "break", "?;"];

/// The texts of a look, an act and what came between, each with the place of its call.
pub(super) struct Source {
    look: Option<(String, usize)>,
    between: Option<(String, usize)>,
    act: Option<(String, usize)>,
    same_file: bool,
}

impl Source {
    /// Reads the files; the stacks know where they are.
    pub(super) fn read(look: StaticSite, between: StaticSite, act: StaticSite, stacks: &[&Stack]) -> Source {
        let text_of = |site: StaticSite| {
            let place = Site::from(site);
            let text = stacks.iter().find_map(|stack| raise::source(&place, Some(stack)))?;
            let code = mask(&text);
            let at = offset(&text, place.line, place.column)?;
            Some((code, at))
        };
        let same_file = look.file() == act.file();
        Source { look: text_of(look), between: text_of(between), act: text_of(act), same_file }
    }

    /// Whether the source bears it out.
    pub(super) fn bears_out(&self, reliance: Reliance) -> bool {
        match reliance {
            Reliance::Order => true,
            Reliance::Value => self.value_decides().unwrap_or(false),
            Reliance::Emptiness => self.emptiness_decides().unwrap_or(false),
            Reliance::Length => self.key_is_length().unwrap_or(false),
            Reliance::Copy => self.copy_is_stored().unwrap_or(false),
        }
    }

    /// Whether the look takes a number where there is no value.
    pub(super) fn has_zero(&self) -> bool {
        let Some((code, at)) = &self.look else { return false };
        let statement = &code[*at..statement_end(code, *at)];
        let number = |after: &str| after.trim_start().starts_with(|first: char| first.is_ascii_digit());
        statement.contains(".unwrap_or_default(")
            || [".unwrap_or(", ".map_or("].iter().any(|word| statement.split(word).skip(1).any(number))
    }

    /// The code from the look's statement to the act, if they are in one function and in this order.
    fn way(&self) -> Option<&str> {
        let ((code, look), (_, act)) = (self.look.as_ref()?, self.act.as_ref()?);
        let way = code.get(statement_start(code, *look)..*act).filter(|_| self.same_file)?;
        (!way.contains("fn ")).then_some(way)
    }

    fn value_decides(&self) -> Option<bool> {
        let (code, look) = self.look.as_ref()?;
        let start = statement_start(code, *look);
        let way = self.way().unwrap_or_else(|| {
            let rest = &code[start..];
            &rest[..rest.find("fn ").unwrap_or(rest.len())]
        });
        let (other, between) = self.between.as_ref()?;
        let rest = &other[statement_start(other, *between)..];
        let change = &rest[..block_end(rest)];
        let is_condition = self.way().is_none() || CONDITIONS.iter().any(|word| way.contains(word));
        let asks_age = AGEING.iter().any(|word| way.contains(word));
        let compares = COMPARISONS.iter().any(|word| way.contains(word));
        let same_field = stored_fields(change).any(|field| has_field(way, field));
        Some(is_condition && (asks_age || compares && (same_field || stores_whole(change))))
    }

    fn emptiness_decides(&self) -> Option<bool> {
        let way = self.way()?;
        let (opened, closed) = (way.matches('{').count(), way.matches('}').count());
        let leaves = EXITS.iter().any(|word| way.contains(word));
        // Where something else is asked as well, that may be what lets one in alone.
        let alone = !TURNSTILES.iter().any(|word| way.contains(word));
        Some(way.contains("if ") && alone && (opened > closed || leaves))
    }

    fn key_is_length(&self) -> Option<bool> {
        let ((code, look), (_, act)) = (self.look.as_ref()?, self.act.as_ref()?);
        let open = act + code[*act..].find('(')?;
        let close = closing(code, open)?;
        if !self.same_file || (open..close).contains(look) {
            return Some(self.same_file);
        }
        let name = bound_name(self.way()?)?;
        Some(words(&code[open..close]).any(|word| word == name))
    }

    fn copy_is_stored(&self) -> Option<bool> {
        let (way, (code, act)) = (self.way()?, self.act.as_ref()?);
        let mut names = vec![bound_name(way)?];
        for statement in way.split([';', '{', '}']).skip(1) {
            if let Some(name) = bound_name(statement)
                && words(statement).any(|word| names.contains(&word))
            {
                names.push(name);
            }
        }
        let rest = &code[statement_start(code, *act)..];
        let mut statements = rest[..block_end(rest)].split([';', '{', '}']);
        Some(statements.any(|statement| {
            let value =
                assigned(statement).filter(|(place, _)| place.starts_with('*') || place.contains('.'));
            value.is_some_and(|(_, value)| words(value).any(|word| names.contains(&word)))
        }))
    }
}

/// Whether the source has a look and, behind it, an act in one function.
pub(super) fn are_in_one_function(look: StaticSite, act: StaticSite, stacks: &[&RawStack]) -> bool {
    let stacks: Vec<Stack> = stacks.iter().map(|stack| stack::resolve(stack, "")).collect();
    let stacks: Vec<&Stack> = stacks.iter().collect();
    Source::read(look, act, act, &stacks).way().is_some()
}

/// Where the statement ends in which `at` stands; a block that it opens is not part of it.
fn statement_end(code: &str, at: usize) -> usize {
    code[at..].find([';', '{', '}']).map_or(code.len(), |end| at + end)
}

/// Where the block ends in which `code` begins.
fn block_end(code: &str) -> usize {
    let mut depth = 0_usize;
    let closes = |(_, c): &(usize, char)| {
        match c {
            '{' => depth += 1,
            '}' if depth == 0 => return true,
            '}' => depth -= 1,
            _ => {}
        }
        false
    };
    code.char_indices().find(closes).map_or(code.len(), |(at, _)| at)
}

/// The names of fields that are stored into: `.name = `, `.name += `.
fn stored_fields(code: &str) -> impl Iterator<Item = &str> {
    stores(code).filter_map(|target| {
        let (before, name) = target.rsplit_once('.')?;
        (!before.is_empty() && !name.is_empty() && name.chars().all(is_name)).then_some(name)
    })
}

/// Whether a whole value is stored over: `*place = `, `*place += `.
fn stores_whole(code: &str) -> bool {
    stores(code)
        .any(|target| target.starts_with('*') && !target.contains('.') || target.ends_with(".unwrap()"))
}

/// What stands on the left of each assignment that is no `let`.
fn stores(code: &str) -> impl Iterator<Item = &str> {
    code.split([';', '{', '}', ',']).filter_map(|statement| Some(assigned(statement)?.0))
}

/// Both sides of an assignment that is no `let`.
fn assigned(statement: &str) -> Option<(&str, &str)> {
    let (at, _) = statement.match_indices('=').find(|(at, _)| {
        let before = statement[..*at].chars().next_back().unwrap_or(' ');
        let after = statement[at + 1..].chars().next().unwrap_or(' ');
        !matches!(after, '=' | '>') && !matches!(before, '=' | '!' | '<' | '>')
    })?;
    let left = statement[..at].trim_end_matches(['+', '-', '*', '/', '|', '&', '^', ' ']);
    // In a closure, the store follows its arguments.
    let left = left.rsplit('|').next().unwrap_or(left).trim();
    (!left.starts_with("let ") && !left.contains(" let ")).then_some((left, &statement[at + 1..]))
}

/// The name that a `let` statement binds.
fn bound_name(statement: &str) -> Option<&str> {
    let name = statement.trim_start().strip_prefix("let ")?.trim_start();
    let name = name.strip_prefix("mut ").unwrap_or(name).trim_start();
    let name = &name[..name.find(|c: char| !is_name(c))?];
    (!name.is_empty()).then_some(name)
}

/// Whether the code reads a field of this name.
fn has_field(code: &str, name: &str) -> bool {
    code.match_indices(name).any(|(at, _)| {
        let after = code[at + name.len()..].chars().next().unwrap_or(' ');
        code[..at].ends_with('.') && !is_name(after) && after != '('
    })
}

#[cfg(test)]
#[path = "decision_tests.rs"]
mod tests;
