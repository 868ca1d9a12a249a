//! What a call changes about a value where it stands, such as `map.get_mut(&id).unwrap().busy = true`.
//!
//! A value is handed out by a call and changed by what follows: an operator right behind it, a block in which it has
//! a name, a closure. Whatever may change it and is not understood is a change as well, of which nothing is said but
//! that it is there. What two changes are for each other is said by `pairs`.

mod pairs;

pub(super) use pairs::{Follows, follows, is_log};

use super::onward::{self, Onward, following, past_else};
use super::{Call, TURNS, closing, is_name, plain, split, word, words};
use std::ops::Range;

/// Calls that hand a value out to be changed where it stands, or put one in.
const LENDERS: [&str; 5] = ["get_mut", "try_get_mut", "entry", "alter", "insert"];
/// Calls upon an entry.
const UPON_ENTRIES: [&str; 5] =
    ["and_modify", "or_insert", "or_insert_with", "or_insert_with_key", "or_default"];
/// Calls that only lead to the value.
const TRANSPARENT: [&str; 9] = [
    "unwrap",
    "expect",
    "value_mut",
    "as_mut",
    "deref_mut",
    "ok_or",
    "ok_or_else",
    "unwrap_or_else",
    "borrow_mut",
];
/// Calls that leave a value as it is.
const LOOKS: [&str; 9] =
    ["clone", "to_owned", "to_string", "len", "is_empty", "is_some", "is_none", "as_str", "value"];

/// What is done to a value, or to a part of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Change {
    /// The fields that lead to the part.
    pub(super) path: String,
    pub(super) effect: Effect,
    /// It is done on every way through the call's statement or block.
    pub(super) always: bool,
    /// Where it ends.
    end: usize,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Effect {
    Add(String),
    Subtract(String),
    Set(String),
    /// The value is taken out, and goes by this name.
    Take(String),
    /// Anything else.
    Other,
}

impl Change {
    pub(super) fn end(&self) -> usize {
        self.end
    }

    /// As the source has it, without what leads to the value.
    pub(super) fn text(&self) -> String {
        let (operator, value) = match &self.effect {
            Effect::Add(value) => ("+=", value),
            Effect::Subtract(value) => ("-=", value),
            Effect::Set(value) => ("=", value),
            Effect::Take(_) => return format!("{}.take()", self.path).trim_start_matches('.').to_owned(),
            Effect::Other => return String::new(),
        };
        let field = self.path.rsplit('.').next().unwrap_or_default();
        format!("{field} {operator} {}", value.chars().take(60).collect::<String>()).trim_start().to_owned()
    }

    /// The same from outside of a function: a parameter is what stands for it there.
    pub(super) fn seen(self, outside: impl Fn(&str) -> Option<String>) -> Change {
        let name = |value: String| {
            let is_name = value.starts_with(char::is_lowercase) && value.chars().all(is_name);
            if is_name && value != "true" && value != "false" {
                outside(&value).unwrap_or(value)
            } else {
                value
            }
        };
        let effect = match self.effect {
            Effect::Add(value) => Effect::Add(name(value)),
            Effect::Subtract(value) => Effect::Subtract(name(value)),
            Effect::Set(value) => Effect::Set(name(value)),
            same => same,
        };
        Change { effect, ..self }
    }
}

/// Whether two paths lead to the same part, or one to a part of the other's.
pub(super) fn meet(one: &str, other: &str) -> bool {
    let inside = |outer: &str, inner: &str| {
        let rest = inner.strip_prefix(outer);
        outer.is_empty() || rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
    };
    inside(one, other) || inside(other, one)
}

/// All that one call's value is changed by.
pub(super) struct Changes<'a> {
    pub(super) call: Call<'a>,
    pub(super) all: Vec<Change>,
    /// Blocks that are left on the way: where they end, and where it goes on.
    exits: Vec<(usize, usize)>,
}

/// Whether a call of this name may hand a value out.
pub(super) fn is_lender(name: &str) -> bool {
    LENDERS.contains(&name)
}

impl<'a> Changes<'a> {
    /// What the call at a place changes; `None` where it hands nothing out.
    pub(super) fn at(text: &'a str, code: &'a str, at: usize) -> Option<Changes<'a>> {
        let name = word(&code[at..]);
        let base = if UPON_ENTRIES.contains(&name) { entry(code, at)? } else { at };
        let call = Call::at(text, code, base)?;
        if !is_lender(call.name) {
            return None;
        }
        let mut changes = Changes { call, all: Vec::new(), exits: Vec::new() };
        let is_read = match changes.call.name {
            "insert" => changes.inserted(),
            "alter" => changes.altered(),
            _ => changes.lent(),
        };
        if is_read.is_none() {
            changes.other("", changes.call.arguments.end + 1);
        }
        Some(changes)
    }

    /// The way behind one of the changes.
    pub(super) fn way(&self, change: &Change) -> Onward<'a> {
        Onward::leaving(change.end, self.exits.clone())
    }

    /// Those that may be a first half: nothing else happens to their part in the same call.
    pub(super) fn firsts(&self) -> impl Iterator<Item = &Change> {
        let alone =
            |change: &&Change| self.all.iter().filter(|other| meet(&other.path, &change.path)).count() == 1;
        let ages = self.all.iter().any(|change| pairs::ages(&change.path));
        self.all
            .iter()
            .filter(move |change| change.always && change.effect != Effect::Other && !ages)
            .filter(alone)
    }

    /// `insert(key, value)`: the value, or each of its fields.
    fn inserted(&mut self) -> Option<()> {
        let (text, code) = (self.call.text, self.call.code);
        let arguments: Vec<_> = split(code, self.call.arguments.clone()).collect();
        let [_, value] = &arguments[..] else { return None };
        let end = self.call.arguments.end + 1;
        let head = onward::head(code, self.call.at);
        if !head.is_empty() && !head.starts_with("let ") {
            return None;
        }
        let open = value.start + code[value.clone()].find(['{', '(', '|']).unwrap_or(0);
        let is_literal = code[open..].starts_with('{') && code[..open].trim_end().ends_with(is_name);
        if !is_literal {
            self.push("", Effect::Set(plain(&text[value.clone()])), true, end);
            return Some(());
        }
        for field in split(code, open + 1..closing(code, open)?) {
            if let Some((name, _)) = code[field.clone()].split_once(':') {
                let value = plain(&text[field.start + name.len() + 1..field.end]);
                self.push(name.trim(), Effect::Set(value), true, end);
            }
        }
        Some(())
    }

    /// `alter(key, |key, value| …)`.
    fn altered(&mut self) -> Option<()> {
        let arguments = self.call.arguments.clone();
        let closure = split(self.call.code, arguments.clone()).nth(1)?.start..arguments.end;
        let end = arguments.end + 1;
        let (name, body, is_block) = parts(self.call.code, &closure)?;
        if is_block {
            return self.closure(closure, end);
        }
        self.push("", relative(Effect::Set(plain(&self.call.text[body])), name), true, end);
        Some(())
    }

    /// What follows a call that hands the value out.
    fn lent(&mut self) -> Option<()> {
        let code = self.call.code;
        let mut end = self.call.arguments.end + 1;
        let mut path = String::new();
        loop {
            let (next, at) = following(code, end);
            match next {
                "?" => end = at + 1,
                "." => {
                    let (name, start) = following(code, at + 1);
                    let open = start + name.len();
                    if !code[open..].starts_with('(') {
                        push(&mut path, name);
                        end = open;
                        continue;
                    }
                    let close = closing(code, open)?;
                    end = close + 1;
                    match name {
                        "and_modify" => self.closure(open + 1..close, end)?,
                        "map" => return self.closure(open + 1..close, end),
                        _ if TRANSPARENT.contains(&name) || UPON_ENTRIES.contains(&name) => {}
                        "take" => return self.taken(&path, end),
                        "and_then" if code[open..close].trim_end().ends_with(".take()") => {
                            return self.taken(&path, end);
                        }
                        _ if LOOKS.contains(&name) => return Some(()),
                        _ => return None,
                    }
                }
                _ => return self.beyond(&path, end),
            }
        }
    }

    /// `let name = ….take()`, of which the name is what comes back; only where it has to be there, because whoever can
    /// do without it may drop it as well.
    fn taken(&mut self, path: &str, end: usize) -> Option<()> {
        let code = self.call.code;
        let (from, end) = (end, onward::chain(code, end)?);
        let demands = [".unwrap()", ".expect(", ".ok_or(", ".ok_or_else(", "?"];
        let rest = plain(&code[from..end]);
        let head = onward::head(code, self.call.at);
        let (next, at) = following(code, end);
        let (name, end) = match (between(head, "if let "), next) {
            (Some(pattern), "{") if rest.is_empty() => {
                let close = closing(code, at)?;
                if following(code, close + 1).0 == "else" {
                    return None;
                }
                self.exits.push((close, close + 1));
                (inner(pattern)?, at + 1)
            }
            (None, ";") if demands.iter().any(|demand| rest.starts_with(demand)) => {
                (name(between(head, "let ")?)?, at + 1)
            }
            (None, "else") if rest.is_empty() => {
                let open = at + code[at..].find('{')?;
                (inner(between(head, "let ")?)?, closing(code, open)? + 1)
            }
            _ => return None,
        };
        self.push(path, Effect::Take(name.to_owned()), true, end);
        Some(())
    }

    /// What stands behind the path to the value: an operator, a block, or the end of a `let`.
    fn beyond(&mut self, path: &str, end: usize) -> Option<()> {
        let code = self.call.code;
        let head = onward::head(code, self.call.at);
        if let Some((effect, stop)) = assignment(self.call.text, code, end) {
            let before = head.trim_end_matches('*').trim_end();
            let effect = if before.is_empty() || before.ends_with("=>") { effect } else { Effect::Other };
            self.push(path, effect, true, stop);
            return Some(());
        }
        let (next, at) = following(code, end);
        if let ("{", Some(pattern)) = (next, between(head, "if let ")) {
            let close = closing(code, at)?;
            self.exits.push((close, past_else(code, close + 1).unwrap_or(close + 1)));
            return self.named(inner(pattern)?, path, at + 1..close);
        }
        if let Some(pattern) = between(head.trim_end_matches("&mut").trim_end(), "let ") {
            let (name, from) = match next {
                ";" => (name(pattern)?, at + 1),
                "else" => {
                    let open = at + code[at..].find('{')?;
                    (inner(pattern)?, closing(code, open)? + 1)
                }
                _ => return None,
            };
            return self.named(name, path, from..block_end(code, from)?);
        }
        match next {
            "{" if head == "match" => self.arm(path, at),
            // An entry that was only looked for, or changed by its closures.
            ";" | "}" if head.is_empty() && self.call.name == "entry" => Some(()),
            _ => None,
        }
    }

    /// `match map.get_mut(&id) { Some(value) => …`, the arm that comes first.
    fn arm(&mut self, path: &str, open: usize) -> Option<()> {
        let code = self.call.code;
        let close = closing(code, open)?;
        let arrow = open + 1 + code[open + 1..close].find("=>")?;
        let name = inner(&code[open + 1..arrow])?;
        let (next, at) = following(code, arrow + 2);
        if next == "{" {
            let end = closing(code, at)?;
            self.exits.push((end, close + 1));
            return self.named(name, path, at + 1..end);
        }
        let known = self.all.len();
        let part = split(code, arrow + 2..close).next()?;
        self.named(name, path, part)?;
        self.all[known..].iter_mut().for_each(|change| change.end = close + 1);
        Some(())
    }

    /// What a closure does to its last parameter.
    fn closure(&mut self, closure: Range<usize>, end: usize) -> Option<()> {
        let (name, body, _) = parts(self.call.code, &closure)?;
        let known = self.all.len();
        self.named(name, "", body)?;
        self.all[known..].iter_mut().for_each(|change| change.end = end);
        Some(())
    }

    /// What is done through a name that the value goes by, in a part of the text.
    fn named(&mut self, name: &str, path: &str, part: Range<usize>) -> Option<()> {
        let code = self.call.code;
        let mut at = part.start;
        while let Some(found) = code.get(at..part.end)?.find(name) {
            let start = at + found;
            at = start + name.len();
            let before = &code[..start];
            if before.ends_with(is_name)
                || code[at..].starts_with(is_name)
                || before.trim_end().ends_with('.')
            {
                continue;
            }
            let before = before.trim_end();
            let is_given_up = before.strip_suffix('(').is_some_and(|call| call.ends_with("drop"));
            let is_another = before.ends_with("let") || before.ends_with("let mut");
            if is_given_up || is_another {
                break;
            }
            at = self.used(path, start..at, &part);
        }
        Some(())
    }

    /// One use of a name that the value goes by; the place up to which it is read.
    fn used(&mut self, path: &str, name: Range<usize>, part: &Range<usize>) -> usize {
        let code = self.call.code;
        let (mut path, mut at) = (path.to_owned(), name.end);
        while let (".", dot) = following(code, at) {
            let (field, from) = following(code, dot + 1);
            at = from + field.len();
            if !code[at..].starts_with('(') {
                push(&mut path, field);
            } else if LOOKS.contains(&field) {
                return at;
            } else if TRANSPARENT.contains(&field) {
                at = closing(code, at).map_or(at, |close| close + 1);
            } else {
                self.other(&path, at);
                return at;
            }
        }
        let before = code[part.start..name.start].trim_end().trim_end_matches('*').trim_end();
        let is_statement = before.is_empty() || before.ends_with([';', '{', '}']) || before.ends_with("=>");
        match assignment(self.call.text, code, at) {
            Some((effect, stop)) if is_statement => {
                let always = is_straight(&code[part.start..name.start]);
                let effect = relative(effect, &plain(&code[name.start..at]));
                // What is set may be made of the value once more.
                let is_sum = matches!(effect, Effect::Add(_) | Effect::Subtract(_));
                self.push(&path, effect, always, stop.min(part.end));
                return if is_sum { stop } else { at };
            }
            Some(_) => self.other(&path, at),
            // It is lent, or given away as a whole.
            None if before.ends_with("&mut") || path.is_empty() && before.ends_with(['(', ',']) => {
                self.other(&path, at);
            }
            None => {}
        }
        at
    }

    fn push(&mut self, path: &str, effect: Effect, always: bool, end: usize) {
        self.all.push(Change { path: path.to_owned(), effect, always, end });
    }

    fn other(&mut self, path: &str, end: usize) {
        self.push(path, Effect::Other, true, end);
    }
}

/// Adds a field to a path.
fn push(path: &mut String, field: &str) {
    if !path.is_empty() {
        path.push('.');
    }
    path.push_str(field);
}

/// The `entry(…)` that the call at `at` is made upon.
fn entry(code: &str, mut at: usize) -> Option<usize> {
    loop {
        let before = code[..at].trim_end().strip_suffix('.')?.trim_end();
        let open = super::opening(code, before.strip_suffix(')')?.len())?;
        let name = code[..open].trim_end_matches(is_name).len();
        match &code[name..open] {
            "entry" => return Some(name),
            call if UPON_ENTRIES.contains(&call) => at = name,
            _ => return None,
        }
    }
}

/// The last parameter of a closure, its body, and whether that is a block.
fn parts<'a>(code: &'a str, closure: &Range<usize>) -> Option<(&'a str, Range<usize>, bool)> {
    let inside = &code[closure.clone()];
    let open = inside.find('|')?;
    let close = open + 1 + inside[open + 1..].find('|')?;
    let name = name(inside[open + 1..close].rsplit(',').find(|part| !part.trim().is_empty())?)?;
    let from = closure.start + close + 1;
    Some(match following(code, from) {
        ("{", at) => (name, at + 1..closing(code, at)?, true),
        _ => (name, from..closure.end, false),
    })
}

/// The operator that follows and its value, and where they end.
fn assignment(text: &str, code: &str, at: usize) -> Option<(Effect, usize)> {
    let rest = code[at..].trim_start();
    let operator = &rest[..rest.find(|it: char| !"+-*/%^&|<>=".contains(it)).unwrap_or(0)];
    let make: fn(String) -> Effect = match operator {
        "=" => Effect::Set,
        "+=" => Effect::Add,
        "-=" => Effect::Subtract,
        "*=" | "/=" | "%=" | "^=" | "&=" | "|=" | "<<=" | ">>=" => |_| Effect::Other,
        // `= &…`, `= *…`, `= -…`.
        _ if operator.starts_with('=') && !operator.starts_with("==") && !operator.starts_with("=>") => {
            Effect::Set
        }
        _ => return None,
    };
    let skipped = if operator.ends_with('=') { operator.len() } else { 1 };
    let from = code.len() - rest.len() + skipped;
    let mut depth = 0;
    let end = code[from..].char_indices().find(|(_, character)| {
        match character {
            '(' | '[' | '{' => depth += 1,
            ')' | ']' | '}' => depth -= 1,
            _ => {}
        }
        depth < 0 || depth == 0 && matches!(character, ';' | ',')
    });
    let (end, last) = end.map_or((code.len(), ' '), |(end, last)| (from + end, last));
    Some((make(plain(&text[from..end])), end + usize::from(last == ';')))
}

/// A value that is made of the one before by a sum is a change by that sum.
fn relative(effect: Effect, own: &str) -> Effect {
    let Effect::Set(value) = &effect else { return effect };
    let Some(rest) = value.trim_start_matches('*').strip_prefix(own) else { return effect };
    let sum = |calls: [&str; 2], sign: char| {
        let call = calls.iter().find_map(|call| rest.strip_prefix(call)?.strip_suffix(')'));
        call.or_else(|| rest.strip_prefix(sign)).map(str::to_owned)
    };
    if let Some(value) = sum([".saturating_sub(", ".wrapping_sub("], '-') {
        return Effect::Subtract(value);
    }
    sum([".saturating_add(", ".wrapping_add("], '+').map_or(Effect::Other, Effect::Add)
}

/// What stands between a word and the `=` at the end.
fn between<'a>(head: &'a str, word: &str) -> Option<&'a str> {
    head.strip_prefix(word)?.strip_suffix('=').map(str::trim)
}

/// The name inside of `Some(…)` or its like.
fn inner(pattern: &str) -> Option<&str> {
    let open = pattern.find('(')?;
    name(pattern[open + 1..].trim_end().strip_suffix(')')?)
}

/// The name that a pattern is.
fn name(pattern: &str) -> Option<&str> {
    let plain =
        pattern.split(':').next()?.trim().trim_start_matches("ref ").trim_start_matches("mut ").trim();
    (!plain.is_empty() && plain.chars().all(is_name)).then_some(plain)
}

/// Where the block around a place ends.
fn block_end(code: &str, from: usize) -> Option<usize> {
    let open = onward::around(code, from)?;
    closing(code, open)
}

/// Whether whoever has come to the begin of a text comes to its end, and that is in no block of its own.
fn is_straight(code: &str) -> bool {
    let depth: i32 = code.chars().map(|it| i32::from(it == '{') - i32::from(it == '}')).sum();
    depth == 0 && !code.contains('?') && !words(code).any(|word| TURNS.contains(&word))
}
