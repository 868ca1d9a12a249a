//! Which two changes of a value are the halves of one update.
//!
//! | first | second |
//! |---|---|
//! | `+= n` | `-= n`, and the other way round |
//! | a flag `= true` | `= false`; `false` and then `true` where its name says that it is free when it is true |
//! | `= Some(…)` | `= None` |
//! | `let one = ….take()` | `= Some(one)`, or `= one` |
//! | `-= amount` at one key or in one map | `+= amount` at another, where the amount has a name; and the other way round |
//! | a value whose name says that work is under way or something is taken (`Running`, `"in flight"`, `Reserved`) | another one |
//!
//! Where something was set, taking the entry out is an end as well. Everything else may be meant to stay as the first half
//! left it. So may what says by its name that it is there for whoever comes after an interruption (`dirty`,
//! `pending`), what ages by itself (`lease_until`), and what goes through several steps, which is a log of progress.

use super::super::{Call, is_name, through};
use super::{Change, Effect, meet};

/// Something is under way or taken while a value says so; besides what ends in `-ing`.
const TAKEN: [&str; 16] = [
    "active",
    "busy",
    "locked",
    "held",
    "taken",
    "occupied",
    "reserved",
    "claimed",
    "borrowed",
    "online",
    "connected",
    "inuse",
    "inflight",
    "inprogress",
    "checkedout",
    "underway",
];
/// Words in `-ing` that say nothing of the kind.
const NO_WORK: [&str; 12] = [
    "pending",
    "waiting",
    "missing",
    "nothing",
    "remaining",
    "outstanding",
    "string",
    "warning",
    "setting",
    "rating",
    "ring",
    "thing",
];
/// What is meant to be found by whoever comes after an interruption.
const FOR_OTHERS: [&str; 24] = [
    "dirty",
    "stale",
    "poisoned",
    "tainted",
    "suspect",
    "unclean",
    "unfinished",
    "incomplete",
    "partial",
    "interrupted",
    "inconsistent",
    "invalid",
    "invalidated",
    "corrupt",
    "pending",
    "queued",
    "wanted",
    "requested",
    "retry",
    "needs",
    "needed",
    "waiting",
    "recover",
    "checkpoint",
];
/// What is free while it is true.
const FREE: [&str; 6] = ["available", "free", "idle", "vacant", "unlocked", "unused"];
/// What says until when something holds.
const AGES: [&str; 9] =
    ["until", "expires", "expiry", "expiration", "deadline", "lease", "leased", "heartbeat", "ttl"];

/// What one change means for another one that came before.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(in crate::cancel::text) enum Follows {
    /// It is its other half.
    Ends,
    /// It is something else that happens to the same part.
    Spoils,
    /// They have nothing to do with each other.
    Not,
}

/// What a call means for a change of a value that came before it.
pub(in crate::cancel::text) fn follows(first: &Call<'_>, change: &Change, second: &Call<'_>) -> Follows {
    if first.receiver != second.receiver || first.key != second.key {
        let arrives = second.change.as_ref().is_some_and(|next| arrives(change, next));
        return if arrives { Follows::Ends } else { Follows::Not };
    }
    let Some(next) = &second.change else {
        return match second.removes() {
            true if matches!(&change.effect, Effect::Set(value) if is_taken(&change.path, value)) => {
                Follows::Ends
            }
            true => Follows::Spoils,
            false => Follows::Not,
        };
    };
    match meet(&change.path, &next.path) {
        false => Follows::Not,
        true if next.path == change.path && ends(change, next) => Follows::Ends,
        true => Follows::Spoils,
    }
}

/// Whether what one value has lost is what another one gets, or the other way round: an amount with a name.
fn arrives(first: &Change, second: &Change) -> bool {
    let moves = match (&first.effect, &second.effect) {
        (Effect::Add(some), Effect::Subtract(same)) | (Effect::Subtract(some), Effect::Add(same)) => {
            some == same
                && some.starts_with(char::is_lowercase)
                && some.chars().all(|it| is_name(it) || it == '.')
        }
        _ => false,
    };
    moves && first.path == second.path && first.always && second.always
}

/// Whether two changes of one part are the halves of an update.
fn ends(first: &Change, second: &Change) -> bool {
    match (&first.effect, &second.effect) {
        (Effect::Add(some), Effect::Subtract(same)) | (Effect::Subtract(some), Effect::Add(same)) => {
            some == same
        }
        (Effect::Take(name), Effect::Set(back)) => {
            back == name || back.strip_prefix("Some(").and_then(|rest| rest.strip_suffix(')')) == Some(name)
        }
        (Effect::Set(begun), Effect::Set(done)) => {
            let is_free = words(&first.path).iter().any(|word| FREE.contains(&&**word));
            match (begun.as_str(), done.as_str()) {
                ("true", "false") => !is_free && is_taken(&first.path, begun),
                ("false", "true") => is_free,
                (begun, "None") => begun.starts_with("Some(") && is_taken(&first.path, begun),
                ("true" | "false", _) => false,
                (begun, done) if begun.starts_with("Some(") || done == begun => false,
                (begun, done) => {
                    is_taken(&first.path, begun) && !is_under_way(done) && !done.contains(".await")
                }
            }
        }
        _ => false,
    }
}

/// Whether a part of a value says, while it is this, that something is taken or under way.
fn is_taken(path: &str, value: &str) -> bool {
    let for_others = |name: &str| words(name).iter().any(|word| FOR_OTHERS.contains(&&**word));
    if for_others(path) || ages(path) {
        return false;
    }
    match value {
        "true" => true,
        _ if value.starts_with("Some(") => true,
        _ => is_under_way(value) && !for_others(value),
    }
}

/// Whether a part's name says that it ages by itself.
pub(super) fn ages(path: &str) -> bool {
    words(path).iter().any(|word| AGES.contains(&&**word))
}

/// Whether the name of a value says that something is under way or taken.
fn is_under_way(value: &str) -> bool {
    let Some(name) = constant(value) else { return false };
    let words = words(name);
    let ends = |word: &String| word.len() > 5 && word.ends_with("ing") && !NO_WORK.contains(&word.as_str());
    words.iter().any(|word| ends(word) || TAKEN.contains(&word.as_str()))
        || TAKEN.contains(&words.concat().as_str())
}

/// The name of a variant or a constant, or what a string says.
fn constant(value: &str) -> Option<&str> {
    let value = value.strip_prefix("String::from(").and_then(|rest| rest.strip_suffix(')')).unwrap_or(value);
    if let Some(rest) = value.strip_prefix('"') {
        return rest.strip_suffix('"').filter(|inside| !inside.contains('"'));
    }
    let path = &value[..value.find(['(', '{']).unwrap_or(value.len())];
    let name = path.rsplit("::").next()?;
    let is_path = path.chars().all(|it| is_name(it) || it == ':');
    (is_path && name.starts_with(char::is_uppercase)).then_some(name)
}

/// The words of a name, in small letters.
fn words(name: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    let mut was_small = false;
    for character in name.chars() {
        if !character.is_alphanumeric() || character.is_uppercase() && was_small {
            words.push(String::new());
        }
        was_small = character.is_lowercase();
        if let Some(word) = words.last_mut().filter(|_| character.is_alphanumeric()) {
            word.extend(character.to_lowercase());
        }
    }
    words.retain(|word| !word.is_empty());
    words
}

/// Whether the function around a place brings the part that a call changes through several steps.
pub(in crate::cancel::text) fn is_log(first: &Call<'_>, at: usize) -> bool {
    let (text, code) = (first.text, first.code);
    let (Some(change), Some(body)) = (&first.change, through::around(code, at)) else { return false };
    let mut steps: Vec<String> = Vec::new();
    for (found, _) in code[body.clone()].match_indices('(') {
        let before = &code[..body.start + found];
        let name = before.trim_end_matches(is_name).len();
        if name == before.len() {
            continue;
        }
        for call in through::calls(text, code, name) {
            let Some(other) = &call.change else { continue };
            let same = call.receiver == first.receiver && call.key == first.key && other.path == change.path;
            if let Effect::Set(value) = &other.effect
                && same
                && is_under_way(value)
                && !steps.contains(value)
            {
                steps.push(value.clone());
            }
        }
    }
    steps.len() > 1
}
