//! Whether the source throws the answer of `insert` away, and goes on as if it had been the first.
//!
//! To put an element into a set that has it changes nothing. Whoever looked first and then asks `insert`, too, is
//! right; whoever only saves a clone is right as well. What is wrong is to go on and do what one alone was to do.
//! So much has to stand in the text: a statement that is this call and nothing else, in a block that does more
//! than that. Where the source is not at hand, nothing is said.

use crate::cancel::text::{closing, mask, offset};
use crate::raise;
use crate::site::StaticSite;
use crate::stack::{self, RawStack};
use mapwatch_event::Site;

/// What begins a statement that decides nothing: names, logs, the end of a guard, a branch before the call.
const IDLE: [&str; 17] = [
    "let ",
    "if ",
    "drop(",
    "trace!",
    "debug!",
    "info!",
    "warn!",
    "log::",
    "tracing::",
    "println!",
    "eprintln!",
    "print!",
    "eprint!",
    "assert",
    "debug_assert",
    "return;",
    "continue;",
];

/// Whether the call at `site` is a statement by itself, in a block that does more.
pub(super) fn is_thrown_away(site: StaticSite, stack: &RawStack) -> bool {
    let place = Site::from(site);
    let resolved = stack::resolve(stack, "");
    let text = raise::source(&place, Some(&resolved));
    text.is_some_and(|text| is_statement_of_many(&text, place.line, place.column).unwrap_or(false))
}

/// `None` where the text is none that can be read.
fn is_statement_of_many(text: &str, line: u32, column: u32) -> Option<bool> {
    let code = mask(text);
    let at = offset(text, line, column)?;
    let start = code.get(..at)?.rfind([';', '{', '}']).map_or(0, |end| end + 1);
    if !is_receiver(code.get(start..at)?) {
        return Some(false);
    }
    let arguments = at + code[at..].find('(')?;
    let end = closing(&code, arguments)?;
    if !code[end + 1..].trim_start().starts_with(';') {
        return Some(false);
    }
    let before = statements_before(&code[..start]);
    let rest = &code[end + 1..];
    let after = &rest[rest.find(';')? + 1..];
    let after = &after[..closing_of_block(after)?];
    let works = |statement: &str| {
        let statement = statement.trim().trim_start_matches('}').trim_start();
        !statement.is_empty() && !IDLE.iter().any(|word| format!("{statement};").starts_with(word))
    };
    Some(before.split(';').any(works) || after.split(';').any(works))
}

/// Whether the text before a method is what it is called on, and nothing else.
fn is_receiver(text: &str) -> bool {
    let mut words = text.split_whitespace();
    let plain = |word: &str| word.chars().all(|c| c.is_alphanumeric() || "_.&*()?:".contains(c));
    let first = words.next().is_some_and(|word| plain(word) && !matches!(word, "return" | "break"));
    let balanced = text.matches('(').count() == text.matches(')').count();
    first
        && balanced
        && text.trim_end().ends_with('.')
        && words.all(|word| word.starts_with('.') && plain(word))
}

/// Where the block ends that `text` is the rest of.
fn closing_of_block(text: &str) -> Option<usize> {
    let mut depth = 0_usize;
    text.char_indices().find_map(|(at, character)| {
        match character {
            '{' => depth += 1,
            '}' if depth == 0 => return Some(at),
            '}' => depth -= 1,
            _ => {}
        }
        None
    })
}

/// What stands in the block that `text` ends in, from its beginning.
fn statements_before(text: &str) -> &str {
    let mut depth = 0_usize;
    let start = text.char_indices().rev().find(|(_, character)| {
        match character {
            '}' => depth += 1,
            '{' if depth == 0 => return true,
            '{' => depth -= 1,
            _ => {}
        }
        false
    });
    start.map_or(text, |(at, _)| &text[at + 1..])
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `§` marks the method.
    #[track_caller]
    fn check(marked: &str, expected: bool) {
        let at = marked.find('§').unwrap_or_default();
        let (line, column) = {
            let before = &marked[..at];
            let start = before.rfind('\n').map_or(0, |end| end + 1);
            (before.matches('\n').count() as u32 + 1, before[start..].chars().count() as u32 + 1)
        };
        let text = marked.replace('§', "");
        assert_eq!(is_statement_of_many(&text, line, column), Some(expected), "{marked}");
    }

    #[test]
    fn work_behind_or_before_a_call_whose_answer_nobody_takes() {
        check("fn f() { if !seen.contains(&x) { seen.§insert(x); work(x); } }", true);
        check("fn f() { if !seen.contains(&x) { work(x); seen.§insert(x); } }", true);
        check(
            "fn f() {\n if s.contains(&x) { return false; }\n self.seen\n .lock()\n .unwrap()\n .§insert(x);\n true\n}",
            true,
        );
        check("fn f() { if !known { set.write().unwrap().§insert(x.clone()); count += 1; } }", true);
    }

    #[test]
    fn an_answer_that_is_taken_or_a_call_that_is_all() {
        check("fn f() { if !seen.contains(&x) && seen.§insert(x) { work(x); } }", false);
        check("fn f() { if !seen.contains(&x) { let new = seen.§insert(x); work(new); } }", false);
        check("fn f() { if !tags.contains(t) { tags.§insert(t.clone()); } work(); }", false);
        check("fn f() { if !has { let mut tags = m.write(); tags.§insert(t); drop(tags); } }", false);
        check("fn f() { if !has { debug!(\"new; work();\"); tags.§insert(t); } }", false);
        check("fn f() { if s.contains(&x) { return; } s.§insert(x); }", false);
        check("fn f() -> bool { log(); seen.§insert(x) }", false);
        check("fn f() { all(seen.§insert(x)); work(); }", false);
    }
}
