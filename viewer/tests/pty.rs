//! The real binary on a real terminal: keys, paste, mouse, resizing, signals, a terminal that vanishes, a program that
//! dies, a viewer that panics.
//!
//! A pseudo terminal is the screen, `vt100` reads it as a terminal would. Nothing waits for time to pass: every
//! step waits for what the screen has to show, with a limit only so that a failure ends. `pty/habits.rs` has what
//! makes a viewer pleasant: menus, marks, pausing, colours, what is kept between runs.
#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, reason = "a test without its terminal has failed")]

mod pty {
    mod habits;
}

use mapview::model::Model;
use mapview::runner;
use mapview::source::Feed;
use mapwatch_event::event::{ActorSeen, MapMade, SiteSeen};
use mapwatch_event::wire::{self, Schema};
use mapwatch_event::{ActorId, ActorKind, Event, Header, MapId, MapKind, Nanos, Seq, Site, SiteId};
use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};
use rustix::termios::{Winsize, tcsetwinsize};
use std::fs::{File, OpenOptions};
use std::io::{Read, Write};
use std::num::NonZero;
use std::os::unix::fs::PermissionsExt;
use std::os::unix::process::ExitStatusExt;
use std::process::{Child, Command, ExitStatus};
use std::sync::{Arc, Condvar, Mutex};
use std::time::Duration;

/// How long a screen may take to show what it has to.
const LIMIT: Duration = Duration::from_secs(60);

struct Screen {
    parser: Mutex<(vt100::Parser, Vec<u8>)>,
    changed: Condvar,
}

struct Viewer {
    master: Option<File>,
    child: Child,
    screen: Arc<Screen>,
    folder: tempfile::TempDir,
}

/// A test that fails leaves nothing behind.
impl Drop for Viewer {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn size(columns: u16, rows: u16) -> Winsize {
    Winsize { ws_row: rows, ws_col: columns, ws_xpixel: 0, ws_ypixel: 0 }
}

fn some(number: u16) -> NonZero<u16> {
    NonZero::new(number).unwrap()
}

/// A session of a program: what it told, a second apart.
fn session(executable: &str, pid: u32, events: Vec<Event>) -> Vec<u8> {
    let header = Header {
        schema: Schema::CURRENT.to_string(),
        pid,
        executable: executable.into(),
        ..Header::default()
    };
    let mut bytes = Vec::new();
    wire::encode_header(&header, &mut bytes);
    for (seq, event) in (1..).zip(events) {
        wire::encode_event(Seq(seq), Nanos(seq * 1_000_000_000), &event, &mut bytes);
    }
    bytes
}

fn recording() -> Vec<u8> {
    let site = Site { file: "src/main.rs".into(), line: 21, column: 9 };
    let mut events = vec![
        Event::Site(SiteSeen { id: SiteId(1), site }),
        Event::Actor(ActorSeen { id: ActorId(1), kind: ActorKind::Thread, name: "main".into() }),
    ];
    for (id, name) in ["orders", "stock", "sessions"].into_iter().enumerate() {
        events.push(Event::MapMade(MapMade {
            id: MapId(id as u64 + 1),
            kind: MapKind::HashMap,
            name: name.into(),
            type_name: "HashMap<u64, u64>".into(),
            entry_bytes: None,
            made: SiteId(1),
        }));
    }
    session("/srv/shop", 7, events)
}

impl Viewer {
    /// `mapview open` of a small recording, on a terminal of this size.
    fn open(columns: u16, rows: u16) -> Viewer {
        Viewer::start("open", "run.jsonl", &recording(), columns, rows)
    }

    /// A command over a file that it is given.
    fn start(word: &str, name: &str, contents: &[u8], columns: u16, rows: u16) -> Viewer {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join(name), contents).unwrap();
        Viewer::on_terminal(folder, &[env!("CARGO_BIN_EXE_mapview"), word, name], columns, rows)
    }

    /// A command line in a folder of its own.
    fn on_terminal(folder: tempfile::TempDir, line: &[&str], columns: u16, rows: u16) -> Viewer {
        Viewer::with(folder, &[], line, columns, rows)
    }

    /// The same, with these variables.
    fn with(
        folder: tempfile::TempDir,
        variables: &[(&str, &str)],
        line: &[&str],
        columns: u16,
        rows: u16,
    ) -> Viewer {
        let master = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY).unwrap();
        grantpt(&master).unwrap();
        unlockpt(&master).unwrap();
        let name = ptsname(&master, Vec::new()).unwrap().into_string().unwrap();
        tcsetwinsize(&master, size(columns, rows)).unwrap();
        let slave = || OpenOptions::new().read(true).write(true).open(&name).unwrap();
        // `setsid -c` gives the child this terminal as its own, as a login does.
        let mut command = Command::new("setsid");
        command.arg("-c").args(line);
        command.stdin(slave()).stdout(slave()).stderr(slave());
        for variable in ["XDG_RUNTIME_DIR", "XDG_STATE_HOME", "XDG_CONFIG_HOME"] {
            command.env(variable, folder.path());
        }
        command.current_dir(folder.path()).env("EDITOR", folder.path().join("editor")).env_remove("VISUAL");
        command.env("TERM", "xterm-256color").env("LC_ALL", "C.UTF-8").env_remove("NO_COLOR");
        command.envs(variables.iter().copied());
        let child = command.spawn().unwrap();
        let screen = Arc::new(Screen {
            parser: Mutex::new((vt100::Parser::new(some(rows), some(columns), 0), Vec::new())),
            changed: Condvar::new(),
        });
        let master = File::from(master);
        let (mut reader, of_reader) = (master.try_clone().unwrap(), Arc::clone(&screen));
        std::thread::spawn(move || {
            let mut bytes = [0; 4096];
            while let Ok(count @ 1..) = reader.read(&mut bytes) {
                let mut parser = of_reader.parser.lock().unwrap();
                parser.0.process(&bytes[..count]);
                parser.1.extend(&bytes[..count]);
                of_reader.changed.notify_all();
            }
        });
        Viewer { master: Some(master), child, screen, folder }
    }

    fn press(&mut self, keys: &str) {
        self.master.as_mut().unwrap().write_all(keys.as_bytes()).unwrap();
    }

    /// Waits until the screen is as it has to be.
    fn until(&self, what: &str, holds: impl Fn(&vt100::Screen) -> bool) {
        let parser = self.screen.parser.lock().unwrap();
        let (parser, timeout) = self
            .screen
            .changed
            .wait_timeout_while(parser, LIMIT, |parser| !holds(parser.0.screen()))
            .unwrap();
        assert!(!timeout.timed_out(), "no {what}:\n{}", parser.0.screen().contents());
    }

    fn shows(&self, text: &str) {
        self.until(text, |screen| screen.contents().contains(text));
    }

    /// Waits until the viewer has sent these bytes to its terminal.
    fn sends(&self, bytes: &[u8]) {
        let parser = self.screen.parser.lock().unwrap();
        let sent =
            |parser: &mut (vt100::Parser, Vec<u8>)| parser.1.windows(bytes.len()).any(|at| at == bytes);
        let (_parser, timeout) =
            self.screen.changed.wait_timeout_while(parser, LIMIT, |parser| !sent(parser)).unwrap();
        assert!(!timeout.timed_out(), "not sent: {}", bytes.escape_ascii());
    }

    fn resize(&self, columns: u16, rows: u16) {
        self.screen.parser.lock().unwrap().0.screen_mut().set_size(some(rows), some(columns));
        tcsetwinsize(self.master.as_ref().unwrap(), size(columns, rows)).unwrap();
    }

    /// Waits for its end, and gives back the folder that it lived in.
    fn left(mut self) -> tempfile::TempDir {
        assert!(self.child.wait().unwrap().success());
        std::mem::replace(&mut self.folder, tempfile::tempdir().unwrap())
    }

    /// Waits until the process stands still: going on before that would be lost.
    fn until_stopped(&self) {
        let stat = format!("/proc/{}/stat", self.child.id());
        let deadline = std::time::Instant::now() + Duration::from_secs(60);
        // The state is the first letter behind the name in brackets; without such a file there is nothing to ask.
        while std::fs::read_to_string(&stat).is_ok_and(|text| !text.contains(") T")) {
            assert!(std::time::Instant::now() < deadline, "it never stopped");
            std::thread::yield_now();
        }
    }

    fn signal(&self, name: &str) {
        let pid = self.child.id().to_string();
        assert!(Command::new("kill").args([name, &pid]).status().unwrap().success());
    }

    /// Waits for its end; whether the terminal was given back as it was.
    fn ended(mut self) -> (ExitStatus, bool) {
        let status = self.child.wait().unwrap();
        let parser = self.screen.parser.lock().unwrap();
        let limit = |parser: &mut (vt100::Parser, Vec<u8>)| parser.0.screen().alternate_screen();
        let (parser, _) = self.screen.changed.wait_timeout_while(parser, LIMIT, limit).unwrap();
        let screen = parser.0.screen();
        (status, !screen.alternate_screen() && !screen.hide_cursor() && !screen.bracketed_paste())
    }
}

#[test]
fn keys_move_between_screens_and_the_terminal_comes_back() {
    let mut viewer = Viewer::open(100, 30);
    viewer.shows("New here?");
    viewer.press("2");
    viewer.shows("3 maps");
    viewer.press("/stock\r");
    viewer.shows("search `stock`: 1 row");
    viewer.press("\r");
    viewer.shows("HashMap<u64, u64>");
    viewer.press("\x7f?");
    viewer.shows("one row down");
    viewer.press("q");
    viewer.press("[");
    viewer.shows("the moment");
    viewer.press("q");
    let (status, restored) = viewer.ended();
    assert_eq!((status.code(), restored), (Some(0), true));
}

#[test]
fn what_is_pasted_is_text_for_the_prompt_and_no_commands() {
    let mut viewer = Viewer::open(100, 30);
    viewer.press("2");
    viewer.shows("3 maps");
    viewer.press("\x1b[200~qqq\x1b[201~");
    viewer.press("f\x1b[200~map:orders\n\x1b[201~");
    viewer.shows("1 of 3 by `map:orders`");
    viewer.press("\r");
    viewer.press("\x03");
    assert_eq!(viewer.ended().0.code(), Some(0));
}

#[test]
fn the_mouse_is_heard_when_it_is_wanted() {
    let mut viewer = Viewer::open(100, 30);
    viewer.shows("Overview");
    viewer.press("M");
    viewer.shows("the mouse is listened to");
    // On the second tab: column 14, first row.
    viewer.press("\x1b[<0;15;1M\x1b[<0;15;1m");
    viewer.shows("3 maps");
    viewer.press("q");
    assert_eq!(viewer.ended().0.code(), Some(0));
}

#[test]
fn a_site_is_opened_in_the_editor_which_has_the_terminal_meanwhile() {
    let mut viewer = Viewer::open(100, 30);
    let folder = viewer.folder.path().to_owned();
    std::fs::create_dir(folder.join("src")).unwrap();
    std::fs::write(folder.join("src/main.rs"), "fn main() {}\n").unwrap();
    let editor = folder.join("editor");
    std::fs::write(&editor, "#!/bin/sh\necho \"editing ${1} ${2##*/}\"\nread line\necho \"saved $line\"\n")
        .unwrap();
    std::fs::set_permissions(&editor, std::fs::Permissions::from_mode(0o755)).unwrap();
    viewer.press("2");
    viewer.shows("3 maps");
    viewer.press("o");
    viewer.shows("editing +21 main.rs");
    viewer.until("terminal of the editor", |screen| !screen.alternate_screen());
    // The editor's keys are the editor's: the viewer neither quits nor moves.
    viewer.press("q1\r");
    viewer.sends(b"saved q1");
    viewer.until("the screens again", |screen| {
        screen.alternate_screen() && screen.contents().contains("3 maps")
    });
    viewer.press("q");
    assert_eq!(viewer.ended(), (ExitStatus::from_raw(0), true));
}

#[test]
fn what_is_copied_goes_to_the_clipboard_of_the_terminal() {
    let mut viewer = Viewer::open(100, 30);
    viewer.press("2");
    viewer.shows("3 maps");
    viewer.press("y");
    // OSC 52, with "orders at src/main.rs:21:9" in Base64.
    viewer.sends(b"\x1b]52;c;b3JkZXJzIGF0IHNyYy9tYWluLnJzOjIxOjk=\x07");
    viewer.shows("copied");
    viewer.press("q");
    assert_eq!(viewer.ended().0.code(), Some(0));
}

#[test]
fn a_report_is_written_in_the_chosen_format_and_its_place_is_told() {
    let mut viewer = Viewer::open(120, 30);
    viewer.press("w");
    viewer.shows("SARIF 2.1.0");
    viewer.press("jjj\r");
    viewer.shows("mapview-report.sarif");
    let text = std::fs::read(viewer.folder.path().join("mapview-report.sarif")).unwrap();
    let sarif: serde_json::Value = serde_json::from_slice(&text).unwrap();
    assert_eq!(sarif["version"], "2.1.0");
    viewer.press("q");
    assert_eq!(viewer.ended().0.code(), Some(0));
}

#[test]
fn any_size_is_survived() {
    let mut viewer = Viewer::open(80, 24);
    viewer.press("2");
    viewer.shows("3 maps");
    for (columns, rows) in [(1, 1), (3, 2), (200, 60), (20, 5)] {
        viewer.resize(columns, rows);
        viewer.press("jjkk\t\t");
    }
    viewer.resize(100, 30);
    viewer.press("2");
    viewer.shows("3 maps");
    viewer.press("q");
    assert_eq!(viewer.ended(), (ExitStatus::from_raw(0), true));
}

#[test]
fn a_signal_ends_it_and_gives_the_terminal_back() {
    let viewer = Viewer::open(80, 24);
    viewer.shows("Process");
    viewer.signal("-TERM");
    let (status, restored) = viewer.ended();
    assert_eq!((status.code(), restored), (Some(128 + 15), true));
}

#[test]
fn stopped_and_continued_it_draws_anew() {
    let mut viewer = Viewer::open(80, 24);
    viewer.shows("Process");
    viewer.press("\x1a");
    viewer.until("terminal of the shell", |screen| !screen.alternate_screen());
    viewer.until_stopped();
    viewer.signal("-CONT");
    viewer
        .until("screens again", |screen| screen.alternate_screen() && screen.contents().contains("Process"));
    viewer.press("q");
    assert_eq!(viewer.ended().0.code(), Some(0));
}

#[test]
fn it_ends_when_its_terminal_vanishes() {
    let mut viewer = Viewer::open(80, 24);
    viewer.shows("Process");
    // The reader's copy goes with the hangup of the last master.
    viewer.signal("-HUP");
    drop(viewer.master.take());
    let status = viewer.child.wait().unwrap();
    assert!(!status.success());
}

#[test]
fn a_program_that_is_killed_leaves_its_viewer_alone() {
    let folder = tempfile::tempdir().unwrap();
    let line = [env!("CARGO_BIN_EXE_mapview"), "run", "--", "sh", "-c", "echo at work; kill -9 $$"];
    let mut viewer = Viewer::on_terminal(folder, &line, 100, 30);
    viewer.press("9");
    viewer.shows("at work");
    viewer.shows("SIGKILL");
    viewer.press("?");
    viewer.shows("one row down");
    viewer.press("\x7fq");
    let (status, restored) = viewer.ended();
    assert!(restored && status.code().is_some(), "{status}");
}

/// Not a test: a viewer that loses a thread when somebody opens `go`.
#[test]
#[ignore = "the child of another test"]
fn viewer_with_a_thread_that_panics() {
    // The feed stays open: a live viewer goes on until its user leaves.
    let (_feed, messages) = Feed::new();
    std::thread::spawn(|| {
        std::fs::read("go").unwrap();
        panic!("a thread in the back is lost");
    });
    let error = runner::with_screens(Model::default(), &messages).unwrap_err();
    writeln!(std::io::stdout(), "it ended: {error}").unwrap();
}

#[test]
fn a_panic_in_the_back_gives_the_terminal_back_and_is_shown() {
    let folder = tempfile::tempdir().unwrap();
    let go = folder.path().join("go");
    assert!(Command::new("mkfifo").arg(&go).status().unwrap().success());
    let ourselves = std::env::current_exe().unwrap();
    let child = "viewer_with_a_thread_that_panics";
    let line = [ourselves.to_str().unwrap(), "--ignored", "--exact", "--nocapture", child];
    let viewer = Viewer::on_terminal(folder, &line, 100, 30);
    viewer.shows("Overview");
    std::fs::write(&go, "").unwrap();
    viewer.until("the panic", |screen| {
        !screen.alternate_screen() && screen.contents().contains("a thread in the back is lost")
    });
    viewer.shows("it ended: a thread of the viewer panicked");
    assert_eq!(viewer.ended(), (ExitStatus::from_raw(0), true));
}

#[test]
fn a_triage_shows_its_bugs_and_keeps_what_is_said_of_them() {
    let log = b"thread 'w' panicked at src/m.rs:3:5:\nindex out of bounds: the len is 0 but the index is 3\n";
    let mut viewer = Viewer::start("triage", "app.log", log, 100, 30);
    viewer.shows("1 bug, 1 report");
    viewer.press("\r");
    viewer.shows("What to do");
    viewer.press("q");
    viewer.shows("1 bug, 1 report");
    viewer.press("Aa runbook\r");
    viewer.shows("noted about");
    viewer.press("i");
    viewer.shows("is ignored");
    let folder = viewer.folder.path().to_owned();
    viewer.press("q");
    viewer.until("end", |screen| !screen.alternate_screen());
    let report = Command::new(env!("CARGO_BIN_EXE_mapview"))
        .args(["triage", "app.log"])
        .current_dir(&folder)
        .env("XDG_STATE_HOME", &folder)
        .output()
        .unwrap();
    let text = String::from_utf8_lossy(&report.stdout).into_owned();
    assert!(text.contains("ignored") && text.contains("a runbook"), "{text}");
    assert_eq!(report.status.code(), Some(0), "{text}");
    let (status, restored) = viewer.ended();
    assert_eq!((status.code(), restored), (Some(1), true));
}
