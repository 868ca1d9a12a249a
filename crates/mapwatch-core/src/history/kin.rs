//! Whether a look and an act belong to one decision, seen from the stacks of both.
//!
//! | the innermost functions of the user's | then |
//! |---|---|
//! | are one, or one called the other | the act may rely on the look |
//! | stand behind one call, and the source has both calls in one function | it may: that function left the stack early, by a tail call |
//! | were both called from a third (`exists()`, then `add()`) | it may, if that one called them one after the other, and nothing much came between |
//!
//! A function that calls whatever it is handed (the loop of a worker) calls looks and acts from one place, and
//! is nobody's decision.

use super::decision;
use super::page::Look;
use super::rules::is_walk;
use super::sites;
use crate::site::StaticSite;
use crate::stack::{self, Function, RawStack};

/// Calls into the map, of the same actor, that may lie between a look in one function and an act in another.
const NEARBY: u64 = 4;

/// How a look and an act belong together.
#[derive(Debug)]
pub(crate) struct Kin {
    /// The call through which the act was reached, in the function that both belong to; `None` where stacks do not tell.
    pub(crate) through: Option<usize>,
    /// The look's stack.
    pub(crate) look: Option<RawStack>,
}

/// How a look and an act belong together; `None` where they do not.
pub(crate) fn relate(look: &Look, act: StaticSite, step: u64, act_stack: &RawStack) -> Option<Kin> {
    let acting = stack::functions(act_stack);
    let is_near = is_walk(look.by.operation) || step.saturating_sub(look.by.step) <= NEARBY;
    let mut unknown = acting.iter().all(|frame| !frame.user);
    let paths = sites::paths_of_looks(look.by.site);
    for path in &paths {
        let looking = stack::functions(path);
        unknown |= looking.iter().all(|frame| !frame.user);
        if let Some(through) = common(&looking, &acting, is_near) {
            return Some(Kin { through: Some(through), look: Some(RawStack::clone(path)) });
        }
    }
    for path in &paths {
        if let Some(through) = shared_call(&stack::functions(path), &acting)
            && is_near
            && decision::are_in_one_function(look.by.site, act, &[path, act_stack])
        {
            return Some(Kin { through: Some(through), look: Some(RawStack::clone(path)) });
        }
    }
    // Without symbols, the same file has to do.
    let near = (unknown || paths.is_empty()) && is_near && look.by.site.file() == act.file();
    near.then(|| Kin { through: None, look: paths.first().map(RawStack::clone) })
}

/// The call, in the innermost function that both stacks went through, by which the act was reached.
fn common(looking: &[Function], acting: &[Function], is_near: bool) -> Option<usize> {
    let own = |stack: &[Function]| stack.iter().position(|frame| frame.user);
    let (looker, actor) = (own(looking)?, own(acting)?);
    // Where only line tables were kept, names have no paths, and closures are told apart by where they begin.
    let same = |frame: &Function, other: &Function| {
        other.user
            && (&other.name, &other.file) == (&frame.name, &frame.file)
            && (frame.name.contains("::") || other.entry == frame.entry)
    };
    let (act, look) =
        acting.iter().enumerate().filter(|(_, frame)| frame.user).find_map(|(act, frame)| {
            let look = looking.iter().position(|other| same(frame, other))?;
            Some((act, look))
        })?;
    if act == actor || look == looker {
        return Some(acting[act].pointer);
    }
    let in_order = looking[look].line <= acting[act].line && looking[look].pointer != acting[act].pointer;
    (in_order && is_near).then_some(acting[act].pointer)
}

/// The innermost of the user's calls that is on both stacks.
fn shared_call(looking: &[Function], acting: &[Function]) -> Option<usize> {
    let is_shared =
        |frame: &&Function| frame.user && looking.iter().any(|other| other.pointer == frame.pointer);
    acting.iter().find(is_shared).map(|frame| frame.pointer)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A stack, innermost first: functions and the lines of their calls.
    fn stack(frames: &[(&str, u32)]) -> Vec<Function> {
        let function = |(name, line): &(&str, u32)| Function {
            name: (*name).to_owned(),
            user: !name.starts_with("std"),
            line: *line,
            pointer: 1000 + *line as usize,
            ..Function::default()
        };
        frames.iter().map(function).collect()
    }

    #[track_caller]
    fn check(looking: &[(&str, u32)], acting: &[(&str, u32)], through: Option<u32>) {
        let through = through.map(|line| 1000 + line as usize);
        assert_eq!(common(&stack(looking), &stack(acting), true), through);
    }

    #[test]
    fn one_function_looks_and_acts() {
        check(&[("serve", 3), ("main", 9)], &[("serve", 7), ("main", 9)], Some(7));
        check(&[("std::get", 1), ("serve", 7), ("main", 9)], &[("serve", 3), ("main", 9)], Some(3));
    }

    #[test]
    fn one_function_calls_the_other() {
        check(&[("has", 1), ("serve", 3), ("main", 9)], &[("serve", 7), ("main", 9)], Some(7));
        check(&[("serve", 3), ("main", 9)], &[("put", 20), ("serve", 7), ("main", 9)], Some(7));
    }

    #[test]
    fn a_third_function_calls_both_one_after_the_other() {
        let (has, put) = ([("has", 1), ("serve", 3), ("main", 9)], [("put", 20), ("serve", 7), ("main", 9)]);
        check(&has, &put, Some(7));
        check(&put, &has, None);
        assert_eq!(common(&stack(&has), &stack(&put), false), None);
    }

    #[test]
    fn a_loop_that_runs_what_it_is_handed_decides_nothing() {
        check(&[("has", 1), ("job", 3), ("work", 5)], &[("put", 20), ("task", 7), ("work", 5)], None);
    }
}
