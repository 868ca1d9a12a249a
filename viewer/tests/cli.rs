//! The real binary, as scripts see it: exit codes, sentences, reports.
//!
//! A watched process is played by this test binary itself: `fake_process` connects to `MAPWATCH_CONNECT` as the
//! runtime does and sends a session. Nothing waits for time to pass; everything waits for an end.
#![cfg(unix)]
#![allow(clippy::unwrap_used, reason = "a test without its files and processes has failed")]
#![allow(clippy::print_stdout, reason = "the fake process is a program that prints")]
#![allow(clippy::zombie_processes, reason = "the fake process leaves a grandchild behind on purpose")]

use mapwatch_event::event::{End, EndReason, MapMade, SiteSeen};
use mapwatch_event::wire::{self, Schema};
use mapwatch_event::{
    Actor, ActorKind, Category, Conflict, ConflictId, Event, Header, MapFacts, MapId, MapKind, Nanos,
    Operation, Outcome, Role, Seq, Side, Site, SiteId, Stack,
};
use serde_json::Value;
use std::io::Write;
use std::os::fd::OwnedFd;
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

/// What the fake process does, by this variable.
const ROLE: &str = "MAPVIEW_TEST_ROLE";

/// Where a folder for sockets and files is.
struct Desk {
    folder: tempfile::TempDir,
}

impl Desk {
    fn new() -> Desk {
        Desk { folder: tempfile::tempdir().unwrap() }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn file(&self, name: &str, bytes: &[u8]) -> PathBuf {
        let path = self.path(name);
        std::fs::write(&path, bytes).unwrap();
        path
    }

    /// `mapview` with these arguments; its sockets lie in this folder.
    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_mapview"));
        command.args(arguments).env("XDG_RUNTIME_DIR", self.folder.path()).stdin(Stdio::null());
        command.env("XDG_STATE_HOME", self.path("state")).env_remove("MAPVIEW_RECORD");
        command.env_remove("MAPWATCH").env_remove("MAPWATCH_OUT").env_remove("MAPWATCH_CONNECT");
        command
    }

    fn mapview(&self, arguments: &[&str]) -> Output {
        self.command(arguments).output().unwrap()
    }

    /// `mapview run … -- this binary as a fake process`.
    fn run(&self, flags: &[&str], role: &str) -> Output {
        let mut arguments = vec!["run"];
        arguments.extend(flags);
        let me = std::env::current_exe().unwrap();
        let me = me.to_str().unwrap();
        arguments.extend(["--", me, "--exact", "fake_process", "--ignored", "--nocapture"]);
        self.command(&arguments).env(ROLE, role).output().unwrap()
    }

    fn sockets(&self) -> PathBuf {
        let path = self.path("mapwatch");
        std::fs::create_dir_all(&path).unwrap();
        path
    }
}

fn code(output: &Output) -> i32 {
    output.status.code().unwrap()
}

fn out(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).unwrap()
}

fn err(output: &Output) -> String {
    String::from_utf8(output.stderr.clone()).unwrap()
}

fn json(output: &Output) -> Value {
    out(output).parse().unwrap_or_else(|error| panic!("{error}: {}{}", out(output), err(output)))
}

fn header(schema: &str, pid: u32) -> Vec<u8> {
    let header = Header { schema: schema.into(), pid, executable: "/srv/shop".into(), ..Header::default() };
    let mut bytes = Vec::new();
    wire::encode_header(&header, &mut bytes);
    bytes
}

fn side(role: Role, operation: Operation, line: u32) -> Side {
    Side {
        role,
        operation,
        actor: Actor { kind: ActorKind::Thread, name: "settle".into(), ..Actor::default() },
        site: Site { file: "src/orders.rs".into(), line, column: 5 },
        held_for: None,
        source: String::new(),
        stack: Stack::default(),
    }
}

#[derive(Clone, Copy, PartialEq)]
enum Ends {
    InOrder,
    Not,
}

/// A session; with `conflicts` of them, all the same finding.
fn session(pid: u32, conflicts: u64, ends: Ends) -> Vec<u8> {
    let mut bytes = header(&Schema::CURRENT.to_string(), pid);
    let mut seq = 0;
    let mut event = |event: Event| {
        seq += 1;
        wire::encode_event(Seq(seq), Nanos(seq * 1_000_000), &event, &mut bytes);
    };
    let made = Site { file: "src/main.rs".into(), line: 21, column: 17 };
    event(Event::Site(SiteSeen { id: SiteId(1), site: made.clone() }));
    let type_name = "HashMap<u64, Order>".to_owned();
    event(Event::MapMade(MapMade {
        id: MapId(1),
        kind: MapKind::HashMap,
        name: "orders".into(),
        type_name: type_name.clone(),
        entry_bytes: None,
        made: SiteId(1),
    }));
    for id in 1..=conflicts {
        let category = Category::ConcurrentWrites;
        event(Event::Conflict(Box::new(Conflict {
            id: ConflictId(id),
            category,
            grade: category.grade(),
            at: Nanos(id * 1_000_000),
            map: MapFacts {
                id: MapId(1),
                kind: MapKind::HashMap,
                name: "orders".into(),
                type_name: type_name.clone(),
                made: made.clone(),
                length: Some(3),
            },
            sides: vec![
                side(Role::Holder, Operation::Remove, 41),
                side(Role::Attempt, Operation::Insert, 88),
            ],
            cause: "two threads wrote".into(),
            cure: category.cure().into(),
            history: Vec::new(),
            context: Vec::new(),
            outcome: Outcome::Panicked,
        })));
    }
    if ends == Ends::InOrder {
        event(Event::End(End { reason: EndReason::Exit }));
    }
    bytes
}

/// Not a test: what `mapview run` starts in the tests below.
#[test]
#[ignore = "the child of other tests"]
fn fake_process() {
    let role = std::env::var(ROLE).unwrap_or_default();
    let pid = std::process::id();
    let connect = || UnixStream::connect(std::env::var_os("MAPWATCH_CONNECT").unwrap()).unwrap();
    match role.as_str() {
        "quiet" => connect().write_all(&session(pid, 0, Ends::InOrder)).unwrap(),
        "conflict" => connect().write_all(&session(pid, 2, Ends::InOrder)).unwrap(),
        "killed" => {
            connect().write_all(&session(pid, 1, Ends::Not)).unwrap();
            std::process::abort();
        }
        "many" => std::thread::scope(|scope| {
            for pid in 1..=20 {
                scope.spawn(move || connect().write_all(&session(pid, 1, Ends::InOrder)).unwrap());
            }
        }),
        "grandchild" => {
            // It still holds its connection when the child has ended.
            let mut peer = connect();
            peer.write_all(&session(pid, 1, Ends::Not)).unwrap();
            let mut sleeper = Command::new("sleep");
            sleeper
                .arg("20")
                .stdin(Stdio::from(OwnedFd::from(peer)))
                .stdout(Stdio::null())
                .stderr(Stdio::null());
            sleeper.spawn().unwrap();
        }
        "policy" => {
            println!("the policy is {}", std::env::var("MAPWATCH").unwrap());
            connect().write_all(&session(pid, 0, Ends::InOrder)).unwrap();
        }
        "failing" => {
            connect().write_all(&session(pid, 1, Ends::InOrder)).unwrap();
            std::process::exit(7);
        }
        _ => {}
    }
}

#[test]
fn a_recording_is_reported_with_both_sides() {
    let desk = Desk::new();
    let file = desk.file("run.jsonl", &session(7, 3, Ends::InOrder));
    let output = desk.mapview(&["open", file.to_str().unwrap()]);
    assert_eq!(code(&output), 1, "{}", err(&output));
    let text = out(&output);
    assert!(text.starts_with("mapview: 1 finding (1 certain) in 1 map of 1 process\n"), "{text}");
    assert!(text.contains("src/orders.rs:41:5") && text.contains("src/orders.rs:88:5"), "{text}");
    assert!(text.contains("3 times, first at 0.001s, last at 0.003s; panicked"), "{text}");
}

#[test]
fn nothing_found_is_zero_and_says_in_what() {
    let desk = Desk::new();
    let file = desk.file("run.jsonl", &session(7, 0, Ends::InOrder));
    let output = desk.mapview(&["open", "--report", file.to_str().unwrap()]);
    assert_eq!(
        (code(&output), out(&output).lines().next()),
        (0, Some("mapview: nothing found in 1 map of 1 process"))
    );
}

#[test]
fn several_files_and_several_sessions_in_one_are_one_report() {
    let desk = Desk::new();
    let mut two = session(1, 1, Ends::Not);
    two.extend(session(2, 1, Ends::InOrder));
    let first = desk.file("a.jsonl", &two);
    let second = desk.file("b.jsonl", &session(3, 1, Ends::InOrder));
    let output = desk.mapview(&["open", "--json", first.to_str().unwrap(), second.to_str().unwrap()]);
    assert_eq!(code(&output), 1);
    let report = json(&output);
    let pids: Vec<u64> =
        report["processes"].as_array().unwrap().iter().map(|p| p["pid"].as_u64().unwrap()).collect();
    assert_eq!(pids, [1, 2, 3]);
    assert_eq!(report["findings"].as_array().unwrap().len(), 1);
    assert_eq!(report["findings"][0]["count"], 3);
    assert_eq!(report["processes"][0]["ended_early"], true);
}

#[test]
fn a_report_goes_to_a_file_when_asked() {
    let desk = Desk::new();
    let file = desk.file("run.jsonl", &session(7, 1, Ends::InOrder));
    let report = desk.path("report.json");
    let output = desk.mapview(&["open", "--json", "-o", report.to_str().unwrap(), file.to_str().unwrap()]);
    assert_eq!((code(&output), out(&output)), (1, String::new()));
    let written: Value = std::fs::read_to_string(report).unwrap().parse().unwrap();
    assert_eq!(written["findings"][0]["category"], "concurrent-writes");
    let nowhere = desk.path("no/such/folder/report");
    let output = desk.mapview(&["open", "-o", nowhere.to_str().unwrap(), file.to_str().unwrap()]);
    assert_eq!(code(&output), 2);
    assert!(err(&output).contains("the report could not be written to"), "{}", err(&output));
}

#[test]
fn what_is_no_recording_is_two_and_one_sentence() {
    let desk = Desk::new();
    let check = |bytes: &[u8], expected: &str| {
        let file = desk.file("x", bytes);
        let output = desk.mapview(&["open", file.to_str().unwrap()]);
        assert_eq!((code(&output), out(&output)), (2, String::new()));
        let said = err(&output);
        assert!(said.lines().count() == 1 && said.contains(expected), "{said}");
    };
    check(b"", "is empty");
    check(b"\x7fELF\x02\x01\x01\0\0\0\0\xff\xfe", "is not a recording of mapwatch");
    check(&[0; 200_000], "is not a recording of mapwatch");
    check("a log line\n".repeat(1000).as_bytes(), "is not a recording of mapwatch");
    check(&header("2.0", 7), "written with schema 2.0, this mapview reads 1.x: a newer mapview is needed");
    let output = desk.mapview(&["open", "/no/such/file"]);
    assert_eq!(code(&output), 2);
    assert!(err(&output).contains("/no/such/file: No such file"), "{}", err(&output));
}

#[test]
fn a_cut_recording_is_read_up_to_the_cut() {
    let desk = Desk::new();
    let mut bytes = session(7, 2, Ends::Not);
    bytes.truncate(bytes.len() - 30);
    let file = desk.file("cut.jsonl", &bytes);
    let output = desk.mapview(&["open", file.to_str().unwrap()]);
    assert_eq!(code(&output), 1);
    let text = out(&output);
    assert!(
        text.contains("the recording ends early") && text.contains("cut.jsonl:5: the line is cut"),
        "{text}"
    );
    assert!(text.contains("once, at 0.001s"), "{text}");
}

#[test]
fn a_program_is_run_and_its_conflicts_are_found() {
    let desk = Desk::new();
    let output = desk.run(&[], "conflict");
    assert_eq!(code(&output), 1, "{}", err(&output));
    assert!(out(&output).contains("2 times"), "{}", out(&output));
    assert!(err(&output).contains("running 1 test"), "the program's output is on standard error");
    assert_eq!(std::fs::read_dir(desk.sockets()).unwrap().count(), 0, "the socket is left behind");
    assert_eq!(code(&desk.run(&["--report"], "quiet")), 0);
}

#[test]
fn many_processes_at_once_are_all_heard() {
    let report = json(&Desk::new().run(&["--json"], "many"));
    assert_eq!(report["processes"].as_array().unwrap().len(), 20);
    assert_eq!(report["findings"][0]["count"], 20);
}

#[test]
fn a_killed_program_is_said_to_be_killed() {
    let output = Desk::new().run(&[], "killed");
    assert_eq!(code(&output), 1);
    let text = out(&output);
    assert!(text.contains("it was killed, or it crashed") && text.contains("was ended by SIGABRT"), "{text}");
}

#[test]
fn a_grandchild_that_stays_does_not_hold_up_the_report() {
    let output = Desk::new().run(&[], "grandchild");
    assert_eq!(code(&output), 1, "{}", err(&output));
    assert!(out(&output).contains("running for"), "its end was waited for: {}", out(&output));
}

#[test]
fn the_policy_is_set_unless_it_is_set() {
    let desk = Desk::new();
    assert!(err(&desk.run(&[], "policy")).contains("the policy is panic"));
    let me = std::env::current_exe().unwrap();
    let arguments =
        ["run", "--", me.to_str().unwrap(), "--exact", "fake_process", "--ignored", "--nocapture"];
    let output = desk.command(&arguments).env(ROLE, "policy").env("MAPWATCH", "report").output().unwrap();
    assert!(err(&output).contains("the policy is report"), "{}", err(&output));
}

#[test]
fn exit_codes_are_ours_or_the_childs() {
    let desk = Desk::new();
    assert_eq!(code(&desk.run(&[], "failing")), 1);
    assert_eq!(code(&desk.run(&["--exit-code", "child"], "failing")), 7);
    assert_eq!(code(&desk.run(&["--exit-code", "child"], "killed")), 128 + 6);
}

#[test]
fn who_cannot_be_looked_at_is_two() {
    let desk = Desk::new();
    let output = desk.mapview(&["run", "--", "true"]);
    assert_eq!(code(&output), 2);
    assert!(out(&output).contains("could not look: true ended with exit code 0"), "{}", out(&output));
    let output = desk.mapview(&["run", "--", "/no/such/program"]);
    assert_eq!(code(&output), 2);
    assert!(err(&output).contains("could not start `/no/such/program`"), "{}", err(&output));
    let output = desk.mapview(&["attach"]);
    assert_eq!(code(&output), 2);
    assert!(err(&output).contains("no program can be watched"), "{}", err(&output));
    assert_eq!(code(&desk.mapview(&["no-such-command"])), 2);
}

/// Listens as a watched process does, and sends its session to everybody who connects, `times` times.
fn listen(path: &Path, pid: u32, times: usize) -> std::thread::JoinHandle<()> {
    let listener = UnixListener::bind(path).unwrap();
    std::thread::spawn(move || {
        for _ in 0..times {
            let (mut peer, _) = listener.accept().unwrap();
            // A listing hangs up after the header.
            let _ = peer.write_all(&session(pid, 1, Ends::InOrder));
        }
    })
}

#[test]
fn programs_are_listed_and_attached_to() {
    let desk = Desk::new();
    let sockets = desk.sockets();
    drop(UnixListener::bind(sockets.join("99.sock")).unwrap());
    let program = listen(&sockets.join("4711.sock"), 4711, 7);
    let listed = out(&desk.mapview(&["ps"]));
    assert!(listed.contains("4711") && listed.contains("shop"), "{listed}");
    assert!(listed.lines().any(|line| line.contains("99") && line.contains("stale")), "{listed}");
    let listed = json(&desk.mapview(&["ps", "--json"]));
    assert_eq!(
        (listed["processes"][0]["state"].as_str(), listed["processes"][1]["pid"].as_u64()),
        (Some("stale"), Some(4711))
    );
    // Each attaching looks at the list first: two connections.
    for arguments in [&["attach"][..], &["attach", "4711"]] {
        let output = desk.mapview(arguments);
        assert_eq!(code(&output), 1, "{}", err(&output));
        assert!(out(&output).contains("src/orders.rs:88:5"), "{}", out(&output));
    }
    let output = desk.mapview(&["attach", "no-such-name"]);
    assert!(
        code(&output) == 2 && err(&output).contains("no program named `no-such-name`"),
        "{}",
        err(&output)
    );
    program.join().unwrap();
    assert!(sockets.join("99.sock").exists(), "listing removes nothing");
    let output = desk.mapview(&["attach", "99"]);
    assert!(code(&output) == 2 && err(&output).contains("process 99 has ended"), "{}", err(&output));
}

#[test]
fn strangers_are_listed_and_nobody_attaches_to_them() {
    let desk = Desk::new();
    let sockets = desk.sockets();
    let listener = UnixListener::bind(sockets.join("77.sock")).unwrap();
    // An endless line, to whoever comes, until each hangs up.
    std::thread::spawn(move || {
        for mut peer in listener.incoming().flatten() {
            while peer.write_all(&[b'x'; 4096]).is_ok() {}
        }
    });
    let listed = out(&desk.mapview(&["ps"]));
    assert!(listed.contains("77") && listed.contains("(what it sends is no session)"), "{listed}");
    let output = desk.mapview(&["attach", "77"]);
    assert!(code(&output) == 2 && err(&output).contains("what it sends is no session"), "{}", err(&output));
    let output = desk.mapview(&["attach"]);
    assert!(code(&output) == 2 && err(&output).contains("no program can be watched"), "{}", err(&output));
    // A program beside it is the only one, and is taken without a word.
    let program = listen(&sockets.join("1.sock"), 1, 2);
    let output = desk.mapview(&["attach", "--json"]);
    assert!(code(&output) < 2, "{}", err(&output));
    program.join().unwrap();
}

#[test]
fn two_programs_want_a_name() {
    let desk = Desk::new();
    let sockets = desk.sockets();
    let programs = [listen(&sockets.join("1.sock"), 1, 1), listen(&sockets.join("2.sock"), 2, 1)];
    let output = desk.mapview(&["attach"]);
    assert_eq!(code(&output), 2);
    let said = err(&output);
    assert!(said.contains("2 programs can be watched; say which") && said.contains("shop"), "{said}");
    programs.into_iter().for_each(|program| program.join().unwrap());
}

#[test]
fn a_run_is_recorded_listed_opened_named_and_removed() {
    let desk = Desk::new();
    let ran = desk.run(&["--json"], "conflict");
    let list = json(&desk.mapview(&["sessions", "--json"]));
    let run = &list["runs"][0];
    assert_eq!(run["files"].as_array().unwrap().len(), 2, "{run}: the program and one process");
    assert!(run["verdict"].as_str().unwrap().contains("1 finding"), "{run}");
    let opened = desk.mapview(&["open", "--json", "1"]);
    assert_eq!(code(&opened), 1);
    assert_eq!(json(&opened)["findings"], json(&ran)["findings"]);
    assert_eq!(code(&desk.mapview(&["sessions", "name", "1", "before"])), 0);
    assert_eq!(code(&desk.mapview(&["sessions", "prune", "--keep", "0"])), 0);
    assert!(out(&desk.mapview(&["sessions"])).contains("before"), "a named run is kept");
    assert_eq!(code(&desk.mapview(&["open", "--report", "before"])), 1);
    assert_eq!(code(&desk.mapview(&["sessions", "remove", "before"])), 0);
    assert!(out(&desk.mapview(&["sessions"])).contains("no recorded runs"));
    let gone = desk.mapview(&["open", "before"]);
    assert_eq!(code(&gone), 2);
    assert!(err(&gone).contains("no recorded run is called `before`"), "{}", err(&gone));
}

#[test]
fn nothing_is_recorded_when_the_user_says_so() {
    let desk = Desk::new();
    desk.run(&["--json", "--no-record"], "conflict");
    assert!(!desk.path("state").exists());
}

/// A log with a cause, two that follow from it, and a panic in somebody's prose.
const LOG: &str = "INFO the worker panicked at night, nobody knows why\n\
    thread 'w' panicked at src/m.rs:3:5:\nindex out of bounds: the len is 0 but the index is 3\n\n\
    thread 'a' panicked at src/m.rs:9:5:\ncalled `Result::unwrap()` on an `Err` value: PoisonError { .. }\n\n\
    thread 'b' panicked at src/m.rs:9:5:\ncalled `Result::unwrap()` on an `Err` value: PoisonError { .. }\n";

#[test]
fn triage_tells_causes_by_its_exit_code_and_its_keys() {
    let desk = Desk::new();
    let log = desk.file("app.log", LOG.as_bytes());
    let output = desk.mapview(&["triage", log.to_str().unwrap(), "/nowhere", "--json"]);
    assert_eq!(code(&output), 1);
    let report: Value = serde_json::from_str(&out(&output)).unwrap();
    for key in ["schema", "findings", "groups", "tasks", "unread", "lost"] {
        assert!(report.get(key).is_some(), "{key}");
    }
    let groups = report["groups"].as_array().unwrap();
    assert_eq!(groups.len(), 1, "{report}");
    assert_eq!((&groups[0]["count"], &groups[0]["secondary"]), (&Value::from(1), &Value::from(2)));
    assert_eq!(groups[0]["category"], "index-out-of-bounds");
    assert_eq!(groups[0]["location"], "src/m.rs:3:5");
    assert_eq!(report["unread"][0]["place"], "/nowhere");

    let quiet = desk.file("quiet.log", b"INFO all is well\n");
    assert_eq!(code(&desk.mapview(&["triage", quiet.to_str().unwrap()])), 0);
    assert_eq!(code(&desk.mapview(&["triage", "/nowhere"])), 2);
    assert_eq!(code(&desk.mapview(&["triage", "--category", "oom", log.to_str().unwrap()])), 0);
}

#[test]
fn a_program_is_no_log_and_leaves_nothing_behind() {
    let desk = Desk::new();
    let me = env!("CARGO_BIN_EXE_mapview");
    let output = desk.mapview(&["triage", me]);
    assert_eq!(code(&output), 2);
    assert_eq!(out(&output), format!("no input could be read\n{me}: a program, no log; skipped\n"));
    assert!(!desk.path("state/mapview/triage.db").exists());
    assert_eq!(code(&desk.mapview(&["triage", "--json", me])), 2);

    // Beside a log it is told, and the log is read; what the log says has no control characters.
    let log = desk.file("app.log", b"thread 'w' panicked at src/m.rs:3:5:\nthe bell \x07 and a \x0b tab\n");
    let output = desk.mapview(&["triage", me, log.to_str().unwrap()]);
    assert_eq!(code(&output), 1);
    let text = out(&output);
    assert!(text.starts_with("1 bug, 1 report in 1 input"), "{text}");
    assert!(text.contains("a program, no log; skipped"), "{text}");
    assert!(text.contains("the bell ␇ and a ␋ tab") && !text.contains(['\x07', '\x0b']), "{text}");

    let followed = desk.command(&["triage", "--follow"]).stdin(std::fs::File::open(me).unwrap()).output();
    assert_eq!(code(&followed.unwrap()), 2);
}

#[test]
fn triage_follows_an_input_and_calls_for_an_alarm() {
    let desk = Desk::new();
    let called = desk.path("called");
    let hook = format!("echo $MAPVIEW_ALARM >> {}", called.display());
    let mut command = desk.command(&["triage", "--follow", "--on-alarm", &hook]);
    let mut child =
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let mut input = child.stdin.take().unwrap();
    for second in 10..20 {
        let stamp = format!("2026-11-23T15:00:{second}Z");
        writeln!(input, "[{stamp} ERROR a] thread 'w' panicked at 'attempt to divide by zero': src/m.rs:3")
            .unwrap();
    }
    drop(input);
    let output = child.wait_with_output().unwrap();
    assert_eq!(code(&output), 1);
    assert!(out(&output).starts_with("1 bug, 10 reports"), "{}", out(&output));
    assert_eq!(std::fs::read_to_string(called).unwrap(), "rate\n");
}

#[test]
fn triage_remembers_and_leads_to_the_commit() {
    let desk = Desk::new();
    let log = desk.file("app.log", LOG.as_bytes());
    let root = desk.path("checkout");
    std::fs::create_dir_all(root.join("src")).unwrap();
    std::fs::write(root.join("src/m.rs"), "fn f() {\n    let rows = rows();\n    rows[3];\n}\n").unwrap();
    let git = |arguments: &[&str]| {
        let identity = ["-c", "user.name=Ada", "-c", "user.email=ada@example.org"];
        Command::new("git")
            .arg("-C")
            .arg(&root)
            .args(identity)
            .args(arguments)
            .output()
            .is_ok_and(|done| done.status.success())
    };
    let has_git =
        git(&["init", "-q"]) && git(&["add", "."]) && git(&["commit", "-q", "-m", "Index the rows"]);
    let triage =
        || desk.mapview(&["triage", "--json", "--repo", root.to_str().unwrap(), log.to_str().unwrap()]);
    for _ in 0..2 {
        let report: Value = serde_json::from_str(&out(&triage())).unwrap();
        let group = &report["groups"][0];
        assert_eq!((&group["state"], &group["known"]["count"]), (&Value::from("new"), &Value::from(1)));
        assert_eq!(group["suspects"][0]["source"], "rows[3];");
        if has_git {
            assert_eq!(group["suspects"][0]["title"], "Index the rows");
        }
    }
    let report: Value = serde_json::from_str(&out(&triage())).unwrap();
    let print = report["groups"][0]["fingerprint"].as_str().unwrap();
    assert_eq!(code(&desk.mapview(&["triage", "--resolve", print])), 0);
    let text = out(&desk.mapview(&["triage", log.to_str().unwrap()]));
    assert!(text.contains("resolved, 1 in all inputs, first read by a run at "), "{text}");
    let place = format!("remembered in {} (--no-history", desk.path("state/mapview/triage.db").display());
    assert!(text.contains(&place), "{text}");
    let forgetful = out(&desk.mapview(&["triage", "--no-history", log.to_str().unwrap()]));
    assert!(!forgetful.contains("remembered") && !forgetful.contains("in all inputs"), "{forgetful}");
    assert_eq!(code(&desk.mapview(&["triage", "--resolve", "0"])), 2);
    assert_eq!(code(&desk.mapview(&["triage", "--ignore", print])), 0);
    let ignored = desk.mapview(&["triage", log.to_str().unwrap()]);
    assert!(out(&ignored).contains("ignored, 1 in all inputs, "), "{}", out(&ignored));
    assert_eq!(code(&ignored), 0);
    assert_eq!(code(&desk.mapview(&["triage", "--reopen", print])), 0);
    assert_eq!(code(&desk.mapview(&["triage", log.to_str().unwrap()])), 1);
    assert_eq!(code(&desk.mapview(&["triage", "--tui", log.to_str().unwrap()])), 2);
}

#[test]
fn a_full_disk_costs_the_history_and_not_the_report() {
    let desk = Desk::new();
    let log = desk.file("app.log", LOG.as_bytes());
    // No file may grow: what the history writes is refused as a full disk would.
    let shell = format!(
        "trap '' XFSZ; ulimit -f 0; exec {} triage {} --db {}",
        env!("CARGO_BIN_EXE_mapview"),
        log.display(),
        desk.path("triage.db").display()
    );
    let output = Command::new("sh").args(["-c", &shell]).output().unwrap();
    assert_eq!(code(&output), 1);
    assert!(out(&output).starts_with("1 bug"), "{}", out(&output));
    let told = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(told.contains("could not use the history"), "{told}");
}

#[test]
fn several_programs_are_one_view_and_one_recording() {
    let desk = Desk::new();
    let sockets = desk.sockets();
    let programs = [listen(&sockets.join("1.sock"), 1, 2), listen(&sockets.join("2.sock"), 2, 2)];
    let output = desk.mapview(&["attach", "--json", "1", "2", "1"]);
    assert_eq!(code(&output), 1, "{}", err(&output));
    let report = json(&output);
    assert_eq!(report["processes"].as_array().unwrap().len(), 2);
    assert_eq!(report["findings"][0]["count"], 2, "the same finding in both");
    programs.into_iter().for_each(|program| program.join().unwrap());
    let opened = json(&desk.mapview(&["open", "--json", "1"]));
    assert_eq!(opened["processes"].as_array().unwrap().len(), 2);
}

#[test]
fn those_who_come_later_are_watched_too() {
    let desk = Desk::new();
    let sockets = desk.sockets();
    let first = listen(&sockets.join("1.sock"), 1, 2);
    let mut viewer = desk.command(&["attach", "--all", "--json", "shop"]);
    viewer.stdout(Stdio::piped()).stderr(Stdio::piped());
    let viewer = viewer.spawn().unwrap();
    // The first has been asked for its header and been read: the viewer watches.
    first.join().unwrap();
    listen(&sockets.join("2.sock"), 2, 2).join().unwrap();
    // The directory is looked at in turns: whoever came in an earlier one has been heard when this one is.
    listen(&sockets.join("3.sock"), 3, 2).join().unwrap();
    let pid = viewer.id().to_string();
    assert!(Command::new("kill").args(["-INT", &pid]).status().unwrap().success());
    let report = json(&viewer.wait_with_output().unwrap());
    assert!(report["processes"].as_array().unwrap().len() >= 2, "{report}");
}
