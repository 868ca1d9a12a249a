//! An `if` with its `else`, or a `match`: one of its branches is always gone through.

use super::onward::following;
use super::{closing, split};
use std::ops::Range;

/// What stands in front of the branches that the word at `at` begins, and the branches; `None` where all of them may be
/// passed by.
pub(super) fn branches(code: &str, at: usize) -> Option<(Range<usize>, Vec<Range<usize>>)> {
    match following(code, at) {
        ("if", _) => chosen(code, at + "if".len()),
        ("match", _) => matched(code, at + "match".len()),
        _ => None,
    }
}

fn chosen(code: &str, from: usize) -> Option<(Range<usize>, Vec<Range<usize>>)> {
    let open = block(code, from)?;
    let close = closing(code, open)?;
    let ("else", other) = following(code, close + 1) else { return None };
    let mut all = Vec::new();
    match following(code, other + "else".len()) {
        ("if", next) => all.extend(chosen(code, next + "if".len())?.1),
        ("{", open) => all.push(open + 1..closing(code, open)?),
        _ => return None,
    }
    all.insert(0, open + 1..close);
    Some((from..open, all))
}

fn matched(code: &str, from: usize) -> Option<(Range<usize>, Vec<Range<usize>>)> {
    let open = block(code, from)?;
    let close = closing(code, open)?;
    let mut all = Vec::new();
    let mut at = open + 1;
    while let Some(arrow) = code[at..close].find("=>") {
        let (next, start) = following(code, at + arrow + 2);
        let end = match next {
            "{" => closing(code, start)?,
            _ => split(code, start..close).next()?.end,
        };
        all.push(start + usize::from(next == "{")..end);
        at = end + 1;
        if at > close {
            break;
        }
    }
    (!all.is_empty()).then_some((from..open, all))
}

/// Where the first block opens from here on.
fn block(code: &str, from: usize) -> Option<usize> {
    let mut depth = 0;
    for (at, character) in code[from..].char_indices() {
        match character {
            '(' | '[' => depth += 1,
            ')' | ']' => depth -= 1,
            '{' if depth == 0 => return Some(from + at),
            ';' | '}' if depth == 0 => return None,
            _ => {}
        }
        if depth < 0 {
            return None;
        }
    }
    None
}
