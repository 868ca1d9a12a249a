//! When a report was written, where its own lines do not say.

use mapwatch_triage::{Triage, print};

const BARE: &str =
    "thread 'main' panicked at src/a.rs:1:2:\nindex out of bounds: the len is 3 but the index is 9\n";

fn first_seen(texts: &[&str]) -> (Option<String>, bool) {
    let mut triage = Triage::new();
    for (number, text) in texts.iter().enumerate() {
        triage.read_bytes(&format!("{number}.log"), text.as_bytes());
    }
    let summary = triage.finish();
    let [group] = summary.groups.as_slice() else { panic!("{:?}", summary.groups) };
    (group.first_seen.map(mapwatch_triage::time::iso), group.nearest_stamps)
}

#[test]
fn a_report_without_a_stamp_is_known_by_the_nearest_line_before_it() {
    let nearest = |at: &str| (Some(at.to_owned()), true);
    let logged = "2026-11-29T09:00:10Z INFO a: one\n[2026-11-29T09:00:20Z INFO a] two\nno stamp\n";
    let log = format!("{logged}{BARE}2026-11-29T09:00:30Z INFO a: three\n");
    assert_eq!(first_seen(&[&log]), nearest("2026-11-29T09:00:20Z"));
    // The earliest of several, and a later input does not move it.
    assert_eq!(first_seen(&[&format!("{log}{BARE}"), &log]), nearest("2026-11-29T09:00:20Z"));
    // What stands behind it, or far before it, or in the middle of a line, says nothing.
    assert_eq!(first_seen(&[&format!("{BARE}2026-11-29T09:00:30Z INFO a: three\n")]), (None, false));
    assert_eq!(first_seen(&[&format!("{logged}{}{BARE}", "x\n".repeat(200))]), (None, false));
    assert_eq!(first_seen(&[&format!("due on 2026-11-29 09:00:10\n{BARE}")]), (None, false));
    // A stamp of its own counts for more than any that is near.
    let own = BARE.replacen("thread", "2026-11-29T09:00:40Z ERROR thread", 1);
    assert_eq!(first_seen(&[&log, &own]), (Some("2026-11-29T09:00:40Z".to_owned()), false));
}

#[test]
fn the_nearest_stamp_is_found_across_the_blocks_of_a_large_input() {
    let stamped = "2026-11-29T09:00:20Z INFO a: the last line of its block\n";
    // Blocks of 4 MiB are cut at newlines: the report is the first thing of the second one, on one worker and on two.
    let filler = "y".repeat(1023) + "\n";
    let block = filler.repeat((4 << 20) / 1024 - 1);
    let padded = format!("{}{stamped}", "z".repeat(1023 - stamped.len()) + "\n");
    let text = format!("{block}{padded}{BARE}");
    assert_eq!(block.len() + padded.len(), 4 << 20);
    for workers in [1, 2] {
        let mut triage = Triage::new().workers(workers);
        triage.read_bytes("large.log", text.as_bytes());
        let summary = triage.finish();
        let group = &summary.groups[0];
        assert_eq!(group.first_seen.map(mapwatch_triage::time::iso).as_deref(), Some("2026-11-29T09:00:20Z"));
        assert!(group.nearest_stamps);
    }
}

#[test]
fn every_output_says_that_a_stamp_is_only_near() {
    let mut triage = Triage::new();
    triage.read_bytes("a.log", format!("2026-11-29T09:00:20Z INFO a: two\n{BARE}").as_bytes());
    let summary = triage.finish();
    let written = |write: &dyn Fn(&mut dyn std::io::Write)| {
        let mut out = Vec::new();
        write(&mut out);
        String::from_utf8(out).expect("it is text")
    };
    let said = "after 2026-11-29T09:00:20Z: the nearest stamp before it, its own lines have none";
    let detail = print::text::Detail { full: 9, explain: false };
    let text = written(&|mut out| print::text::write(&mut out, &summary, detail).expect("it is written"));
    assert!(text.contains(said), "{text}");
    let text = written(&|mut out| print::markdown::write(&mut out, &summary).expect("it is written"));
    assert!(text.contains(said), "{text}");
    let text = written(&|mut out| print::json::write(&mut out, &summary).expect("it is written"));
    assert!(text.contains("\"nearest_stamps\": true") || text.contains("\"nearest_stamps\":true"), "{text}");
    let text = written(&|mut out| print::csv::write(&mut out, &summary).expect("it is written"));
    assert!(!text.contains("09:00:20"), "a cell cannot say so: {text}");
}

#[test]
fn what_is_followed_remembers_the_stamp_of_what_came_before() {
    let mut triage = Triage::new();
    let mut follow = triage.follow("live.log", mapwatch_triage::envelope::Context { year: 2026 });
    follow.push(b"2026-11-29T09:00:20Z INFO a: two\n");
    follow.settle();
    follow.push(BARE.as_bytes());
    follow.settle();
    follow.end();
    let group = &triage.finish().groups[0];
    assert_eq!(group.first_seen.map(mapwatch_triage::time::iso).as_deref(), Some("2026-11-29T09:00:20Z"));
}
