//! Was the guard taken by code that is still on this stack?
//!
//! A future that is suspended has no stack: what took the guard in it shows only in the stack of that moment.
//! Both stacks are compared from the outermost frame inwards. Where they part, the guard's side was either a
//! call that returned the guard (its caller is code), or the body of a future (its caller is a `poll`), which
//! is then suspended, or over, while this code runs.

use crate::stack::{self, Function, RawStack};

/// How the taker of a guard and a later call belong together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Strand {
    /// One after the other on the same path of execution.
    Same,
    /// The taker was another future of the same thread or task, which is suspended now.
    Other,
    /// The stacks do not tell.
    Unsure,
}

/// Compares the stack at which a guard was taken with a later one.
pub(crate) fn of(taken: &RawStack, later: &RawStack) -> Strand {
    let (taken, later) = (stack::functions(taken), stack::functions(later));
    if taken.is_empty() || later.is_empty() {
        return Strand::Unsure;
    }
    let shared =
        taken.iter().rev().zip(later.iter().rev()).take_while(|(a, b)| a.mangled == b.mangled).count();
    let (own, common) = taken.split_at(taken.len() - shared);
    // Both stacks end in our own calls and in the container's; those never match by more than chance.
    let Some(parted) = own.iter().rev().find(|frame| frame.user).or_else(|| own.last()) else {
        return among(common);
    };
    if !parted.user {
        return among(common);
    }
    let caller = own.iter().rev().take_while(|frame| !std::ptr::eq(*frame, parted)).last().or(common.first());
    match caller {
        Some(caller) if polls(caller) => Strand::Other,
        Some(_) => among(common),
        None => Strand::Unsure,
    }
}

/// Whether a suspended wait stays until it ends: nothing on its way races it against something else, and it is a
/// runtime's own task or main future (another executor's tasks are not told from each other).
pub(crate) fn stays(wait: &RawStack, is_task: bool) -> bool {
    const RACES: [&str; 12] = [
        "Timeout",
        "timeout",
        "select",
        "Select",
        "Abortable",
        "::race",
        "Race",
        "join",
        "Join",
        "poll_fn",
        "PollFn",
        "Unordered",
    ];
    let frames = stack::functions(wait);
    let own = frames.iter().any(|frame| frame.user);
    let races = |frame: &Function| {
        // A future of the user's with a `poll` of its own may do anything.
        let by_hand = frame.user && frame.name.contains("Future>::poll");
        by_hand
            || RACES.iter().any(|word| frame.name.contains(word)) && !frame.name.starts_with("std::thread")
    };
    let inner: Vec<&Function> = frames.iter().take_while(|frame| !is_root(frame)).collect();
    own && inner.len() < frames.len()
        && !inner.iter().any(|frame| races(frame))
        && (is_task || frames.iter().any(|frame| frame.name.starts_with("tokio::runtime")))
}

/// Where a runtime begins to poll a task or its main future.
fn is_root(frame: &Function) -> bool {
    frame.name.contains("tokio::runtime::task::") || frame.name.contains("block_on")
}

/// The same code all the way: one path, unless a combinator polls several futures of one shape.
fn among(common: &[Function]) -> Strand {
    const SEVERAL: [&str; 8] = [
        "join_all",
        "JoinAll",
        "FuturesUnordered",
        "FuturesOrdered",
        "MaybeDone",
        "maybe_done",
        "buffer_unordered",
        "poll_fn",
    ];
    let several = |frame: &Function| {
        SEVERAL.iter().any(|word| frame.name.contains(word)) || frame.name.contains("PollFn")
    };
    if common.iter().any(several) { Strand::Unsure } else { Strand::Same }
}

/// Whether a frame is one that polls futures.
fn polls(frame: &Function) -> bool {
    let name = frame.name.rsplit("::").next().unwrap_or_default();
    !frame.user && (name == "poll" || name == "poll_next" || name == "poll_unpin" || name == "try_poll")
        || frame.name.contains("as core::future::future::Future>::poll")
}
