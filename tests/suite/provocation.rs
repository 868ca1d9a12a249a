//! Delays bring rare races out, and leave correct programs alone.

use crate::program::{command, lines, stderr, stdout, Scratch};
use mapwatch_event::wire::Line;
use mapwatch_event::Event;

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

/// Provoked runs find it, each without what earlier ones learned: five do before three do not. How often one does, and
/// a plain one, `mapview stress` measures (`docs/provocation.md`); where others take the processor, a delay can miss.
fn found(story: &str, category: &str) {
    let (mut hits, mut misses) = (0, Vec::new());
    while hits < 5 {
        let traps = Scratch::new(&format!("{story}-{hits}-{}", misses.len()));
        let (found, _, said) = run(story, true, &traps);
        if found && said.contains(&format!("[{category}]")) {
            hits += 1;
        } else {
            misses.push(said);
        }
        assert!(
            misses.len() < 3,
            "{story} was found in {hits} runs, and missed in 3:\n{}",
            misses.join("\n")
        );
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
fn the_same_on_a_map_that_locks_by_itself() {
    found("dashmap-check-then-act", "check-then-act");
}

#[test]
fn one_step_on_a_map_that_locks_by_itself_leaves_nothing_to_provoke() {
    left_alone("dashmap-entry");
}

#[test]
fn a_walk_that_begins_in_order_and_goes_on_without() {
    found("walks", "concurrent-iteration-write");
}

#[test]
fn tasks_of_one_thread_yield_where_a_lock_is_awaited() {
    let traps = Scratch::new("awaits-plain");
    assert!(!run("awaits", false, &traps).0, "the other task never comes between");
    found("awaits", "check-then-act");
}

/// There the other task cannot come between: to sleep would only stop both.
#[test]
fn tasks_of_one_thread_are_not_delayed_where_nothing_is_awaited() {
    let (traps, recording) = (Scratch::new("alone-traps"), Scratch::new("alone-recording"));
    let mut command = command(env!("CARGO_BIN_EXE_rare"));
    command.arg("never-awaits").env("MAPWATCH_TRAPS", &traps.0).env("MAPWATCH_PROVOKE", "1");
    let output = command.env("MAPWATCH_OUT", &recording.0).output().unwrap();
    assert!(stdout(&output).contains("delays 0\n") && stderr(&output).is_empty(), "{}", stderr(&output));
    let in_vain = lines(&recording.0).into_iter().filter_map(|line| match line {
        Line::Event { event: Event::Provocation(told), .. } => Some(told.in_vain),
        _ => None,
    });
    assert!(in_vain.max() > Some(0), "that nobody was delayed is said");
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
fn a_broken_file_of_traps_is_told_and_mended() {
    let traps = Scratch::new("broken");
    std::fs::write(&traps.0, b"trap\xff 1000\nordered\n").unwrap();
    let (_, _, said) = run("writes-in-a-mutex", true, &traps);
    assert!(said.starts_with("mapwatch: traps: 2 lines of ") && said.lines().count() == 1, "{said}");
    assert_eq!(run("writes-in-a-mutex", true, &traps).2, "", "the run has written a whole one");
}

#[test]
fn near_misses_and_delays_are_in_the_stream() {
    let (traps, recording) = (Scratch::new("stream-traps"), Scratch::new("stream-recording"));
    let mut command = command(env!("CARGO_BIN_EXE_rare"));
    command.arg("writes-in-a-mutex").env("MAPWATCH_TRAPS", &traps.0).env("MAPWATCH_PROVOKE", "1");
    let output = command.env("MAPWATCH_OUT", &recording.0).output().unwrap();
    let mut told = lines(&recording.0).into_iter().filter_map(|line| match line {
        Line::Event { event: Event::Provocation(told), .. } => Some(told),
        _ => None,
    });
    let told = told.next_back().expect("the end of the program tells it");
    assert!(stdout(&output).contains(&format!("delays {}\n", told.delays)), "{}", stdout(&output));
    assert!(told.delays > 0 && told.spent.0 > 0 && told.fruitful == 0, "{told:?}");
    let [near] = told.near_misses.as_slice() else { panic!("{told:?}") };
    assert!(near.count > 0 && near.sites[0] == near.sites[1], "one site, two threads: {near:?}");
    assert!(near.ordered && near.chances == [0, 0], "the lock orders them: {near:?}");
}

#[test]
fn the_next_run_begins_where_the_last_one_ended() {
    let traps = Scratch::new("learned");
    run("writes-in-a-mutex", true, &traps);
    let learned = std::fs::read_to_string(&traps.0).unwrap();
    assert!(learned.lines().any(|line| line.starts_with("ordered ")), "{learned}");
    assert_eq!(run("writes-in-a-mutex", true, &traps).1, 0, "{learned}");
}
