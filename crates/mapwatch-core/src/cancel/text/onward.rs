//! Where the way goes on after a first half that did what it was to do.
//!
//! A removal that found its entry has gone past the `else` of its `let`, past the `?` behind it, and into the block
//! of its `if let`; an `insert` into a set that was new has gone past the block behind `if !`.

use super::{closing, expression, word};

/// The place from which on the way has to be plain, for a call at `at` that ends at `end`.
pub(super) fn beyond(code: &str, at: usize, end: usize, removes: bool) -> usize {
    let head = head(code, at);
    let found = if removes { past_removal(code, end, head) } else { past_insert(code, end, head) };
    found.unwrap_or(end)
}

/// What the statement begins with, before the path that the call ends.
fn head(code: &str, at: usize) -> &str {
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
    let close = closing(code, open)? + 1;
    (following(code, close).0 != "else").then_some(close)
}

/// The end of the calls and `?` that follow upon a call; `None` where one of them awaits.
fn chain(code: &str, mut end: usize) -> Option<usize> {
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
fn following(code: &str, from: usize) -> (&str, usize) {
    let rest = code[from..].trim_start();
    let at = code.len() - rest.len();
    let word = word(rest);
    let sign = rest.chars().next().map_or(0, char::len_utf8);
    (if word.is_empty() { &rest[..sign] } else { word }, at)
}
