//! Several futures that one function polls at a time: `join_all`, `FuturesUnordered`, `buffer_unordered`.
//!
//! Where the whole is awaited, it is dropped before the function goes on. Where its results are taken one by one, it
//! lives as long as the variable that it is kept in: as long as the function, if the source says that the variable
//! is the function's own and goes nowhere else.

use super::{Step, owns};
use crate::cancel::source;
use crate::cancel::text::{closing, is_name, mask, offset, opening, word};
use crate::stack::{self, RawStack};
use std::path::Path;

/// What polls several futures that it owns.
const SEVERAL: [&str; 3] = ["futures_util::", "futures_core::", "tokio::future::"];
/// What takes one result of something that somebody keeps.
const TAKES: [&str; 3] = ["::next::Next<", "::try_next::TryNext<", "::select_next_some::SelectNextSome<"];
/// What may be somebody else's, or gives the rest back.
const LENT: [&str; 5] = ["&mut ", "Pin<", "::select::Select<", "::select_all::", "::select_ok::"];
/// Calls that make what is kept.
const MAKES: [&str; 6] = [
    "FuturesUnordered",
    "FuturesOrdered",
    "buffer_unordered",
    "buffered",
    "try_buffer_unordered",
    "try_buffered",
];

/// Several futures on a path.
pub(super) struct Gathering {
    /// The function that awaits it.
    owner: usize,
    /// Its results are taken one by one.
    is_kept: bool,
}

/// The gatherings of a path; `None` where something else polls more than one future, or one that it does not own.
pub(super) fn gatherings(past: &[Step]) -> Option<Vec<Gathering>> {
    let mut found: Vec<Gathering> = Vec::new();
    let mut owner = None;
    for (index, step) in past.iter().enumerate() {
        if owns(past, index) {
            owner = step.user.then_some(index).or(owner);
            continue;
        }
        let gathers = SEVERAL.iter().any(|several| step.name.contains(several));
        if !gathers || LENT.iter().any(|lent| step.name.contains(lent)) {
            return None;
        }
        let owner = owner?;
        let is_kept = TAKES.iter().any(|takes| step.name.contains(takes));
        match found.last_mut().filter(|last| last.owner == owner) {
            Some(last) => last.is_kept |= is_kept,
            None => found.push(Gathering { owner, is_kept }),
        }
    }
    Some(found)
}

impl Gathering {
    /// Whether it is over where the path has come to another place in the function at `fork`.
    pub(super) fn is_over(&self, past: &[Step], fork: usize) -> bool {
        match self.is_kept {
            false => fork <= self.owner,
            true => fork < self.owner && is_own(&past[self.owner]),
        }
    }
}

/// Whether the function at a step keeps in a variable of its own what it takes results from.
fn is_own(step: &Step) -> bool {
    let functions = stack::functions(&RawStack::from([step.address].as_slice()));
    let Some(function) = functions.into_iter().find(|function| function.name == step.name) else {
        return false;
    };
    let text = Path::new(&function.file).to_str().and_then(source);
    text.is_some_and(|text| keeps(&mask(&text), function.line).is_some())
}

/// The variable that results are taken from on a line, where it is the function's own.
fn keeps(code: &str, line: u32) -> Option<&str> {
    const NEXT: [&str; 3] = [".next()", ".try_next()", ".select_next_some()"];
    let from = offset(code, line.saturating_sub(2).max(1), 1)?;
    let end = offset(code, line, 1)?;
    let end = end + code[end..].find('\n').unwrap_or(code.len() - end);
    let at = from + NEXT.iter().filter_map(|next| code[from..end].rfind(next)).max()?;
    let before = code[..at].trim_end();
    let name = &before[before.rfind(|it| !is_name(it)).map_or(0, |at| at + 1)..];
    if before[..before.len() - name.len()].ends_with(['.', ':']) {
        return None;
    }
    let (made, body) = made(code, at, name)?;
    let is_whole = code[made..].find(';').is_some_and(|end| {
        let value = &code[made..made + end];
        MAKES.iter().any(|makes| value.contains(makes)) && !value.contains("&mut ")
    });
    let rest = &code[made + code[made..].find(['=', ':'])?..body];
    let goes = rest.match_indices(name).any(|(at, _)| {
        let is_it = !rest[..at].ends_with(is_name) && word(&rest[at..]) == name;
        is_it && !rest[at + name.len()..].trim_start().starts_with('.') && !rest[..at].ends_with("drop(")
    });
    (is_whole && !goes).then_some(name)
}

/// Where the variable is bound, and where the block ends that it is bound in: one around the place, of the same future.
fn made(code: &str, at: usize, name: &str) -> Option<(usize, usize)> {
    let mut place = at;
    loop {
        let open = around(code, place)?;
        let bound = [format!("let mut {name}"), format!("let {name}")];
        let found = bound.iter().filter_map(|bound| code[open..place].rfind(bound.as_str())).max();
        if let Some(found) = found {
            return Some((open + found, closing(code, open)?));
        }
        let before = code[..open].trim_end();
        if before.ends_with("async") || before.ends_with("move") || before.ends_with('|') {
            return None;
        }
        place = open;
    }
}

/// The `{` around a place.
fn around(code: &str, at: usize) -> Option<usize> {
    let mut place = at;
    loop {
        let bracket = code[..place].rfind(['{', '}', ')', ']'])?;
        match code.as_bytes()[bracket] {
            b'{' => return Some(bracket),
            _ => place = opening(code, bracket)?,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(marked: &str, expected: Option<&str>) {
        let at = marked.find('«').expect("a place");
        let line = marked[..at].matches('\n').count() as u32 + 1;
        assert_eq!(keeps(&marked.replacen('«', "", 1), line), expected, "{marked}");
    }

    #[test]
    fn what_a_function_keeps_for_itself_ends_with_it() {
        check(
            "async fn f() {\nlet mut all: FuturesUnordered<_> = a.collect();\n«all.next().await\n}",
            Some("all"),
        );
        check(
            "async fn f() {\nlet mut d = stream::iter(a).buffer_unordered(3);\nwhile let Some(r) = «d.next().await { r?; }\ndrop(d);\n}",
            Some("d"),
        );
        check("async fn f(mut all: FuturesUnordered<F>) {\n«all.next().await\n}", None);
        check("async fn f(&mut self) {\n«self.all.next().await\n}", None);
        check(
            "async fn f() {\nlet mut all = FuturesUnordered::new();\n«all.next().await;\nkeep(all);\n}",
            None,
        );
        check("async fn f() {\nlet all = &mut FuturesUnordered::new();\n«all.next().await;\n}", None);
        check(
            "async fn f() {\nlet mut all = FuturesUnordered::new();\ntimeout(D, async {\n«all.next().await\n}).await;\n}",
            None,
        );
    }
}
