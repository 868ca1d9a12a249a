//! Was the guard taken by code that is still on this stack?
//!
//! A future that is suspended has no stack: what took the guard in it shows only in the stack of that moment.
//! Both stacks are compared from the outermost frame inwards. Where they part, the guard's side was either a
//! call that returned the guard (its caller is code), or the body of a future (its caller is a `poll`), which
//! is then suspended, or over, while this code runs.

use super::hold::Hold;
use crate::stack::{self, Function, RawStack};
use crate::task::TASK;

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
    let is_cut = stack::is_cut(taken) || stack::is_cut(later);
    let (taken, later) = stack::reaching_alike(taken, later);
    let (taken, later) = (stack::functions(taken), stack::functions(later));
    if taken.is_empty() || later.is_empty() {
        return Strand::Unsure;
    }
    let shared = taken.iter().rev().zip(later.iter().rev()).take_while(|(a, b)| a == b).count();
    if shared == 0 && is_cut {
        return Strand::Unsure;
    }
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
        Some(caller) if polls(caller) || is_body(parted) && is_polled_by_hand(common) => Strand::Other,
        Some(_) => among(common),
        None => Strand::Unsure,
    }
}

/// Whether the taker of a guard and a later call of its owner are one strand. An earlier stack proves nothing.
pub(crate) fn after(hold: &Hold, later: Option<&RawStack>) -> Strand {
    match (hold.stack(), later) {
        // Of one task's own calls, an earlier stack from the same place tells as much.
        (Some((taken, earlier)), Some(later)) if !earlier || hold.suspends && hold.actor & TASK != 0 => {
            of(&taken, later)
        }
        _ => Strand::Unsure,
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
        let by_hand = frame.user && !is_body(frame) && last_segment(&frame.name) == "poll";
        by_hand
            || RACES.iter().any(|word| frame.name.contains(word)) && !frame.name.starts_with("std::thread")
            || !frame.user && RACING_FILES.iter().any(|file| frame.file.ends_with(file))
    };
    let inner: Vec<&Function> = frames.iter().take_while(|frame| !is_root(frame)).collect();
    own && inner.len() < frames.len()
        && !inner.iter().any(|frame| races(frame))
        && (is_task || frames.iter().any(is_runtime))
}

/// Files of combinators, whose functions have no paths in their names where only line tables were kept.
const RACING_FILES: [&str; 13] = [
    "/abortable.rs",
    "/futures_unordered/mod.rs",
    "/join.rs",
    "/join_all.rs",
    "/maybe_done.rs",
    "/poll_fn.rs",
    "/race.rs",
    "/select.rs",
    "/select_all.rs",
    "/select_ok.rs",
    "/timeout.rs",
    "/try_join.rs",
    "/try_join_all.rs",
];

fn is_runtime(frame: &Function) -> bool {
    frame.name.starts_with("tokio::runtime")
        || frame.file.contains("/tokio") && frame.file.contains("/src/runtime/")
}

/// Where a runtime begins to poll a task or its main future.
fn is_root(frame: &Function) -> bool {
    let task = || frame.file.contains("/tokio") && frame.file.contains("/src/runtime/task/");
    frame.name.contains("tokio::runtime::task::") || frame.name.contains("block_on") || !frame.user && task()
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
    const FILES: [&str; 4] = ["/join_all.rs", "/futures_unordered/mod.rs", "/maybe_done.rs", "/poll_fn.rs"];
    let several = |frame: &Function| {
        SEVERAL.iter().any(|word| frame.name.contains(word))
            || frame.name.contains("PollFn")
            || !frame.user && FILES.iter().any(|file| frame.file.ends_with(file))
    };
    if common.iter().any(several) { Strand::Unsure } else { Strand::Same }
}

/// Whether a frame is one that polls futures.
fn polls(frame: &Function) -> bool {
    let name = last_segment(&frame.name);
    !frame.user && (name == "poll" || name == "poll_next" || name == "poll_unpin" || name == "try_poll")
        || frame.name.contains("as core::future::future::Future>::poll")
}

/// Whether a frame is a closure or the body of a future; names do not always tell the two apart.
fn is_body(frame: &Function) -> bool {
    let name = last_segment(&frame.name);
    name.starts_with("{{closure}}") || name.starts_with("{async_") || name.starts_with("{closure")
}

/// Whether the innermost of these frames is a closure that `poll_fn` runs, as `select!` and `join!` write one.
fn is_polled_by_hand(frames: &[Function]) -> bool {
    let [closure, poll, ..] = frames else { return false };
    is_body(closure) && (poll.name.contains("PollFn") || poll.file.ends_with("/poll_fn.rs"))
}

/// Whether a task is polled within another one's poll, by an executor that blocks its thread.
pub(crate) fn is_nested(stack: &RawStack) -> bool {
    let polls = |frame: &&Function| last_segment(&frame.name) == "poll_future" && is_runtime(frame);
    stack::functions(stack).iter().filter(polls).count() > 1
}

/// The last part of a path, without what stands in angle brackets behind it.
fn last_segment(name: &str) -> &str {
    let mut end = name.len();
    if name.ends_with('>') {
        let mut depth = 0;
        for (index, byte) in name.bytes().enumerate().rev() {
            match byte {
                b'>' if !name[..index].ends_with('-') => depth += 1,
                b'<' => depth -= 1,
                _ => {}
            }
            if depth == 0 {
                end = index;
                break;
            }
        }
    }
    let path = name[..end].trim_end_matches("::");
    path.rsplit("::").next().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_part_of_a_name_is_its_own() {
        for (name, last) in [
            ("core::future::poll_fn::PollFn<F>::poll", "poll"),
            ("<futures::MaybeDone<F> as core::future::Future>::poll", "poll"),
            ("poll<shop::refresh::{async_fn_env#0}>", "poll"),
            ("poll::<fn(u8) -> shop::Answer, ()>", "poll"),
            ("shop::serve::{{closure}}", "{{closure}}"),
            ("{async_fn#0}<alloc::vec::Vec<u8>>", "{async_fn#0}"),
            ("main", "main"),
            ("", ""),
        ] {
            assert_eq!(last_segment(name), last, "{name}");
        }
    }
}
