//! What a program's lives came to is named alike in the text report, in the JSON report, and on the screen of tasks,
//! under tokio, under another executor, and for threads.

use crate::program::{command, Scratch};
use mapview::keymap::Command;
use mapview::model::Model;
use mapview::msg::Msg;
use mapview::report;
use mapview::source::file::{play_all, Recording};
use mapview::source::Feed;
use mapview::update::update;
use mapview::view::view;
use ratatui::backend::TestBackend;
use ratatui::Terminal;
use serde_json::Value;

/// Name of a life, its state at the end, and how that came about.
type Fate = (&'static str, &'static str, &'static str);

/// Runs a program that records itself, and opens what it wrote.
fn opened(program: &str, name: &str) -> Model {
    let recording = Scratch::new(name);
    let output = command(program).env("MAPWATCH_OUT", &recording.0).output().unwrap();
    assert!(output.status.success(), "{output:?}");
    let (feed, messages) = Feed::new();
    play_all(vec![Recording::open(&recording.0).unwrap()], feed).unwrap();
    let mut model = Model::default();
    for msg in &messages {
        update(&mut model, msg);
    }
    model
}

/// The screen of tasks, line by line.
fn screen(model: &mut Model, columns: u16, rows: u16) -> Vec<String> {
    update(model, Msg::Resized(columns, rows));
    update(model, Msg::Command(Command::Screen(2)));
    let mut terminal = Terminal::new(TestBackend::new(columns, rows)).unwrap();
    // The first drawing measures, the second one shows.
    for _ in 0..2 {
        let mut measured = None;
        terminal.draw(|frame| measured = Some(view(frame, model))).unwrap();
        update(model, Msg::Measured(measured.unwrap()));
    }
    let buffer = terminal.backend().buffer();
    let line = |row: u16| (0..columns).map(|column| buffer[(column, row)].symbol()).collect::<String>();
    (0..rows).map(line).collect()
}

fn check(program: &str, name: &str, fates: &[Fate]) {
    let mut model = opened(program, name);
    let text = report::text::render(model.seen());
    let json: Value = serde_json::from_str(&report::json::render(model.seen())).unwrap();
    let lives = json["lives"].as_array().unwrap();
    let wide = screen(&mut model, 240, 50);
    let (table, cut_short) = text.split_once("\nwhat was cut short, and why\n").unwrap();
    for (name, state, how) in fates {
        let quoted = format!("`{name}`");
        let told = |line: &&str| line.contains(&quoted) && line.contains(state) && line.contains(how);
        let in_table = table.lines().filter(|line| line.contains(&quoted)).filter(told).count();
        assert_eq!(in_table, 1, "{name} {state} {how} in\n{text}");
        // Those that did not come to their own end have a paragraph with the reasons, too; so has who was aborted in vain.
        let heads = cut_short.lines().filter(|line| line.contains(&format!("{quoted} (")));
        let heads = heads.filter(|line| line.contains(&format!(") {state} at "))).count();
        match *state {
            "cancelled" | "never polled" | "leaked" => assert_eq!(heads, 1, "{name} {state} in\n{text}"),
            _ => assert!(heads <= 1, "{name} {state} in\n{text}"),
        }
        let life =
            lives.iter().find(|life| life["name"] == *name).unwrap_or_else(|| panic!("{name}: {lives:?}"));
        assert_eq!((&life["state"], &life["count"]), (&Value::from(*state), &Value::from(1)), "{life}");
        assert!(life["how"].as_str().unwrap().starts_with(how), "{life}");
        let drawn = wide.iter().any(|line| line.trim_start().starts_with(state) && told(&line.as_str()));
        assert!(drawn, "{name} {state} {how} is not on\n{}", wide.join("\n"));
    }
    // However narrow, the most urgent one is there with its state beside its name.
    let narrow = screen(&mut model, 80, 24);
    let begins = |line: &String, fate: &Fate| {
        let rest = line.trim_start().strip_prefix(fate.1).unwrap_or_default().trim_start();
        rest.contains(&format!("`{}`", fate.0))
    };
    assert!(narrow.iter().any(|line| fates.iter().any(|fate| begins(line, fate))), "{}", narrow.join("\n"));
}

#[test]
fn under_tokio_and_in_threads() {
    let select = if cfg!(debug_assertions) { "as the loser of a select" } else { "" };
    let fates = [
        ("completes", "completed", ""),
        ("panics", "panicked", ""),
        ("request 42", "panicked", ""),
        ("aborted", "cancelled", "by abort"),
        ("times-out", "cancelled", "by a timeout"),
        ("loses", "cancelled", select),
        ("never-polled", "never polled", ""),
        ("leaks", "leaked", ""),
        ("in-a-set", "cancelled", ""),
        ("blocks", "completed", ""),
        ("scope", "completed", ""),
        ("shut-down", "cancelled", "by the shutdown of its runtime"),
        ("stranded", "leaked", ""),
        ("thread", "completed", ""),
        ("thread-panics", "panicked", ""),
    ];
    check(env!("CARGO_BIN_EXE_lives"), "endings-tokio", &fates);
}

#[test]
fn under_another_executor_and_in_threads() {
    let (select, shutdown) = if cfg!(debug_assertions) {
        ("as the loser of a select", "by the shutdown of its runtime")
    } else {
        ("", "")
    };
    let fates = [
        ("completes", "completed", ""),
        ("panics", "panicked", ""),
        ("dropped", "cancelled", "by its owner, who dropped it"),
        ("loses", "cancelled", select),
        ("race", "completed", ""),
        ("never-polled", "never polled", ""),
        ("leaks", "leaked", ""),
        ("shut-down", "cancelled", shutdown),
        ("scope", "completed", ""),
        ("thread-completes", "completed", ""),
        ("thread-panics", "panicked", ""),
        ("thread-scoped", "completed", ""),
        ("thread-scoped-panics", "panicked", ""),
        ("thread-runs-on", "alive at end", ""),
    ];
    check(env!("CARGO_BIN_EXE_lives_elsewhere"), "endings-elsewhere", &fates);
}

#[test]
fn what_an_abort_cannot_stop_was_not_cancelled() {
    let select = if cfg!(debug_assertions) { "as the loser of a select" } else { "" };
    let fates = [
        ("blocks", "completed", "in spite of an abort"),
        ("blocks in a set", "completed", ""),
        ("in a set", "cancelled", ""),
        ("runs on", "alive at end", ""),
        ("asks its token", "completed", ""),
        ("select with a token", "cancelled", select),
        ("goes on", "completed", ""),
        ("until cancelled", "cancelled", select),
    ];
    let program = env!("CARGO_BIN_EXE_lives_after_abort");
    check(program, "endings-abort", &fates);
    // Without names, because a set gives none: the work that ran, the one that had not begun, and the task.
    let text = report::text::render(opened(program, "endings-set").seen());
    let unnamed = |state: &str, how: &str| {
        text.lines().any(|line| line.contains("without a name") && line.contains(state) && line.contains(how))
    };
    assert!(unnamed("completed     blocking", "in spite of an abort"), "{text}");
    assert!(unnamed("cancelled     blocking", "by abort"), "{text}");
    assert!(unnamed("cancelled     future", "by abort"), "{text}");
}
