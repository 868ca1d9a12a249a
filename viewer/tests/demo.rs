//! The demo's scenarios: each planted bug is found, with every side in the scenario's own source.
#![cfg(unix)]
#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use serde_json::Value;
use std::collections::BTreeSet;
use std::process::{Command, Stdio};

/// Runs a scenario for its report.
fn report(scenario: &str, code: i32) -> Value {
    let folder = tempfile::tempdir().unwrap();
    let mut command = Command::new(env!("CARGO_BIN_EXE_mapview"));
    command.args(["demo", scenario, "--json", "--no-record"]).stdin(Stdio::null());
    command.env("XDG_RUNTIME_DIR", folder.path()).env_remove("MAPWATCH").env_remove("MAPWATCH_OUT");
    let output = command.output().unwrap();
    assert_eq!(output.status.code(), Some(code), "{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).unwrap()
}

/// The categories that a scenario's findings have.
fn found(scenario: &str) -> BTreeSet<String> {
    let report = report(scenario, 1);
    let findings = report["findings"].as_array().unwrap();
    for side in findings.iter().flat_map(|finding| finding["sites"].as_array().unwrap()) {
        let file = side["file"].as_str().unwrap();
        assert!(file.ends_with(&format!("demo/{scenario}.rs")), "{side}");
        assert!(side["line"].as_u64().unwrap() > 0, "{side}");
    }
    findings.iter().map(|finding| finding["category"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn orders_collide_in_every_planted_way() {
    let expected =
        ["concurrent-iteration-write", "concurrent-read-write", "concurrent-writes", "uninitialised-map"];
    let categories = found("orders");
    for expected in expected {
        assert!(categories.contains(expected), "{expected} is not among {categories:?}");
    }
}

#[test]
fn guards_hang_in_every_planted_way_and_are_refused() {
    let categories = found("guards");
    for expected in ["self-deadlock", "deadlock", "guard-across-await"] {
        assert!(categories.contains(expected), "{expected} is not among {categories:?}");
    }
}

#[test]
fn tasks_end_in_every_way_under_their_names() {
    let report = report("tasks", 0);
    let lives = report["lives"].as_array().unwrap();
    let ended = |name: &str, state: &str, how: &str| {
        let mut of_name = lives.iter().filter(|life| life["name"] == name);
        let found =
            of_name.any(|life| life["state"] == state && life["how"].as_str().unwrap().starts_with(how));
        assert!(found, "{name} {state} {how}: {lives:?}");
    };
    for (name, state, how) in [
        ("answer", "completed", ""),
        ("request", "completed", ""),
        ("request", "panicked", ""),
        ("import", "panicked", ""),
        ("export", "cancelled", "by abort at "),
        ("lookup", "cancelled", "by a timeout"),
        ("replica", "cancelled", "as the loser of a select"),
        ("primary", "completed", ""),
        ("forgotten", "never polled", ""),
        ("stranded", "leaked", ""),
        ("lost", "leaked", ""),
        ("settle", "completed", ""),
        ("reconcile", "completed", ""),
        ("digest", "completed", ""),
        ("checksum", "completed", ""),
        ("reindex", "completed", ""),
        ("thumbnails", "panicked", ""),
        ("heartbeat", "cancelled", "by the shutdown of its runtime"),
    ] {
        ended(name, state, how);
    }
    let panics = report["panics"].as_array().unwrap();
    let request = panics.iter().find(|panic| panic["caught_by"] == "request").unwrap();
    let scope = &request["scopes"].as_array().unwrap()[0];
    let field = |name: &str| {
        let mut fields = scope["fields"].as_array().unwrap().iter();
        fields.find(|field| field["name"] == name).unwrap()["value"].as_str().unwrap()
    };
    assert_eq!((scope["name"].as_str(), field("path"), field("card")), (Some("request"), "/coffee", "…"));
    let categories: BTreeSet<&str> = panics.iter().map(|panic| panic["category"].as_str().unwrap()).collect();
    assert_eq!(categories, BTreeSet::from(["missing-key", "not-implemented", "parse-or-decode"]));
    for panic in panics {
        for key in ["scenario", "cure"] {
            assert!(!panic[key].as_str().unwrap().is_empty(), "{panic}");
        }
        assert!(panic["links"][0].as_str().unwrap().starts_with("https://"), "{panic}");
    }
}

#[test]
fn the_help_and_the_first_line_say_when_it_ends() {
    use std::io::{BufRead as _, BufReader};
    let mapview = || Command::new(env!("CARGO_BIN_EXE_mapview"));
    let help = mapview().args(["demo", "--help"]).output().unwrap();
    assert!(String::from_utf8_lossy(&help.stdout).contains("ends by itself after 2 minutes"));
    let mut command = mapview();
    command.args(["__demo", "tasks"]).stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::null());
    let mut child = command.spawn().unwrap();
    let mut line = String::new();
    BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
    child.kill().unwrap();
    child.wait().unwrap();
    assert!(line.starts_with("demo `tasks`: ") && line.contains("ends by itself after 2 minutes"), "{line}");
}
