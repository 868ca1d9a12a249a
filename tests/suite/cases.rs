//! Programs with a bug are caught with the sites that their source marks; correct ones are left alone.
//!
//! What a case expects stands in its head, as `EXPECT-CATEGORY` and `EXPECT-SITES`; `// SITE-A` and its like mark
//! the lines. More of it:
//!
//! ```text
//! MAPWATCH_CASE_RUNS=200 cargo test -p mapwatch-tests --test suite correct_programs
//! MAPWATCH_CASE_RUNS=20 MAPWATCH_CASE_CLASSES=def cargo test -p mapwatch-tests --test suite bugs_are_caught
//! ```
//!
//! With `MAPWATCH_CASE_PROVOKE=1` each run is provoked, and begins without what earlier ones learned.

use crate::program::{command, conflicts, stderr, Scratch};
use mapwatch_event::Conflict;
use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};

/// Programs that hang without a checker; a run that takes longer than this has hung with one.
const LIMIT: Duration = Duration::from_secs(60);

/// The same for those that are told as a stall, and hang all the same.
const STALLED: Duration = Duration::from_secs(12);

/// Cases whose evidence no rule reads yet. One that is caught all the same fails the test: its line is out of date.
const NOT_YET: &[(&str, &str)] =
    &[("reference_kept_over_rehash_42", "std's own API gives a plain reference, which nobody can follow")];

/// Cases whose rule reads the names of functions on the stack, which a build with line tables alone (this project's
/// release profile) keeps only for what was not inlined: expected where debug information is whole.
const BY_NAMES: &[&str] = &[
    "cancelled_between_begin_and_finish",
    "cancelled_between_two_maps_50",
    "cancelled_build_in_a_vacant_entry",
    "cancelled_busy_mark_in_free_functions",
    "cancelled_calls_with_pending_replies",
    "cancelled_conversions_collected",
    "cancelled_downloads_in_a_stream",
    "cancelled_entry_or_insert",
    "cancelled_half_of_a_page",
    "cancelled_in_flight_by_timeouts_in_a_loop",
    "cancelled_in_place_busy_flag_of_a_device",
    "cancelled_in_place_connection_taken_out",
    "cancelled_in_place_copy_not_put_back",
    "cancelled_in_place_counted_by_functions",
    "cancelled_in_place_in_flight_count",
    "cancelled_in_place_loading_by_two_tasks_of_a_join",
    "cancelled_in_place_seats_by_alter",
    "cancelled_in_place_status_by_a_setter",
    "cancelled_in_place_whole_status_inserted",
    "cancelled_job_that_was_registered",
    "cancelled_lease_lost_by_a_select",
    "cancelled_promotion_by_a_token",
    "cancelled_refresh_in_flight",
    "cancelled_replicas_polled_together",
    "cancelled_request_in_its_own_block",
    "cancelled_sale_by_a_timeout",
    "cancelled_step_of_a_worker_in_a_loop",
    "cancelled_withdrawal_with_let_else",
    "timed_out_job_comes_back",
];

fn runs(usual: usize) -> usize {
    std::env::var("MAPWATCH_CASE_RUNS").ok().and_then(|runs| runs.parse().ok()).unwrap_or(usual)
}

/// Whether a case is of the classes that are asked for.
fn is_asked_for(source: &str) -> bool {
    let Ok(classes) = std::env::var("MAPWATCH_CASE_CLASSES") else { return true };
    let own = source.lines().find_map(|line| line.strip_prefix("//! CLASS: ")?.split_whitespace().next());
    own.is_some_and(|own| own.chars().any(|class| class.is_alphabetic() && classes.contains(class)))
}

/// The cases of a group: name and source.
fn cases(group: &str) -> Vec<(String, String)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("cases").join(group);
    let read = |path: PathBuf| {
        (path.file_stem().unwrap().to_string_lossy().into_owned(), fs::read_to_string(&path).unwrap())
    };
    let mut cases: Vec<_> = fs::read_dir(folder).unwrap().map(|entry| read(entry.unwrap().path())).collect();
    cases.sort();
    assert!(!cases.is_empty());
    cases
}

/// What stands in a case's head behind `EXPECT-CATEGORY: `; the code without its remark.
fn category(source: &str) -> &str {
    let line = source.lines().find_map(|line| line.strip_prefix("//! EXPECT-CATEGORY: ")).unwrap();
    line.split_whitespace().next().unwrap()
}

/// The lines that are marked, `SITE-X` aside: those are outside of every map.
fn marked(source: &str) -> BTreeSet<u32> {
    let code = source.lines().enumerate().filter(|(_, line)| !line.starts_with("//!"));
    let marks = ["// SITE-A", "// SITE-B", "// SITE-C", "// SITE-D"];
    code.filter(|(_, line)| marks.iter().any(|mark| line.contains(mark)))
        .map(|(index, _)| index as u32 + 1)
        .collect()
}

/// What became of one run.
struct Run {
    output: Option<Output>,
    conflicts: Vec<Conflict>,
}

fn run(name: &str, policy: Option<&str>) -> Run {
    run_within(name, policy, LIMIT)
}

fn run_within(name: &str, policy: Option<&str>, limit: Duration) -> Run {
    let recording = Scratch::new(name);
    let output = outcome(name, limit, |command| {
        command.env("MAPWATCH_OUT", &recording.0);
        if let Some(policy) = policy {
            command.env("MAPWATCH", policy);
        }
    });
    let conflicts = if recording.0.exists() { conflicts(&recording.0) } else { Vec::new() };
    Run { output, conflicts }
}

/// Runs a case; nothing if it has not ended after `limit`.
fn outcome(name: &str, limit: Duration, set: impl FnOnce(&mut Command)) -> Option<Output> {
    let traps = Scratch::new(&format!("{name}-traps"));
    let mut command = command(env!("CARGO_BIN_EXE_corpus"));
    command.arg(name);
    if std::env::var_os("MAPWATCH_CASE_PROVOKE").is_some() {
        command.env("MAPWATCH_PROVOKE", "1").env("MAPWATCH_TRAPS", &traps.0);
    }
    set(&mut command);
    let child = command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    within(child, limit)
}

/// Waits for a child; kills it after `limit`, and gives nothing then.
fn within(mut child: Child, limit: Duration) -> Option<Output> {
    let deadline = Instant::now() + limit;
    let readers = [
        child.stdout.take().map(|pipe| std::thread::spawn(move || read_all(pipe))),
        child.stderr.take().map(|pipe| std::thread::spawn(move || read_all(pipe))),
    ];
    let mut status = None;
    while status.is_none() && Instant::now() < deadline {
        status = child.try_wait().unwrap();
        std::thread::sleep(Duration::from_millis(2));
    }
    if status.is_none() {
        let _ = child.kill();
        let _ = child.wait();
    }
    let [stdout, stderr] = readers.map(|reader| reader.unwrap().join().unwrap());
    status.map(|status| Output { status, stdout, stderr })
}

fn read_all(mut pipe: impl std::io::Read) -> Vec<u8> {
    let mut bytes = Vec::new();
    let _ = pipe.read_to_end(&mut bytes);
    bytes
}

/// What is missing in what a program prints where nobody records: the category, and all the lines in one report.
fn missing_in_text(name: &str, source: &str, printed: &str) -> Option<String> {
    let (expected, lines) = (category(source), marked(source));
    // Whatever the program had begun to print stands before it.
    let is_head = |line: &str| line.contains("mapwatch: ");
    let is_told = |report: &[&str]| {
        let head = report[0];
        let unlucky = expected == "self-deadlock-hazard" && head.contains("[self-deadlock]");
        let is_at = |line| report.iter().any(|text| text.contains(&format!("{name}.rs:{line}:")));
        (head.contains(&format!("[{expected}]")) || unlucky) && lines.iter().all(is_at)
    };
    let printed_lines: Vec<&str> = printed.lines().collect();
    let mut reports = printed_lines.chunk_by(|_, next| !is_head(next)).filter(|report| is_head(report[0]));
    if reports.any(is_told) {
        return None;
    }
    Some(format!("expected {expected} at {lines:?}, printed\n{printed}"))
}

/// What is missing for a case to count as caught; `None` where nothing is.
fn missing(name: &str, source: &str, run: &Run) -> Option<String> {
    let (expected, lines) = (category(source), marked(source));
    // What hangs on a foreign lock is told, and hangs all the same.
    if run.output.is_none() && expected != "stall" {
        return Some("it hung".to_owned());
    }
    // A hazard of another shard is certain in the runs in which it is the same one.
    let unlucky = |code: &str| expected == "self-deadlock-hazard" && code == "self-deadlock";
    let here = |conflict: &&Conflict| {
        let code = conflict.category.code();
        code == expected || unlucky(code)
    };
    let told: Vec<&Conflict> = run.conflicts.iter().filter(here).collect();
    let site_lines = |conflict: &&Conflict| -> BTreeSet<u32> {
        let file = format!("{name}.rs");
        conflict
            .sides
            .iter()
            .filter(|side| side.site.file.ends_with(&file))
            .map(|side| side.site.line)
            .collect()
    };
    if told.iter().any(|conflict| lines.is_subset(&site_lines(conflict))) {
        return None;
    }
    let found: Vec<_> =
        run.conflicts.iter().map(|conflict| (conflict.category.code(), site_lines(&conflict))).collect();
    Some(format!(
        "expected {expected} at {lines:?}, found {found:?}\n{}",
        run.output.as_ref().map_or_else(String::new, stderr)
    ))
}

/// Most runs are like this: what is looked up or left out for the sake of speed where there is no recording must not
/// cost a finding.
#[test]
fn bugs_are_told_where_nobody_records() {
    let mut failures = Vec::new();
    for (name, source) in cases("must-catch") {
        let lacks_names = !cfg!(debug_assertions) && BY_NAMES.contains(&&*name);
        let is_awaited = NOT_YET.iter().any(|(not_yet, _)| *not_yet == name);
        // A stall is told while the program hangs: it has no end to read it from. Notes are for those who record.
        let is_not_printed = ["stall", "shard-skew", "weak-iteration"].contains(&category(&source));
        if lacks_names || is_awaited || is_not_printed || !is_asked_for(&source) {
            continue;
        }
        match outcome(&name, LIMIT, |_| {}) {
            Some(output) => {
                let why = missing_in_text(&name, &source, &stderr(&output));
                failures.extend(why.map(|why| format!("{name}: {why}")));
            }
            None => failures.push(format!("{name}: it hung")),
        }
    }
    assert!(failures.is_empty(), "{} failures\n{}", failures.len(), failures.join("\n"));
}

#[test]
fn bugs_are_caught_with_all_their_sites() {
    let mut failures = Vec::new();
    for (name, source) in cases("must-catch") {
        let lacks_names = !cfg!(debug_assertions) && BY_NAMES.contains(&&*name);
        if lacks_names || !is_asked_for(&source) {
            continue;
        }
        let awaited = NOT_YET.iter().any(|(not_yet, _)| *not_yet == name);
        // A stall takes its whole limit, each time.
        for turn in 0..if awaited || category(&source) == "stall" { 1 } else { runs(2) } {
            let limit = if category(&source) == "stall" { STALLED } else { LIMIT };
            match (missing(&name, &source, &run_within(&name, None, limit)), awaited) {
                (None, true) => failures.push(format!("{name} is caught by now: take it off the list")),
                (Some(why), false) => failures.push(format!("{name}, run {turn}: {why}")),
                _ => {}
            }
        }
    }
    assert!(failures.is_empty(), "{} failures\n{}", failures.len(), failures.join("\n"));
}

#[test]
fn correct_programs_are_left_alone_by_the_strictest_policy() {
    let mut failures = Vec::new();
    for (name, _) in cases("must-stay-silent") {
        for turn in 0..runs(3) {
            let run = run(&name, Some("strict"));
            let silent = run.output.as_ref().is_some_and(|output| {
                output.status.success() && !stderr(output).contains("mapwatch") && run.conflicts.is_empty()
            });
            if !silent {
                let said = run.output.as_ref().map_or_else(|| "it hung".to_owned(), stderr);
                failures.push(format!("{name}, run {turn}: {said}"));
            }
        }
    }
    assert!(failures.is_empty(), "{} failures\n{}", failures.len(), failures.join("\n"));
}

/// What the policy says of programs that are correct today, by luck or by version.
const JUDGEMENTS: &[(&str, &[&str])] = &[
    // DashMap 6 lets readers pass a writer that waits.
    ("dash_two_reads_one_thread_01", &[]),
    // A table that grows by design: that a map only grows is told of none.
    ("leak_by_design_cache_05", &[]),
    // Two reads of one lock hang as soon as a writer comes between.
    ("std_rwlock_nested_read_no_writer_03", &["recursive-read"]),
];

#[test]
fn judgements_are_as_written_down() {
    let known: Vec<_> = cases("judgement").into_iter().map(|(name, _)| name).collect();
    for name in &known {
        let (_, expected) = JUDGEMENTS.iter().find(|(judged, _)| judged == name).unwrap();
        let run = run(name, None);
        let output = run.output.unwrap_or_else(|| panic!("{name} hung"));
        let found: Vec<_> = run.conflicts.iter().map(|conflict| conflict.category.code()).collect();
        assert_eq!(found, *expected, "{name}: {}", stderr(&output));
        assert!(output.status.success(), "{name}: {}", stderr(&output));
    }
}

#[test]
fn a_second_conflict_while_unwinding_does_not_abort() {
    let output = command(env!("CARGO_BIN_EXE_collides_while_unwinding")).output().unwrap();
    let said = stderr(&output);
    assert!(output.status.success(), "{:?}\n{said}", output.status);
    assert!(said.contains("[concurrent-writes]"), "{said}");
}
