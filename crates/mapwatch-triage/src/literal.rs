//! The literals that a line must hold before anything else is done with it.
//!
//! One pass with these decides the speed of the whole: what they do not hit is never looked at again.
//! They are letters and spaces only (no quotes, no backslashes), so that a line is found inside a JSON string,
//! between colour codes and in every envelope alike. Each is broad; the parser behind it is strict.
//!
//! The set stays within 64, the most that the vectorised searcher takes.

use aho_corasick::{AhoCorasick, MatchKind};
use std::sync::OnceLock;

/// What a report's first line, or a line that ends a process, holds.
pub const LITERALS: &[&str] = &[
    // Rust: panics of every age and hook, task panics.
    "panicked",
    "anic occurred",
    "problem and crashed",
    "panic.payload",
    "panic_payload",
    "anic at ",
    "PANIC at ",
    "anic in thread ",
    "PANIC in thread ",
    "JoinError::Panic",
    "overflowed its stack",
    "memory allocation of ",
    "fatal runtime error: ",
    "Error: ",
    // Watched maps: their reports and their event streams.
    "mapwatch: ",
    "\"kind\":\"conflict\"",
    "\"kind\":\"panic\"",
    // Go: panics, fatal errors, races, dumps; recovered ones by their runtime texts.
    "panic: ",
    "panic serving ",
    "panic recovered",
    "Observed a panic",
    "from panic",
    "ECOVERED",
    "ecovered: ",
    "fatal error: ",
    "DATA RACE",
    "SIGQUIT: quit",
    "POTENTIAL DEADLOCK",
    // Tools.
    "Sanitizer: ",
    "Undefined Behavior: ",
    "deadlocks detected",
    // JSON of journald whose message is an array of bytes.
    "\"MESSAGE\":[",
    "\"MESSAGE\" : [",
    // Ends of processes: shells, kernel, service managers, containers, cargo.
    "egmentation fault",
    "core dumped",
    "Killed",
    "Aborted",
    "llegal instruction",
    "Bus error",
    "Out of memory: ",
    "out of memory: Kill",
    "oom-kill",
    "OOMKilled",
    "code=killed",
    "code=dumped",
    "code=exited",
    "segfault at",
    "trap invalid opcode",
    "general protection",
    "exit status",
    "exit code",
    "exited with code",
    "Exit Code",
    "(signal: ",
    "terminated by signal",
    "CrashLoopBackOff",
    "restarting failed container",
];

/// The searcher over [`LITERALS`]; built once.
pub(crate) fn searcher() -> &'static AhoCorasick {
    static SEARCHER: OnceLock<AhoCorasick> = OnceLock::new();
    SEARCHER.get_or_init(|| {
        let built = AhoCorasick::builder().match_kind(MatchKind::LeftmostFirst).build(LITERALS);
        // The set is a constant; a test builds it.
        built.unwrap_or_else(|error| unreachable!("the literal set does not build: {error}"))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_set_fits_the_vectorised_searcher() {
        assert!(LITERALS.len() <= 64, "{}", LITERALS.len());
        assert!(searcher().is_match("thread 'main' panicked at 'x', a.rs:1:2"));
        assert!(!searcher().is_match("INFO request handled in 3ms"));
    }
}
