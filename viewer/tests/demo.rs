//! The demo's scenarios: each planted bug is found, with every side in the scenario's own source.
#![cfg(unix)]
#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use serde_json::Value;
use std::collections::BTreeSet;
use std::process::{Command, Stdio};

/// Runs a scenario for its report; gives the categories found.
fn found(scenario: &str) -> BTreeSet<String> {
    let folder = tempfile::tempdir().unwrap();
    let mut command = Command::new(env!("CARGO_BIN_EXE_mapview"));
    command.args(["demo", scenario, "--json", "--no-record"]).stdin(Stdio::null());
    command.env("XDG_RUNTIME_DIR", folder.path()).env_remove("MAPWATCH").env_remove("MAPWATCH_OUT");
    let output = command.output().unwrap();
    assert_eq!(output.status.code(), Some(1), "{}", String::from_utf8_lossy(&output.stderr));
    let report: Value = serde_json::from_slice(&output.stdout).unwrap();
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
