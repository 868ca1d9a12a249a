//! Whether a future that was polled at one moment must be over by another: read from the two stacks.
//!
//! A function that awaits one future, and owns it, does nothing else until that future is done or dropped. So when
//! it is seen to go on somewhere else, the future is over. That holds only where nothing on the stack polls several
//! futures at a time, or one that somebody else keeps: only wrappers that are known to own one future are let
//! through, and `select!`, which drops its branches before anything else goes on.
//! What polls several is let through where who owns it has gone on, or is itself over (`gathering`).

mod gathering;

use crate::stack::{self, RawStack};
use gathering::gatherings;

/// Futures that own the one future they poll.
const WRAPPERS: [&str; 3] = [
    "tokio::time::timeout::Timeout",
    "tracing::instrument::Instrumented",
    "mapwatch_core::task::watched::Watched",
];

/// Polls a closure of the user's: several futures, or, inside of a `select!`, several that end together.
const POLL_FN: &str = "core::future::poll_fn::PollFn";

/// One function on a stack.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Step {
    pub(super) address: usize,
    pub(super) name: String,
    pub(super) user: bool,
    /// It is the inside of a `select!`.
    pub(super) selects: bool,
}

/// The part of a stack between the innermost function of the user's and the runtime, outermost first; `None` where
/// no runtime is on it.
pub(super) fn steps(stack: &RawStack) -> Option<Vec<Step>> {
    let mut steps = Vec::new();
    for &address in stack.iter() {
        let one = RawStack::from([address].as_slice());
        for function in stack::functions(&one) {
            if function.name.contains("tokio::runtime::") {
                steps.reverse();
                return Some(steps);
            }
            if function.user || !steps.is_empty() {
                let selects = is_select(&function.file);
                steps.push(Step { address, name: function.name, user: function.user, selects });
            }
        }
    }
    None
}

/// Whether a closure comes from the text of tokio's `select!`, or of one that joins.
fn is_select(file: &str) -> bool {
    const MACROS: [&str; 3] = ["/src/macros/select.rs", "/src/macros/join.rs", "/src/macros/try_join.rs"];
    let file = file.replace('\\', "/");
    file.contains("/tokio-") && MACROS.iter().any(|its| file.ends_with(its))
}

/// Whether something of this name is on a stack.
pub(super) fn is_on(stack: &RawStack, names: &[&str]) -> bool {
    stack::functions(stack).iter().any(|function| names.iter().any(|name| function.name.contains(name)))
}

/// Whether a stack is that of a task that its runtime counts: the innermost of what runs tasks is a scheduler,
/// neither a `LocalSet` nor blocking work (as which a scheduler's threads run themselves).
///
/// Files tell, because names do not: those of generic functions have the names of their arguments in them, and where
/// equal functions were made one, those of other arguments.
pub(super) fn is_counted(stack: &RawStack) -> bool {
    const SCHEDULERS: [&str; 2] =
        ["/runtime/scheduler/multi_thread/worker", "/runtime/scheduler/current_thread"];
    const OTHERS: [&str; 2] = ["/src/task/local.rs", "/runtime/blocking/task.rs"];
    let runs = stack::functions(stack).into_iter().find_map(|function| {
        let file = function.file.replace('\\', "/");
        let is_one = |of: &[&str]| file.contains("/tokio") && of.iter().any(|one| file.contains(one));
        if is_one(&SCHEDULERS) { Some(true) } else { is_one(&OTHERS).then_some(false) }
    });
    runs.unwrap_or(false)
}

/// A path down to the innermost body of a future: what that calls is over when it awaits.
fn awaiting(path: &[Step]) -> &[Step] {
    let innermost = path.iter().rposition(|step| step.user && step.name.ends_with("{{closure}}"));
    &path[..innermost.map_or(0, |at| at + 1)]
}

/// Whether the function at an index owns the one future that it polls.
fn owns(past: &[Step], index: usize) -> bool {
    let step = &past[index];
    let is_body = step.user && step.name.ends_with("{{closure}}");
    let selects = step.name.contains(POLL_FN) && past.get(index + 1).is_some_and(|inner| inner.selects);
    is_body || step.selects || selects || WRAPPERS.iter().any(|wrapper| step.name.contains(wrapper))
}

/// Whether each function down to the innermost body owns the future that it polls.
pub(super) fn is_single(past: &[Step]) -> bool {
    let past = awaiting(past);
    !past.is_empty() && (0..past.len()).all(|index| owns(past, index))
}

/// Whether the innermost function of `past` must be over by the time of `now`, both of one actor.
pub(super) fn is_over(past: &[Step], now: &[Step]) -> bool {
    let past = awaiting(past);
    let Some(fork) = past.iter().zip(now).position(|(past, now)| past != now) else { return false };
    let (then, now) = (&past[fork], &now[fork]);
    // The same function at another place, and not the innermost one, which may simply have gone on; nor a `select!`
    // that has come to another branch.
    !then.selects
        && then.user
        && then.name == now.name
        && past[fork + 1..].iter().any(|step| step.user)
        && gatherings(past).is_some_and(|all| all.iter().all(|gathering| gathering.is_over(past, fork)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn path(names: &[(usize, &str)]) -> Vec<Step> {
        let step = |(address, name): &(usize, &str)| Step {
            address: *address,
            name: (*name).to_owned(),
            user: !name.contains("tokio") && !name.contains("core::"),
            selects: name.contains("selecting"),
        };
        names.iter().map(step).collect()
    }

    #[test]
    fn a_future_is_over_when_its_owner_goes_on() {
        let timeout = "<tokio::time::timeout::Timeout<T> as core::future::future::Future>::poll";
        let past = path(&[
            (1, "main::{{closure}}"),
            (2, "case::{{closure}}"),
            (3, timeout),
            (4, "add::{{closure}}"),
        ]);
        assert!(is_over(&past, &path(&[(1, "main::{{closure}}"), (9, "case::{{closure}}")])));
        assert!(is_over(&past, &path(&[(8, "main::{{closure}}"), (9, "report")])));
        // It may itself have gone on, or stand where it stood.
        assert!(!is_over(
            &past,
            &path(&[
                (1, "main::{{closure}}"),
                (2, "case::{{closure}}"),
                (3, timeout),
                (5, "add::{{closure}}")
            ])
        ));
        assert!(!is_over(&past, &past));
    }

    #[test]
    fn among_several_futures_nothing_is_known() {
        let poll_fn = "<core::future::poll_fn::PollFn<F> as core::future::future::Future>::poll";
        let now = path(&[(9, "case::{{closure}}")]);
        let branch = path(&[
            (2, "case::{{closure}}"),
            (3, poll_fn),
            (4, "case::{{closure}}::{{closure}}"),
            (5, "add::{{closure}}"),
        ]);
        assert!(!is_over(&branch, &now));
        let select =
            [(2, "case::{{closure}}"), (3, poll_fn), (4, "selecting::{{closure}}"), (5, "add::{{closure}}")];
        assert!(is_over(&path(&select), &now));
        let other =
            [(2, "case::{{closure}}"), (3, poll_fn), (7, "selecting::{{closure}}"), (8, "tick::{{closure}}")];
        assert!(!is_over(&path(&select), &path(&other)));
        let lent = path(&[
            (2, "case::{{closure}}"),
            (3, "<core::pin::Pin<P> as core::future::future::Future>::poll"),
            (4, "add::{{closure}}"),
        ]);
        assert!(!is_over(&lent, &now));
        let unknown = path(&[
            (2, "case::{{closure}}"),
            (3, "tokio::task::local::LocalFutures<F>"),
            (4, "add::{{closure}}"),
        ]);
        assert!(!is_over(&unknown, &now));
    }

    #[test]
    fn what_is_called_by_a_body_is_over_when_it_awaits() {
        let past = path(&[(1, "main::{{closure}}"), (2, "add::{{closure}}"), (3, "Registry::begin")]);
        assert!(is_single(&past));
        assert!(is_over(&past, &path(&[(9, "main::{{closure}}")])));
        assert!(!is_over(&past, &path(&[(1, "main::{{closure}}"), (8, "add::{{closure}}")])));
    }

    #[test]
    fn a_gathering_is_over_with_who_owns_it() {
        const JOIN: &str =
            "<futures_util::future::try_join_all::TryJoinAll<F> as core::future::future::Future>::poll";
        const NEXT: &str =
            "<futures_util::stream::stream::next::Next<St> as core::future::future::Future>::poll";
        const UNORDERED: &str = "<futures_util::stream::futures_unordered::FuturesUnordered<Fut> as futures_core::stream::Stream>::poll_next";
        let (main, all, one) = ((1, "main::{{closure}}"), (2, "all::{{closure}}"), (7, "one::{{closure}}"));
        let joined = path(&[main, all, (3, JOIN), one, (8, "step::{{closure}}")]);
        assert!(is_over(&joined, &path(&[main, (9, "all::{{closure}}")])));
        assert!(is_over(&joined, &path(&[(9, "main::{{closure}}")])));
        // Another one of them goes on, in the same function.
        assert!(!is_over(&joined, &path(&[main, all, (3, JOIN), (6, "one::{{closure}}")])));
        assert!(!is_single(&joined));
        // Who takes one result after the other goes on in between; whose the rest is, no source tells here.
        let streamed = path(&[main, all, (3, NEXT), (4, UNORDERED), one]);
        assert!(!is_over(&streamed, &path(&[main, (9, "all::{{closure}}")])));
        assert!(!is_over(&streamed, &path(&[(9, "main::{{closure}}")])));
        let lent = path(&[main, all, (3, JOIN), (4, "<&mut F as core::future::future::Future>::poll"), one]);
        assert!(!is_over(&lent, &path(&[(9, "main::{{closure}}")])));
    }
}
