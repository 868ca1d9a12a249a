//! What the source says must come after a change of a map: the other half of an update.
//!
//! The two halves have an `.await` between them and nothing that could turn off on the way: no `?`, no `return`,
//! no branch around the second one. Whoever did the first and never comes to the second has panicked, or was
//! dropped at that `.await`. Where the text is not that plain, nothing is said.
//! A branch that the first half itself decides is none: what found its entry has gone past the `else`
//! (`onward`).
//! Either half may stand in a function of its own (`through`): then what has to come is read where that is called.

mod onward;
mod through;

use mapwatch_event::Category;
use onward::{Onward, around};
use std::ops::Range;

/// The second half of an update.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Partner {
    /// The line and the column of its call, counted from 1.
    pub(super) line: u32,
    pub(super) column: u32,
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
    let (first, at, end) = first(text, &code, at)?;
    let way = onward::way(&code, at, end, first.removes());
    match after(&code, &first, way) {
        Way::Comes(partner) => Some(partner),
        Way::Turns => through::partner(&code, &first, at, end),
        Way::Undone => None,
    }
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
    let mut walk = Walk { code, stack: Vec::new(), at: way.at, awaited: false, way };
    let mut bound: Vec<&str> = Vec::new();
    while let Some(step) = walk.next() {
        match step {
            Step::Turn => return Way::Turns,
            Step::Bound(name) => bound.push(name),
            Step::Call(at) => {
                for second in through::calls(first.text, code, at) {
                    match first.followed_by(&second, &bound) {
                        Some(category) if walk.awaited => {
                            let (line, column) = place(first.text, second.at);
                            let name = second.name.to_owned();
                            let is_near = first.is_near(&second);
                            let callers = Vec::new();
                            return Way::Comes(Partner { line, column, name, category, is_near, callers });
                        }
                        Some(_) => return Way::Undone,
                        None => {}
                    }
                }
            }
        }
    }
    Way::Turns
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
struct Call<'a> {
    name: &'a str,
    at: usize,
    receiver: String,
    key: String,
    arguments: Range<usize>,
    /// It stands in another function than the one that is read; what its arguments say is that one's.
    is_elsewhere: bool,
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
        Some(Call { name, at, receiver, key, arguments, is_elsewhere: false, text, code })
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

enum Step<'a> {
    /// The way may turn off here, or the block ends.
    Turn,
    /// A `let` binds a name.
    Bound(&'a str),
    /// A method is called, on every way.
    Call(usize),
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Opened {
    /// A block that is always run through.
    Plain,
    /// A future of its own: what it awaits is not awaited here.
    Future,
    /// Anything else.
    Other,
}

/// Goes forward over the text, statement by statement.
struct Walk<'a> {
    code: &'a str,
    stack: Vec<Opened>,
    at: usize,
    awaited: bool,
    way: Onward<'a>,
}

impl<'a> Walk<'a> {
    fn next(&mut self) -> Option<Step<'a>> {
        loop {
            let rest = &self.code[self.at..];
            let character = rest.chars().next()?;
            let word = word(rest);
            let begins = self.at == 0 || !is_name(self.code[..self.at].chars().next_back().unwrap_or(' '));
            if begins && !word.is_empty() {
                if let Some(step) = self.name(word) {
                    return Some(step);
                }
                continue;
            }
            self.at += character.len_utf8();
            match character {
                '{' | '(' | '[' => {
                    let opened = self.opened(character);
                    self.stack.push(opened);
                }
                '}' if self.stack.is_empty() && !is_plain(self.code, opening(self.code, self.at - 1)?) => {
                    match self.way.exit(self.at - 1) {
                        Some(beyond) => self.at = beyond,
                        None => return Some(Step::Turn),
                    }
                }
                '}' | ')' | ']' => {
                    self.stack.pop();
                    if let Some(beyond) = self.way.exit(self.at - 1) {
                        self.at = beyond;
                    }
                }
                '?' => return Some(Step::Turn),
                _ => {}
            }
        }
    }

    /// A word; a step, where it is one.
    fn name(&mut self, word: &'a str) -> Option<Step<'a>> {
        let start = self.at;
        self.at += word.len();
        if TURNS.contains(&word) {
            return Some(Step::Turn);
        }
        let (before, after) = (self.code[..start].trim_end(), &self.code[self.at..]);
        if word == "if" {
            match self.way.decided(self.code, self.at) {
                Some(onward::Decided::Past(beyond)) => self.at = beyond,
                Some(onward::Decided::Into(block)) => {
                    self.stack.push(Opened::Plain);
                    self.at = block + 1;
                }
                None => {}
            }
            return None;
        }
        let is_method = before.ends_with('.');
        if is_method && word == "await" || ["select", "join"].contains(&word) && after.starts_with('!') {
            self.awaited |= !self.stack.contains(&Opened::Future);
        }
        if word == "let" {
            let name = after.trim_start();
            let name = name.strip_prefix("mut ").unwrap_or(name).trim_start();
            return Some(Step::Bound(self::word(name)));
        }
        let always = self.stack.iter().all(|opened| *opened == Opened::Plain);
        let is_call = after.starts_with('(') && !before.ends_with("fn");
        (is_call && always && (is_method || word.starts_with(char::is_lowercase)))
            .then_some(Step::Call(start))
    }

    fn opened(&self, character: char) -> Opened {
        let before = self.code[..self.at - 1].trim_end();
        let is_future = before.ends_with("async") || before.ends_with("async move");
        match character {
            '{' if is_future => Opened::Future,
            '{' if is_plain(self.code, self.at - 1) => Opened::Plain,
            _ => Opened::Other,
        }
    }
}

/// Whether the block that opens here is a statement of its own.
fn is_plain(code: &str, open: usize) -> bool {
    let before = code[..open].trim_end();
    before.ends_with([';', '{', '}']) || before.ends_with('=') && !before.ends_with("==")
}

/// The bracket that is closed at `close`.
pub(crate) fn opening(code: &str, close: usize) -> Option<usize> {
    let mut depth = 0;
    for (at, character) in code[..=close].char_indices().rev() {
        match character {
            '}' | ')' | ']' => depth += 1,
            '{' | '(' | '[' => depth -= 1,
            _ => continue,
        }
        if depth == 0 {
            return Some(at);
        }
    }
    None
}

/// Where the bracket at `open` is closed.
pub(crate) fn closing(code: &str, open: usize) -> Option<usize> {
    let mut depth = 0;
    for (at, character) in code[open..].char_indices() {
        match character {
            '{' | '(' | '[' => depth += 1,
            '}' | ')' | ']' => depth -= 1,
            _ => continue,
        }
        if depth == 0 {
            return Some(open + at);
        }
    }
    None
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

pub(crate) fn is_name(character: char) -> bool {
    character.is_alphanumeric() || character == '_'
}

/// The words of a text.
pub(crate) fn words(code: &str) -> impl Iterator<Item = &str> {
    code.split(|character| !is_name(character)).filter(|word| !word.is_empty())
}

/// Where the statement begins that `at` stands in, or its block.
pub(crate) fn statement_start(code: &str, at: usize) -> usize {
    code[..at].rfind([';', '{', '}']).map_or(0, |end| end + 1)
}

pub(crate) fn word(text: &str) -> &str {
    &text[..text.find(|character| !is_name(character)).unwrap_or(text.len())]
}

pub(crate) fn offset(text: &str, line: u32, column: u32) -> Option<usize> {
    let start: usize = text.split_inclusive('\n').take(line.checked_sub(1)? as usize).map(str::len).sum();
    let (inside, _) = text.get(start..)?.char_indices().nth(column.checked_sub(1)? as usize)?;
    Some(start + inside)
}

fn place(text: &str, at: usize) -> (u32, u32) {
    let before = &text[..at];
    let start = before.rfind('\n').map_or(0, |end| end + 1);
    let line = before.matches('\n').count() + 1;
    (line as u32, text[start..at].chars().count() as u32 + 1)
}

/// The text with comments and the insides of strings blanked out, every byte in its place.
pub(crate) fn mask(text: &str) -> String {
    let mut masked = text.as_bytes().to_vec();
    let bytes = text.as_bytes();
    let mut at = 0;
    while at < bytes.len() {
        let rest = &text.as_bytes()[at..];
        let inside = match rest {
            [b'/', b'/', ..] => 0..rest.iter().position(|byte| *byte == b'\n').unwrap_or(rest.len()),
            [b'/', b'*', ..] => 0..find(rest, b"*/", 2) + 2,
            [b'r', b'"', ..] => 2..find(rest, b"\"", 2),
            [b'r', b'#', b'"', ..] => 3..find(rest, b"\"#", 3),
            [b'"', ..] => 1..string(rest),
            [b'\'', b'\\', ..] => 1..find(rest, b"'", 3),
            [b'\'', _, b'\'', ..] => 1..2,
            _ => 0..0,
        };
        let end = inside.end.min(rest.len());
        for byte in &mut masked[at + inside.start.min(end)..at + end] {
            *byte = if *byte == b'\n' { b'\n' } else { b' ' };
        }
        at += match (inside.is_empty(), rest[0]) {
            (false, b'/') => end,
            (true, b'"') => 2,
            (true, _) => 1,
            (false, _) => end + 1,
        };
    }
    // Blanks stand for bytes of whole characters only where a comment or a string was.
    String::from_utf8(masked).unwrap_or_default()
}

fn find(bytes: &[u8], what: &[u8], from: usize) -> usize {
    let rest = bytes.get(from..).unwrap_or_default();
    rest.windows(what.len()).position(|part| part == what).map_or(bytes.len(), |at| at + from)
}

fn string(bytes: &[u8]) -> usize {
    let mut at = 1;
    while at < bytes.len() && bytes[at] != b'"' {
        at += if bytes[at] == b'\\' { 2 } else { 1 };
    }
    at
}

#[cfg(test)]
#[path = "text_tests.rs"]
mod tests;
