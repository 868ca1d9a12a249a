//! The history counts each input once, whatever it is called, and stays whole.

use mapwatch_triage::history::{History, State, Trouble};
use mapwatch_triage::{Summary, Triage};
use std::path::{Path, PathBuf};

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
