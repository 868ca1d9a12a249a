//! Where the way goes on after a first half that did what it was to do.
//!
//! A removal that found its entry has gone past the `else` of its `let`, past the `?` behind it, and into the block
//! of its `if let`; an `insert` into a set that was new has gone past the block behind `if !`, there or further on,
//! where the answer was given a name. An `insert` into an entry that was found vacant has gone past the other arms.

use super::{closing, expression, is_name, opening, word};

/// The way behind a first half.
#[derive(Default)]
pub(super) struct Onward<'a> {
    /// The place from which on it has to be plain.
    pub(super) at: usize,
    /// Blocks on the way that are left at their end: where that is, and where it goes on.
    exits: Vec<(usize, usize)>,
    /// What is true from there on.
    truth: Option<&'a str>,
}

/// What becomes of an `if` that the first half has decided.
pub(super) enum Decided {
    /// Its block is not entered; the way goes on there.
    Past(usize),
    /// Its block, which opens there, is run through.
    Into(usize),
}

impl Onward<'_> {
    /// A way on which nothing is decided.
    pub(super) fn from(at: usize) -> Self {
        Onward { at, ..Onward::default() }
    }

    /// A way that leaves these blocks at their ends, and goes on elsewhere.
    pub(super) fn leaving(at: usize, exits: Vec<(usize, usize)>) -> Self {
        Onward { at, exits, truth: None }
    }

    /// Where the way goes on from the end of a block, if it does.
    pub(super) fn exit(&self, end: usize) -> Option<usize> {
        self.exits.iter().find(|(own, _)| *own == end).map(|(_, beyond)| *beyond)
    }

    /// What is decided of the `if` that ends at `at`.
    pub(super) fn decided(&mut self, code: &str, at: usize) -> Option<Decided> {
        let truth = self.truth?;
        let rest = code[at..].trim_start();
        let condition = rest.strip_prefix('!').unwrap_or(rest).trim_start();
        let block = condition[word(condition).len()..].trim_start();
        if word(condition) != truth || !block.starts_with('{') {
            return None;
        }
        let open = code.len() - block.len();
        if rest.starts_with('!') {
            return past_block(code, open).map(Decided::Past);
        }
        let close = closing(code, open)?;
        self.exits.push((close, past_else(code, close + 1)?));
        Some(Decided::Into(open))
    }
}

/// Behind a block that opens here, where no `else` follows.
fn past_block(code: &str, open: usize) -> Option<usize> {
    let close = closing(code, open)? + 1;
    (following(code, close).0 != "else").then_some(close)
}

/// Behind the `else` and its block, if one follows; `None` where that is no plain block.
pub(super) fn past_else(code: &str, at: usize) -> Option<usize> {
    match following(code, at) {
        ("else", other) => match following(code, other + 4) {
            ("{", block) => Some(closing(code, block)? + 1),
            _ => None,
        },
        _ => Some(at),
    }
}

/// The way behind a call at `at` that ends at `end`.
pub(super) fn way(code: &str, at: usize, end: usize, removes: bool) -> Onward<'_> {
    if let Some(vacant) = (!removes).then(|| vacant(code, at)).flatten() {
        return vacant.way(code, end);
    }
    let head = head(code, at);
    let found = if removes { past_removal(code, end, head) } else { past_insert(code, end, head) };
    let truth = if removes { None } else { bound(head).filter(|_| following(code, end).0 == ";") };
    Onward { at: found.unwrap_or(end), exits: Vec::new(), truth }
}

/// The name that `let` binds, where nothing but that stands in front.
pub(super) fn bound(head: &str) -> Option<&str> {
    let name = head.strip_prefix("let ")?.strip_suffix('=')?.trim();
    (!name.is_empty() && name.chars().all(is_name)).then_some(name)
}

/// An entry that was found vacant, and that a call fills.
pub(super) struct Vacant {
    /// Where the call of `entry` stands.
    pub(super) call: usize,
    /// The block behind the pattern, if there is one.
    block: Option<usize>,
    /// Where the `if let` or the `match` ends.
    end: usize,
}

/// The vacant entry that the `insert` at `at` is called on: a name that a pattern has bound.
pub(super) fn vacant(code: &str, at: usize) -> Option<Vacant> {
    let name = code[..at].trim_end().strip_suffix('.')?.trim_end();
    let name = &name[name.rfind(|it| !is_name(it)).map_or(0, |before| before + 1)..];
    if name.is_empty() {
        return None;
    }
    let pattern = format!("Vacant({name})");
    let found = code[..at].rfind(&pattern)?;
    let behind = found + pattern.len();
    let path = code[..found].trim_end_matches(|it| is_name(it) || it == ':').trim_end();
    match following(code, behind) {
        ("=", equals) if !code[equals..].starts_with("=>") => {
            // `if let Vacant(slot) = map.entry(key) {`, or `let Vacant(slot) = map.entry(key) else {`
            let before = path.strip_suffix("let")?.trim_end();
            let open = equals + code[equals..at].find('{')?;
            let close = closing(code, open)?;
            match code[..open].trim_end().strip_suffix("else") {
                Some(call) => {
                    let ends = close < at && !before.ends_with("if");
                    ends.then(|| last_call(code, call.len())).flatten().map(|call| Vacant {
                        call,
                        block: None,
                        end: at,
                    })
                }
                None => {
                    before.strip_suffix("if").filter(|_| close > at)?;
                    let end = past_else(code, close + 1)?;
                    Some(Vacant { call: last_call(code, open)?, block: Some(close), end })
                }
            }
        }
        _ => {
            // `match map.entry(key) { … Vacant(slot) => …`
            let arrow = behind + code[behind..].find("=>")?;
            if !code[behind..arrow].trim().is_empty() {
                return None;
            }
            let open = around(code, found)?;
            let end = closing(code, open)?;
            let call = last_call(code, open)?;
            let head = code[..call].trim_end().trim_end_matches('.');
            let path = expression(head);
            code[..path].trim_end().strip_suffix("match")?;
            let (next, arm) = following(code, arrow + 2);
            let block = (next == "{").then(|| closing(code, arm)).flatten();
            Some(Vacant { call, block, end: end + 1 })
        }
    }
}

/// The `insert` that fills the vacant entry of the call at `at` that ends at `end`.
pub(super) fn filled(code: &str, at: usize, end: usize) -> Option<usize> {
    let here = code[..at].rfind([';', '{', '}']).map_or(0, |start| start + 1);
    let pattern = here + code[here..].find("Vacant(")?;
    let name = word(&code[pattern + "Vacant(".len()..]);
    let from = end.max(pattern);
    let call = format!("{name}.insert");
    let insert = from + code[from..].find(&call)? + name.len() + 1;
    vacant(code, insert).filter(|vacant| vacant.call == at).map(|_| insert)
}

impl Vacant {
    fn way<'a>(&self, code: &'a str, end: usize) -> Onward<'a> {
        let Some(close) = self.block else {
            return Onward { at: end.max(self.end), exits: Vec::new(), truth: None };
        };
        let tail = code[..close].trim_end();
        let is_true = &tail[tail.rfind(|it| !is_name(it)).map_or(0, |at| at + 1)..] == "true";
        let truth = is_true.then(|| named(code, close)).flatten();
        Onward { at: end, exits: vec![(close, self.end)], truth }
    }
}

/// The name that the value of the block which ends at `close` goes by: `let name = …`, one or two blocks further out.
fn named(code: &str, close: usize) -> Option<&str> {
    let mut open = opening(code, close)?;
    for _ in 0..3 {
        let start = code[..open].rfind([';', '{', '}']).map_or(0, |start| start + 1);
        if let Some(rest) = code[start..open].trim().strip_prefix("let ") {
            let name = word(rest);
            return rest[name.len()..].trim_start().starts_with('=').then_some(name);
        }
        open = around(code, open)?;
    }
    None
}

/// The `{` around a place.
pub(super) fn around(code: &str, at: usize) -> Option<usize> {
    let mut depth = 0;
    for (at, character) in code[..at].char_indices().rev() {
        match character {
            '}' | ')' | ']' => depth += 1,
            '(' | '[' if depth == 0 => return None,
            '{' if depth == 0 => return Some(at),
            '{' | '(' | '[' => depth -= 1,
            _ => {}
        }
    }
    None
}

/// Where the name of the call stands that ends right before a place.
fn last_call(code: &str, before: usize) -> Option<usize> {
    let close = code[..before].trim_end().strip_suffix(')')?.len();
    let open = opening(code, close)?;
    let name = code[..open].trim_end_matches(is_name).len();
    (name < open).then_some(name)
}

/// What the statement begins with, before the path that the call ends.
pub(super) fn head(code: &str, at: usize) -> &str {
    let before = code[..at].trim_end().trim_end_matches('.');
    let path = expression(before);
    let start = code[..path].rfind([';', '{', '}']).map_or(0, |start| start + 1);
    code[start..path].trim()
}

fn past_removal(code: &str, end: usize, head: &str) -> Option<usize> {
    let end = chain(code, end)?;
    let (next, at) = following(code, end);
    match next {
        "else" => {
            let open = end + code[end..].find('{')?;
            Some(closing(code, open)? + 1)
        }
        "{" if head.starts_with("if let Some(") || head.starts_with("while let Some(") => Some(at + 1),
        "{" if head == "match" || head.ends_with("= match") => {
            let arm = at + 1 + code[at + 1..].find(|character: char| !character.is_whitespace())?;
            let pattern = code[arm..].strip_prefix("Some")?;
            let close = closing(code, code.len() - pattern.len())?;
            let body = code[close + 1..].trim_start().strip_prefix("=>")?.trim_start().strip_prefix('{')?;
            Some(code.len() - body.len())
        }
        "{" => None,
        _ => Some(end),
    }
}

fn past_insert(code: &str, end: usize, head: &str) -> Option<usize> {
    let (next, open) = following(code, end);
    if head != "if !" || next != "{" {
        return None;
    }
    past_block(code, open)
}

/// The end of the calls and `?` that follow upon a call; `None` where one of them awaits.
pub(super) fn chain(code: &str, mut end: usize) -> Option<usize> {
    loop {
        let (next, at) = following(code, end);
        end = match next {
            "?" => at + 1,
            "." => {
                let (name, start) = following(code, at + 1);
                if name == "await" {
                    return None;
                }
                let named = start + name.len();
                if code[named..].starts_with('(') { closing(code, named)? + 1 } else { named }
            }
            _ => return Some(end),
        };
    }
}

/// The next word or sign, and where it stands.
pub(super) fn following(code: &str, from: usize) -> (&str, usize) {
    let rest = code[from..].trim_start();
    let at = code.len() - rest.len();
    let word = word(rest);
    let sign = rest.chars().next().map_or(0, char::len_utf8);
    (if word.is_empty() { &rest[..sign] } else { word }, at)
}
