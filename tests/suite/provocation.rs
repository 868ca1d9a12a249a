//! Delays bring rare races out, and leave correct programs alone.

use crate::program::{command, stderr, stdout, Scratch};

/// One run under `strict`: whether anything was found, and the delays.
fn run(story: &str, provoke: bool, traps: &Scratch) -> (bool, u32, String) {
    let mut command = command(env!("CARGO_BIN_EXE_rare"));
    command.arg(story).env("MAPWATCH", "strict").env("MAPWATCH_TRAPS", &traps.0);
    command.env_remove("MAPWATCH_PROVOKE");
    if provoke {
        command.env("MAPWATCH_PROVOKE", "1");
    }
    let output = command.output().unwrap();
    let delays = stdout(&output).lines().find_map(|line| line.strip_prefix("delays ")?.parse().ok());
    (stderr(&output).contains("mapwatch: "), delays.unwrap_or(0), stderr(&output))
}

/// Every provoked run finds it, the very first one as well.
fn found(story: &str, category: &str) {
    for turn in 0..5 {
        let traps = Scratch::new(&format!("{story}-{turn}"));
        let (found, _, said) = run(story, true, &traps);
        assert!(found && said.contains(&format!("[{category}]")), "{story}, run {turn}: {said}");
    }
}

/// No run finds anything, and hardly any time is lost.
fn left_alone(story: &str) {
    let traps = Scratch::new(story);
    for turn in 0..5 {
        let (found, delays, said) = run(story, true, &traps);
        assert!(!found && delays <= 2, "{story}, run {turn}: {delays} delays\n{said}");
    }
    let ordered = std::fs::read_to_string(&traps.0).unwrap_or_default();
    assert!(!ordered.contains("trap 1000"), "{ordered}");
}

#[test]
fn writes_that_hardly_ever_overlap() {
    found("writes", "concurrent-writes");
}

#[test]
fn a_look_and_an_act_that_hardly_ever_have_anything_between() {
    found("check-then-act", "check-then-act");
}

#[test]
fn a_lock_is_seen_to_order_after_one_delay() {
    left_alone("writes-in-a-mutex");
}

#[test]
fn a_channel_is_seen_to_order_after_one_delay() {
    left_alone("writes-by-turns");
}

#[test]
fn one_step_leaves_nothing_to_provoke() {
    left_alone("entry");
}

#[test]
fn the_next_run_begins_where_the_last_one_ended() {
    let traps = Scratch::new("learned");
    run("writes-in-a-mutex", true, &traps);
    let learned = std::fs::read_to_string(&traps.0).unwrap();
    assert!(learned.lines().any(|line| line.starts_with("ordered ")), "{learned}");
    assert_eq!(run("writes-in-a-mutex", true, &traps).1, 0, "{learned}");
}
