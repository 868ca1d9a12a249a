//! What somebody has looked at and found right is not told, under any policy; all else is, and what is certain.

use crate::program::{command, conflicts, stderr, Scratch};
use std::process::Command;
use std::sync::atomic::{AtomicU32, Ordering::Relaxed};

/// Runs a case under `strict` with these allowances; the categories that it told, and what it said.
fn told(case: &str, allowances: &str) -> (Vec<&'static str>, String) {
    let mut command = command(env!("CARGO_BIN_EXE_corpus"));
    command.arg(case);
    told_by(command, case, allowances)
}

fn told_by(mut program: Command, name: &str, allowances: &str) -> (Vec<&'static str>, String) {
    // Tests of one process run side by side.
    static RUNS: AtomicU32 = AtomicU32::new(0);
    let run = RUNS.fetch_add(1, Relaxed);
    let scratch = |what: &str| Scratch::new(&format!("{name}-{what}-{run}"));
    let (list, recording) = (scratch("allow"), scratch("allowed"));
    std::fs::write(&list.0, allowances).unwrap();
    program.env("MAPWATCH", "strict").env("MAPWATCH_ALLOW", &list.0).env("MAPWATCH_OUT", &recording.0);
    let output = program.output().unwrap();
    let told = conflicts(&recording.0).iter().map(|conflict| conflict.category.code()).collect();
    (told, stderr(&output))
}

#[test]
fn a_suspect_is_allowed_by_its_category_and_a_file_a_line_or_nothing_else() {
    const CASE: &str = "contains_then_insert_32";
    let source = include_str!("../cases/must-catch/contains_then_insert_32.rs");
    let line = 1 + source.lines().position(|line| line.contains("// SITE-B")).unwrap();
    for allowed in [
        format!("check-then-act {CASE}.rs # both compute the same"),
        format!("# looked at in March\ncheck-then-act must-catch/{CASE}.rs:{line}"),
    ] {
        let (told, said) = told(CASE, &allowed);
        assert!(told.is_empty() && !said.contains("mapwatch"), "{allowed}: {told:?}\n{said}");
    }
    for other in [
        format!("lost-update {CASE}.rs"),
        format!("check-then-act {CASE}.rs:1"),
        "check-then-act another_file.rs".to_owned(),
    ] {
        let (told, said) = told(CASE, &other);
        assert!(told.contains(&"check-then-act"), "{other}: {told:?}\n{said}");
    }
}

#[test]
fn what_is_certain_is_told_whatever_is_allowed() {
    let (told, said) = told("dash_get_mut_then_get_01", "self-deadlock dash_get_mut_then_get_01.rs");
    assert_eq!(told, ["self-deadlock"], "{said}");
}

/// A wait of more than a second is told as a stall, which is allowed here; a deadlock would be told all the same.
#[test]
fn who_waits_for_a_guard_that_was_handed_on_is_in_no_deadlock() {
    let (told, said) = told_by(command(env!("CARGO_BIN_EXE_handed_on")), "handed-on", "stall handed_on.rs");
    assert!(told.is_empty() && !said.contains("mapwatch"), "{told:?}\n{said}");
}

/// Who holds the lock waits for another one, whose queue moves: neither is a stall, with nothing allowed.
#[test]
fn who_waits_for_somebody_in_a_line_that_moves_is_not_stalled() {
    let (told, said) = told_by(command(env!("CARGO_BIN_EXE_in_line")), "in-line", "");
    assert!(told.is_empty() && !said.contains("mapwatch"), "{told:?}\n{said}");
}

#[test]
fn a_list_that_cannot_be_read_is_told_line_by_line_and_costs_nothing_else() {
    let (told, said) =
        told("contains_then_insert_32", "no-such-thing x.rs\ncheck-then-act\nlost-update y.rs");
    assert!(told.contains(&"check-then-act"), "{told:?}");
    assert!(
        said.contains("MAPWATCH_ALLOW, line 1") && said.contains("MAPWATCH_ALLOW, line 2: no place"),
        "{said}"
    );
}
