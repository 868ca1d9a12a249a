//! Goes forward over the text, statement by statement, as far as the way is plain.

use super::onward::{self, Onward};
use super::{TURNS, is_name, opening, word};

pub(super) enum Step<'a> {
    /// The way may turn off here, or the block ends.
    Turn,
    /// A `let` binds a name.
    Bound(&'a str),
    /// A method is called, on every way.
    Call(usize),
    /// One of several branches is gone through, which begin with this word.
    Branches(usize),
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
pub(super) struct Walk<'a> {
    code: &'a str,
    stack: Vec<Opened>,
    pub(super) at: usize,
    pub(super) awaited: bool,
    way: Onward<'a>,
}

impl<'a> Walk<'a> {
    pub(super) fn new(code: &'a str, way: Onward<'a>) -> Walk<'a> {
        Walk { code, stack: Vec::new(), at: way.at, awaited: false, way }
    }

    pub(super) fn next(&mut self) -> Option<Step<'a>> {
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
                None => return self.is_plain().then_some(Step::Branches(start)),
            }
            return None;
        }
        if word == "match" {
            return self.is_plain().then_some(Step::Branches(start));
        }
        let is_method = before.ends_with('.');
        if is_method && word == "await" || ["select", "join"].contains(&word) && after.starts_with('!') {
            self.awaited |= !self.stack.contains(&Opened::Future);
        }
        if word == "let" {
            let name = after.trim_start();
            let name = name.strip_prefix("mut ").unwrap_or(name).trim_start();
            return Some(Step::Bound(super::word(name)));
        }
        let always = self.is_plain();
        let is_call = after.starts_with('(') && !before.ends_with("fn");
        (is_call && always && (is_method || word.starts_with(char::is_lowercase)))
            .then_some(Step::Call(start))
    }

    /// Whether what stands here is gone through on every way.
    fn is_plain(&self) -> bool {
        self.stack.iter().all(|opened| *opened == Opened::Plain)
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
