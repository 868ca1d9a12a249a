//! Where a guard's name goes that is not only looked through: into functions of the same file, under other names, back
//! to callers. One that gives it to another thread or task on the way is enough.
//!
//! A function of another file is not read: what is given to it may be anywhere.

use super::{GIVES, Scope, is_given, unclosed};
use crate::cancel::text::{closing, is_name, statement_start, word};

/// How far a guard is followed.
const STEPS: usize = 4;

/// Calls of a guard that leave it with its caller, or end it, or give it back in another form.
const KEEPS: [&str; 23] = [
    "drop",
    "Some",
    "Ok",
    "Err",
    "new",
    "push",
    "push_back",
    "insert",
    "extend",
    "from",
    "into",
    "map",
    "try_map",
    "filter_map",
    "replace",
    "downgrade",
    "downgrade_map",
    "upgrade",
    "try_upgrade",
    "into_mapped",
    "set",
    "black_box",
    "vec!",
];

/// Whether the guard that the call at `at` takes may be given away, sooner or later.
pub(super) fn is_given_away(code: &str, at: usize) -> bool {
    follow(code, at, STEPS)
}

fn follow(code: &str, at: usize, steps: usize) -> bool {
    if steps == 0 {
        return true;
    }
    if let Some(scope) = Scope::of(code, at) {
        return scope.names.iter().any(|name| is_name_given(code, scope.begins, scope.ends, name, steps));
    }
    let start = statement_start(code, at);
    let end = at + code[at..].find([';', '}']).unwrap_or(code.len() - at);
    let statement = code[start..at].trim_start();
    if is_given(&code[start..at]) {
        return true;
    }
    // `let v = vec![lock()]`, `v.push(lock())`, `v = Some(lock())`.
    let bound =
        statement.strip_prefix("let ").map(|rest| rest.trim_start().trim_start_matches("mut ").trim_start());
    let name = word(bound.unwrap_or(statement));
    let is_own = !name.is_empty() && !matches!(name, "self" | "return" | "match" | "if" | "while" | "for");
    if code[end..].starts_with(';') && is_own {
        return is_name_given(code, end, super::block_end(code, end), name, steps - 1);
    }
    returned(code, at, steps - 1)
}

/// Whether what the function around `at` gives back is given away by one of its callers.
fn returned(code: &str, at: usize, steps: usize) -> bool {
    let Some(name) = code[..at].rfind("fn ").map(|start| word(code[start + 3..].trim_start())) else {
        return false;
    };
    calls(code, name).any(|call| follow(code, call, steps))
}

/// Whether a name is given away between two places.
fn is_name_given(code: &str, from: usize, until: usize, name: &str, steps: usize) -> bool {
    let Some(way) = code.get(from..until) else { return false };
    let whole = |at: &usize| !way[..*at].ends_with(is_name) && !way[at + name.len()..].starts_with(is_name);
    let mut places = way.match_indices(name).map(|(at, _)| at).filter(whole);
    places.any(|at| is_use_given(code, from + at, name, &way[..at], steps))
}

fn is_use_given(code: &str, at: usize, name: &str, way: &str, steps: usize) -> bool {
    if is_given(way) {
        return true;
    }
    let (before, after) = (code[..at].trim_end(), code[at + name.len()..].trim_start());
    let is_looked_through =
        before.ends_with(['*', '&', '.']) || before.ends_with("&mut") || after.starts_with('.');
    if steps == 0 {
        return true;
    }
    if is_looked_through {
        return false;
    }
    let start = statement_start(code, at);
    let statement = code[start..at].trim_start();
    let argument = unclosed(way).filter(|open| way[*open..].starts_with(['(', '[']));
    let callee = argument.map(|open| callee(&way[..open]));
    match callee {
        Some(callee) if KEEPS.contains(&callee) => {}
        // In a tuple, or in brackets of its own.
        Some("") | None => {}
        Some(callee) => return is_given_by(code, callee),
    }
    // Another name for it, which may be given away later.
    let end = at + code[at..].find([';', '}']).unwrap_or(code.len() - at);
    let bound = statement
        .strip_prefix("let ")
        .map(|rest| word(rest.trim_start().trim_start_matches("mut ").trim_start()));
    match bound.filter(|other| !other.is_empty() && *other != name) {
        Some(other) => is_name_given(code, end, super::block_end(code, end), other, steps - 1),
        None if callee.is_none() && !code[end..].starts_with(';') => returned(code, at, steps - 1),
        None => false,
    }
}

/// The last word of what is called.
fn callee(before: &str) -> &str {
    let before = before.trim_end();
    let start =
        before.rfind(|character: char| !is_name(character) && character != '!').map_or(0, |at| at + 1);
    &before[start..]
}

/// Whether a function gives away what it is given; one that is not here may.
fn is_given_by(code: &str, name: &str) -> bool {
    let defined = code.match_indices("fn ").find(|(at, _)| word(code[at + 3..].trim_start()) == name);
    let body = defined.and_then(|(at, _)| {
        let open = at + code[at..].find('{')?;
        code.get(open..closing(code, open)?)
    });
    body.is_none_or(|body| {
        let words = body.split(|character| !is_name(character));
        words.into_iter().any(|word| word == "move" || GIVES.contains(&word))
    })
}

/// Where a function is called.
fn calls<'a>(code: &'a str, name: &'a str) -> impl Iterator<Item = usize> + 'a {
    code.match_indices(name).map(|(at, _)| at).filter(move |&at| {
        let before = &code[..at];
        !before.ends_with(is_name)
            && code[at + name.len()..].starts_with('(')
            && !before.trim_end().ends_with("fn")
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(code: &str, expected: bool) {
        let at = code.find("lock_owned").unwrap_or_default();
        assert_eq!(is_given_away(code, at), expected, "{code}");
    }

    #[test]
    fn functions_of_the_same_file_are_read() {
        check(
            "fn f() { let g = l.lock_owned().await; hand(g); l.lock(); } fn hand(g: G) { spawn(async move { g.len() }); }",
            true,
        );
        check(
            "fn f() { let g = l.lock_owned().await; hand(1, g); l.lock(); } fn hand(n: u32, g: G) { tx.send(g); }",
            true,
        );
        check(
            "fn f() { let g = l.lock_owned().await; fill(g); l.lock(); } fn fill(mut g: G) { g.insert(1, 2); }",
            false,
        );
        check("fn f() { let g = l.lock_owned().await; elsewhere(g); l.lock(); }", true);
    }

    #[test]
    fn other_names_and_callers_are_followed() {
        check(
            "fn open() -> G { l.lock_owned().await } fn f() { let g = open().await; spawn(async move { g.len() }); }",
            true,
        );
        check(
            "fn open() -> G { l.lock_owned().await } fn f() { let g = open().await; g.len(); total(); }",
            false,
        );
        check(
            "fn begin() -> S { S { rows: l.lock_owned().await, n: 0 } } fn f() { let s = begin().await; s.write(); }",
            false,
        );
        check(
            "fn begin() -> S { S { rows: l.lock_owned().await, n: 0 } } fn f() { let s = begin().await; tx.send(s); }",
            true,
        );
        check(
            "fn f() { let g = l.lock_owned().await; let h = Some(g); spawn(async move { h.len() }); }",
            true,
        );
        check(
            "fn f() { let whole = l.lock_owned().await; let part = G::map(whole, |w| &w.a); l.write(); part.len(); }",
            false,
        );
        check("fn f() { let mut v = Vec::new(); v.push(l.lock_owned().await); v.iter().sum(); }", false);
        check(
            "fn f() { let mut v = Vec::new(); v.push(l.lock_owned().await); spawn(async move { v.len() }); }",
            true,
        );
    }
}
