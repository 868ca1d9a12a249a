//! The history counts each input once, whatever it is called, and stays whole, even where a run is killed.

use mapwatch_triage::history::{History, Trouble};
use mapwatch_triage::summary::State;
use mapwatch_triage::{Summary, Triage};
use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// Microseconds of a day long after everything in these logs.
const NOW: i64 = 1_900_000_000_000_000;

fn panic(day: u32, minute: u32) -> String {
    format!("[2026-11-{day:02}T15:{minute:02}:00Z ERROR a] thread 'w' panicked at 'boom': src/m.rs:3\n")
}

fn read(name: &str, text: &str) -> Summary {
    let mut triage = Triage::new().workers(1);
    triage.read_bytes(name, text.as_bytes());
    triage.finish()
}

/// A database in a folder of its own, which the operating system's temporary folder holds.
struct Desk(PathBuf);

impl Desk {
    fn new(name: &str) -> Desk {
        let folder = std::env::temp_dir().join(format!("mapwatch-history-{name}-{}", std::process::id()));
        let _ = std::fs::remove_dir_all(&folder);
        std::fs::create_dir_all(&folder).expect("a folder");
        Desk(folder)
    }

    fn db(&self) -> PathBuf {
        self.0.join("triage.db")
    }

    /// State and count of the only group after a run.
    fn run(&self, name: &str, text: &str) -> (State, u64) {
        let mut summary = read(name, text);
        History::open(&self.db())
            .and_then(|mut history| history.record(&mut summary, NOW))
            .expect("recorded");
        assert_eq!(summary.known.len(), 1);
        summary.known.values().next().map(|known| (known.state, known.count)).expect("known")
    }
}

impl Drop for Desk {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

#[test]
fn an_input_counts_once_under_every_name() {
    let desk = Desk::new("once");
    let short = panic(1, 0);
    let long = panic(1, 0) + &panic(1, 9);
    assert_eq!(desk.run("app.log", &short), (State::New, 1));
    assert_eq!(desk.run("app.log", &short), (State::New, 1));
    // It grew, was rotated, and is read again.
    assert_eq!(desk.run("app.log", &long), (State::Ongoing, 2));
    assert_eq!(desk.run("app.log.1", &long), (State::Ongoing, 2));
    assert_eq!(desk.run("app.log-20261123.gz", &long), (State::Ongoing, 2));
    // A replica began in the same second.
    assert_eq!(desk.run("other/app.log", &short), (State::Ongoing, 3));
    assert_eq!(desk.run("app.log", &panic(2, 0)), (State::Ongoing, 4));
}

#[test]
fn what_was_resolved_comes_back_as_regressed() {
    let desk = Desk::new("resolved");
    desk.run("a", &panic(1, 0));
    let print = read("a", &panic(1, 0)).groups[0].fingerprint.clone();
    let mut history = History::open(&desk.db()).expect("open");
    let day = 1_796_000_000_000_000;
    assert!(history.resolve(&print, day).expect("resolve"));
    assert!(!history.resolve("ffff", day).expect("resolve"));
    assert!(history.note(&print, "see the runbook").expect("note"));
    assert_eq!(desk.run("a", &panic(1, 0)), (State::Resolved, 1));
    assert_eq!(desk.run("b", &panic(2, 0)), (State::Resolved, 2));
    assert_eq!(
        desk.run("c", "[2027-03-01T15:00:00Z ERROR a] thread 'w' panicked at 'boom': src/m.rs:3\n").0,
        State::Regressed
    );
}

#[test]
fn a_rate_above_its_own_past_escalates() {
    let desk = Desk::new("rate");
    let slow: String = (0..6).map(|day| panic(day + 1, 0)).collect();
    assert_eq!(desk.run("slow", &slow).0, State::New);
    // Never more than five a minute, and far more than one a day.
    let fast: String = (10..30).map(|minute| panic(7, minute)).collect();
    let mut summary = read("fast", &fast);
    History::open(&desk.db()).and_then(|mut history| history.record(&mut summary, NOW)).expect("recorded");
    assert_eq!(summary.known.values().next().map(|known| known.state), Some(State::Escalating));
    assert!(summary.alarms.iter().any(|alarm| alarm.text.contains("20 in")), "{:?}", summary.alarms);
}

#[test]
fn many_at_once_neither_lose_nor_repeat() {
    let desk = Desk::new("many");
    std::thread::scope(|scope| {
        for round in 0..8 {
            let desk = &desk;
            // Each input is read by two runs.
            scope.spawn(move || desk.run("x", &panic(1 + round / 2, 0)));
        }
    });
    assert_eq!(desk.run("x", &panic(1, 0)).1, 4);
}

#[test]
fn what_is_no_database_is_left_alone() {
    let desk = Desk::new("bad");
    std::fs::write(desk.db(), "a shopping list\n".repeat(100)).expect("written");
    assert!(matches!(History::open(&desk.db()), Err(Trouble::Database(_))));
    assert!(std::fs::read_to_string(desk.db()).is_ok_and(|text| text.starts_with("a shopping")));
    assert!(History::open(Path::new("/nowhere/at/all.db")).is_err());
}

/// Where the run that is to be killed keeps its database.
const VICTIM: &str = "MAPWATCH_TRIAGE_TEST_VICTIM";
/// Bugs of each input of the victim.
const BUGS: u32 = 200;

fn many_bugs(input: u32) -> Summary {
    let panic = |bug: u32| format!("thread 'w' panicked at src/m{bug}.rs:3:5:\nboom\n\n");
    read(&format!("input-{input}.log"), &(0..BUGS).map(panic).collect::<String>())
}

/// Records one input after the other and tells when each is in, until somebody kills it.
#[test]
fn a_run_that_is_killed_is_whole_or_was_not() {
    if let Some(db) = std::env::var_os(VICTIM) {
        victim(Path::new(&db));
    }
    let desk = Desk::new("killed");
    let mut told = 0_u32;
    for round in 0..12 {
        let mut child = Command::new(std::env::current_exe().expect("this test"))
            .args(["--exact", "history::a_run_that_is_killed_is_whole_or_was_not", "--nocapture"])
            .env(VICTIM, desk.db())
            .stdout(Stdio::piped())
            .spawn()
            .expect("the test itself runs");
        let lines = BufReader::new(child.stdout.take().expect("a pipe")).lines();
        let mut lines =
            lines.map_while(Result::ok).filter_map(|line| line.strip_prefix("in: ")?.parse().ok());
        // The kill comes while the next one is under way, wherever that is by then.
        told = lines.nth(round % 4).expect("it tells what is in");
        child.kill().expect("it runs");
        child.wait().expect("it was ours");
        whole(&desk.db(), told);
    }
    assert!(told >= 12);
    // What was lost is added by the next run, once.
    let mut last = many_bugs(told + 1);
    let mut history = History::open(&desk.db()).expect("open");
    history.record(&mut last, NOW).expect("recorded");
    history.record(&mut last, NOW).expect("recorded");
    assert_eq!(last.known.len(), BUGS as usize);
    let counts: Vec<u64> = last.known.values().map(|known| known.count).collect();
    assert!(counts.iter().all(|count| *count == counts[0] && *count > u64::from(told)), "{counts:?}");
}

#[allow(clippy::print_stdout, reason = "it is how the parent learns what is in")]
fn victim(db: &Path) -> ! {
    let mut history = History::open(db).expect("open");
    let known = rusqlite::Connection::open(db).expect("open");
    let inputs: u32 = known
        .query_row("SELECT count(DISTINCT input) FROM sightings", [], |row| row.get(0))
        .expect("a table");
    for input in inputs + 1.. {
        history.record(&mut many_bugs(input), NOW).expect("recorded");
        println!("in: {input}");
    }
    unreachable!("it is killed before it runs out of numbers")
}

/// Every input is in with all its bugs or with none, and those that were told are.
fn whole(db: &Path, told: u32) {
    let db = rusqlite::Connection::open(db).expect("open");
    let checked: String = db.query_row("PRAGMA integrity_check", [], |row| row.get(0)).expect("a check");
    assert_eq!(checked, "ok");
    let text =
        "SELECT count(*), min(bugs), max(bugs) FROM (SELECT count(*) AS bugs FROM sightings GROUP BY input)";
    let (inputs, least, most): (u32, u32, u32) =
        db.query_row(text, [], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?))).expect("a table");
    assert_eq!((least, most), (BUGS, BUGS));
    assert!(inputs >= told, "{inputs} of {told}");
}
