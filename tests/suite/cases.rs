//! Programs with a bug are caught with the sites that their source marks; correct ones are left alone.

use crate::program::{Scratch, command, conflicts, stderr};
use std::path::Path;

/// What the head of a case says: `//! EXPECT category: SITE-A, SITE-B`.
fn expectation(source: &str) -> (String, Vec<String>) {
    let line = source.lines().find_map(|line| line.strip_prefix("//! EXPECT ")).unwrap();
    let (category, sites) = line.split_once(": ").unwrap();
    (category.to_owned(), sites.split(", ").map(str::to_owned).collect())
}

/// The lines that a mark stands on.
fn marked(source: &str, mark: &str) -> Vec<u32> {
    let marked =
        |(index, line): (usize, &str)| line.contains(&format!("// {mark}")).then_some(index as u32 + 1);
    source.lines().enumerate().filter_map(marked).collect()
}

/// Runs a case so many times; every run must be caught, with the marked sites on both sides.
fn caught(program: &str, file: &str, runs: usize) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("cases/must_catch").join(file);
    let source = std::fs::read_to_string(path).unwrap();
    let (category, sites) = expectation(&source);
    for run in 0..runs {
        let recording = Scratch::new(&format!("{file}-{run}"));
        let output = command(program).env("MAPWATCH_OUT", &recording.0).output().unwrap();
        let said = stderr(&output);
        assert_eq!(output.status.code(), Some(101), "run {run} of {file}: {:?}\n{said}", output.status);
        assert!(said.contains(&format!("[{category}]")), "run {run} of {file}:\n{said}");
        let found = conflicts(&recording.0);
        let first = found.first().unwrap_or_else(|| panic!("run {run} of {file}: nothing recorded\n{said}"));
        assert_eq!(first.category.code(), category);
        for (side, mark) in first.sides.iter().zip(&sites) {
            assert!(
                marked(&source, mark).contains(&side.site.line),
                "{mark} of {file}, run {run}: {:?}",
                side.site
            );
            assert!(side.site.file.ends_with(file), "{:?}", side.site);
        }
        assert_eq!(first.sides.len(), sites.len());
    }
}

/// Runs a correct program so many times, under the strictest policy; it must print nothing of ours.
fn silent(program: &str, runs: usize) {
    for run in 0..runs {
        let output = command(program).env("MAPWATCH", "strict").output().unwrap();
        let said = stderr(&output);
        assert!(
            output.status.success() && said.is_empty(),
            "run {run} of {program}: {:?}\n{said}",
            output.status
        );
    }
}

#[test]
fn static_mut_map() {
    caught(env!("CARGO_BIN_EXE_static_mut_map"), "static_mut_map.rs", 20);
}

#[test]
fn callback_mutates_during_iteration() {
    let program = env!("CARGO_BIN_EXE_callback_mutates_during_iteration");
    caught(program, "callback_mutates_during_iteration.rs", 20);
}

#[test]
fn entry_held_over_reentry() {
    caught(env!("CARGO_BIN_EXE_entry_held_over_reentry"), "entry_held_over_reentry.rs", 20);
}

#[test]
fn leaked_iterators() {
    silent(env!("CARGO_BIN_EXE_leaked_iterators"), 20);
}

#[test]
fn parallel_readers() {
    silent(env!("CARGO_BIN_EXE_parallel_readers"), 20);
}

#[test]
fn handed_over_under_a_lock() {
    silent(env!("CARGO_BIN_EXE_handed_over_under_a_lock"), 20);
}

#[test]
fn a_second_conflict_while_unwinding_does_not_abort() {
    let output = command(env!("CARGO_BIN_EXE_collides_while_unwinding")).output().unwrap();
    let said = stderr(&output);
    assert!(output.status.success(), "{:?}\n{said}", output.status);
    assert!(said.contains("[concurrent-writes]"), "{said}");
}
