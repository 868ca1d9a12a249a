//! Recordings of earlier versions open, and those of later ones are read as far as they are understood.
//!
//! `tests/recordings/` keeps one recording for every minor version of the schema that there was, cut to what matters:
//! paths, foreign frames and long histories are gone. (That of 1.0 was made later, of the kinds and fields that 1.0
//! had; the last task of 1.5 was written into a run of 1.4, that of 1.6 into the same.) Who raises the schema keeps one of the version before, and
//! one of the new one.
#![allow(clippy::unwrap_used, reason = "a recording that cannot be read has failed")]
#![allow(clippy::print_stderr, reason = "what is not tried has to be said")]

use mapwatch_event::wire::Schema;
use serde_json::{Value, json};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

fn kept(schema: Schema) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("tests/recordings/{schema}.jsonl"))
}

/// What `mapview open --json` says of a recording.
fn report(path: &Path) -> Value {
    let folder = tempfile::tempdir().unwrap();
    let output = Command::new(env!("CARGO_BIN_EXE_mapview"))
        .args(["open", "--json"])
        .arg(path)
        .env("XDG_STATE_HOME", folder.path())
        .env("XDG_RUNTIME_DIR", folder.path())
        .stdin(Stdio::null())
        .output()
        .unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    let errors = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(matches!(output.status.code(), Some(0 | 1)), "{errors}");
    text.parse().unwrap_or_else(|error| panic!("{error}: {text}{errors}"))
}

fn categories(report: &Value) -> Vec<&str> {
    let findings = report["findings"].as_array().unwrap();
    findings.iter().map(|finding| finding["category"].as_str().unwrap()).collect()
}

#[test]
fn a_recording_of_every_schema_opens_whole() {
    for minor in 0..=Schema::CURRENT.minor {
        let schema = Schema { minor, ..Schema::CURRENT };
        let report = report(&kept(schema));
        assert_eq!(report["unread"], json!([]), "{schema}");
        assert_eq!(report["processes"][0]["ended_early"], false, "{schema}");
        assert!(!categories(&report).is_empty(), "{schema}");
    }
}

#[test]
fn the_first_schema_tells_what_it_told_then() {
    let report = report(&kept(Schema { major: 1, minor: 0 }));
    assert_eq!(categories(&report), ["concurrent-iteration-write"]);
    let finding = &report["findings"][0];
    assert_eq!(finding["map"]["name"], "sessions");
    let sites = finding["sites"].as_array().unwrap();
    let operations: Vec<&Value> = sites.iter().map(|site| &site["operation"]).collect();
    assert_eq!(operations, ["iter", "remove"]);
    assert!(sites.iter().all(|site| site["file"] == "examples/iterate_and_write.rs"), "{sites:?}");
}

/// What each map of a kept recording is told to take, by its type.
fn bytes_of(minor: u32, type_name: &str) -> Value {
    let report = report(&kept(Schema { major: 1, minor }));
    let maps = report["maps"].as_array().unwrap();
    let map = maps.iter().find(|map| map["type"] == type_name).unwrap();
    json!([map["capacity"], map["entry_bytes"], map["bytes"]])
}

#[test]
fn bytes_are_told_since_1_4_and_not_made_up_before() {
    assert_eq!(bytes_of(2, "HashMap<u32, u32>"), json!([896, null, null]));
    assert_eq!(bytes_of(3, "DashMap<u32, u32>"), json!([null, null, null]));
    assert_eq!(bytes_of(4, "HashMap<u32, u32>"), json!([896, 8, 7168]));
    assert_eq!(bytes_of(4, "Mutex<HashMap<u32, u32>>"), json!([null, null, null]));
}

/// Why the tasks of a kept recording were cancelled, by their names.
fn reasons_of(minor: u32) -> Vec<(String, String)> {
    let report = report(&kept(Schema { major: 1, minor }));
    let name = |end: &Value| end["task"]["name"].as_str().unwrap().to_owned();
    let why = |end: &Value| {
        let sentences = end["sentences"].as_array().unwrap();
        let why = sentences.iter().find(|sentence| sentence["label"] == "why").unwrap();
        why["text"].as_str().unwrap().to_owned()
    };
    report["ends"].as_array().unwrap().iter().map(|end| (name(end), why(end))).collect()
}

#[test]
fn what_an_abort_was_called_through_is_told_since_1_6_and_not_guessed_before() {
    let [(name, why)] = &reasons_of(5)[..] else { panic!("one task") };
    assert_eq!(name, "gives-up");
    assert!(why.contains("or dropped or shut down the set"), "{why}");
    let told = reasons_of(6);
    let why = |name: &str| told.iter().find(|(of, _)| of == name).map(|(_, why)| &**why).unwrap();
    assert_eq!(why("gives-up"), "somebody called abort on it");
    assert!(why("of-a-set").starts_with("the set that it was in was dropped"), "{told:?}");
}

/// The kept recording, as a version to come might have written it: with kinds, fields, categories and operations
/// that nobody knows yet.
#[test]
fn what_a_later_version_adds_is_passed_over_and_counted() {
    let text = std::fs::read_to_string(kept(Schema { major: 1, minor: 0 })).unwrap();
    let mut lines: Vec<Value> = text.lines().map(|line| line.parse().unwrap()).collect();
    lines[0]["schema"] = json!("1.999");
    lines[0]["colour"] = json!({"of": "the sky"});
    for line in &mut lines[1..] {
        line["data"]["later"] = json!([1, 2, {"x": null}]);
        line["later"] = json!(7);
    }
    let conflict = lines.iter().find(|line| line["kind"] == "conflict").unwrap().clone();
    let mut strange = vec![
        json!({"seq": 900, "t": 1, "kind": "teleport", "data": {"to": "mars"}}),
        json!({"seq": 901, "t": 1, "kind": "heartbeat"}),
        conflict.clone(),
        conflict,
    ];
    strange[2]["data"]["category"] = json!("quantum-entanglement");
    strange[3]["data"]["sides"][0]["operation"] = json!("levitate");
    lines.splice(1..1, strange);
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("later.jsonl");
    let bytes: String = lines.iter().map(|line| format!("{line}\n")).collect();
    std::fs::write(&path, bytes).unwrap();
    let report = report(&path);
    assert_eq!(categories(&report), ["concurrent-iteration-write"]);
    let unread = report["unread"].as_array().unwrap();
    assert_eq!(unread.len(), 4, "{unread:?}");
    assert!(unread[0].to_string().contains("unknown kind of event `teleport`"), "{unread:?}");
}

/// lnav itself reads the format file and the stream, where there is one on this machine.
#[test]
fn lnav_reads_the_format_file_and_the_stream() {
    if Command::new("lnav").arg("-V").output().is_err() {
        eprintln!("lnav is not installed: its own reading is not tried");
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let formats = folder.path().join("formats/installed");
    std::fs::create_dir_all(&formats).unwrap();
    let export = |arguments: &[&Path], to: &Path| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_mapview"));
        command.args(["export", "--format", "lnav"]).args(arguments).arg("-o").arg(to);
        assert!(command.stdin(Stdio::null()).status().unwrap().success());
    };
    let stream = folder.path().join("events.jsonl");
    export(&[], &formats.join("mapwatch_log.json"));
    export(&[&kept(Schema { major: 1, minor: 1 })], &stream);
    let query = ";SELECT log_body, log_level, count(*) AS n FROM mapwatch_log GROUP BY log_body";
    let output = Command::new("lnav")
        .args(["-n", "-q", "-I"])
        .arg(folder.path())
        .args(["-c", query, "-c", ":write-csv-to -"])
        .arg(&stream)
        .env("HOME", folder.path())
        .env("XDG_CONFIG_HOME", folder.path())
        .stdin(Stdio::null())
        .output()
        .unwrap();
    let text = String::from_utf8_lossy(&output.stdout);
    let errors = String::from_utf8_lossy(&output.stderr);
    let rows: Vec<String> = text.lines().map(|line| line.replace(' ', "")).collect();
    for row in ["conflict,error,3", "header,notice,1", "end,notice,1"] {
        assert!(rows.iter().any(|line| line == row), "{row}: {text}{errors}");
    }
}
