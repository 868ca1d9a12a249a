//! Halves that stand in functions of their own, such as `begin` and `finish` of a registry: what their arguments and
//! their receivers are is read where they are called.
//!
//! Only functions of the same file are looked into, and only those whose name is theirs alone.

use super::{Call, Changes, Onward, Partner, Step, Walk, Way};
use super::{INSERTS, REMOVES};
use super::{
    after, around as block, closing, is_name, leading, onward, place, plain, receiver, split, value, word,
};
use std::ops::Range;

/// A function of the file.
struct Function<'a> {
    name: &'a str,
    parameters: Vec<&'a str>,
    body: Range<usize>,
}

/// The second half that comes after each call of the function in which a first half at `at` stands, and which calls
/// those are.
pub(super) fn partner<'a>(code: &'a str, first: &Call<'a>, at: usize, way: Onward<'a>) -> Option<Partner> {
    let function = functions(code).into_iter().rfind(|function| function.body.contains(&at))?;
    if alone(code, function.name).is_none() || !is_reached_plainly(code, at, function.body.start) {
        return None;
    }
    // Nothing may come between the first half and the caller.
    let mut walk = Walk::new(&code[..function.body.end], way);
    while let Some(step) = walk.next() {
        match step {
            Step::Turn if walk.at < function.body.end => return None,
            Step::Turn => break,
            _ => {}
        }
    }
    if walk.awaited {
        return None;
    }
    let mut found: Option<Partner> = None;
    for call in calls_of(code, function.name) {
        let Some((next, lines)) = after_call(code, first, &function, call) else { continue };
        match &mut found {
            None => found = Some(Partner { callers: vec![lines], ..next }),
            Some(found) if (found.line, found.column) == (next.line, next.column) => {
                found.callers.push(lines);
            }
            Some(_) => {}
        }
    }
    found
}

/// What comes after one call of the function of a first half.
fn after_call<'a>(
    code: &'a str,
    first: &Call<'a>,
    function: &Function<'_>,
    at: usize,
) -> Option<(Partner, Range<u32>)> {
    let open = at + function.name.len();
    let mut end = closing(code, open)? + 1;
    let head = onward::head(code, at);
    let bound = onward::bound(head);
    let substitute = |expression: &str| -> Option<String> {
        let returned = plain(tail(code, function)) == expression;
        substitute(code, function, at, expression).or_else(|| bound.filter(|_| returned).map(str::to_owned))
    };
    let own = Call {
        receiver: substitute(&first.receiver)?,
        key: substitute(&first.key)?,
        is_elsewhere: true,
        change: first.change.clone().map(|change| change.seen(|value| substitute(value))),
        ..first.clone()
    };
    let (next, awaits) = onward::following(code, end);
    if next == "." && onward::following(code, awaits + 1).0 == "await" {
        end = onward::following(code, awaits + 1).1 + "await".len();
    }
    // The answer says that the first half did something only where it is that half's own.
    let answers = tail(code, function).trim_end().ends_with(&code[first.at..first.arguments.end + 1]);
    let way = if answers || own.removes() {
        onward::way(code, at, end, own.removes())
    } else {
        Onward::from(onward::chain(code, end).unwrap_or(end))
    };
    let Way::Comes(partner) = after(code, &own, way) else { return None };
    Some((partner, lines(code, at, open)?))
}

/// The lines of the call at a place, whose brackets open at another.
fn lines(code: &str, at: usize, open: usize) -> Option<Range<u32>> {
    Some(place(code, at).0..place(code, closing(code, open)?).0 + 1)
}

/// The calls of a map's methods that the call of this name at `at` is: itself, or those that it leads to on every way.
pub(super) fn calls<'a>(text: &'a str, code: &'a str, at: usize) -> Vec<Call<'a>> {
    let name = word(&code[at..]);
    let mut calls: Vec<Call<'a>> = Vec::new();
    calls.extend(at_place(text, code, at));
    if let Some(function) = alone(code, name).filter(|function| !function.body.contains(&at)) {
        calls.extend(inside(text, code, &function, at));
    }
    calls
}

/// What the call at a place is by itself: of an entry, or of a value where it stands.
fn at_place<'a>(text: &'a str, code: &'a str, at: usize) -> Vec<Call<'a>> {
    let name = word(&code[at..]);
    let moves = REMOVES.contains(&name) || INSERTS.contains(&name);
    let mut calls: Vec<Call<'a>> = moves.then(|| Call::at(text, code, at)).flatten().into_iter().collect();
    if let Some(Changes { call, all, .. }) =
        value::is_lender(name).then(|| Changes::at(text, code, at)).flatten()
    {
        calls.extend(all.into_iter().map(|change| Call { change: Some(change), ..call.clone() }));
    }
    calls
}

/// What a function does to maps on every way, as seen from a call of it.
fn inside<'a>(text: &'a str, code: &'a str, function: &Function<'_>, at: usize) -> Vec<Call<'a>> {
    let mut walk = Walk::new(code, Onward::from(function.body.start));
    let through = lines(code, at, at + function.name.len());
    let mut calls = Vec::new();
    while let Some(step) = walk.next() {
        match step {
            Step::Turn => break,
            Step::Call(inner) if walk.at <= function.body.end => {
                for call in at_place(text, code, inner) {
                    let seen = |expression: &str| substitute(code, function, at, expression);
                    if let (Some(receiver), Some(key)) = (seen(&call.receiver), seen(&call.key)) {
                        let change = call.change.clone().map(|change| change.seen(seen));
                        let through = through.clone();
                        calls.push(Call { receiver, key, is_elsewhere: true, change, through, ..call });
                    }
                }
            }
            Step::Call(_) => break,
            Step::Bound(_) | Step::Branches(_) => {}
        }
    }
    calls
}

/// What an expression inside a function is for whoever calls it at `at`; `None` where that is not to be seen.
fn substitute(code: &str, function: &Function<'_>, at: usize, expression: &str) -> Option<String> {
    let root = word(expression);
    let rest = &expression[root.len()..];
    let open = at + word(&code[at..]).len();
    let arguments: Vec<_> = split(code, open + 1..closing(code, open)?).collect();
    let is_method = code[..at].trim_end().ends_with('.');
    if root == "self" {
        return is_method.then(|| receiver(code, at)).flatten().map(|receiver| receiver + rest);
    }
    let is_constant =
        !root.is_empty() && root.chars().all(|it| it.is_uppercase() || it.is_numeric() || it == '_');
    if is_constant {
        return Some(expression.to_owned());
    }
    let takes_self = function.parameters.first() == Some(&"self");
    let place = function.parameters.iter().position(|parameter| *parameter == root)?;
    let place = place.checked_sub(usize::from(takes_self && is_method))?;
    let argument = plain(&code[arguments.get(place)?.clone()]);
    let path = if argument.contains('(') { leading(&argument) } else { argument };
    (!path.is_empty()).then(|| path + rest)
}

/// The value that a function ends with.
fn tail<'a>(code: &'a str, function: &Function<'_>) -> &'a str {
    let body = &code[function.body.clone()];
    body[body.rfind([';', '}']).map_or(0, |end| end + 1)..].trim()
}

/// Whether a place is run through with the function that begins at `body`, not by something that is made there.
fn is_reached_plainly(code: &str, at: usize, body: usize) -> bool {
    let mut place = at;
    while let Some(open) = block(code, place) {
        if open < body {
            return true;
        }
        let before = code[..open].trim_end();
        if before.ends_with('|') || before.ends_with("async") || before.ends_with("move") {
            return false;
        }
        place = open;
    }
    false
}

/// All functions of a file that have a body.
fn functions(code: &str) -> Vec<Function<'_>> {
    let starts = code.match_indices("fn ").map(|(at, _)| at);
    let starts = starts.filter(|at| !code[..*at].ends_with(is_name));
    starts.filter_map(|at| function(code, at + 3)).collect()
}

fn function(code: &str, at: usize) -> Option<Function<'_>> {
    let name = word(&code[at..]);
    let mut open = at + name.len();
    if code[open..].starts_with('<') {
        let mut depth = 0;
        let end = code[open..].char_indices().find(|(place, it)| {
            depth += i32::from(*it == '<');
            depth -= i32::from(*it == '>' && !code[..open + place].ends_with('-'));
            depth == 0
        })?;
        open += end.0 + 1;
    }
    if name.is_empty() || !code[open..].starts_with('(') {
        return None;
    }
    let close = closing(code, open)?;
    let start = close + code[close..].find(['{', ';'])?;
    let end = code[start..].starts_with('{').then(|| closing(code, start)).flatten()?;
    let parameters = split(code, open + 1..close).map(|part| {
        let named = code[part].split(':').next().unwrap_or_default();
        let named = named.trim().trim_start_matches(['&', ' ']);
        let named = if named.starts_with('\'') {
            named.split_once(' ').map_or(named, |(_, named)| named)
        } else {
            named
        };
        named.trim_start_matches("mut ").trim()
    });
    Some(Function { name, parameters: parameters.collect(), body: start + 1..end })
}

/// The body of the function around a place.
pub(super) fn around(code: &str, at: usize) -> Option<Range<usize>> {
    functions(code).into_iter().map(|function| function.body).rfind(|body| body.contains(&at))
}

/// The function of this name, where no other one has it.
fn alone<'a>(code: &'a str, name: &str) -> Option<Function<'a>> {
    let named = |at: &usize| {
        let behind = code[at + 3..].strip_prefix(name);
        !code[..*at].ends_with(is_name) && behind.is_some_and(|behind| !behind.starts_with(is_name))
    };
    let starts = code.match_indices("fn ").map(|(at, _)| at).filter(named);
    let mut all = starts.filter_map(|at| function(code, at + 3));
    all.next().filter(|_| all.next().is_none())
}

/// Where functions of this name are called.
fn calls_of<'a>(code: &'a str, name: &'a str) -> impl Iterator<Item = usize> + 'a {
    let whole = move |at: &usize| {
        let before = &code[..*at];
        !before.ends_with(is_name)
            && !before.trim_end().ends_with("fn")
            && code[at + name.len()..].starts_with('(')
    };
    code.match_indices(name).map(|(at, _)| at).filter(whole)
}
