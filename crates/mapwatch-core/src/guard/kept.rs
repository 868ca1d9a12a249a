//! Does the source say where a guard went?
//!
//! A guard that owns its lock may be moved to another task or thread, and nobody sees it. The text between the call
//! that took it and the call that waits often tells: a name that is only looked through stays where it is, one that is
//! sent or moved into a closure does not. Where the text is not that plain, nothing is known, unless it is given away
//! further on (`given`).

mod given;

use super::hold::Hold;
use super::wait::Wait;
use crate::cancel::text::{closing, is_name, mask, offset, opening, word};
use crate::stack;
use mapwatch_event::Site;
use std::ops::Range;

/// Where a guard is, by the source.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Whereabouts {
    /// With who took it.
    Stays,
    /// It was given to somebody else on the way, or may have been.
    Leaves,
    /// The source is not there, or not that plain.
    Unknown,
}

/// Calls that give their arguments to another thread or task.
const GIVES: [&str; 12] = [
    "send",
    "try_send",
    "send_timeout",
    "blocking_send",
    "feed",
    "spawn",
    "spawn_local",
    "spawn_blocking",
    "spawn_on",
    "execute",
    "complete",
    "defer",
];

/// Where the guard is by the time of a wait of its own actor.
pub(super) fn of(hold: &Hold, wait: &Wait) -> Whereabouts {
    read(hold, wait).unwrap_or(Whereabouts::Unknown)
}

fn read(hold: &Hold, wait: &Wait) -> Option<Whereabouts> {
    let place = Site::from(hold.site);
    let functions = stack::functions(wait.stack.as_ref()?);
    let here = |file: &str| file.ends_with(place.file.as_str());
    let full = functions.iter().map(|function| function.file.as_str()).find(|file| here(file));
    let mut files = full.into_iter().chain([place.file.as_str()]);
    let text = files.find_map(|path| std::fs::read_to_string(path).ok())?;
    let mut lines: Vec<u32> =
        functions.iter().filter(|function| here(&function.file)).map(|function| function.line).collect();
    if here(wait.site.file()) {
        lines.push(wait.site.line());
    }
    let (code, at) = (mask(&text), offset(&text, place.line, place.column)?);
    let whereabouts = in_text(&code, at, &lines);
    if whereabouts == Whereabouts::Unknown && given::is_given_away(&code, at) {
        return Some(Whereabouts::Leaves);
    }
    Some(whereabouts)
}

/// The same for a call at `at`, and a wait that stands at, or below, some of these lines.
fn in_text(code: &str, at: usize, lines: &[u32]) -> Whereabouts {
    let Some(scope) = Scope::of(code, at) else { return Whereabouts::Unknown };
    // A wait in the statement itself is that of a later turn of a loop, for the guard of an earlier one.
    let ends = lines.iter().filter_map(|line| line_at(code, *line));
    let ends = ends.filter(|line| line.start >= scope.begins && line.start < scope.ends);
    let Some(until) = ends.map(|line| line.end.min(scope.ends)).max() else { return Whereabouts::Unknown };
    let way = &code[scope.begins..until];
    let uses = scope.names.iter().flat_map(|name| uses(code, way, scope.begins, name));
    uses.fold(Whereabouts::Stays, |so_far, one| match (so_far, one) {
        (Whereabouts::Leaves, _) | (_, Whereabouts::Leaves) => Whereabouts::Leaves,
        (Whereabouts::Unknown, _) | (_, Whereabouts::Unknown) => Whereabouts::Unknown,
        _ => Whereabouts::Stays,
    })
}

/// The text over which a guard is alive, and the names it may have there; none where it is a temporary.
#[derive(Debug)]
struct Scope<'a> {
    names: Vec<&'a str>,
    begins: usize,
    ends: usize,
}

impl<'a> Scope<'a> {
    fn of(code: &'a str, at: usize) -> Option<Scope<'a>> {
        let open = at + word(&code[at..]).len();
        if !code[open..].starts_with('(') {
            return None;
        }
        let statement = code[statement(code, at)?..at].trim_start();
        let after = had(code, closing(code, open)? + 1);
        let rest = code[after..].trim_start();
        let head = ["if let ", "while let ", "let "].iter().find_map(|head| statement.strip_prefix(head));
        match head.and_then(|head| head.split_once('=')) {
            // The guard itself is bound, or what its pattern takes out of its `Option` or `Result`.
            Some((pattern, value))
                if rest.starts_with([';', '{']) && !value.trim_start().starts_with('*') =>
            {
                let ends = if rest.starts_with('{') {
                    closing(code, after + code[after..].find('{')?)?
                } else {
                    block_end(code, after)
                };
                Some(Scope { names: names(pattern), begins: after, ends })
            }
            _ if rest.starts_with('.') || looks_through(statement) => {
                Some(Scope { names: Vec::new(), begins: after, ends: statement_end(code, after, statement) })
            }
            _ => None,
        }
    }
}

/// Whether the call's guard is only looked through: `match *lock.read().await`.
fn looks_through(statement: &str) -> bool {
    let path =
        statement.trim_end().rsplit(|c: char| c.is_whitespace() || c == '=').next().unwrap_or_default();
    path.starts_with(['*', '&'])
}

/// Where the statement begins that a call is in; `None` where the call is an argument of another one.
fn statement(code: &str, at: usize) -> Option<usize> {
    let mut rest = at;
    while let Some(character) = code[..rest].chars().next_back() {
        match character {
            ';' | '{' | ',' => break,
            '(' | '[' => return None,
            ')' | ']' => rest = opening(code, rest - 1)?,
            // A block before is a statement of its own, unless something was done with its value.
            '}' if !code[rest..].trim_start().starts_with(['.', '?']) => break,
            '}' => rest = opening(code, rest - 1)?,
            _ => rest -= character.len_utf8(),
        }
    }
    Some(rest)
}

/// Past what leads from a call to its guard.
fn had(code: &str, mut at: usize) -> usize {
    loop {
        let rest = &code[at..];
        let blank = rest.len() - rest.trim_start().len();
        let rest = rest.trim_start();
        let step = ["?", ".await", ".unwrap()"].iter().find(|step| rest.starts_with(**step));
        at += match step {
            Some(step) if !rest[step.len()..].starts_with(is_name) => blank + step.len(),
            _ if rest.starts_with(".expect(") => match closing(rest, ".expect".len()) {
                Some(end) => blank + end + 1,
                None => return at,
            },
            _ => return at,
        };
    }
}

/// Where a temporary goes: at the end of its statement, or of the block that its statement heads.
fn statement_end(code: &str, from: usize, statement: &str) -> usize {
    let heads = ["if let ", "while let ", "match ", "for "].iter().any(|head| statement.contains(head));
    let mut depth = 0_usize;
    for (at, character) in code[from..].char_indices() {
        match character {
            '{' if heads && depth == 0 => return closing(code, from + at).unwrap_or(code.len()),
            '(' | '[' | '{' => depth += 1,
            ')' | ']' | '}' if depth == 0 => return from + at,
            ')' | ']' | '}' => depth -= 1,
            ';' if depth == 0 => return from + at,
            _ => {}
        }
    }
    code.len()
}

/// Where the block ends that `from` is in.
fn block_end(code: &str, from: usize) -> usize {
    let mut depth = 0_usize;
    for (at, character) in code[from..].char_indices() {
        match character {
            '{' => depth += 1,
            '}' if depth == 0 => return from + at,
            '}' => depth -= 1,
            _ => {}
        }
    }
    code.len()
}

/// The names that a pattern binds.
fn names(pattern: &str) -> Vec<&str> {
    let pattern = pattern.split(':').next().unwrap_or(pattern);
    let words = pattern.split(|character| !is_name(character));
    words
        .filter(|word| word.starts_with(|first: char| first.is_lowercase() || first == '_'))
        .filter(|word| !["mut", "ref", "_"].contains(word))
        .collect()
}

/// What the way does with a name, each time it stands there.
fn uses(code: &str, way: &str, begins: usize, name: &str) -> Vec<Whereabouts> {
    let whole = |at: usize| !way[..at].ends_with(is_name) && !way[at + name.len()..].starts_with(is_name);
    let places = way.match_indices(name).map(|(at, _)| at).filter(|at| whole(*at));
    places.filter_map(|at| usage(&code[..begins + at], &way[..at], &way[at + name.len()..])).collect()
}

/// One use; `None` where it is another thing's name.
fn usage(before: &str, way: &str, after: &str) -> Option<Whereabouts> {
    let (before, after) = (before.trim_end(), after.trim_start());
    if before.ends_with('.') && !before.ends_with("..") {
        return None;
    }
    if is_given(way) {
        return Some(Whereabouts::Leaves);
    }
    let looked_through = before.ends_with(['*', '&']) || before.ends_with("&mut");
    let called = after.starts_with('.') && !after.starts_with("..");
    Some(if looked_through || called { Whereabouts::Stays } else { Whereabouts::Unknown })
}

/// Whether the end of `way` is among the arguments of a call that gives them away, or in what takes all it names.
fn is_given(way: &str) -> bool {
    let mut end = way.len();
    while let Some(open) = unclosed(&way[..end]) {
        let head = way[..open].trim_end();
        let called = head.rsplit(|character| !is_name(character)).next().unwrap_or_default();
        if way[open..].starts_with('(') && GIVES.contains(&called) || moves(head) {
            return true;
        }
        end = open;
    }
    // A closure without a block.
    way.rsplit([';', '{', '}']).next().is_some_and(|statement| statement.contains("move |"))
}

/// Whether a block's head is `move`, or `move |…|`.
fn moves(head: &str) -> bool {
    let head = head.trim_end();
    let closure = head.strip_suffix('|').and_then(|head| Some(&head[..head.rfind('|')?]));
    closure.unwrap_or(head).trim_end().ends_with("move")
}

/// The last bracket that is open at the end.
fn unclosed(text: &str) -> Option<usize> {
    let mut depth = 0_usize;
    for (at, character) in text.char_indices().rev() {
        match character {
            ')' | ']' | '}' => depth += 1,
            '(' | '[' | '{' if depth == 0 => return Some(at),
            '(' | '[' | '{' => depth -= 1,
            _ => {}
        }
    }
    None
}

/// The bytes of a line.
fn line_at(code: &str, line: u32) -> Option<Range<usize>> {
    let start = offset(code, line, 1)?;
    Some(start..start + code[start..].find('\n').unwrap_or(code.len() - start))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The text's first `lock_owned`, and the line that says `// B`.
    fn check(text: &str, expected: Whereabouts) {
        let at = text.find("lock_owned").unwrap_or_default();
        let line = text.lines().position(|line| line.contains("// B")).map_or(0, |line| line as u32 + 1);
        assert_eq!(in_text(&mask(text), at, &[line]), expected, "{text}");
    }

    #[test]
    fn a_name_that_is_looked_through_stays() {
        for text in [
            "async fn f() {\n let mut g = l.clone().lock_owned().await;\n *g += 1;\n h(&mut g);\n l.lock().await; // B\n}",
            "fn f() {\n let g: G<u32> = l.lock_owned().unwrap();\n if g.len() > 3 {\n a.g;\n l.lock() // B\n }\n}",
            "fn f() {\n if let Some(j) = l.clone().lock_owned().await.pop() {\n p(j, l.lock()); // B\n}\n}",
            "fn f() {\n match *l.lock_owned().await {\n 0 => l.lock().await, // B\n _ => {} }\n}",
            "fn f() {\n if let Ok(g) = l.lock_owned() {\n l.lock(); // B\n}\n}",
        ] {
            check(text, Whereabouts::Stays);
        }
    }

    #[test]
    fn a_name_that_is_given_away_leaves() {
        for text in [
            "fn f() {\n let g = l.lock_owned().await;\n s.send(g).await;\n l.lock(); // B\n}",
            "fn f() {\n let g = l.lock_owned().await;\n s.send(Job { n: 1, g });\n l.lock(); // B\n}",
            "fn f() {\n let g = l.lock_owned().await;\n spawn(async move { g.len() });\n l.lock(); // B\n}",
            "fn f() {\n let g = l.lock_owned().await;\n let f = move |x| { g.len() };\n l.lock(); // B\n}",
        ] {
            check(text, Whereabouts::Leaves);
        }
    }

    #[test]
    fn what_the_text_does_not_tell_is_not_known() {
        for text in [
            "fn f() {\n let g = l.lock_owned().await;\n let h = g;\n l.lock(); // B\n}",
            "fn f() {\n let g = l.lock_owned().await;\n drop(g);\n l.lock(); // B\n}",
            "fn f() {\n let v = vec![l.lock_owned().await];\n l.lock(); // B\n}",
            "fn f() {\n { let g = l.lock_owned().await; }\n l.lock(); // B\n}",
            "fn f() {\n l.lock(); // B\n let g = l.lock_owned().await;\n}",
            "fn f() {\n loop {\n let g = l.lock_owned().await; // B\n s.send(g);\n}\n}",
            "fn f() {\n loop {\n let g = l.lock_owned()\n.await; // B\n s.send(g);\n}\n}",
            "fn f() {\n l.lock_owned()\n}\nfn g() {\n l.lock(); // B\n}",
        ] {
            check(text, Whereabouts::Unknown);
        }
    }
}
