//! What the source says must come after a change of a map: the other half of an update.
//!
//! The two halves have an `.await` between them and nothing that could turn off on the way: no `?`, no `return`,
//! no branch around the second one. Whoever did the first and never comes to the second has panicked, or was
//! dropped at that `.await`. Where the text is not that plain, nothing is said.
//! A branch that the first half itself decides is none: what found its entry has gone past the `else`
//! (`onward`).

mod onward;

use mapwatch_event::Category;
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
    let (first, end) = first(text, &code, at)?;
    let removes = REMOVES.contains(&first.name);
    let beyond = onward::beyond(&code, at, end, removes);
    let mut walk = Walk { code: &code, stack: Vec::new(), at: beyond, awaited: false };
    let mut bound: Vec<&str> = Vec::new();
    while let Some(step) = walk.next() {
        match step {
            Step::Turn => return None,
            Step::Bound(name) => bound.push(name),
            Step::Call(at) => {
                let Some(second) = Call::at(text, &code, at) else { continue };
                match first.followed_by(&second, removes, &bound) {
                    Some(category) if walk.awaited => {
                        let (line, column) = place(text, at);
                        return Some(Partner { line, column, name: second.name.to_owned(), category });
                    }
                    // It is done, or something else happens to the same key, before anything could stop it.
                    Some(_) => return None,
                    None => {}
                }
            }
        }
    }
    None
}

/// The call that does the first half, and where it ends. `entry(…).or_insert(…)` is one, of either name.
fn first<'a>(text: &'a str, code: &'a str, at: usize) -> Option<(Call<'a>, usize)> {
    let call = Call::at(text, code, at)?;
    let end = call.arguments.end + 1;
    if REMOVES.contains(&call.name) || INSERTS.contains(&call.name) {
        return Some((call, end));
    }
    let (entry, name) = match call.name {
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
    Some((Call::at(text, code, entry)?, end))
}

/// A call of a method on a map.
struct Call<'a> {
    name: &'a str,
    receiver: String,
    arguments: Range<usize>,
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
        let end = closing(code, open)?;
        let receiver = receiver(code, at)?;
        Some(Call { name, receiver, arguments: open + 1..end, text, code })
    }

    fn key(&self) -> String {
        let arguments = &self.code[self.arguments.clone()];
        let mut depth = 0;
        let comma = arguments.find(|character| {
            match character {
                '(' | '[' | '{' => depth += 1,
                ')' | ']' | '}' => depth -= 1,
                _ => {}
            }
            character == ',' && depth == 0
        });
        let key = &self.text[self.arguments.start..self.arguments.start + comma.unwrap_or(arguments.len())];
        let key: String = key.chars().filter(|character| !character.is_whitespace()).collect();
        let mut key = key.trim_start_matches(['&', '*']);
        for tail in [".clone()", ".to_owned()", ".to_string()", ".into()", ".as_str()"] {
            key = key.strip_suffix(tail).unwrap_or(key);
        }
        key.to_owned()
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
    fn followed_by(&self, second: &Call<'_>, removes: bool, bound: &[&str]) -> Option<Category> {
        let same_map = self.receiver == second.receiver;
        let (takes, puts) = (REMOVES.contains(&second.name), INSERTS.contains(&second.name));
        if second.code[second.arguments.clone()].contains(".await") {
            return None;
        }
        match (removes, same_map) {
            (false, true) if takes && self.key() == second.key() => Some(Category::LeakedEntry),
            (true, true) if puts && self.key() == second.key() => Some(Category::CancelledMidUpdate),
            (_, false) if puts => {
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
                    return Some(Step::Turn);
                }
                '}' | ')' | ']' => _ = self.stack.pop(),
                '?' => return Some(Step::Turn),
                _ => {}
            }
        }
    }

    fn name(&mut self, word: &'a str) -> Option<Step<'a>> {
        let start = self.at;
        self.at += word.len();
        if TURNS.contains(&word) {
            return Some(Step::Turn);
        }
        let (before, after) = (self.code[..start].trim_end(), &self.code[self.at..]);
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
        (is_method && always && after.starts_with('(')).then_some(Step::Call(start))
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
    code[..open].trim_end().ends_with([';', '{', '}'])
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
