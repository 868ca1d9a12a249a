//! Whose code panicked: a crate and a function, out of a stack.

use mapwatch_core::event::Panic;

/// What is said where no frame is known to be the user's.
const UNKNOWN: &str = "unknown";

/// The crate and the function of the innermost frame that is the user's.
pub(super) fn of(panic: &Panic) -> (String, String) {
    let frame = panic.stack.frames.iter().find(|frame| frame.user && !frame.function.is_empty());
    let Some(frame) = frame else { return (UNKNOWN.to_owned(), UNKNOWN.to_owned()) };
    let function = named(&frame.function);
    let start = function.trim_start_matches(['<', '&', '*', '(', '[']);
    let start = ["dyn ", "mut ", "const ", "impl "]
        .iter()
        .fold(start, |name, word| name.strip_prefix(word).unwrap_or(name));
    let end = start.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(start.len());
    let name = if end == 0 { UNKNOWN } else { &start[..end] };
    (name.to_owned(), function.to_owned())
}

/// A function without the closures inside it: what a person calls it by.
fn named(function: &str) -> &str {
    let closure = function.find("::{{closure}}").or_else(|| function.find("::{closure#"));
    closure.filter(|at| *at > 0).map_or(function, |at| &function[..at])
}

#[cfg(test)]
mod tests {
    use super::*;
    use mapwatch_core::event::{Frame, Stack};

    #[test]
    fn the_innermost_frame_of_the_users_counts() {
        let check = |function: &str, expected: (&str, &str)| {
            let frame =
                |function: &str, user| Frame { function: function.to_owned(), user, ..Frame::default() };
            let frames =
                vec![frame("core::option::unwrap_failed", false), frame(function, true), frame("b::c", true)];
            let panic = Panic { stack: Stack { frames, ..Stack::default() }, ..Panic::default() };
            assert_eq!(of(&panic), (expected.0.to_owned(), expected.1.to_owned()), "{function}");
        };
        check("shop::sell", ("shop", "shop::sell"));
        check("shop::serve::{{closure}}::{{closure}}", ("shop", "shop::serve"));
        check(
            "<shop::Order as core::fmt::Display>::fmt",
            ("shop", "<shop::Order as core::fmt::Display>::fmt"),
        );
        check("<&dyn shop::Sold>::by", ("shop", "<&dyn shop::Sold>::by"));
        assert_eq!(of(&Panic::default()).0, UNKNOWN);
    }
}
