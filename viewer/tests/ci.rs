//! What a CI job does with the real binary: files beside the report, a baseline, annotations, exit codes.
//!
//! The watched program is the demo, whose collisions are planted, so a run finds some of them; how many is luck on a busy machine.
#![cfg(unix)]
#![allow(clippy::unwrap_used, reason = "a test without its files and processes has failed")]

use serde_json::Value;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

struct Job {
    folder: tempfile::TempDir,
}

impl Job {
    /// A job that has run the demo once, with these flags beside the report.
    fn with_demo(flags: &[&str]) -> (Job, Output) {
        let job = Job { folder: tempfile::tempdir().unwrap() };
        let arguments: Vec<&str> = ["demo", "--report"].into_iter().chain(flags.iter().copied()).collect();
        let output = job.command(&arguments).env("MAPWATCH_OUT", job.path("run.jsonl")).output().unwrap();
        (job, output)
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_mapview"));
        command.args(arguments).current_dir(self.folder.path()).stdin(Stdio::null());
        for variable in ["XDG_RUNTIME_DIR", "XDG_STATE_HOME", "XDG_CONFIG_HOME"] {
            command.env(variable, self.folder.path());
        }
        command.env_remove("MAPWATCH").env_remove("MAPWATCH_OUT").env_remove("MAPWATCH_CONNECT");
        command
    }

    fn mapview(&self, arguments: &[&str]) -> Output {
        self.command(arguments).output().unwrap()
    }

    fn json(&self, name: &str) -> Value {
        std::fs::read_to_string(self.path(name)).unwrap().parse().unwrap()
    }
}

fn code(output: &Output) -> i32 {
    output.status.code().unwrap()
}

fn out(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned()
}

fn err(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

#[test]
fn one_line_writes_everything_and_says_what_was_found() {
    let flags = ["--sarif", "out.sarif", "--junit", "out.xml", "--html", "out.html", "--annotate", "github"];
    let (job, output) = Job::with_demo(&flags);
    assert_eq!(code(&output), 1, "{}", err(&output));
    let count = job.json("out.sarif")["runs"][0]["results"].as_array().unwrap().len();
    assert!(out(&output).starts_with(&format!("mapview: {count} finding")), "{}", out(&output));
    let cases = std::fs::read_to_string(job.path("out.xml")).unwrap();
    assert!(cases.contains(&format!("failures=\"{count}\"")), "{cases}");
    assert!(std::fs::read_to_string(job.path("out.html")).unwrap().starts_with("<!DOCTYPE html>"));
    let said = err(&output);
    let marks = said.lines().filter(|line| line.starts_with("::error file=viewer/src/demo/orders.rs,line="));
    assert_eq!(marks.count(), count, "{said}");
}

#[test]
fn only_what_the_baseline_does_not_know_fails() {
    let (job, output) = Job::with_demo(&["--write-baseline", "known.json"]);
    assert_eq!(code(&output), 0, "what is written is accepted: {}", err(&output));
    let mut baseline = job.json("known.json");
    let count = baseline["findings"].as_array().unwrap().len();
    let known = ["open", "--report", "--baseline", "known.json", "run.jsonl"];
    let output = job.mapview(&known);
    assert_eq!(code(&output), 0);
    assert!(out(&output).contains(&format!("{count} known and 0 new")), "{}", out(&output));
    let removed = baseline["findings"].as_array_mut().unwrap().remove(0);
    std::fs::write(job.path("known.json"), baseline.to_string()).unwrap();
    let output = job.mapview(&[&known[..], &["--annotate", "github", "--sarif", "out.sarif"]].concat());
    assert_eq!(code(&output), 1);
    assert!(out(&output).contains(&format!("{} known and 1 new", count - 1)), "{}", out(&output));
    assert_eq!(err(&output).matches("::error ").count(), 1, "the known ones are not marked");
    let log = job.json("out.sarif");
    let fresh =
        log["runs"][0]["results"].as_array().unwrap().iter().find(|one| one["baselineState"] == "new");
    assert_eq!(fresh.unwrap()["partialFingerprints"]["mapwatchSites/v1"], removed["fingerprint"]);
    // Made anew from the recording, the old entries stay.
    let output = job.mapview(&["baseline", "--baseline", "known.json", "run.jsonl", "-o", "all.json"]);
    assert_eq!((code(&output), job.json("all.json")["findings"].as_array().unwrap().len()), (0, count));
}

#[test]
fn a_baseline_that_is_none_is_said_before_anything_runs() {
    let job = Job { folder: tempfile::tempdir().unwrap() };
    let output = job.mapview(&["run", "--report", "--baseline", "none.json", "--", "touch", "ran"]);
    assert_eq!(code(&output), 2);
    let said = err(&output);
    assert!(said.contains("none.json is not there: make it with --write-baseline"), "{said}");
    assert!(!job.path("ran").exists(), "the program ran for nothing");
    std::fs::write(job.path("none.json"), "[1,2]").unwrap();
    let output = job.mapview(&["run", "--report", "--baseline", "none.json", "--", "touch", "ran"]);
    assert!(code(&output) == 2 && err(&output).contains("is not a baseline"), "{}", err(&output));
}

#[test]
fn a_baseline_of_nothing_is_not_written() {
    let job = Job { folder: tempfile::tempdir().unwrap() };
    let output = job.mapview(&["run", "--report", "--write-baseline", "new.json", "--", "true"]);
    assert_eq!(code(&output), 2);
    assert!(
        err(&output).contains("nothing to look at") && !job.path("new.json").exists(),
        "{}",
        err(&output)
    );
}

#[test]
fn a_failing_program_is_not_hidden_by_a_clean_report() {
    let job = Job { folder: tempfile::tempdir().unwrap() };
    let check = |command: &str, expected: i32| {
        let arguments = ["run", "--report", "--exit-code", "either", "--", "sh", "-c", command];
        assert_eq!(code(&job.mapview(&arguments)), expected, "{command}");
    };
    check("exit 101", 101);
    check("kill -9 $$", 128 + 9);
    check("true", 2);
}

#[test]
fn recordings_are_exported_in_every_format() {
    let (job, _) = Job::with_demo(&[]);
    for format in ["text", "markdown", "json", "sarif", "junit", "perfetto", "html", "otlp", "lnav"] {
        let output = job.mapview(&["export", "--format", format, "run.jsonl", "-o", "out"]);
        assert_eq!((code(&output), err(&output)), (0, String::new()), "{format}");
        let file = std::fs::read(job.path("out")).unwrap();
        let piped = job.mapview(&["export", "--format", format, "run.jsonl"]);
        assert!(piped.stdout == file && file.len() > 1000, "{format}");
    }
    let events = std::fs::read_to_string(job.path("out")).unwrap();
    let times: Vec<u64> =
        events.lines().map(|line| line.parse::<Value>().unwrap()["t"].as_u64().unwrap()).collect();
    let recorded = std::fs::read_to_string(job.path("run.jsonl")).unwrap().lines().count();
    assert_eq!(times.len(), recorded);
    assert!(times.iter().all(|time| *time > 1_600_000_000_000_000_000), "times of the wall clock");
    let alone = job.mapview(&["export", "--format", "lnav"]);
    assert!(code(&alone) == 0 && out(&alone).contains("mapwatch_log"));
}

#[test]
fn what_cannot_be_exported_is_two_and_a_sentence() {
    let (job, _) = Job::with_demo(&[]);
    let check = |arguments: &[&str], expected: &str| {
        let output = job.mapview(arguments);
        assert!(code(&output) == 2 && err(&output).contains(expected), "{arguments:?}: {}", err(&output));
    };
    let before = std::fs::read(job.path("run.jsonl")).unwrap();
    check(&["export", "--format", "json", "run.jsonl", "-o", "run.jsonl"], "would be overwritten");
    assert!(std::fs::read(job.path("run.jsonl")).unwrap() == before);
    check(&["export", "--format", "sarif"], "there is no recording to export");
    check(&["export", "--format", "sarif", "./none.jsonl"], "none.jsonl: No such file");
    check(&["export", "--format", "sarif", "run.jsonl", "-o", "no/such/out"], "could not write no/such/out");
    if Path::new("/dev/full").exists() {
        check(&["export", "--format", "html", "run.jsonl", "-o", "/dev/full"], "No space left");
        check(&["open", "--report", "--sarif", "/dev/full", "run.jsonl"], "could not write /dev/full");
    }
    // Rubbish leaves nothing behind that looks like an export.
    std::fs::write(job.path("rubbish"), [0xff, 0x00, b'\n'].repeat(500)).unwrap();
    for format in ["text", "markdown", "json", "sarif", "junit", "perfetto", "html", "otlp", "lnav"] {
        check(&["export", "--format", format, "./rubbish", "-o", "of-rubbish"], "is not a recording");
        assert!(!job.path("of-rubbish").exists(), "{format}");
    }
    // A cut recording is exported up to the cut, and that is said.
    std::fs::write(job.path("cut.jsonl"), &before[..before.len() - 40]).unwrap();
    let output = job.mapview(&["export", "--format", "sarif", "cut.jsonl", "-o", "out"]);
    assert!(code(&output) == 0 && err(&output).contains("the line is cut"), "{}", err(&output));
    assert!(job.json("out").to_string().contains("the line is cut"));
}
