//! What the source says must come after a change of a map: the other half of an update.
//!
//! The two halves have an `.await` between them and nothing that could turn off on the way: no `?`, no `return`,
//! no branch around the second one. Whoever did the first and never comes to the second has panicked, or was
//! dropped at that `.await`. Where the text is not that plain, nothing is said.
//! A branch that the first half itself decides is none: what found its entry has gone past the `else`
//! (`onward`).
//! Either half may stand in a function of its own (`through`): then what has to come is read where that is called.
//! An entry comes and goes, or another map has the rest; or a value changes where it stands, and changes back
//! (`value`). Of the latter only few pairs are known to belong together (`value/pairs`); what a value's own methods do,
//! what is counted by atomics inside of it, and numbers that are set say nothing. There the second half may stand in
//! each of several branches as well (`branches`).

mod branches;
mod lexing;
mod onward;
mod through;
mod value;
mod walk;

pub(crate) use lexing::{closing, is_name, mask, offset, opening, statement_start, word, words};

use lexing::place;
use mapwatch_event::Category;
use onward::{Onward, around};
use std::ops::{Range, RangeInclusive};
use value::{Change, Changes, Effect, Follows};
use walk::{Step, Walk};

/// The second half of an update.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Partner {
    /// The line and the column of its call, counted from 1.
    pub(super) line: u32,
    pub(super) column: u32,
    /// The line on which what it does ends.
    pub(super) last: u32,
    /// The method's name.
    pub(super) name: String,
    /// What it is when only the first half ever happens.
    pub(super) category: Category,
    /// Whoever does the second half has to have what the first one's map is kept in: it is the same map, or another
    /// field of the same thing.
    pub(super) is_near: bool,
    /// The lines of the calls through which the first half has to have been reached; none where it is called by the
    /// one who awaits.
    pub(super) callers: Vec<Range<u32>>,
    /// The lines of the calls through which the second half is reached; none where it is not in a function of its own.
    pub(super) seconds: Vec<Range<u32>>,
    /// What the two halves do to a value that stays where it is; `None` where entries come and go.
    pub(super) value: Option<InPlace>,
}

/// The halves of an update in place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct InPlace {
    /// Several may have begun at the same value: each adds to it, and takes back its own.
    pub(super) counts: bool,
    /// The second half changes another value.
    pub(super) elsewhere: bool,
    /// The part that is changed, and how, as the source has it.
    pub(super) path: String,
    pub(super) first: String,
    pub(super) second: String,
    /// The lines of the first half.
    pub(super) lines: RangeInclusive<u32>,
}

impl Partner {
    /// Another branch has this one instead.
    fn or(&mut self, other: Partner) {
        let (first, last) = (self.line.min(other.line), self.last.max(other.last));
        if self.line != other.line {
            (self.line, self.last) = (first, last);
        }
        self.seconds.extend(other.seconds);
    }
}

impl InPlace {
    /// Whether what changes these parts leaves this one as it is.
    pub(super) fn is_apart(&self, paths: &[String]) -> bool {
        !paths.iter().any(|path| value::meet(path, &self.path))
    }
}

const INSERTS: [&str; 1] = ["insert"];
const REMOVES: [&str; 5] = ["remove", "remove_entry", "swap_remove", "shift_remove", "take"];
/// What puts an entry in where none is.
const OR_INSERTS: [&str; 4] = ["or_insert", "or_insert_with", "or_insert_with_key", "or_default"];
/// Calls that only lead to the map.
const LEADING: [&str; 11] = [
    "lock",
    "write",
    "read",
    "unwrap",
    "expect",
    "await",
    "borrow_mut",
    "as_mut",
    "blocking_lock",
    "blocking_write",
    "unwrap_or_else",
];
/// Words after which the way may not go on.
const TURNS: [&str; 9] =
    ["return", "break", "continue", "bail", "ensure", "panic", "unreachable", "todo", "exit"];

/// The second half that the text names for the call at a place, if it does so beyond doubt.
pub(super) fn partner(text: &str, line: u32, column: u32) -> Option<Partner> {
    let code = mask(text);
    let at = offset(text, line, column)?;
    whole(text, &code, at).or_else(|| in_place(text, &code, at))
}

/// Of an update by which entries come and go.
fn whole(text: &str, code: &str, at: usize) -> Option<Partner> {
    let (first, at, end) = first(text, code, at)?;
    second(code, &first, at, || onward::way(code, at, end, first.removes()))
}

/// Of an update by which a value changes where it stands.
fn in_place(text: &str, code: &str, at: usize) -> Option<Partner> {
    let changes = Changes::at(text, code, at)?;
    changes.firsts().find_map(|change| {
        let first = Call { change: Some(change.clone()), ..changes.call.clone() };
        let partner = second(code, &first, at, || changes.way(change));
        // One call that does both, in a function of its own, is told apart by who calls that.
        let is_apart = |partner: &Partner| (partner.line, partner.column) != place(text, first.at);
        partner
            .filter(|partner| is_apart(partner) || !partner.seconds.is_empty() && !partner.callers.is_empty())
    })
}

/// The second half behind a first one at `at`, where it is, or where the function is called that ends before it comes.
fn second<'a>(code: &'a str, first: &Call<'a>, at: usize, way: impl Fn() -> Onward<'a>) -> Option<Partner> {
    match after(code, first, way()) {
        Way::Comes(partner) => Some(partner),
        Way::Turns => through::partner(code, first, at, way()),
        Way::Undone => None,
    }
}

/// The parts of a value that the call at a place changes; `None` where that cannot be said.
pub(super) fn touched(text: &str, line: u32, column: u32) -> Option<Vec<String>> {
    let code = mask(text);
    let changes = Changes::at(text, &code, offset(text, line, column)?)?;
    Some(changes.all.into_iter().map(|change| change.path).collect())
}

/// What comes after a first half.
enum Way {
    /// The second one, on every way.
    Comes(Partner),
    /// The way may turn off, or ends, before anything else happens to the key.
    Turns,
    /// Something else happens to the key, or the second half comes before anything could stop it.
    Undone,
}

/// Goes the way that begins behind a first half.
fn after<'a>(code: &'a str, first: &Call<'a>, way: Onward<'a>) -> Way {
    let from = way.at;
    let mut walk = Walk::new(code, way);
    let mut bound: Vec<&str> = Vec::new();
    while let Some(step) = walk.next() {
        let (met, awaited) = match step {
            Step::Turn => return Way::Turns,
            Step::Bound(name) => {
                bound.push(name);
                continue;
            }
            Step::Call(at) => (first.met_by(&through::calls(first.text, code, at), &bound), walk.awaited),
            Step::Branches(at) => match in_branches(code, first, at) {
                Some((met, awaited)) => (met, awaited || walk.awaited),
                None => continue,
            },
        };
        match met {
            Met::By(partner) if awaited && !value::is_log(first, from) => return Way::Comes(partner),
            Met::By(_) | Met::Spoilt => return Way::Undone,
            Met::Not => {}
        }
    }
    Way::Turns
}

/// What the branches that begin at a word are to the first half of an update in place, where all of them are the same,
/// and whether something is awaited in front of them.
fn in_branches<'a>(code: &'a str, first: &Call<'a>, at: usize) -> Option<(Met, bool)> {
    first.change.as_ref()?;
    let (head, all) = branches::branches(code, at)?;
    let mut found: Option<Partner> = None;
    for branch in all {
        match in_branch(&code[..branch.end], code, first, branch.start) {
            Met::By(partner) => match &mut found {
                Some(found) => found.or(partner),
                None => found = Some(partner),
            },
            Met::Spoilt => return Some((Met::Spoilt, true)),
            Met::Not => return None,
        }
    }
    Some((Met::By(found?), code[head].contains(".await")))
}

fn in_branch<'a>(branch: &'a str, code: &'a str, first: &Call<'a>, from: usize) -> Met {
    let mut walk = Walk::new(branch, Onward::from(from));
    while let Some(step) = walk.next() {
        let met = match step {
            Step::Turn => return Met::Not,
            Step::Call(at) => first.met_by(&through::calls(first.text, code, at), &[]),
            Step::Branches(_) | Step::Bound(_) => Met::Not,
        };
        if !matches!(met, Met::Not) {
            return met;
        }
    }
    Met::Not
}

/// What calls are to a first half.
enum Met {
    /// The second one is among them.
    By(Partner),
    /// They do something else to what it is about.
    Spoilt,
    Not,
}

/// The call that does the first half, and where what it does begins and ends. `entry(…).or_insert(…)` is one, of either name, and so is an
/// `insert` into an entry that was found vacant.
fn first<'a>(text: &'a str, code: &'a str, at: usize) -> Option<(Call<'a>, usize, usize)> {
    let call = Call::at(text, code, at)?;
    let end = call.arguments.end + 1;
    if call.name == "insert"
        && let Some(entry) = onward::vacant(code, at)
    {
        let call = Call::at(text, code, entry.call)?;
        return (call.name == "entry").then_some((call, at, end));
    }
    if REMOVES.contains(&call.name) || INSERTS.contains(&call.name) {
        return Some((call, at, end));
    }
    let (entry, name) = match call.name {
        // Its own call may be all that is known of what fills it.
        "entry" if let Some(insert) = onward::filled(code, at, end) => {
            let end = closing(code, insert + "insert".len())? + 1;
            return Some((call, insert, end));
        }
        "entry" => {
            let next = code[end..].find('.').filter(|dot| code[end..end + dot].trim().is_empty())?;
            (at, end + next + 1)
        }
        _ => {
            let before = code[..at].trim_end().strip_suffix('.')?.trim_end();
            let open = opening(code, before.strip_suffix(')')?.len())?;
            (code[..open].strip_suffix("entry")?.len(), at)
        }
    };
    let inserts = Call::at(text, code, name).filter(|call| OR_INSERTS.contains(&call.name))?;
    let end = inserts.arguments.end + 1;
    Some((Call::at(text, code, entry)?, at, end))
}

/// A call of a method on a map.
#[derive(Clone)]
struct Call<'a> {
    name: &'a str,
    at: usize,
    receiver: String,
    key: String,
    arguments: Range<usize>,
    /// It stands in another function than the one that is read; what its arguments say is that one's.
    is_elsewhere: bool,
    /// What it does to the value, where that stays where it is.
    change: Option<Change>,
    /// The lines of the call through which it is reached, where it stands in another function.
    through: Option<Range<u32>>,
    text: &'a str,
    code: &'a str,
}

impl<'a> Call<'a> {
    fn at(text: &'a str, code: &'a str, at: usize) -> Option<Call<'a>> {
        let name = word(&code[at..]);
        let open = at + name.len();
        if name.is_empty() || !code[open..].starts_with('(') {
            return None;
        }
        let arguments = open + 1..closing(code, open)?;
        let receiver = receiver(code, at)?;
        let key = split(code, arguments.clone()).next().map(|key| plain(&text[key])).unwrap_or_default();
        Some(Call {
            name,
            at,
            receiver,
            key,
            arguments,
            is_elsewhere: false,
            change: None,
            through: None,
            text,
            code,
        })
    }

    fn removes(&self) -> bool {
        REMOVES.contains(&self.name)
    }

    /// Whether whoever can reach one map can reach the other.
    fn is_near(&self, other: &Call<'_>) -> bool {
        let root = |path: &str| path.rsplit_once('.').map(|(root, _)| root.to_owned());
        self.receiver == other.receiver
            || root(&self.receiver).is_some_and(|own| root(&other.receiver) == Some(own))
    }

    /// Names and literals in the arguments.
    fn names(&self) -> Vec<&'a str> {
        let arguments = &self.text[self.arguments.clone()];
        let parts = arguments.split(|character: char| !character.is_alphanumeric() && character != '_');
        parts
            .filter(|part| !part.is_empty() && !["clone", "to_owned", "to_string", "into"].contains(part))
            .collect()
    }

    /// What calls that come later, all by one, are to this one.
    fn met_by(&self, seconds: &[Call<'_>], bound: &[&str]) -> Met {
        let Some(change) = &self.change else {
            let half = |second: &Call<'_>| Some(self.partner(second, self.followed_by(second, bound)?));
            return seconds
                .iter()
                .filter(|second| second.change.is_none())
                .find_map(half)
                .map_or(Met::Not, Met::By);
        };
        let met = |wanted: Follows| {
            seconds.iter().filter(move |second| value::follows(self, change, second) == wanted)
        };
        if met(Follows::Spoils).next().is_some() {
            return Met::Spoilt;
        }
        // One of several branches is taken; a single one may be passed by.
        let always = |second: &&Call<'_>| second.change.as_ref().is_none_or(|next| next.always);
        let is_sure = met(Follows::Ends).any(|second| always(&second)) || met(Follows::Ends).count() > 1;
        match met(Follows::Ends).next() {
            Some(second) if is_sure => Met::By(self.partner(second, Category::CancelledMidUpdate)),
            Some(_) => Met::Spoilt,
            None => Met::Not,
        }
    }

    fn partner(&self, second: &Call<'_>, category: Category) -> Partner {
        let (line, column) = place(self.text, second.at);
        let in_place = |change: &Change| InPlace {
            counts: matches!(change.effect, Effect::Add(_) | Effect::Subtract(_)),
            elsewhere: (&self.receiver, &self.key) != (&second.receiver, &second.key),
            path: change.path.clone(),
            lines: place(self.text, self.at).0..=place(self.text, change.end()).0,
            first: change.text(),
            second: second.change.as_ref().map_or_else(|| second.name.to_owned(), Change::text),
        };
        Partner {
            line,
            column,
            last: second.change.as_ref().map_or(line, |change| place(self.text, change.end()).0),
            name: second.name.to_owned(),
            category,
            is_near: self.is_near(second),
            callers: Vec::new(),
            seconds: second.through.clone().into_iter().collect(),
            value: self.change.as_ref().map(in_place),
        }
    }

    /// What is missing when `second` does not come; `None` where it is not the other half.
    fn followed_by(&self, second: &Call<'_>, bound: &[&str]) -> Option<Category> {
        let same_map = self.receiver == second.receiver;
        let (takes, puts) = (second.removes(), INSERTS.contains(&second.name));
        if second.code[second.arguments.clone()].contains(".await") {
            return None;
        }
        match (self.removes(), same_map) {
            (false, true) if takes && self.key == second.key => Some(Category::LeakedEntry),
            (true, true) if puts && self.key == second.key => Some(Category::CancelledMidUpdate),
            (_, false) if puts && !self.is_elsewhere && !second.is_elsewhere => {
                // All that the second one writes was there when the first one wrote: they belong together.
                let names = second.names();
                let shares = self.names().iter().any(|name| names.contains(name));
                let known = !names.iter().any(|name| bound.contains(name));
                (shares && known).then_some(Category::CancelledMidUpdate)
            }
            _ => None,
        }
    }
}

/// The arguments between two brackets.
fn split(code: &str, arguments: Range<usize>) -> impl Iterator<Item = Range<usize>> {
    let (mut depth, mut start, mut parts) = (0, arguments.start, Vec::new());
    for (at, character) in code[arguments.clone()].char_indices() {
        match character {
            '(' | '[' | '{' => depth += 1,
            ')' | ']' | '}' => depth -= 1,
            ',' if depth == 0 => {
                parts.push(start..arguments.start + at);
                start = arguments.start + at + 1;
            }
            _ => {}
        }
    }
    parts.push(start..arguments.end);
    parts.into_iter().filter(|part| !code[part.clone()].trim().is_empty()).collect::<Vec<_>>().into_iter()
}

/// What names a key, without what only lends, copies or converts it.
fn plain(key: &str) -> String {
    let key: String =
        key.trim().trim_start_matches("&mut ").chars().filter(|it| !it.is_whitespace()).collect();
    let mut key = key.trim_start_matches(['&', '*']);
    loop {
        let before = key;
        for tail in [".clone()", ".to_owned()", ".to_string()", ".into()", ".as_str()"] {
            key = key.strip_suffix(tail).unwrap_or(key);
        }
        if key == before {
            return key.to_owned();
        }
    }
}

/// The map that a method is called on: the path before it, without what only leads to it.
fn receiver(code: &str, at: usize) -> Option<String> {
    let before = code[..at].trim_end().strip_suffix('.')?.trim_end();
    let path = leading(&before[expression(before)..]);
    if path.is_empty() {
        return None;
    }
    // A guard goes by the name of what it guards.
    let bound = [format!("let mut {path} ="), format!("let {path} =")];
    let guard = bound.iter().filter_map(|bound| Some(code[..at].rfind(bound.as_str())? + bound.len())).max();
    let guard = guard.and_then(|start| Some(leading(&code[start..start + code[start..].find(';')?])));
    Some(guard.filter(|guard| !guard.is_empty()).unwrap_or(path))
}

/// Where the path that ends here begins.
fn expression(before: &str) -> usize {
    let mut depth = 0;
    let mut start = before.len();
    for (at, character) in before.char_indices().rev() {
        match character {
            ')' | ']' => depth += 1,
            '(' | '[' if depth > 0 => depth -= 1,
            _ if depth > 0 || is_name(character) || character == '.' => {}
            _ if character.is_whitespace() && before[start..].trim_start().starts_with('.') => {}
            _ => break,
        }
        if !character.is_whitespace() {
            start = at;
        }
    }
    start
}

/// A path without brackets and without the calls that only lead to its end.
fn leading(path: &str) -> String {
    let mut plain = String::new();
    let mut depth = 0;
    for character in path.chars() {
        match character {
            '(' | '[' => depth += 1,
            ')' | ']' => depth -= 1,
            _ if depth == 0 && (is_name(character) || character == '.') => plain.push(character),
            _ => {}
        }
    }
    plain.split('.').filter(|part| !part.is_empty() && !LEADING.contains(part)).collect::<Vec<_>>().join(".")
}

#[cfg(test)]
#[path = "text_tests.rs"]
mod tests;
