//! Habits: what people expect of a viewer that they keep open, in the real binary.

use crate::{Viewer, recording, session};
use mapwatch_event::event::{
    End, EndReason, Holders, Holding, MapMade, MapTraffic, SiteSeen, SiteTraffic, Traffic,
};
use mapwatch_event::task::{Cancelled, GivenUp, TaskEnded, TaskPolls, TaskSpawned};
use mapwatch_event::wire;
use mapwatch_event::{
    ActorId, CancelKind, Ending, Event, MapId, MapKind, Nanos, Operation, Seq, Site, SiteId, TaskKind,
};
use std::io::Write;
use std::os::unix::net::UnixListener;

/// The recording with traffic: of three maps, `stock` is written most.
fn busy() -> Vec<u8> {
    let mut bytes = recording();
    for (seq, (map, writes)) in (6..).zip([(1, 5), (2, 90), (3, 40)]) {
        let traffic = MapTraffic {
            map: MapId(map),
            length: Some(writes),
            capacity: Some(writes * 2),
            reads: 0,
            writes,
            iterations: 0,
            sites: vec![SiteTraffic { site: SiteId(1), operation: Operation::Insert, count: writes }],
            held: Vec::new(),
            waited: Vec::new(),
            recent: Vec::new(),
        };
        let event = Event::Traffic(Traffic { span: Nanos(1_000_000_000), maps: vec![traffic] });
        wire::encode_event(Seq(seq), Nanos(seq * 1_000_000_000), &event, &mut bytes);
    }
    bytes
}

/// The rows of the screen that name a map, from above.
fn order(screen: &vt100::Screen) -> Vec<&'static str> {
    let text = screen.contents();
    let mut rows: Vec<(usize, &str)> =
        ["orders", "stock", "sessions"].iter().filter_map(|name| Some((text.find(name)?, *name))).collect();
    rows.sort_unstable();
    rows.into_iter().map(|(_, name)| name).collect()
}

fn on_maps(name: &str) -> Viewer {
    let mut viewer = Viewer::start("open", name, &busy(), 110, 30);
    viewer.press("2");
    viewer.shows("3 maps");
    viewer
}

fn quit(mut viewer: Viewer) -> tempfile::TempDir {
    viewer.press("\x03");
    viewer.left()
}

#[test]
fn a_menu_orders_the_list_and_the_order_can_be_inverted() {
    let mut viewer = on_maps("run.jsonl");
    viewer.press("s");
    viewer.shows("order by");
    // Conflicts, name, kind, process, entries.
    viewer.press("jjjj\r");
    viewer.until("most entries first", |screen| order(screen) == ["stock", "sessions", "orders"]);
    viewer.press("I");
    viewer.until("fewest entries first", |screen| order(screen) == ["orders", "sessions", "stock"]);
    quit(viewer);
}

#[test]
fn columns_can_be_hidden_and_stay_hidden_in_the_next_run_with_the_order_and_the_theme() {
    let mut viewer = on_maps("run.jsonl");
    viewer.shows("writes/s");
    viewer.press("c");
    viewer.shows("[x] writes/s");
    viewer.press("jjjjjjjjj\r");
    viewer.shows("[ ] writes/s");
    viewer.press("\x1b");
    viewer.until("no such column", |screen| !screen.contents().contains("writes/s"));
    viewer.press("sjjjj\r");
    viewer.until("the order", |screen| order(screen) == ["stock", "sessions", "orders"]);
    viewer.press("T");
    viewer.shows("high contrast");
    viewer.press("j\r");
    viewer.until("no menu", |screen| !screen.contents().contains("high contrast"));
    let folder = quit(viewer);
    let line = [env!("CARGO_BIN_EXE_mapview"), "open", "run.jsonl"];
    let mut again = Viewer::on_terminal(folder, &line, 110, 30);
    again.press("2");
    again.until("the order of the last run", |screen| {
        order(screen) == ["stock", "sessions", "orders"] && !screen.contents().contains("writes/s")
    });
    again.press("T");
    again.shows("▸ light");
    again.press("\x1b");
    quit(again);
}

#[test]
fn rows_are_marked_and_found_again() {
    let mut viewer = on_maps("run.jsonl");
    let chosen = |viewer: &Viewer, name: &'static str| {
        viewer.until(name, |screen| {
            let (rows, columns) = screen.size();
            let (rows, columns) = (rows.get(), columns.get());
            let inverse =
                |row| (0..columns).any(|column| screen.cell(row, column).is_some_and(vt100::Cell::inverse));
            let text = |row| screen.contents_between(row, 0, row, columns);
            (3..rows - 1).any(|row| inverse(row) && text(row).contains(name))
        });
    };
    viewer.press("sj\r");
    viewer.until("by name", |screen| order(screen) == ["orders", "sessions", "stock"]);
    viewer.press("gj");
    chosen(&viewer, "sessions");
    viewer.press("m");
    viewer.press("G");
    chosen(&viewer, "stock");
    viewer.press("'");
    chosen(&viewer, "sessions");
    quit(viewer);
}

#[test]
fn the_newest_row_is_followed_when_that_is_wanted() {
    let mut viewer = on_maps("run.jsonl");
    viewer.press("9F");
    viewer.shows("no longer following");
    viewer.press("F");
    viewer.shows("following the newest row");
    quit(viewer);
}

/// A program that holds a map while its viewer pauses.
#[test]
fn a_pause_counts_what_waits() {
    let folder = tempfile::tempdir().unwrap();
    let sockets = folder.path().join("mapwatch");
    std::fs::create_dir(&sockets).unwrap();
    let listener = UnixListener::bind(sockets.join("7.sock")).unwrap();
    let line = [env!("CARGO_BIN_EXE_mapview"), "attach", "7"];
    let mut viewer = Viewer::on_terminal(folder, &line, 110, 30);
    // The first one to come lists the programs, and hangs up after the header.
    let (mut lister, _) = listener.accept().unwrap();
    let _ = lister.write_all(&recording());
    let (mut peer, _) = listener.accept().unwrap();
    peer.write_all(&recording()).unwrap();
    viewer.press("2");
    viewer.shows("3 maps");
    viewer.press(" ");
    viewer.shows("paused, 0 events wait");
    let holding = Holding {
        actor: ActorId(1),
        operation: Operation::Iter,
        site: SiteId(1),
        since: Nanos(6_000_000_000),
    };
    let held = Event::Holders(Holders { map: MapId(1), holders: vec![holding], waiters: Vec::new() });
    let mut bytes = Vec::new();
    wire::encode_event(Seq(6), Nanos(6_000_000_000), &held, &mut bytes);
    peer.write_all(&bytes).unwrap();
    viewer.shows("paused, 1 event wait");
    viewer.press(" ");
    viewer.until("the present", |screen| !screen.contents().contains("paused"));
    quit(viewer);
}

#[test]
fn a_file_gives_keys_colours_and_glyphs() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("run.jsonl"), busy()).unwrap();
    let config = folder.path().join("mapview");
    std::fs::create_dir_all(&config).unwrap();
    let text = "theme = \"high-contrast\"\nascii = true\n[keys]\nhelp = [\"F1\", \"h\"]\n";
    std::fs::write(config.join("config.toml"), text).unwrap();
    let line = [env!("CARGO_BIN_EXE_mapview"), "open", "run.jsonl"];
    let mut viewer = Viewer::on_terminal(folder, &line, 110, 30);
    viewer.shows("Overview");
    viewer.press("h");
    viewer.shows("one row down");
    viewer.until("nothing but ASCII", |screen| screen.contents().is_ascii());
    viewer.until("something bright and bold", |screen| {
        let cells = (0..110).filter_map(|column| screen.cell(0, column));
        cells.clone().any(|cell| cell.bold() && cell.fgcolor() == vt100::Color::Idx(14))
    });
    viewer.press("T");
    viewer.shows("> high contrast");
    viewer.press("\x1b");
    quit(viewer);
}

/// Whether a colour was asked for: `38;` and `48;`, or the sixteen by number.
fn coloured(sent: &[u8]) -> bool {
    let text = String::from_utf8_lossy(sent);
    text.split("\x1b[").skip(1).filter_map(|part| part.split_once('m')).any(|(codes, _)| {
        codes.split(';').any(|code| matches!(code.parse::<u8>(), Ok(30..=38 | 40..=48 | 90..=97 | 100..=107)))
    })
}

#[test]
fn no_color_is_obeyed_and_a_plain_locale_gets_plain_characters() {
    let sent = |variables: &[(&str, &str)]| {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("run.jsonl"), busy()).unwrap();
        let line = [env!("CARGO_BIN_EXE_mapview"), "open", "run.jsonl"];
        let mut viewer = Viewer::with(folder, variables, &line, 110, 30);
        viewer.press("2");
        viewer.shows("3 maps");
        let text = viewer.screen.parser.lock().unwrap().0.screen().contents();
        let bytes = viewer.screen.parser.lock().unwrap().1.clone();
        quit(viewer);
        (text, bytes)
    };
    let (text, bytes) = sent(&[]);
    assert!(coloured(&bytes) && !text.is_ascii());
    let (text, bytes) = sent(&[("NO_COLOR", "1")]);
    assert!(!coloured(&bytes) && !text.is_ascii(), "{}", bytes.escape_ascii());
    let (text, bytes) = sent(&[("LC_ALL", "C")]);
    assert!(coloured(&bytes) && text.is_ascii(), "{text}");
}

#[test]
fn what_a_filter_does_not_understand_is_said_where_it_is_typed() {
    let mut viewer = on_maps("run.jsonl");
    viewer.press("fentries>many");
    viewer.shows("`many` is no number");
    viewer.press("\x17entries>50\r");
    viewer.shows("1 of 3 by `entries>50`");
    viewer.until("one map", |screen| order(screen) == ["stock"]);
    viewer.press("f\x15byt\t");
    viewer.shows("filter: bytes");
    viewer.press("\x1b");
    quit(viewer);
}

#[test]
fn time_is_gone_to_and_stepped_through() {
    let mut viewer = on_maps("run.jsonl");
    viewer.press("t");
    viewer.shows("go to (");
    viewer.press("7s\r");
    viewer.shows("the moment 7.000s");
    viewer.press("tend\r");
    viewer.until("the end", |screen| !screen.contents().contains("the moment"));
    viewer.press("<");
    viewer.shows("the moment");
    quit(viewer);
}

/// Two programs in one view: the processes can be told apart, and one of them left out.
#[test]
fn several_programs_have_a_column_and_a_menu() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("run.jsonl"), busy()).unwrap();
    std::fs::write(folder.path().join("other.jsonl"), session("/srv/till", 8, Vec::new())).unwrap();
    let line = [env!("CARGO_BIN_EXE_mapview"), "open", "run.jsonl", "other.jsonl"];
    let mut viewer = Viewer::on_terminal(folder, &line, 160, 30);
    viewer.press("2");
    viewer.shows("shop (pid 7)");
    viewer.press("P");
    viewer.shows("[x] till (pid 8)");
    viewer.press("\r\x1b");
    viewer.until("no map of the other", |screen| order(screen).is_empty());
    quit(viewer);
}

/// The recording of a request that waits behind somebody and is cancelled, with a moment for each.
fn cancelled() -> Vec<u8> {
    let task = |id, name: &str| {
        Event::TaskSpawned(TaskSpawned {
            id: ActorId(id),
            kind: TaskKind::Future,
            name: name.into(),
            site: SiteId(1),
            parent: None,
            runtime_id: None,
            fields: Vec::new(),
        })
    };
    let site = |id, line| {
        Event::Site(SiteSeen { id: SiteId(id), site: Site { file: "src/quote.rs".into(), line, column: 9 } })
    };
    let map = MapMade {
        id: MapId(1),
        kind: MapKind::RwLock,
        name: "carts".into(),
        type_name: "RwLock<HashMap<u64, u64>>".into(),
        entry_bytes: None,
        made: SiteId(1),
    };
    let inside = |actor, operation, since: u64| Holding {
        actor: ActorId(actor),
        operation,
        site: SiteId(2),
        since: Nanos(since * 1_000_000_000),
    };
    let holders = |waiters| {
        let holders = vec![inside(2, Operation::Read, 7)];
        Event::Holders(Holders { map: MapId(1), holders, waiters })
    };
    let ended = TaskEnded {
        id: ActorId(3),
        ending: Ending::Cancelled,
        cancelled: Some(Cancelled {
            kind: CancelKind::Abort,
            actor: Some(ActorId(1)),
            site: Some(SiteId(3)),
            through: None,
        }),
        polls: TaskPolls { count: 1, ..TaskPolls::default() },
        holding: Vec::new(),
        waited: vec![GivenUp { map: MapId(1), site: SiteId(2), span: Nanos(1_000_000_000) }],
        gave_back: Vec::new(),
    };
    let nobody = Event::Holders(Holders { map: MapId(1), holders: Vec::new(), waiters: Vec::new() });
    let told = vec![
        site(1, 10),
        site(2, 50),
        site(3, 54),
        task(1, "gateway"),
        task(2, "backup"),
        task(3, "quote"),
        Event::MapMade(map),
        holders(Vec::new()),
        holders(vec![inside(3, Operation::Write, 9)]),
        Event::TaskEnded(ended),
        holders(Vec::new()),
        nobody,
        Event::End(End { reason: EndReason::Exit }),
    ];
    session("/srv/shop", 7, told)
}

#[test]
fn a_cancelled_task_says_why_and_its_own_moments_are_stepped_through() {
    let mut viewer = Viewer::start("open", "run.jsonl", &cancelled(), 100, 30);
    viewer.press("3");
    viewer.shows("1 cancelled");
    // What was cut short stands above those that were alive at the end.
    viewer.press("g\r");
    viewer.shows("End: why it was cancelled");
    viewer.shows("somebody called abort on it");
    viewer.shows("task 1 `gateway`");
    viewer.shows("src/quote.rs:54:9");
    viewer.shows("it had waited to write carts for 1 s, behind task 2 `backup`");
    viewer.press("[");
    viewer.shows("this task: cancelled");
    viewer.press("[");
    viewer.shows("this task: begins to wait for carts");
    viewer.until("a wait, and no end yet", |screen| {
        let text = screen.contents();
        text.contains("waits to write carts") && !text.contains("why it was cancelled")
    });
    viewer.press("[[");
    viewer.shows("no earlier moment of this task");
    quit(viewer);
}

#[test]
fn holders_step_back_to_when_somebody_held_something() {
    let mut viewer = Viewer::start("open", "run.jsonl", &cancelled(), 100, 30);
    viewer.press("6");
    viewer.shows("[ steps back to the last moment when somebody held something");
    viewer.press("[");
    viewer.shows("1 guard held, 0 waiting");
    viewer.press("[");
    viewer.shows("1 guard held, 1 waiting");
    viewer.shows("task 3 `quote`");
    viewer.press(" ");
    viewer.shows("0 guards held, 0 waiting");
    quit(viewer);
}
