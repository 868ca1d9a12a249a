//! The same reports in every envelope, and several streams line by line in one: always the same groups.

use mapwatch_triage::Triage;
use serde_json::json;
use std::collections::BTreeMap;
use std::path::Path;

/// Puts one line of a stream, with its number, into an envelope.
type Wrap = fn(stream: &str, number: usize, line: &str) -> String;

fn clock(number: usize) -> String {
    format!("15:{:02}:{:02}", 10 + number / 600, number / 10 % 60)
}

fn stamp(number: usize) -> String {
    format!("2026-11-23T{}.{:07}Z", clock(number), number * 137 % 10_000_000)
}

/// Envelopes that name the stream.
const NAMED: [(&str, Wrap); 19] = [
    ("compose", |s, _, l| format!("{s}-1  | {l}")),
    ("compose in colours", |s, _, l| format!("\u{1b}[36m{s}-1  |\u{1b}[0m {l}")),
    ("compose with stamps", |s, n, l| format!("{s}-1  | {} {l}", stamp(n))),
    ("kubectl --prefix", |s, _, l| format!("[pod/{s}/app] {l}")),
    ("kubectl --prefix --timestamps", |s, n, l| format!("[pod/{s}/app] {} {l}", stamp(n))),
    ("journald short", |s, n, l| format!("Nov 23 {} host1 {s}[41]: {l}", clock(n))),
    ("journald short-iso", |s, n, l| format!("2026-11-23T{}+00:00 host1 {s}[41]: {l}", clock(n))),
    ("journald short-monotonic", |s, n, l| format!("[{:5}.{:06}] host1 {s}[41]: {l}", n / 50, n)),
    ("syslog 3164", |s, n, l| format!("<11>Nov 23 {} host1 {s}[41]: {l}", clock(n))),
    ("syslog 5424", |s, n, l| format!("<11>1 {} host1 {s} 41 - - {l}", stamp(n))),
    ("heroku", |s, n, l| format!("{} app[{s}.1]: {l}", stamp(n))),
    ("foreman", |s, n, l| format!("{} {s}.1  | {l}", clock(n))),
    ("brackets", |s, _, l| format!("[{s}-1] {l}")),
    ("stern", |s, _, l| format!("shop-7d9c5b-{s} app {l}")),
    ("arrow", |s, _, l| format!("{s}> {l}")),
    ("records with a process", |s, _, l| json!({ "level": "info", "msg": l, "pid": s.len() }).to_string()),
    ("docker on kubernetes", |s, n, l| {
        json!({ "log": format!("{l}\n"), "stream": "stderr", "kubernetes": { "pod_name": s }, "time": stamp(n) })
            .to_string()
    }),
    ("logfmt", |s, n, l| format!("time={} level=info service={s} msg={}", stamp(n), json!(l))),
    ("a column", |s, n, l| format!("{} {} shop {l}", stamp(n), 4000 + s.len())),
];

/// Envelopes that do not.
const NAMELESS: [(&str, Wrap); 14] = [
    ("GitHub Actions", |_, n, l| format!("{} {l}", stamp(n))),
    ("gh run view --log", |_, n, l| format!("test\tRun cargo test\t{} {l}", stamp(n))),
    ("docker", |_, n, l| {
        json!({ "log": format!("{l}\n"), "stream": "stderr", "time": stamp(n) }).to_string()
    }),
    ("CRI", |_, n, l| format!("{} stderr F {l}", stamp(n))),
    ("CRI of records", |_, n, l| {
        format!("{} stderr F {}", stamp(n), json!({ "level": "info", "message": l }))
    }),
    ("fluentd", |_, n, l| {
        format!("{}\tkube.var.log\t{}", stamp(n), json!({ "log": format!("{l}\n"), "stream": "stderr" }))
    }),
    ("tracing records", |_, n, l| {
        json!({ "timestamp": stamp(n), "level": "INFO", "fields": { "message": l }, "target": "a" })
            .to_string()
    }),
    ("cloud records", |_, n, l| json!({ "textPayload": l, "timestamp": stamp(n) }).to_string()),
    ("journald records", |_, n, l| {
        json!({ "MESSAGE": l, "_PID": "7", "__REALTIME_TIMESTAMP": n.to_string() }).to_string()
    }),
    ("journald export", |_, n, l| format!("__CURSOR=s={n}\n_PID=7\nMESSAGE={l}\nPRIORITY=6\n")),
    ("ts", |_, n, l| format!("Nov 23 {} {l}", clock(n))),
    ("milliseconds", |_, n, l| format!("{} {l}", 1_795_449_118_123 + n)),
    ("klog", |_, n, l| format!("E1123 {}.123456    7 run.go:74] {l}", clock(n))),
    ("log4j", |_, n, l| format!("2026-11-23 {},123 [main] {l}", clock(n))),
];

fn log(name: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/logs").join(name);
    String::from_utf8_lossy(&std::fs::read(path).expect("a log of the project")).into_owned()
}

/// Reports by fingerprint, followers too.
fn groups(text: &str) -> BTreeMap<String, u64> {
    let mut triage = Triage::new().workers(1);
    triage.read_bytes("x", text.as_bytes());
    let groups = triage.finish().groups;
    groups.into_iter().map(|group| (group.fingerprint, group.count + group.secondary)).collect()
}

#[test]
fn one_stream_in_every_envelope() {
    for name in
        ["wrapped/plain.log", "go/writes-go1.27.3-GOTRACEBACK-all.log", "rust/std-1.63/vec_remove.bt1.txt"]
    {
        let text = log(name);
        let plain = groups(&text);
        assert!(!plain.is_empty());
        for (envelope, wrap) in NAMED.iter().chain(&NAMELESS) {
            let lines = text.lines().enumerate().map(|(number, line)| wrap("shop", number, line) + "\n");
            assert_eq!(groups(&lines.collect::<String>()), plain, "{name} in {envelope}");
        }
    }
}

#[test]
fn streams_line_by_line_in_one_file() {
    let texts = [
        ("db", log("wrapped/plain.log")),
        ("web", log("go/writes-go1.27.3-GOTRACEBACK-all.log")),
        ("queue", log("rust/std-1.63/vec_remove.bt1.txt")),
    ];
    let mut apart = BTreeMap::new();
    texts.iter().for_each(|(_, text)| apart.append(&mut groups(text)));
    for (envelope, wrap) in NAMED {
        let mut left: Vec<_> =
            texts.iter().map(|(name, text)| (*name, text.lines().enumerate().peekable())).collect();
        let mut mixed = String::new();
        // One line, two lines, three lines of a stream, then the next stream's.
        for turn in 0.. {
            let (at, count) = (turn % left.len(), 1 + turn % 3 + turn % 2);
            let (name, lines) = &mut left[at];
            lines.by_ref().take(count).for_each(|(number, line)| mixed += &(wrap(name, number, line) + "\n"));
            if left.iter_mut().all(|(_, lines)| lines.peek().is_none()) {
                break;
            }
        }
        assert_eq!(groups(&mixed), apart, "{envelope}");
    }
}
