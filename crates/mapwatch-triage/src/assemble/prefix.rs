//! A prefix that no envelope explains: learned from a report's first line, taken off the lines below.

use crate::parse::{Body, is_record};

/// What stands before a report on its first line, and whether the lines below have it too.
pub(super) enum Prefix {
    /// Lines are the report's as they are.
    None,
    /// Not known yet; lines without the prefix wait here.
    Undecided { prefix: String, waiting: Vec<String> },
    /// The lines below have it.
    Every(String),
}

pub(super) enum Strip<'a> {
    Own(&'a str),
    Foreign,
    Waiting,
    /// The lines below have no prefix: these waited.
    Decided(Vec<String>),
}

/// Lines that wait at most until a prefix is decided.
const WAITING: usize = 4;
/// Lines that look like another stream's with the same sort of prefix, and wait, too.
const STRANGERS: usize = 64;

impl Prefix {
    pub(super) fn new(prefix: &str) -> Prefix {
        if prefix.trim().is_empty() || prefix.len() > 512 {
            return Prefix::None;
        }
        Prefix::Undecided { prefix: prefix.to_owned(), waiting: Vec::new() }
    }

    pub(super) fn strip<'a>(&mut self, line: &'a str, body: &Body) -> Strip<'a> {
        match self {
            Prefix::None => Strip::Own(line),
            Prefix::Every(prefix) => match without(prefix, line) {
                Some(rest) => Strip::Own(rest),
                None => Strip::Foreign,
            },
            Prefix::Undecided { prefix, waiting } => {
                if let Some(rest) = without(prefix, line) {
                    let prefix = std::mem::take(prefix);
                    *self = Prefix::Every(prefix);
                    return Strip::Own(rest);
                }
                if is_record(line) {
                    return Strip::Foreign;
                }
                let kin = is_kin(prefix, line);
                let strangers = waiting.iter().filter(|line| is_kin(prefix, line)).count();
                if kin && strangers < STRANGERS {
                    waiting.push(line.to_owned());
                    return Strip::Waiting;
                }
                if waiting.len() - strangers >= WAITING || body.knows(line) {
                    let waiting = std::mem::take(waiting);
                    *self = Prefix::None;
                    return Strip::Decided(waiting);
                }
                waiting.push(line.to_owned());
                Strip::Waiting
            }
        }
    }

    /// Whether a headline behind its own prefix is another stream's: the same shape, other words.
    pub(super) fn is_others(&self, line: &str, own: &str) -> bool {
        match self {
            Prefix::None => false,
            Prefix::Undecided { prefix, .. } | Prefix::Every(prefix) => {
                without(prefix, line).is_none() && is_kin(prefix, own)
            }
        }
    }

    /// The line without the prefix where it has it; decides nothing.
    pub(super) fn off<'a>(&self, line: &'a str) -> &'a str {
        match self {
            Prefix::None => line,
            Prefix::Undecided { prefix, .. } | Prefix::Every(prefix) => without(prefix, line).unwrap_or(line),
        }
    }

    pub(super) fn drain(&mut self) -> Vec<String> {
        match self {
            Prefix::Undecided { prefix, waiting } => {
                // What looks like another stream's never was a part of this report.
                waiting.retain(|line| !is_kin(prefix, line));
                std::mem::take(waiting)
            }
            _ => Vec::new(),
        }
    }
}

/// The rest of a line behind a prefix of the same shape.
///
/// Runs of digits match runs of digits (stamps, counters), but an id in brackets (`[41]`), behind a name
/// (`web.1]`) or in a column of its own (` 4711 `) must be the same: it tells two streams apart. Everything else must be equal; a prefix's final blanks may be missing where nothing follows.
pub(super) fn without<'a>(prefix: &str, line: &'a str) -> Option<&'a str> {
    let (mut p, mut l) = (prefix.as_bytes(), line.as_bytes());
    let (mut before, mut named) = (0_u8, false);
    while let Some(&byte) = p.first() {
        if byte.is_ascii_digit() {
            let (a, b) = (digits(p), digits(l));
            if b == 0 {
                return None;
            }
            let closed = matches!(p.get(a), Some(b']' | b')' | b' ' | b':'));
            let column = before == b' ' && p.get(a) == Some(&b' ') && (3..=7).contains(&a);
            let is_id = closed && (matches!(before, b'[' | b'(' | b'#') || named) || column;
            if is_id && p[..a] != l[..b] {
                return None;
            }
            (before, named) = (byte, false);
            (p, l) = (&p[a..], &l[b..]);
            continue;
        }
        if l.first() != Some(&byte) {
            let blank = p.iter().all(u8::is_ascii_whitespace) && l.is_empty();
            return blank.then_some("");
        }
        named = before.is_ascii_alphabetic() && matches!(byte, b'.' | b'-' | b'_');
        before = byte;
        (p, l) = (&p[1..], &l[1..]);
    }
    line.get(line.len() - l.len()..)
}

fn digits(text: &[u8]) -> usize {
    text.iter().take_while(|byte| byte.is_ascii_digit()).count()
}

/// Whether a line begins with a prefix of the same shape and other words: `web-1> ` and `db-2> `.
///
/// A prefix of words alone has no shape that would tell.
pub(super) fn is_kin(prefix: &str, line: &str) -> bool {
    let is_name = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.');
    if prefix.bytes().all(|byte| is_name(byte) || byte == b' ') {
        return is_kin_by_words(prefix, line);
    }
    let (mut p, mut l) = (prefix.trim_end_matches(' ').as_bytes(), line.as_bytes());
    while let Some(&byte) = p.first() {
        if !is_name(byte) {
            if l.first() != Some(&byte) {
                return false;
            }
            (p, l) = (&p[1..], &l[1..]);
            continue;
        }
        let run = |text: &[u8]| text.iter().take_while(|byte| is_name(**byte)).count();
        let (a, b) = (run(p), run(l));
        if b == 0 {
            return false;
        }
        (p, l) = (&p[a..], &l[b..]);
    }
    true
}

/// `shop-7d9c5-x2x7k app ` and `shop-7d9c5-b4k9z app `: each word is the same, or has figures or a hyphen in both.
fn is_kin_by_words(prefix: &str, line: &str) -> bool {
    let is_id = |word: &str| word.bytes().any(|byte| byte.is_ascii_digit() || byte == b'-');
    let mut words = line.split(' ');
    prefix.split_ascii_whitespace().all(|word| {
        words.next().is_some_and(|other| word == other || is_id(word) && is_id(other) && other.len() > 2)
    })
}
