//! Every way in which a task can end is told by its name, and a panic with what its task was doing.

use crate::program::{command, conflicts, lines, Scratch};
use mapwatch_event::task::{GivenUp, TaskEnded, TaskSpawned};
use mapwatch_event::wire::Line;
use mapwatch_event::{CancelKind, Ending, Event, Panic, SiteId, TaskKind, Through};
use std::collections::HashMap;

/// What the program's recording says of one run.
struct Lives {
    spawned: Vec<TaskSpawned>,
    ended: Vec<TaskEnded>,
    panics: Vec<Panic>,
    sites: HashMap<SiteId, (String, u32)>,
}

fn run(name: &str) -> Lives {
    run_of(env!("CARGO_BIN_EXE_lives"), name)
}

fn run_of(program: &str, name: &str) -> Lives {
    let recording = Scratch::new(name);
    let mut program = command(program);
    let output = program.env("MAPWATCH_OUT", &recording.0).output().unwrap();
    assert!(output.status.success(), "{output:?}");
    let mut lives =
        Lives { spawned: Vec::new(), ended: Vec::new(), panics: Vec::new(), sites: HashMap::new() };
    for line in lines(&recording.0) {
        let Line::Event { event, .. } = line else { continue };
        match event {
            Event::TaskSpawned(task) => lives.spawned.push(task),
            Event::TaskEnded(task) => lives.ended.push(task),
            Event::Panic(panic) => lives.panics.push(*panic),
            Event::Site(seen) => {
                lives.sites.insert(seen.id, (seen.site.file, seen.site.line));
            }
            _ => {}
        }
    }
    lives
}

impl Lives {
    fn spawned(&self, name: &str) -> &TaskSpawned {
        let mut found = self.spawned.iter().filter(|task| task.name == name);
        let task = found.next().unwrap_or_else(|| panic!("{name} was not told"));
        assert!(found.next().is_none(), "{name} was told twice");
        task
    }

    fn ended(&self, name: &str) -> &TaskEnded {
        let id = self.spawned(name).id;
        let mut found = self.ended.iter().filter(|task| task.id == id);
        let task = found.next().unwrap_or_else(|| panic!("{name} was not told to end"));
        assert!(found.next().is_none(), "{name} ended twice");
        task
    }

    fn cancelled(&self, name: &str) -> (CancelKind, Option<u32>) {
        let ended = self.ended(name);
        let cancelled = ended.cancelled.as_ref().unwrap_or_else(|| panic!("{ended:?}"));
        (cancelled.kind, cancelled.site.and_then(|site| Some(self.sites.get(&site)?.1)))
    }
}

/// The line of the program that carries a mark.
fn line(mark: &str) -> Option<u32> {
    let source = include_str!("../programs/lives.rs");
    source.lines().position(|line| line.ends_with(&format!("// {mark}"))).map(|index| index as u32 + 1)
}

#[test]
fn each_ending_has_its_name() {
    let lives = run("lives");
    let endings = [
        ("completes", Ending::Completed),
        ("panics", Ending::Panicked),
        ("request 42", Ending::Panicked),
        ("aborted", Ending::Cancelled),
        ("times-out", Ending::Cancelled),
        ("loses", Ending::Cancelled),
        ("never-polled", Ending::NeverPolled),
        ("leaks", Ending::Leaked),
        ("in-a-set", Ending::Cancelled),
        ("blocks", Ending::Completed),
        ("scope", Ending::Completed),
        ("shut-down", Ending::Cancelled),
        ("stranded", Ending::Leaked),
        ("thread", Ending::Completed),
        ("thread-panics", Ending::Panicked),
    ];
    for (name, ending) in endings {
        assert_eq!(lives.ended(name).ending, ending, "{name}");
    }
    assert_eq!(lives.cancelled("aborted"), (CancelKind::Abort, line("ABORT")));
    assert_eq!(lives.cancelled("times-out").0, CancelKind::Timeout);
    // What drops the losers of a `select!` is told by names that line tables alone do not have.
    if cfg!(debug_assertions) {
        assert_eq!(lives.cancelled("loses").0, CancelKind::Select);
    }
    assert_eq!(lives.cancelled("shut-down").0, CancelKind::Shutdown);
    assert_eq!(lives.ended("completes").polls.count, 2);
    assert_eq!(lives.ended("never-polled").polls.count, 0);
}

#[test]
fn an_abort_says_what_it_was_called_through() {
    let lives = run("through");
    let through = |lives: &Lives, through| {
        let called =
            |task: &&TaskEnded| task.cancelled.as_ref().is_some_and(|by| by.through == Some(through));
        lives.ended.iter().filter(called).map(|task| task.id).collect::<Vec<_>>()
    };
    assert!(through(&lives, Through::Handle).contains(&lives.spawned("aborted").id));
    assert_eq!(through(&lives, Through::Drop).len(), 1);
    assert_eq!(through(&lives, Through::AbortAll), []);
    let lives = run_of(env!("CARGO_BIN_EXE_lives_after_abort"), "through-a-set");
    assert!(through(&lives, Through::Handle).contains(&lives.spawned("blocks").id));
    // The work that ran, the work that had not begun, and the task.
    assert_eq!(through(&lives, Through::AbortAll).len(), 3);
    assert_eq!(through(&lives, Through::Shutdown).len(), 1);
    assert_eq!(through(&lives, Through::Drop), []);
}

#[test]
fn what_is_dropped_says_what_it_waited_for_and_what_it_gave_back() {
    let lives = run("gives-up");
    let ended = lives.ended("gives-up");
    let line_of = |given_up: &[GivenUp]| match given_up {
        [one] => lives.sites.get(&one.site).map(|site| site.1),
        _ => panic!("{ended:?}"),
    };
    assert_eq!(
        (ended.ending, ended.cancelled.as_ref().map(|by| by.kind)),
        (Ending::Cancelled, Some(CancelKind::Abort))
    );
    assert_eq!((line_of(&ended.waited), line_of(&ended.gave_back)), (line("WANTED"), line("HELD")));
    assert_eq!(ended.holding, [ended.gave_back[0].map]);
    // Whoever waited for nothing, or went to its end, has nothing to give up.
    for name in ["aborted", "times-out", "completes", "panics"] {
        let ended = lives.ended(name);
        assert!(ended.waited.is_empty() && ended.gave_back.is_empty(), "{ended:?}");
    }
}

#[test]
fn a_life_says_what_it_is_and_whose() {
    let lives = run("kinds");
    let kinds = [
        ("completes", TaskKind::Future),
        ("blocks", TaskKind::Blocking),
        ("thread", TaskKind::Thread),
        ("request 42", TaskKind::Scope),
    ];
    for (name, kind) in kinds {
        assert_eq!(lives.spawned(name).kind, kind, "{name}");
    }
    let task = lives.spawned("completes");
    assert!(task.runtime_id.is_some() && task.parent.is_some());
    assert!(lives.sites[&task.site].0.ends_with("lives.rs"));
    // Its threads are announced as lives, and end once.
    assert_eq!(lives.spawned("thread").id.0 >> 48, 0);
}

#[test]
fn a_panic_tells_its_task_its_scope_and_what_it_held() {
    let lives = run("panics");
    assert_eq!(lives.panics.len(), 2, "{:?}", lives.panics);
    let panic = &lives.panics[0];
    assert_eq!(panic.actor.id, lives.spawned("panics").id);
    assert_eq!(panic.actor.name, "panics");
    assert_eq!(panic.scopes.last().unwrap().name, "request 42");
    assert!(panic.message.contains("the shelf is wrong"), "{}", panic.message);
    assert!(panic.location.file.ends_with("lives.rs"));
    assert_eq!(panic.held.len(), 1);
    assert_eq!(panic.held[0].title, "shelf");
    assert!(panic.operations.iter().any(|past| past.title == "shelf"), "{:?}", panic.operations);
    assert!(panic.stack.frames.iter().any(|frame| frame.user), "{:?}", panic.stack);
    assert_eq!((lives.panics[1].actor.name.as_str(), panic.conflict), ("thread-panics", None));
}

#[test]
fn what_several_have_to_say_at_the_end_is_all_told() {
    let recording = Scratch::new("last-words");
    let mut program = command(env!("CARGO_BIN_EXE_last_words"));
    let output = program.env("MAPWATCH_OUT", &recording.0).output().unwrap();
    assert!(output.status.success(), "{output:?}");
    let mut told: Vec<_> = conflicts(&recording.0).iter().map(|conflict| conflict.category.code()).collect();
    told.sort_unstable();
    // A build with line tables alone has no names by which a dropped future is known.
    let dropped: &[&str] = if cfg!(debug_assertions) { &["leaked-entry"] } else { &[] };
    assert_eq!(told, [&["access-after-cancel"], dropped].concat(), "{output:?}");
}
