//! The figures on the project's own copy of the labelled logs.

use crate::scoring::{self, Score};
use mapwatch_triage::source::expand;
use mapwatch_triage::{Summary, Triage};
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

fn logs() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/logs")
}

fn score() -> &'static Score {
    static SCORE: OnceLock<Score> = OnceLock::new();
    SCORE.get_or_init(|| scoring::score(&logs()))
}

fn read(file: &str) -> Summary {
    let mut triage = Triage::new();
    for source in expand(&logs().join(file).display().to_string()) {
        triage.read(&source, &mut |_| ());
    }
    triage.finish()
}

#[test]
fn every_panic_is_found_and_nothing_is_invented() {
    let score = score();
    assert_eq!(score.recall.0, score.recall.1, "{:?}", score.missed);
    assert!(score.recall.1 > 1000, "{}", score.recall.1);
    assert!(score.invented.is_empty(), "{:?}", score.invented);
    assert!(score.missed.is_empty(), "{:?}", score.missed);
}

#[test]
fn the_category_is_right_for_nineteen_of_twenty() {
    let score = score();
    assert!(score.is_met(), "{}", score.text(true));
    assert_eq!(score.go.0, score.go.1, "{}", score.text(true));
    assert!(score.go_alone.0 + 1 >= score.go_alone.1, "{}", score.text(true));
    assert_eq!(score.wrapped.0, score.wrapped.1, "{}", score.text(true));
}

#[test]
fn the_same_bug_is_one_group_and_different_bugs_are_not() {
    let score = score();
    assert!(score.together.0 * 100 >= score.together.1 * 92, "{}", score.text(true));
    assert!((score.mixed.1 - score.mixed.0) * 100 >= score.mixed.1 * 97, "{}", score.text(true));
    assert!(score.alone.0 * 100 >= score.alone.1 * 82, "{}", score.text(true));
    assert!(score.apart.0 * 100 >= score.apart.1 * 94, "{}", score.text(true));
}

#[test]
fn every_envelope_gives_the_same_groups() {
    let prints = |file: &str| -> Vec<(String, u64, u64)> {
        let summary = read(&format!("wrapped/{file}"));
        let own = summary.groups.iter().filter(|group| !group.message.starts_with("payload xxx"));
        let mut prints: Vec<_> =
            own.map(|group| (group.fingerprint.clone(), group.count, group.secondary)).collect();
        prints.sort();
        prints
    };
    let plain = prints("plain.log");
    assert_eq!(plain.len(), 11, "{plain:?}");
    for (file, _, _) in scoring::truths(&logs()) {
        assert_eq!(prints(&file), plain, "{file}");
    }
}

#[test]
fn go_crashes_keep_their_fingerprint_across_versions_and_settings() {
    for (old, new) in [
        ("clear-iter-go1.23.9", "clear-iter-go1.27.3"),
        ("clone-write-go1.23.9", "clone-write-go1.27.3"),
        ("writes-go1.23.9", "writes-go1.27.3-GOTRACEBACK-crash"),
        ("iter-write-go1.23.9", "iter-write-go1.27.3-GOTRACEBACK-all"),
        ("read-write-go1.23.9", "read-write-go1.27.3-GOTRACEBACK-system"),
        ("send-closed-go1.23.9", "send-closed-go1.27.3"),
        ("unlock-unlocked-go1.23.9", "unlock-unlocked-go1.27.3"),
        ("user-panic-go1.23.9", "user-panic-go1.27.3"),
        ("unhashable-go1.23.9", "unhashable-go1.27.3"),
    ] {
        let print = |name: &str| {
            read(&format!("go/{name}.log"))
                .groups
                .into_iter()
                .map(|group| group.fingerprint)
                .collect::<Vec<_>>()
        };
        assert_eq!(print(old), print(new), "{old}");
        assert_eq!(print(old).len(), 1, "{old}");
    }
}

#[test]
fn go_categories() {
    for (file, expected) in [
        ("writes-go1.23.9", "concurrent-map"),
        ("writes-go1.27.3-GOTRACEBACK-none", "concurrent-map"),
        ("odd-fault-go1.23.9", "probable-map-race"),
        ("odd-index-out-of-range-go1.27.3", "probable-map-race"),
        ("race-writes-go1.27.3-halt", "data-race"),
        ("nil-map-recover-go1.27.3", "nil-map"),
        ("close-closed-go1.27.3", "closed-channel"),
        ("unlock-unlocked-go1.27.3", "sync-misuse"),
        ("user-panic-go1.27.3", "explicit-panic"),
    ] {
        let groups = read(&format!("go/{file}.log")).groups;
        assert_eq!(groups.len(), 1, "{file}");
        assert_eq!(groups[0].category.code(), expected, "{file}");
    }
    assert!(read("go/len-write-go1.27.3.log").groups.is_empty());
}

#[test]
fn ends_of_processes_and_tools() {
    for (file, expected) in [
        ("os/bash_killed", "killed-by-os"),
        ("os/bash_segv", "ub-or-segfault"),
        ("os/bash_abort_core", "abort-signal"),
        ("os/dash_segv", "ub-or-segfault"),
        ("sanitizers/asan_uaf", "ub-or-segfault"),
        ("tp-1.95/parking_self_deadlock.bt0", "deadlock"),
    ] {
        let groups = read(&format!("rust/{file}.txt")).groups;
        assert_eq!(groups.len(), 1, "{file}: {groups:?}");
        assert_eq!(groups[0].category.code(), expected, "{file}");
    }
    assert!(read("rust/cargo/cargo_run_abort.txt").groups.is_empty());
    assert!(read("rust/tp-1.95/std_backtrace_display.bt0.txt").groups.is_empty());
}

#[test]
fn every_printer_writes_every_summary() {
    use mapwatch_triage::print;
    let mut whole = Triage::new();
    for source in expand(&logs().join("wrapped").display().to_string()) {
        whole.read(&source, &mut |_| ());
    }
    for summary in [whole.finish(), Triage::new().finish()] {
        let mut out = Vec::new();
        print::text::write(&mut out, &summary, print::text::Detail { full: 0, explain: true })
            .expect("memory");
        print::markdown::write(&mut out, &summary).expect("memory");
        print::csv::write(&mut out, &summary).expect("memory");
        let mut json = Vec::new();
        print::json::write(&mut json, &summary).expect("memory");
        let value: serde_json::Value = serde_json::from_slice(&json).expect("JSON");
        assert_eq!(value["groups"].as_array().map(Vec::len), Some(summary.groups.len()));
        let mut sarif = Vec::new();
        print::sarif::write(&mut sarif, &summary).expect("memory");
        let value: serde_json::Value = serde_json::from_slice(&sarif).expect("JSON");
        assert_eq!(value["version"], "2.1.0");
    }
}
