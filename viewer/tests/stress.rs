//! `mapview stress`, as scripts see it.
//!
//! The program that is run is this test binary itself: it connects as the runtime does and sends a recording, or
//! hangs, or crashes. Nothing waits for time to pass; limits only end what never ends by itself.
#![cfg(unix)]
#![allow(clippy::unwrap_used, reason = "a test without its files and processes has failed")]

use serde_json::{Value, json};
use std::io::Write as _;
use std::os::unix::net::UnixStream;
use std::path::Path;
use std::process::{Command, Output, Stdio};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

/// What the program does, by this variable; and where it may leave something.
const ROLE: &str = "MAPVIEW_TEST_ROLE";
/// See [`ROLE`].
const PLACE: &str = "MAPVIEW_TEST_PLACE";

/// A recording with one conflict, or without; as of now.
fn session(conflict: bool) -> Vec<u8> {
    let text = include_str!("recordings/1.0.jsonl");
    let mut lines: Vec<Value> = text.lines().map(|line| line.parse().unwrap()).collect();
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
    lines[0]["started_unix_micros"] = json!(now.as_micros() as u64);
    lines.retain(|line| conflict || line["kind"] != "conflict");
    let told = json!({"map": 1, "delays": 2, "fruitful": 1, "spent": 150_000_000});
    lines.push(json!({"t": 1, "kind": "provocation", "data": told}));
    lines[1..].iter_mut().zip(1..).for_each(|(line, seq)| line["seq"] = json!(seq));
    lines.iter().map(|line| format!("{line}\n")).collect::<String>().into_bytes()
}

/// Not a test: what `mapview stress` runs in the tests below.
#[test]
#[ignore = "the child of other tests"]
fn fake_program() {
    let var = |name: &str| std::env::var(name).ok();
    let connect = || UnixStream::connect(std::env::var_os("MAPWATCH_CONNECT").unwrap()).unwrap();
    let tell = |conflict| connect().write_all(&session(conflict)).unwrap();
    let seed = || var("MAPWATCH_SEED").unwrap().parse::<u64>().unwrap();
    match var(ROLE).unwrap_or_default().as_str() {
        "rare" => {
            let provoked = var("MAPWATCH_PROVOKE").is_some();
            assert_eq!(provoked, var("MAPWATCH_SEED").is_some() && var("MAPWATCH_TRAPS").is_some());
            if provoked {
                learn(&var("MAPWATCH_TRAPS").unwrap());
            }
            // The first of them is a near miss only.
            tell(provoked && seed() > 1);
        }
        "quiet" => tell(false),
        "now and then" => {
            tell(false);
            std::process::exit(i32::from(seed() == 2));
        }
        "crashes" => {
            tell(false);
            std::process::abort();
        }
        "hangs" => {
            tell(false);
            let child = Command::new("sleep").arg("1000").spawn().unwrap();
            std::fs::write(var(PLACE).unwrap(), child.id().to_string()).unwrap();
            child.wait_with_output().unwrap();
        }
        "hangs later" if seed() == 1 => tell(true),
        "hangs later" => {
            std::fs::write(var(PLACE).unwrap(), "here").unwrap();
            loop {
                std::thread::park();
            }
        }
        _ => {}
    }
}

/// Each run finds what the one before left.
fn learn(traps: &str) {
    let before = std::fs::read_to_string(traps).unwrap_or_default();
    std::fs::write(traps, format!("{before}{}\n", std::env::var("MAPWATCH_SEED").unwrap())).unwrap();
}

/// `mapview stress FLAGS -- this binary in this role`.
fn command(folder: &Path, flags: &[&str], role: &str) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_mapview"));
    command.arg("stress").args(flags).arg("--").arg(std::env::current_exe().unwrap());
    command.args(["--exact", "fake_program", "--ignored", "--nocapture"]).stdin(Stdio::null());
    command.env("XDG_RUNTIME_DIR", folder).env(ROLE, role).env(PLACE, folder.join("place"));
    for name in ["MAPWATCH", "MAPWATCH_OUT", "MAPWATCH_CONNECT"] {
        command.env_remove(name);
    }
    // Whatever the caller has set, plain runs are plain.
    command.env("MAPWATCH_PROVOKE", "1").env("MAPWATCH_SEED", "77").env("MAPWATCH_TRAPS", "/nowhere");
    command
}

fn stress(flags: &[&str], role: &str) -> (i32, Value, String) {
    let folder = tempfile::tempdir().unwrap();
    let output = command(folder.path(), &[flags, &["--json"]].concat(), role).output().unwrap();
    let left: Vec<_> = std::fs::read_dir(folder.path().join("mapwatch")).unwrap().collect();
    assert!(left.is_empty(), "{left:?} is left behind");
    read(&output)
}

fn read(output: &Output) -> (i32, Value, String) {
    let told = String::from_utf8_lossy(&output.stderr).into_owned();
    let table = serde_json::from_slice(&output.stdout).unwrap_or_else(|error| panic!("{error}: {told}"));
    (output.status.code().unwrap(), table, told)
}

#[test]
fn what_only_provoked_runs_find_is_counted_beside_the_plain_ones() {
    let folder = tempfile::tempdir().unwrap();
    let traps = folder.path().join("kept.traps");
    let (code, table, told) = stress(&["--runs", "3", "--traps", traps.to_str().unwrap()], "rare");
    assert_eq!((code, told.as_str()), (1, ""), "{table:#}");
    let finding = &table["findings"][0];
    assert_eq!(finding["category"], "concurrent-iteration-write");
    assert_eq!(finding["sites"].as_array().unwrap().len(), 2);
    let provoked = &finding["provoked"];
    assert_eq!([&provoked["found_in"], &provoked["runs"], &provoked["first_run"]], [2, 3, 2]);
    assert_eq!([&provoked["first_seed"], &provoked["delays_until_first"]], [2, 4]);
    assert_eq!(provoked["delayed_until_first_ns"], 300_000_000);
    assert!(provoked["mean_time_ns"].as_u64().unwrap() < 3_600_000_000_000, "{provoked}");
    let bounds: Vec<f64> =
        provoked["probability_95"].as_array().unwrap().iter().map(|bound| bound.as_f64().unwrap()).collect();
    assert!(bounds[0] < 2.0 / 3.0 && bounds[1] > 2.0 / 3.0, "{bounds:?}");
    assert_eq!([&finding["plain"]["found_in"], &finding["plain"]["runs"]], [0, 3]);
    let runs = &table["runs"]["provoked"];
    assert_eq!([&runs["delays"], &runs["fruitful_delays"], &runs["delayed_ns"]], [6, 3, 450_000_000]);
    assert_eq!(std::fs::read_to_string(traps).unwrap(), "1\n2\n3\n", "one run learns from the other");
}

#[test]
fn people_get_a_table() {
    let folder = tempfile::tempdir().unwrap();
    let output = command(folder.path(), &["--runs", "2"], "rare").output().unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    let row =
        |word: &str| text.lines().filter(|line| line.trim_start().starts_with(word)).collect::<Vec<_>>();
    assert!(row("provoked").len() == 2 && row("plain").len() == 2, "{text}");
    assert!(row("provoked")[1].contains("1 of 2  0.50 (0.09 to 0.91)  run 2"), "{text}");
    assert!(text.contains("    again: MAPWATCH_PROVOKE=1 MAPWATCH_SEED=2 "), "{text}");
    assert!(text.ends_with("\nfound: 1 conflict\n"), "{text}");
    assert!(!String::from_utf8_lossy(&output.stderr).contains('['), "a bar without a terminal");
}

#[test]
fn runs_can_be_of_one_manner_without_memory_and_end_at_the_first_that_finds() {
    let flags = ["--runs", "50", "--only", "provoked", "--fresh", "--seed", "1", "--until-found"];
    let (code, table, _) = stress(&flags, "rare");
    assert_eq!((code, &table["stopped"]), (1, &json!("found")));
    assert_eq!([&table["runs"]["provoked"]["runs"], &table["runs"]["plain"]["runs"]], [2, 0]);
}

#[test]
fn nothing_found_is_0_and_nobody_heard_is_2() {
    let (code, table, _) = stress(&["--runs", "2"], "quiet");
    assert_eq!((code, &table["verdict"]), (0, &json!("nothing found")));
    let (code, table, _) = stress(&["--runs", "1"], "says nothing");
    assert_eq!(code, 2, "{table}");
    assert_eq!(table["runs"]["plain"]["unheard"], 1);
    let output = Command::new(env!("CARGO_BIN_EXE_mapview"))
        .args(["stress", "--runs", "1", "--", "/no/such/program"])
        .stdin(Stdio::null())
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&output.stderr).contains("could not start `/no/such/program`"));
}

#[test]
fn crashes_and_failures_now_and_then_are_counted_and_their_last_words_kept() {
    let (code, table, _) = stress(&["--runs", "1", "--only", "provoked"], "crashes");
    assert_eq!((code, &table["runs"]["provoked"]["crashed"]), (1, &json!(1)));
    assert_eq!(table["troubles"][0]["what"], "was ended by SIGABRT");
    assert!(!table["troubles"][0]["last_output"].as_array().unwrap().is_empty(), "{table}");
    let (code, table, _) = stress(&["--runs", "3", "--only", "provoked"], "now and then");
    assert_eq!((code, &table["runs"]["provoked"]["failed"]), (1, &json!(1)));
    assert_eq!(table["troubles"][0]["run"], 2);
}

#[test]
fn a_run_that_hangs_is_ended_with_all_that_it_started() {
    let folder = tempfile::tempdir().unwrap();
    let flags = ["--runs", "1", "--only", "plain", "--limit", "2s", "--json"];
    let (code, table, _) = read(&command(folder.path(), &flags, "hangs").output().unwrap());
    assert_eq!((code, &table["runs"]["plain"]["hung"]), (1, &json!(1)), "{table}");
    // On a busy machine the run may be ended before it has started anything.
    if let Ok(pid) = std::fs::read_to_string(folder.path().join("place")) {
        let limit = Instant::now() + Duration::from_secs(60);
        while is_running(&pid) {
            assert!(Instant::now() < limit, "{pid} still runs");
            std::thread::yield_now();
        }
    }
}

/// Whether there is such a process; one that has ended and that nobody has asked about yet does not run.
fn is_running(pid: &str) -> bool {
    let output = Command::new("ps").args(["-o", "stat=", "-p", pid]).output().unwrap();
    let state = String::from_utf8_lossy(&output.stdout).trim().to_owned();
    !state.is_empty() && !state.starts_with('Z')
}

#[test]
fn whoever_asks_it_to_end_gets_the_table_so_far() {
    let folder = tempfile::tempdir().unwrap();
    let flags = ["--runs", "1000", "--only", "provoked", "--limit", "1h", "--json"];
    let mut command = command(folder.path(), &flags, "hangs later");
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let place = folder.path().join("place");
    while !place.exists() {
        assert!(child.try_wait().unwrap().is_none(), "it ended without being asked");
        std::thread::yield_now();
    }
    let pid = child.id().to_string();
    assert!(Command::new("kill").args(["-INT", &pid]).status().unwrap().success());
    let (code, table, _) = read(&child.wait_with_output().unwrap());
    assert_eq!((code, &table["stopped"]), (1, &json!("asked")));
    assert_eq!([&table["runs"]["provoked"]["runs"], &table["findings"][0]["count"]], [1, 1]);
    assert_eq!(table["runs"]["provoked"]["hung"], 0, "what was broken off does not count");
}

#[test]
fn the_time_for_all_runs_ends_them() {
    let flags = ["--runs", "1000", "--time", "1s", "--limit", "1h", "--only", "plain"];
    let (code, table, _) = stress(&flags, "hangs");
    assert_eq!((code, &table["stopped"]), (2, &json!("time")), "{table}");
    assert_eq!(table["runs"]["plain"]["runs"], 0);
}
