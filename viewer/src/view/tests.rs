//! Frames of every screen at several sizes, as text.
//!
//! Snapshots hold what a person has looked at; beside them, what must be true of every frame.

use crate::export::Format;
use crate::keymap::Command;
use crate::model::Model;
use crate::model::list::ListId;
use crate::model::sources::Excerpt;
use crate::model::ui::Screen;
use crate::msg::{MenuStep, Mouse, Msg};
use crate::testing::{Session, busy_shop, check_snapshot, frame, live, plain, recorded, send, shop};
use crate::update::{Effect, update};
use mapwatch_event::{Category, Event, MapId, Operation, Role, Spread};
use std::time::Duration;

const SIZES: [(u16, u16); 4] = [(80, 24), (160, 50), (40, 10), (1, 1)];

/// Screens by the keys that lead to them.
pub(super) const WAYS: [(&str, &[Command]); 15] = [
    ("overview", &[]),
    ("maps", &[Command::Screen(1)]),
    ("map", &[Command::Screen(1), Command::Open]),
    ("tasks", &[Command::Screen(2)]),
    ("task", &[Command::Screen(2), Command::Open]),
    ("conflicts", &[Command::Screen(3)]),
    ("conflict", &[Command::Screen(3), Command::Open]),
    ("panics", &[Command::Screen(4)]),
    ("panic", &[Command::Screen(4), Command::Down, Command::Open]),
    ("holders", &[Command::Screen(5)]),
    ("findings", &[Command::Screen(6)]),
    ("advice", &[Command::Screen(7)]),
    ("log", &[Command::Screen(8)]),
    ("line", &[Command::Screen(8), Command::Open]),
    ("help", &[Command::Help]),
];

pub(super) fn go(model: &mut Model, way: &[Command]) {
    for command in way {
        send(model, Msg::Command(*command));
    }
}

#[test]
fn every_screen_at_every_size() {
    for (name, way) in WAYS {
        for (columns, rows) in SIZES {
            let mut model = live(&busy_shop());
            go(&mut model, way);
            let (text, _) = frame(&model, columns, rows);
            check_snapshot(&format!("{name}-{columns}x{rows}"), &text);
        }
    }
}

#[test]
fn near_misses_stand_on_the_map_where_somebody_provokes() {
    for columns in [80, 160] {
        let mut session = shop();
        session.nearly(9_960, 1);
        let text = block_of_map(&session, columns, "Near misses", 5);
        check_snapshot(&format!("near-misses-{columns}"), &text);
    }
}

#[test]
fn a_map_shows_how_it_grew_in_entries_and_in_bytes() {
    for columns in [80, 160] {
        let text = block_of_map(&shop(), columns, "Growth", 16);
        assert!(text.contains("562 KiB") && text.contains("entries moved: 10,000 (703 KiB)"), "{text}");
        check_snapshot(&format!("growth-{columns}"), &text);
    }
}

#[test]
fn a_map_shows_its_crowded_shards_and_hot_keys() {
    for columns in [80, 160] {
        let mut session = shop();
        session.spread(9_960, 1);
        let text = block_of_map(&session, columns, "Shards", 8);
        check_snapshot(&format!("spread-{columns}"), &text);
    }
}

#[test]
fn a_hot_shard_that_moves_is_seen_to_move() {
    for columns in [80, 160, 40] {
        let mut session = shop();
        let mut told = vec![100; 128];
        for (step, hot) in [(1, 3), (2, 3), (3, 64), (4, 120)] {
            told.iter_mut().for_each(|visits| *visits += 40);
            told[hot] += 9_000;
            let spread = Spread { map: MapId(1), shards: told.clone(), keys: Vec::new(), samples: 9 };
            session.event(9_960 + step, Event::Spread(spread));
        }
        let text = block_of_map(&session, columns, "Shards over time", 6);
        check_snapshot(&format!("shards-over-time-{columns}"), &text);
    }
}

/// A few lines of the page of the first map.
fn block_of_map(session: &Session, columns: u16, head: &str, rows: usize) -> String {
    let mut model = live(session);
    go(&mut model, &[Command::Screen(1), Command::Open]);
    let (text, _) = frame(&model, columns, 90);
    let block = text.lines().skip_while(|line| !line.contains(head)).take(rows);
    block.map(|line| format!("{line}\n")).collect()
}

#[test]
fn a_suspect_shows_who_came_when_with_all_sites() {
    for (columns, rows) in [(80, 24), (160, 50), (40, 24)] {
        let mut model = live(&busy_shop());
        let suspect = model.findings().find(|finding| finding.category().code() == "check-then-act");
        let id = suspect.expect("the shop has one").id;
        model.ui.screens.push(Screen::Conflict(id));
        let (text, _) = frame(&model, columns, rows);
        for site in ["12:9", "30:9", "14:9"] {
            assert!(text.contains(site), "{columns}: {site} is cut\n{text}");
        }
        check_snapshot(&format!("suspect-{columns}x{rows}"), &text);
    }
}

#[test]
fn a_finding_of_one_side_speaks_of_no_other() {
    let mut session = Session::new(4711, "/srv/shop");
    let side = crate::testing::side(Role::Attempt, Operation::Insert, 17, "settle", "src/orders.rs", 88);
    let conflict = crate::testing::conflict(1, Category::NilMap, 1, "orders", 1_000, vec![side]);
    session.event(1_000, Event::Conflict(Box::new(conflict)));
    let mut model = live(&session);
    go(&mut model, &[Command::Screen(3), Command::Open]);
    let (text, _) = frame(&model, 160, 50);
    assert!(
        text.contains("─ attempt ─") && !text.contains("second") && !text.contains("next side"),
        "{text}"
    );
}

#[test]
fn a_recording_is_shown_by_its_own_time() {
    let mut session = shop();
    session.end(10_000);
    let model = recorded(&session);
    check_snapshot("overview-recorded-80x24", &frame(&model, 80, 24).0);
}

#[test]
fn no_size_panics_and_no_line_is_too_wide() {
    let mut model = live(&busy_shop());
    for (_, way) in WAYS {
        model.ui.screens.clear();
        go(&mut model, way);
        for columns in (0..40).chain([79, 99, 100, 110, 119, 120, 200]) {
            for rows in [0, 1, 2, 3, 4, 5, 11, 12, 13, 60] {
                frame(&model, columns, rows);
            }
        }
    }
}

#[test]
fn plain_frames_are_ascii() {
    let mut model = live(&busy_shop());
    plain(&mut model);
    for (name, way) in WAYS {
        model.ui.screens.clear();
        go(&mut model, way);
        let (text, _) = frame(&model, 160, 50);
        let foreign: String = text.chars().filter(|c| !c.is_ascii() && *c != 'µ').collect();
        assert_eq!(foreign, "", "{name}");
    }
}

#[test]
fn scrolling_ends_where_the_page_ends() {
    let mut model = live(&busy_shop());
    go(&mut model, &[Command::Screen(3), Command::Open]);
    let measured = frame(&model, 80, 24).1;
    update(&mut model, Msg::Measured(measured));
    go(&mut model, &[Command::Last, Command::Down, Command::PageDown]);
    let (text, measured) = frame(&model, 80, 24);
    update(&mut model, Msg::Measured(measured));
    assert_eq!(measured.top + measured.page, measured.length);
    assert!(text.contains("src/orders.rs:88:9"), "{text}");
    go(&mut model, &[Command::Up]);
    assert_eq!(model.ui.scroll(), measured.top - 1);
}

#[test]
fn how_many_a_filter_leaves_is_said_even_where_the_line_is_too_short() {
    let mut model = live(&busy_shop());
    go(&mut model, &[Command::Screen(2)]);
    let filter = "state:cancelled -this -that -and -the -other -and -so -on";
    model.ui.list_mut(ListId::Tasks).filter = filter.to_owned();
    for columns in [40, 80, 160] {
        let (text, _) = frame(&model, columns, 24);
        assert!(solid(&text).contains(&solid(&format!("1 of 5 by `{filter}`"))), "{columns}: {text}");
    }
    for rows in [5, 10, 15] {
        let (text, _) = frame(&model, 40, rows);
        assert!(text.contains("1 of 5 by `state:"), "{rows}: {text}");
    }
}

#[test]
fn a_menu_stands_over_its_list() {
    let mut model = live(&busy_shop());
    go(&mut model, &[Command::Screen(1), Command::Columns]);
    update(&mut model, Msg::Menu(MenuStep::By(3)));
    check_snapshot("menu-80x24", &frame(&model, 80, 24).0);
    for columns in (0..20).chain([40]) {
        for rows in 0..12 {
            frame(&model, columns, rows);
        }
    }
}

#[test]
fn clicks_land_on_what_is_drawn() {
    let mut model = live(&busy_shop());
    let click = |model: &mut Model, needle: &str| {
        let (text, measured) = frame(model, 80, 24);
        update(model, Msg::Measured(measured));
        let row = text.lines().position(|line| line.contains(needle)).expect("it is drawn");
        let line = text.lines().nth(row).unwrap_or_default();
        let column = line.find(needle).map_or(0, |at| line[..at].chars().count());
        let at = |number: usize| u16::try_from(number).expect("a terminal is small");
        update(model, Msg::Mouse(Mouse::Click(at(column), at(row))));
    };
    click(&mut model, "2 Maps");
    assert_eq!(model.ui.screen(), Screen::Maps);
    click(&mut model, "stock");
    assert!(frame(&model, 80, 24).0.contains("stock"));
    click(&mut model, "stock");
    assert!(matches!(model.ui.screen(), Screen::Map(key) if key.map.0 == 2));
    click(&mut model, "9 Log");
    assert_eq!(model.ui.screen(), Screen::Log);
    update(&mut model, Msg::Mouse(Mouse::Wheel(-1)));
    for (column, row) in [(0, 0), (79, 0), (500, 500), (0, 23), (3, 1)] {
        update(&mut model, Msg::Mouse(Mouse::Click(column, row)));
    }
}

#[test]
fn themes_differ_and_mono_has_no_colour() {
    use crate::model::ui::ThemeName;
    let mut model = live(&busy_shop());
    let mut seen = std::collections::BTreeSet::new();
    for theme in ThemeName::ALL {
        model.ui.look.theme = theme;
        let colours = crate::testing::cells(&model, 80, 24);
        let cells: Vec<String> = colours.content().iter().map(|cell| format!("{:?}", cell.fg)).collect();
        assert_eq!(theme == ThemeName::Mono, cells.iter().all(|cell| cell.contains("Reset")), "{theme:?}");
        assert!(seen.insert(cells), "{theme:?} looks like another one");
    }
}

#[test]
fn a_conflict_shows_the_source_around_both_sides() {
    let mut model = live(&shop());
    go(&mut model, &[Command::Screen(3), Command::Open]);
    let excerpt = |first: u32, hit: &str| {
        let mut lines: Vec<String> = (0..13).map(|line| format!("    // line {}", first + line)).collect();
        hit.clone_into(&mut lines[6]);
        Some(Excerpt { first, lines })
    };
    let site = |file: &str, line| mapwatch_event::Site { file: file.into(), line, column: 9 };
    let found = vec![
        (site("src/report.rs", 41), excerpt(35, "    let report = orders.iter(id);")),
        (site("src/orders.rs", 88), excerpt(82, "    let settled = orders.insert(\"late\");")),
    ];
    send(&mut model, Msg::Source(found));
    check_snapshot("source-80x24", &frame(&model, 80, 24).0);
    let (text, _) = frame(&model, 160, 50);
    check_snapshot("source-160x50", &text);
    assert!(text.contains("line 39") && text.contains("the file has changed since"), "{text}");
}

#[test]
fn the_first_time_there_is_a_hint_until_a_key_is_pressed() {
    let mut model = live(&shop());
    model.ui.first_run = true;
    assert!(frame(&model, 80, 24).0.contains("3 tasks, ? keys"));
    go(&mut model, &[Command::Down]);
    assert!(!frame(&model, 80, 24).0.contains("3 tasks, ? keys"));
}

#[test]
fn what_takes_long_to_write_is_shown_until_it_is_written() {
    let mut model = live(&shop());
    update(&mut model, Msg::Tick(Duration::from_secs(20)));
    go(&mut model, &[Command::Write]);
    update(&mut model, Msg::Menu(MenuStep::By(6)));
    let effect = update(&mut model, Msg::Menu(MenuStep::Take));
    assert!(matches!(effect, Some(Effect::Write(Format::Html, _))), "{effect:?}");
    // As long as everything is visible, there is nothing behind it.
    let foot = |model: &Model| frame(model, 80, 60).0.lines().last().map(str::to_owned).unwrap_or_default();
    assert_eq!(foot(&model), " writing html");
    // The picture moves by itself, and no other command hides it.
    model.world.ended = true;
    assert!(model.is_moving());
    update(&mut model, Msg::Tick(Duration::from_millis(21_300)));
    go(&mut model, &[Command::Screen(1), Command::Down]);
    assert_eq!(foot(&model), " writing html, 1.3 s so far");
    update(&mut model, Msg::Written(Format::Html, "wrote mapview-report.html".into()));
    assert_eq!(foot(&model), " wrote mapview-report.html");
    go(&mut model, &[Command::Down]);
    assert!(!foot(&model).contains("writing"), "{}", foot(&model));
}

#[test]
fn the_scrubber_shows_where_one_is() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let mut model = crate::testing::opened(folder.path(), &[&shop()]);
    send(&mut model, Msg::Command(Command::PreviousMoment));
    send(&mut model, Msg::Command(Command::PreviousMoment));
    send(&mut model, Msg::Command(Command::PreviousMoment));
    check_snapshot("travel-80x24", &frame(&model, 80, 24).0);
    check_snapshot("travel-160x50", &frame(&model, 160, 50).0);
    for columns in (0..30).chain([40]) {
        for rows in 0..12 {
            frame(&model, columns, rows);
        }
    }
}

#[test]
fn columns_have_the_names_that_the_model_knows() {
    for id in ListId::ALL {
        let mut model = live(&busy_shop());
        let tab =
            Screen::TABS.iter().position(|tab| tab.list() == Some(id)).expect("every list has a screen");
        go(&mut model, &[Command::Screen(tab)]);
        play(&mut model);
        let (text, _) = frame(&model, 400, 50);
        for column in id.columns().iter().filter(|column| column.title != "time") {
            assert!(text.contains(column.title), "{id:?} shows no {}: {text}", column.title);
        }
    }
}

/// A second process: columns that only several need are shown.
fn play(model: &mut Model) {
    let other = Session::new(77, "/bin/other");
    let origin = crate::model::session::Origin::Joined;
    crate::testing::play_into(model, &other.bytes, origin, crate::source::Trust::Peer);
}

#[test]
fn the_help_names_every_key() {
    let mut model = Model::default();
    go(&mut model, &[Command::Help]);
    let (text, _) = frame(&model, 200, 100);
    for binding in crate::keymap::BINDINGS {
        assert!(text.contains(binding.help), "{} is missing", binding.help);
        for key in binding.keys {
            assert!(text.contains(&key.name()), "{} is missing", key.name());
        }
    }
}

#[test]
fn an_empty_model_says_what_it_waits_for() {
    let (text, _) = frame(&Model::default(), 80, 24);
    assert!(text.contains("Nothing to look at yet") && text.contains("no program yet"), "{text}");
}

#[test]
fn no_width_cuts_the_help_short() {
    let mut model = Model::default();
    go(&mut model, &[Command::Help]);
    for columns in [80, 100, 120, 140, 160, 200] {
        let (text, _) = frame(&model, columns, 140);
        let cut: Vec<&str> = text.lines().skip(2).filter(|line| line.contains('…')).collect();
        assert!(cut.is_empty(), "{columns}: {cut:#?}");
    }
    let (text, _) = frame(&model, 160, 50);
    for word in ["stranded", "fresh", "woken", "leaked", "alive at end"] {
        assert!(text.contains(word), "{word} is not explained");
    }
}

#[test]
fn the_last_row_says_how_to_come_back_from_the_past() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let mut model = crate::testing::opened(folder.path(), &[&shop()]);
    let foot = |model: &Model| frame(model, 80, 24).0.lines().last().map(str::to_owned).unwrap_or_default();
    assert!(!foot(&model).contains("back to"), "{}", foot(&model));
    for way in
        [&[Command::PreviousMoment][..], &[Command::Screen(5)], &[Command::Screen(8)], &[Command::Help]]
    {
        go(&mut model, way);
        assert!(foot(&model).starts_with(" Space back to the end  [ moment before"), "{}", foot(&model));
    }
    go(&mut model, &[Command::Pause]);
    assert!(!foot(&model).contains("back to"), "{}", foot(&model));
    let mut model = live(&shop());
    go(&mut model, &[Command::Pause]);
    assert!(foot(&model).starts_with(" Space back to live"), "{}", foot(&model));
}

#[test]
fn keys_that_hardly_anybody_names_are_not_hot() {
    let mut session = shop();
    let key = |hash, count| mapwatch_event::HotKey { hash, count };
    let keys = vec![key(0xbeef, 9), key(0xcafe, 10), key(0xf00d, 500)];
    session.event(9_960, Event::Spread(Spread { map: MapId(1), shards: Vec::new(), keys, samples: 1_000 }));
    let text = block_of_map(&session, 80, "Hot keys", 8);
    assert!(text.contains("0000f00d") && text.contains("0000cafe") && !text.contains("0000beef"), "{text}");
}

#[test]
fn enter_on_a_map_without_conflicts_opens_who_is_in_it() {
    use crate::model::ui::MapKey;
    let mut model = live(&busy_shop());
    let session = *model.world.sessions.keys().next().expect("there is one");
    // Nobody is in this one: the last row says so.
    model.ui.screens.push(Screen::Map(MapKey { session, map: MapId(4) }));
    go(&mut model, &[Command::Open]);
    assert!(frame(&model, 80, 24).0.contains("nobody is inside"));
    let mut quiet = Session::new(7, "/bin/quiet");
    quiet.site(2, "src/a.rs", 1).site(3, "src/b.rs", 2);
    quiet.map(1, mapwatch_event::MapKind::HashMap, "carts", "HashMap<u64, u64>", 2);
    quiet.task(2, "checkout").hold(50, 1, 20);
    let mut model = live(&quiet);
    go(&mut model, &[Command::Screen(1), Command::Open, Command::Open]);
    assert!(frame(&model, 80, 24).0.contains("checkout"), "{}", frame(&model, 80, 24).0);
    assert!(matches!(model.ui.screen(), Screen::Task(key) if key.actor.0 == 2));
}

/// The page of the task that is cancelled in [`crate::testing::cancelled_request`].
fn page_of_the_request(model: &mut Model) {
    let session = *model.world.sessions.keys().next().expect("there is one");
    let actor = mapwatch_event::ActorId(3);
    model.ui.screens.push(Screen::Task(crate::model::ui::TaskKey { session, actor }));
}

#[test]
fn the_page_of_a_cancelled_task_says_why_and_what_it_had() {
    for (columns, rows) in [(80, 30), (160, 50)] {
        let mut model = recorded(&crate::testing::cancelled_request("1.5"));
        page_of_the_request(&mut model);
        check_snapshot(&format!("cancelled-{columns}x{rows}"), &frame(&model, columns, rows).0);
    }
    let mut model = recorded(&crate::testing::cancelled_request("1.4"));
    page_of_the_request(&mut model);
    let (text, _) = frame(&model, 160, 50);
    assert!(text.contains("it had waited to write carts for 400 ms, behind task 2 `backup`"), "{text}");
    assert!(text.contains("a guard of till, for 405 ms"), "{text}");
}

#[test]
fn the_moments_on_the_page_of_a_task_are_its_own() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let mut other = shop();
    other.end(20_000);
    let mut model =
        crate::testing::opened(folder.path(), &[&crate::testing::cancelled_request("1.5"), &other]);
    page_of_the_request(&mut model);
    let mut seen = Vec::new();
    for _ in 0..5 {
        go(&mut model, &[Command::PreviousMoment]);
        seen.push(model.ui.note.as_ref().map(|note| note.text.clone()).unwrap_or_default());
    }
    let expected = [
        "this task: cancelled",
        "this task: begins to wait for carts",
        "this task: holds till",
        "this task: spawned",
        "no earlier moment of this task; other screens step through everything",
    ];
    assert_eq!(seen, expected);
    go(&mut model, &[Command::NextMoment, Command::NextMoment]);
    let (text, _) = frame(&model, 100, 40);
    assert!(text.contains("blocked") && text.contains("Waits") && text.contains("Holds now"), "{text}");
    // At the moment of its end it neither waits nor holds any more.
    go(&mut model, &[Command::NextMoment]);
    let (text, _) = frame(&model, 100, 40);
    assert!(text.contains("why it was cancelled") && !text.contains("── Waits"), "{text}");
    assert!(!text.contains("Holds now") && !text.contains("Still held"), "{text}");
}

#[test]
fn holders_step_back_to_the_last_moment_when_somebody_held_something() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let mut model = crate::testing::opened(folder.path(), &[&crate::testing::cancelled_request("1.5")]);
    go(&mut model, &[Command::Screen(5)]);
    let text = frame(&model, 80, 24).0;
    assert!(
        solid(&text).contains(&solid("[ steps back to the last moment when somebody held something")),
        "{text}"
    );
    go(&mut model, &[Command::PreviousMoment]);
    let text = frame(&model, 80, 24).0;
    assert!(text.contains("1 guard held, 0 waiting") && text.contains("backup"), "{text}");
    go(&mut model, &[Command::PreviousMoment]);
    let text = frame(&model, 80, 24).0;
    assert!(text.contains("2 guards held, 1 waiting") && text.contains("quote"), "{text}");
    go(&mut model, &[Command::NextMoment, Command::NextMoment]);
    assert!(model.ui.travel.is_none(), "that is the present");
}

#[test]
fn the_log_folds_backtraces_until_it_is_asked_for_them() {
    use crate::model::program::Output;
    use crate::msg::ProgramMsg;
    let mut model = live(&shop());
    for text in [
        "thread 'main' panicked at src/main.rs:3:5:",
        "stack backtrace:",
        "   0: shop::serve",
        "             at ./src/main.rs:3:5",
        "  12: shop::main",
        "at noon: 3 orders",
        "2: served",
    ] {
        crate::testing::program(&mut model, ProgramMsg::Output(Output::Stderr, text.to_owned()));
    }
    go(&mut model, &[Command::Screen(8)]);
    let text = frame(&model, 120, 40).0;
    assert!(text.contains("3 of backtraces folded (a shows them)") && !text.contains("shop::"), "{text}");
    assert!(text.contains("at noon") && text.contains("2: served") && text.contains("panicked at"), "{text}");
    go(&mut model, &[Command::Frames]);
    assert!(frame(&model, 120, 40).0.contains("shop::serve"));
}

#[test]
fn a_crowded_scrubber_shows_how_much_instead_of_signs() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let mut busy = shop();
    for step in 0..2_000_u64 {
        let at = 10_000 + step * 5;
        busy.event(at, crate::testing::iteration_write(100 + step, at));
        if step > 1_000 {
            busy.event(at, crate::testing::iteration_write(10_000 + step, at));
        }
    }
    let mut model = crate::testing::opened(folder.path(), &[&busy]);
    go(&mut model, &[Command::Earlier, Command::Earlier]);
    let text = frame(&model, 80, 24).0;
    let line = text.lines().nth(22).unwrap_or_default();
    assert!(!line.contains('\u{2716}') && line.contains('█') && line.contains('▸'), "{line}");
}

#[test]
fn the_page_of_a_finding_says_who_cancelled_its_side_and_where() {
    for (columns, rows) in [(80, 24), (160, 50)] {
        let mut model = recorded(&crate::testing::half_done_request());
        go(&mut model, &[Command::Screen(3), Command::Open]);
        let (text, _) = frame(&model, columns, rows);
        assert!(text.contains("task 3 `quote` was cancelled by abort at 0.430s, by task 1"), "{text}");
        assert!(text.contains("src/gateway.rs:54:9"), "{text}");
        check_snapshot(&format!("half-done-{columns}x{rows}"), &text);
    }
}

/// Three tasks that are cut short within two minutes, and then the end.
#[test]
fn after_the_end_the_latest_cancellation_is_first_and_no_time_is_cut() {
    use mapwatch_event::task::{Cancelled, Coverage, TaskEnded, TaskPolls};
    use mapwatch_event::{ActorId, CancelKind, Ending};
    let mut shop = Session::of_schema("1.5", 12, "/srv/shop");
    shop.site(1, "src/main.rs", 10).task(1, "gateway");
    for id in 2..5 {
        let polls =
            TaskPolls { count: 1, busy: mapwatch_event::Nanos(61_000_000_000), ..TaskPolls::default() };
        let cancelled = Cancelled {
            kind: CancelKind::Timeout,
            actor: Some(ActorId(1)),
            site: Some(mapwatch_event::SiteId(1)),
            through: None,
        };
        let ended = TaskEnded {
            id: ActorId(id),
            ending: Ending::Cancelled,
            cancelled: Some(cancelled),
            polls,
            holding: Vec::new(),
            waited: Vec::new(),
            gave_back: Vec::new(),
        };
        shop.task(id, "quote").event(1_000 * id, Event::TaskEnded(ended));
    }
    shop.event(5_000, Event::Coverage(Coverage { runtime: 1, alive: 3, watched: 1, workers: 1 }));
    shop.end(120_000);
    let mut model = recorded(&shop);
    let text = frame(&model, 80, 24).0;
    assert!(text.contains("1 had not ended when the program was;"), "{text}");
    assert!(text.contains("mapwatch saw 1") && !text.contains("nobody is alive"), "{text}");
    let order = |text: &str| ["task 4", "task 3", "task 2"].map(|name| text.find(name).expect("it is shown"));
    assert!(order(&text).is_sorted(), "{text}");
    check_snapshot("overview-ended-80x24", &text);
    check_snapshot("overview-ended-160x50", &frame(&model, 160, 50).0);
    go(&mut model, &[Command::Screen(2)]);
    for (columns, rows) in [(80, 24), (160, 50)] {
        let text = frame(&model, columns, rows).0;
        assert!(order(&text).is_sorted() && text.contains("1m 58s") && text.contains("1m 56s"), "{text}");
        let body: Vec<&str> = text.lines().skip(2).collect();
        assert!(!body.iter().any(|line| line.contains('…')), "{text}");
        check_snapshot(&format!("tasks-ended-{columns}x{rows}"), &text);
    }
}

/// The text without its blanks: what was broken reads as if it were not.
pub(super) fn solid(text: &str) -> String {
    text.split_whitespace().collect()
}

#[test]
fn no_width_cuts_the_cure_short() {
    use mapwatch_triage::knowledge;
    use mapwatch_triage::report::Language;
    let mut model = live(&busy_shop());
    let category = model.findings().next().expect("the shop has one").category();
    let (before, after) = knowledge::of(category).example(Language::Rust).expect("it has one");
    for columns in [50, 60, 80, 81, 100, 160] {
        go(&mut model, &[Command::Screen(7)]);
        let (text, _) = frame(&model, columns, 100);
        let all = solid(&text);
        assert!(all.contains(&solid(before)) && all.contains(&solid(after)), "{columns}: {text}");
        assert!(!text.lines().skip(2).any(|line| line.contains('…')), "{columns}: {text}");
    }
    // What is broken keeps its colours: the part in the next line begins with the keyword that it is.
    let look = crate::model::ui::Look::default();
    let view = super::View { model: &model, theme: crate::theme::Theme::new(look), width: 22, height: 9 };
    let code =
        super::rust::line(view.theme, "let keys = map.keys(); for key in keys {}", super::rust::Within::Code);
    let lines = super::doc::hanging(&view, super::doc::span("> ", view.theme.quiet()), code.0);
    let texts: Vec<String> = lines.iter().map(ToString::to_string).collect();
    assert_eq!(texts, ["> let keys =", "  map.keys(); for key", "  in keys {}"]);
    let keyword = view.theme.syntax(crate::theme::Syntax::Keyword);
    assert_eq!((lines[2].spans[1].content.as_ref(), lines[2].spans[1].style), ("in", keyword));
}

/// Opens the first line of the log with this text.
fn open_line(model: &mut Model, text: &str) {
    let line = model.world.log.iter().find(|line| line.text.contains(text)).expect("it was said").id;
    go(model, &[Command::Screen(8), Command::First]);
    model.ui.list_mut(ListId::Log).selected = Some(crate::model::list::RowKey::Line(line));
    go(model, &[Command::Open]);
}

#[test]
fn a_line_of_the_log_opens_whole_and_leads_to_what_it_tells_of() {
    use crate::model::program::Output;
    use crate::msg::ProgramMsg;
    let mut model = live(&busy_shop());
    let suspect = model.findings().find(|finding| finding.category() == Category::CheckThenAct);
    let (suspect, report) = suspect
        .map(|finding| (finding.id, mapwatch_event::Report::new(&finding.latest).to_string()))
        .expect("the shop has one");
    let said = "at noon: 3 orders, ".to_owned() + &"and more ".repeat(20);
    let theirs = "bob's stack of orders";
    let panicked = "thread 'report' (77) panicked at src/orders.rs:12:9:";
    for text in report.lines().chain([theirs, panicked, "index 4 out of range for 12", &said]) {
        crate::testing::program(&mut model, ProgramMsg::Output(Output::Stderr, text.to_owned()));
    }
    // What the viewer said of the panic, whole; from there to the panic itself.
    open_line(&mut model, "panicked: index 17");
    let (text, _) = frame(&model, 80, 24);
    assert!(solid(&text).contains("panicked:index17outofrangefor3,atsrc/orders.rs:12:9"), "{text}");
    assert!(text.contains("Enter opens it") && text.contains(" Enter open "), "{text}");
    go(&mut model, &[Command::Open]);
    let Screen::Panic(id) = model.ui.screen() else { panic!("{:?}", model.ui.screen()) };
    assert_eq!(model.panic_row(id).map(|row| row.group.latest.location.line), Some(12));
    // What the standard library said of it.
    open_line(&mut model, "(77) panicked at");
    go(&mut model, &[Command::Open]);
    assert_eq!(model.ui.screen(), Screen::Panic(id));
    // The first line of a report, and one amidst it.
    for text in ["mapwatch: check, then act", "     cause  the iterator", "look:"] {
        open_line(&mut model, text);
        // Who did two of the three halves is named once.
        let (page, _) = frame(&model, 160, 24);
        let by = page.lines().find(|line| line.starts_with(" by ")).expect("somebody did");
        assert_eq!(by.matches("reserve").count(), 1, "{page}");
        go(&mut model, &[Command::Open]);
        assert_eq!(model.ui.screen(), Screen::Conflict(suspect), "{text}");
    }
    open_line(&mut model, theirs);
    go(&mut model, &[Command::Open]);
    assert!(matches!(model.ui.screen(), Screen::Line(_)), "it is no part of the report above it");
    // A line of the program's own leads nowhere, and is whole.
    open_line(&mut model, "at noon");
    let (text, _) = frame(&model, 80, 24);
    assert!(solid(&text).contains(&solid(&said)) && text.contains("standard error"), "{text}");
    assert!(!text.contains("Enter"), "{text}");
    go(&mut model, &[Command::Open]);
    assert!(frame(&model, 80, 24).0.contains("tells of no conflict"));
    go(&mut model, &[Command::Back]);
    assert_eq!(model.ui.screen(), Screen::Log);
}

#[test]
fn little_room_shows_the_map_and_the_thread_instead_of_the_title_twice() {
    use mapwatch_event::{Actor, ActorId, ActorKind, ConflictId, Panic, Site};
    let mut session = busy_shop();
    let text = "mapwatch: concurrent map iteration and map write: `insert` on `stock` while thread 11 `restock` \
                iterates it [concurrent-iteration-write]";
    let panic = Panic {
        id: 9,
        actor: Actor { id: ActorId(12), kind: ActorKind::Thread, name: "settle".into(), ..Actor::default() },
        message: text.into(),
        location: Site { file: "src/stock.rs".into(), line: 7, column: 9 },
        conflict: Some(ConflictId(4)),
        ..Panic::default()
    };
    session.event(9_970, Event::Panic(Box::new(panic)));
    let mut model = live(&session);
    let row = |model: &Model, columns: u16, needle: &str| {
        let (text, _) = frame(model, columns, 60);
        text.lines().find(|line| line.contains(needle)).map(str::to_owned).unwrap_or(text)
    };
    let overview = row(&model, 80, "stock.rs:7:9");
    assert!(overview.contains("insert on stock, 11 restock"), "{overview}");
    go(&mut model, &[Command::Screen(4)]);
    let narrow = row(&model, 80, "stock.rs:7:9");
    assert!(narrow.contains("insert on stock, 11 restock"), "{narrow}");
    assert!(narrow.contains("map iteration") && narrow.matches("iteration").count() == 1, "{narrow}");
    let wide = row(&model, 160, "stock.rs:7:9");
    assert!(wide.contains("`insert` on `stock` while thread 11 `restock` iterates it  "), "{wide}");
    go(&mut model, &[Command::Screen(6)]);
    let conflict = row(&model, 80, "orders.rs:88:9");
    assert!(conflict.contains("map iteration") && conflict.contains("orders: report, settle"), "{conflict}");
    let panic = row(&model, 80, "orders.rs:12:9");
    assert!(panic.contains("explicit panic") && panic.contains("index 4 out of range"), "{panic}");
}

#[test]
fn the_menu_of_columns_says_which_have_no_room_and_what_each_means() {
    for (columns, rows) in [(80, 24), (120, 30), (250, 30)] {
        for id in ListId::ALL.into_iter().filter(|id| *id != ListId::Log) {
            let mut model = live(&busy_shop());
            let tab =
                Screen::TABS.iter().position(|tab| tab.list() == Some(id)).expect("a list has a screen");
            go(&mut model, &[Command::Screen(tab)]);
            let (text, _) = frame(&model, columns, rows);
            let titles = text.lines().nth(3).unwrap_or_default().to_owned() + "  ";
            go(&mut model, &[Command::Columns]);
            for facts in id.columns() {
                let (text, _) = frame(&model, columns, rows);
                let entry = format!("] {} ", facts.title);
                let entry =
                    text.lines().find(|line| line.contains(&entry)).expect("every column has an entry");
                let is_seen = [' ', '▾'].iter().any(|end| titles.contains(&format!(" {}{end}", facts.title)));
                let why = if facts.title == "process" { "(one process)" } else { "(no room)" };
                assert_eq!(
                    is_seen,
                    !entry.contains(why),
                    "{columns} {id:?} {}: {titles}\n{entry}",
                    facts.title
                );
                let foot = text.lines().last().unwrap_or_default();
                assert!(foot.starts_with(&format!(" {}: {}", facts.title, facts.about)), "{foot}");
                update(&mut model, Msg::Menu(MenuStep::By(1)));
            }
        }
    }
}

#[test]
fn the_page_of_a_cancelled_task_shows_the_line_that_did_it() {
    let mut model = recorded(&crate::testing::cancelled_request("1.5"));
    page_of_the_request(&mut model);
    let Some(Effect::Read(sites)) = update(&mut model, Msg::Resized(80, 24)) else {
        panic!("nobody asks for the source")
    };
    let [(site, _)] = sites.as_slice() else { panic!("{sites:?}") };
    assert_eq!((site.file.as_str(), site.line), ("src/gateway.rs", 54));
    let mut lines = vec![String::new(); 13];
    "        quotes.abort_all();".clone_into(&mut lines[6]);
    let found = vec![(site.clone(), Some(Excerpt { first: 48, lines }))];
    assert!(update(&mut model, Msg::Source(found)).is_none());
    let (text, _) = frame(&model, 80, 30);
    let at = text.find("src/gateway.rs:54:9").expect("the place is shown");
    assert!(text[at..].lines().nth(1).is_some_and(|line| line.trim() == "quotes.abort_all();"), "{text}");
}

#[test]
fn nothing_that_a_filter_offers_is_cut() {
    let mut model = live(&busy_shop());
    go(&mut model, &[Command::Screen(2), Command::Filter]);
    let keys = |text: &str| {
        let named = |field: &&crate::model::query::Field| !text.contains(field.key());
        ListId::Tasks.fields().iter().filter(named).map(|field| field.key()).collect::<Vec<_>>()
    };
    for typed in ["", "colour:red"] {
        for c in typed.chars() {
            update(&mut model, Msg::Prompt(crate::msg::PromptEdit::Type(c)));
        }
        for columns in [50, 80, 200] {
            let (text, _) = frame(&model, columns, 24);
            let rows: Vec<&str> = text.lines().skip(19).collect();
            let said = rows.join("\n");
            assert!(keys(&said).is_empty() && !said.contains('…'), "{columns} {:?}: {text}", keys(&said));
        }
    }
    for columns in 0..30 {
        for rows in 0..8 {
            frame(&model, columns, rows);
        }
    }
}

#[test]
fn the_help_keeps_the_names_of_the_screens() {
    let mut model = live(&busy_shop());
    go(&mut model, &[Command::Help]);
    let head = |columns| frame(&model, columns, 24).0.lines().next().map(str::to_owned).unwrap_or_default();
    assert!(
        head(80).contains("1 Over") && head(80).contains("7 Found") && head(80).contains("9 Log"),
        "{}",
        head(80)
    );
    assert!(head(120).contains("7 Findings") && head(120).ends_with("Help"), "{}", head(120));
}

/// What a screen underlines: the words that were asked for.
fn underlined(model: &Model, columns: u16) -> Vec<String> {
    let buffer = crate::testing::cells(model, columns, 24);
    let mut words = vec![String::new()];
    for cell in buffer.content() {
        if cell.modifier.contains(ratatui::style::Modifier::UNDERLINED) {
            words.last_mut().expect("there is one").push_str(cell.symbol());
        } else if words.last().is_some_and(|word| !word.is_empty()) {
            words.push(String::new());
        }
    }
    words.retain(|word| !word.is_empty());
    words
}

#[test]
fn whoever_reads_a_filtered_list_sees_in_each_row_why_it_is_there() {
    let mut shop = crate::testing::cancelled_request("1.5");
    // While the request still waits behind the backup.
    let text = String::from_utf8(shop.bytes).expect("it is text");
    let ended = text.lines().position(|line| line.contains("\"waited\"")).expect("it ends");
    shop.bytes = text.split_inclusive('\n').take(ended).collect::<String>().into_bytes();
    let mut model = live(&shop);
    go(&mut model, &[Command::Screen(2), Command::First]);
    for columns in [80, 100, 160] {
        "backup".clone_into(&mut model.ui.list_mut(ListId::Tasks).filter);
        let rows = model.rows(ListId::Tasks).len();
        assert_eq!(rows, 2);
        assert_eq!(underlined(&model, columns), vec!["backup"; rows], "{}", frame(&model, columns, 24).0);
    }
    // What no column shows is said of the row that is looked at.
    "-state:blocked src/main".clone_into(&mut model.ui.list_mut(ListId::Tasks).filter);
    let (text, _) = frame(&model, 80, 24);
    assert!(text.contains("this row's site: src/main.rs:10:9"), "{text}");
    check_snapshot("filtered-80x24", &text);
    assert!(underlined(&model, 80).is_empty());
    // A search shows them, too; the log is no table, and does the same.
    model.ui.list_mut(ListId::Tasks).filter.clear();
    "BACKUP".clone_into(&mut model.ui.list_mut(ListId::Tasks).search);
    assert_eq!(underlined(&model, 80), ["backup"; 2]);
    let long = format!("{} needle", "hay ".repeat(50));
    let output = crate::model::program::Output::Stderr;
    crate::testing::program(&mut model, crate::msg::ProgramMsg::Output(output, long));
    go(&mut model, &[Command::Screen(8)]);
    "needle".clone_into(&mut model.ui.list_mut(ListId::Log).filter);
    assert_eq!(underlined(&model, 80), ["needle"]);
}

#[test]
fn what_is_wrong_with_a_filter_stands_whole_below_it() {
    let mut model = live(&busy_shop());
    go(&mut model, &[Command::Screen(2)]);
    "colour:red".clone_into(&mut model.ui.list_mut(ListId::Tasks).filter);
    for columns in [40, 80, 160] {
        let (text, _) = frame(&model, columns, 30);
        let missing = ListId::Tasks.fields().iter().find(|field| !text.contains(field.key()));
        assert_eq!(missing, None, "{columns}: {text}");
        assert!(text.contains("not understood: no key `colour` here"), "{text}");
    }
    let (text, measured) = frame(&model, 80, 24);
    let rows = text.lines().skip(usize::from(measured.first_row) + 2);
    assert!(rows.take(1).any(|row| row.contains("task")), "the mouse finds the first row: {text}");
}

#[test]
fn a_number_of_the_system_is_told_from_those_of_mapwatch() {
    let mut model = live(&busy_shop());
    for text in [
        "thread 'settle' (3109) panicked at src/lost.rs:3:9:",
        "thread 'settle' panicked at src/lost.rs:3:9:",
    ] {
        crate::testing::program(
            &mut model,
            crate::msg::ProgramMsg::Output(crate::model::program::Output::Stderr, text.to_owned()),
        );
        open_line(&mut model, text);
        let told = frame(&model, 100, 30).0.contains("3109 is the operating system's number");
        assert_eq!(told, text.contains("3109"));
    }
    go(&mut model, &[Command::Help]);
    assert!(frame(&model, 100, 200).0.contains("counted by mapwatch"));
}

#[test]
fn a_line_that_goes_on_is_indented_as_it_began() {
    let model = Model::default();
    let look = crate::model::ui::Look::default();
    let view = super::View { model: &model, theme: crate::theme::Theme::new(look), width: 24, height: 9 };
    let style = view.theme.text();
    let text = |indent: usize, text: &str| {
        let line = ratatui::text::Line::from(super::doc::span(" ".repeat(indent) + text, style));
        let lines = super::doc::hanging(&view, super::doc::span("> ", style), line);
        lines.iter().map(ToString::to_string).collect::<Vec<_>>()
    };
    assert_eq!(text(4, "holder of the map orders"), [">     holder of the map", "      orders"]);
    assert_eq!(text(0, "holder of the map orders"), ["> holder of the map", "  orders"]);
    assert!(
        text(90, "holder").iter().any(|line| line.contains("hold")),
        "an indent leaves room for the text"
    );
}

#[test]
fn links_say_whose_they_are_and_rust_is_first() {
    let mut model = live(&busy_shop());
    go(&mut model, &[Command::Screen(7)]);
    let (text, _) = frame(&model, 160, 200);
    let (rust, theirs) = (
        text.find("see       Rust's standard library: https://doc.rust-lang.org/std/sync"),
        text.find("Go's documentation: https://go.dev"),
    );
    assert!(rust.is_some() && theirs > rust, "{text}");
}

#[test]
fn the_moment_that_is_shown_says_what_it_is() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let mut model = crate::testing::opened(folder.path(), &[&busy_shop()]);
    let mut said = Vec::new();
    for _ in 0..12 {
        go(&mut model, &[Command::PreviousMoment]);
        let status = frame(&model, 80, 24).0.lines().nth(1).map(str::to_owned).unwrap_or_default();
        said.extend(status.split_once(": ").map(|(_, what)| what.trim_end_matches(['─', ' ']).to_owned()));
    }
    for expected in [
        "concurrent map iteration and map write on orders",
        "check, then act on stock",
        "something is lost on the way",
        "task 23 `report` panics",
        "a task is cut short",
        "a process begins or ends",
    ] {
        assert!(said.iter().any(|what| what == expected), "{expected}: {said:#?}");
    }
}

#[test]
fn nothing_is_stopped_after_the_end() {
    let mut ended = shop();
    ended.end(20_000);
    let mut model = recorded(&ended);
    go(&mut model, &[Command::Pause]);
    let (text, _) = frame(&model, 80, 24);
    assert!(model.frozen.is_none() && text.contains("there is nothing to stop"), "{text}");
    let mut model = live(&shop());
    go(&mut model, &[Command::Pause]);
    assert!(model.frozen.is_some());
}

#[test]
fn what_tells_rows_apart_is_not_what_is_cut() {
    use super::table::Cell;
    let style = ratatui::style::Style::new();
    let shown = |cell: Cell, columns: usize| {
        let column = super::table::Column::fixed("", columns, super::table::Align::Left, 9);
        let model = Model::default();
        let look = crate::model::ui::Look::default();
        let view = super::View { model: &model, theme: crate::theme::Theme::new(look), width: 80, height: 9 };
        let view = view.with_width(columns + 2);
        super::table::whole(&view, &[column], vec![vec![cell]])[0].to_string().trim().to_owned()
    };
    assert_eq!(shown(Cell::actor("thread 115 `report`", style), 19), "thread 115 `report`");
    assert_eq!(shown(Cell::actor("thread 115 `report`", style), 16), "115 `report`");
    assert_eq!(shown(Cell::actor("thread 1234567", style), 8), "thread …");
    assert_eq!(shown(Cell::map("HashMap made at tasks.rs:138", style), 14), "tasks.rs:138");
    assert_eq!(shown(Cell::map("orders of today", style), 10), "orders of…");
    for (category, brief) in [
        (Category::ConcurrentWrites, "map writes"),
        (Category::ConcurrentReadWrite, "map read and ma…"),
        (Category::ConcurrentIterationWrite, "map iteration a…"),
        (Category::UninitialisedMap, "nil map"),
        (Category::SelfDeadlock, "self-deadlock"),
    ] {
        assert_eq!(shown(Cell::category(category, style), 16), brief);
    }
    // On the screens: whom a task waits for, where 80 columns have no room for the sentence.
    let mut model = live(&busy_shop());
    go(&mut model, &[Command::Screen(2)]);
    let (text, _) = frame(&model, 80, 24);
    assert!(text.contains("behind 1 `main`: orders"), "{text}");
    "waits".clone_into(&mut model.ui.list_mut(ListId::Tasks).filter);
    let (text, _) = frame(&model, 80, 24);
    assert!(text.contains("waits to insert orders"), "what was asked for is what is shown: {text}");
}

#[test]
fn the_sides_of_a_conflict_have_lanes_though_the_history_has_others_alone() {
    let mut shop = shop();
    let sides = vec![
        crate::testing::side(Role::Holder, Operation::Get, 9, "report", "src/report.rs", 41),
        crate::testing::side(Role::Attempt, Operation::Insert, 9, "report", "src/report.rs", 43),
    ];
    let mut found = crate::testing::conflict(40, Category::SelfDeadlock, 1, "orders", 9_990, sides);
    let other = crate::testing::side(Role::Holder, Operation::Get, 3, "buyer", "src/buyer.rs", 1).actor;
    let past = |ms: u64, operation| mapwatch_event::PastOperation {
        at: mapwatch_event::Nanos(ms * crate::testing::MS),
        actor: other.clone(),
        operation,
        site: mapwatch_event::Site { file: "src/buyer.rs".into(), line: 1, column: 1 },
    };
    found.history = vec![past(9_980, Operation::Insert), past(9_980, Operation::Get)];
    shop.event(9_990, Event::Conflict(Box::new(found)));
    let mut model = live(&shop);
    let id =
        model.findings().find(|finding| finding.category() == Category::SelfDeadlock).map(|found| found.id);
    model.ui.screens.push(Screen::Conflict(id.expect("it was found")));
    let (text, _) = frame(&model, 80, 80);
    let lane =
        |name: &str| text.lines().find(|line| line.starts_with(&format!(" task {name}"))).unwrap_or_default();
    assert!(lane("9 `report`").contains('r') && lane("9 `report`").ends_with('\u{2716}'), "{text}");
    assert!(lane("3 `buyer`").contains(" w"), "a write is seen before a read: {text}");
}

#[test]
fn maps_that_are_gone_stand_behind_those_that_are_there() {
    let mut shop = Session::of_schema("1.5", 12, "/srv/shop");
    shop.site(1, "src/main.rs", 10);
    for id in 1..=30 {
        shop.map(id, mapwatch_event::MapKind::HashMap, &format!("of-request-{id}"), "HashMap<u64, u64>", 1);
        shop.event(5, Event::MapGone(mapwatch_event::event::MapGone { id: MapId(id) }));
    }
    shop.map(31, mapwatch_event::MapKind::HashMap, "orders", "HashMap<u64, u64>", 1);
    let mut model = live(&shop);
    go(&mut model, &[Command::Screen(1)]);
    let (text, _) = frame(&model, 80, 24);
    assert!(text.lines().nth(4).is_some_and(|row| row.contains("orders")), "{text}");
}

#[test]
fn who_talks_nonsense_is_not_waited_for_in_silence() {
    let mut model = Model::default();
    assert!(frame(&model, 80, 24).0.contains("waiting for the first line"));
    model.world.unread.add("process 5512".into(), 0, "it did not begin with the header of a session".into());
    let (text, _) = frame(&model, 80, 24);
    assert!(
        text.contains("is no session of mapwatch") && text.contains("process 5512: it did not begin"),
        "{text}"
    );
    assert!(!text.contains("waiting for the first line"), "{text}");
}

#[test]
fn a_key_that_has_nothing_to_choose_from_says_why() {
    let mut model = live(&busy_shop());
    for (screen, command, why) in [
        (1, Command::Processes, "there is one process, and it is shown"),
        (8, Command::Columns, "one order and no columns"),
        (0, Command::Sort, "one order and no columns"),
    ] {
        go(&mut model, &[Command::Screen(screen), command]);
        let (text, _) = frame(&model, 80, 24);
        assert!(text.lines().last().is_some_and(|foot| foot.contains(why)), "{text}");
    }
}

#[test]
fn a_stranded_task_says_what_that_means() {
    use mapwatch_event::task::{TaskNow, TaskPolls, TaskStates};
    use mapwatch_event::{ActorId, Nanos, TaskState};
    let mut shop = Session::of_schema("1.5", 12, "/srv/shop");
    shop.site(1, "src/main.rs", 10).task(1, "index 17");
    let polls = TaskPolls { count: 1, ..TaskPolls::default() };
    let now = TaskNow {
        id: ActorId(1),
        state: TaskState::Stranded,
        since: Nanos(5),
        polls,
        woken_by: None,
        thread: None,
    };
    shop.event(20, Event::TaskStates(TaskStates { alive: 1, tasks: vec![now] }));
    let mut model = live(&shop);
    go(&mut model, &[Command::Screen(2)]);
    let (text, _) = frame(&model, 80, 24);
    assert!(
        text.lines().any(|row| row.contains("stranded") && row.contains("nobody is left to wake it")),
        "{text}"
    );
}

#[test]
fn what_a_shorter_form_leaves_is_for_the_others() {
    let model = live(&shop());
    let (text, _) = frame(&model, 120, 40);
    let row = text.lines().find(|line| line.contains("check, then act")).unwrap_or_default();
    assert!(row.contains("stock"), "{text}");
    let row = text.lines().find(|line| line.contains(" map iteration and map write  ")).unwrap_or_default();
    assert!(row.contains("orders") && !row.contains('…'), "{text}");
}

#[test]
fn panics_alone_are_not_nothing() {
    let mut shop = Session::of_schema("1.5", 12, "/srv/shop");
    shop.site(1, "src/main.rs", 10);
    shop.map(1, mapwatch_event::MapKind::HashMap, "orders", "HashMap<u64, u64>", 1);
    let panic =
        mapwatch_event::Panic { id: 1, message: "index 4".into(), ..mapwatch_event::Panic::default() };
    assert!(frame(&live(&shop), 80, 24).0.contains("nothing found so far in 1 map"));
    shop.event(20, Event::Panic(Box::new(panic)));
    let (text, _) = frame(&live(&shop), 80, 24);
    assert!(
        text.contains("1 panic; no conflict so far in 1 map") && !text.contains("nothing found"),
        "{text}"
    );
}

#[test]
fn after_a_program_without_maps_nobody_is_waited_for() {
    use crate::model::program::Ending;
    use crate::msg::ProgramMsg;
    let mut model = Model::default();
    let head = |model: &Model| frame(model, 80, 24).0.lines().nth(1).map(str::to_owned).unwrap_or_default();
    assert!(head(&model).contains("no program yet"));
    crate::testing::program(&mut model, ProgramMsg::Started { pid: 7, command: "sh".into() });
    crate::testing::program(&mut model, ProgramMsg::Ended(Ending::Code(0)));
    assert!(head(&model).contains("no watched process"), "{}", head(&model));
}

/// A task that was told to be fresh, and has had a guard since; and one that ended before a sample told what it did.
fn between_samples() -> Session {
    use mapwatch_event::event::{Holders, Holding};
    use mapwatch_event::task::{TaskEnded, TaskPolls};
    use mapwatch_event::{ActorId, Ending, MapId, MapKind, Nanos, Operation, SiteId};
    let mut shop = Session::of_schema("1.5", 12, "/srv/shop");
    shop.site(1, "src/main.rs", 10).task(1, "backup").task(2, "replica");
    shop.map(1, MapKind::RwLock, "carts", "RwLock<u64>", 1);
    let holding =
        Holding { actor: ActorId(1), operation: Operation::Read, site: SiteId(1), since: Nanos(4_000_000) };
    shop.event(80, Event::Holders(Holders { map: MapId(1), holders: vec![holding], waiters: Vec::new() }));
    let polls = TaskPolls { count: 2, busy: Nanos(9_000), ..TaskPolls::default() };
    shop.event(
        90,
        Event::TaskEnded(TaskEnded {
            id: ActorId(2),
            ending: Ending::Cancelled,
            cancelled: None,
            polls,
            holding: Vec::new(),
            waited: Vec::new(),
            gave_back: Vec::new(),
        }),
    );
    shop
}

#[test]
fn nobody_is_fresh_who_holds_a_guard_or_was_polled() {
    let mut model = live(&between_samples());
    go(&mut model, &[Command::Screen(2)]);
    let (text, _) = frame(&model, 160, 50);
    assert!(text.lines().any(|row| row.contains("begun") && row.contains("holds carts")), "{text}");
    let session = *model.world.sessions.keys().next().expect("there is one");
    for (actor, state) in [(1, "begun for"), (2, "cancelled")] {
        let actor = mapwatch_event::ActorId(actor);
        model.ui.screens.push(Screen::Task(crate::model::ui::TaskKey { session, actor }));
        let (text, _) = frame(&model, 80, 40);
        let lane = text.lines().skip_while(|row| !row.contains("── Life")).nth(1).unwrap_or_default();
        assert!(text.contains(state) && text.contains("? not told"), "{text}");
        assert!(lane.contains("????") && !lane.contains('·') && !text.contains("fresh for"), "{text}");
    }
}

#[test]
fn a_sentence_goes_when_it_is_no_longer_true() {
    let mut model = live(Session::of_schema("1.5", 12, "/srv/shop").site(1, "src/main.rs", 10));
    go(&mut model, &[Command::Screen(5), Command::Open]);
    let foot = |model: &Model| frame(model, 80, 24).0.lines().last().unwrap_or_default().to_owned();
    let tick = |model: &mut Model| {
        let clock = model.world.clock;
        send(model, Msg::Tick(clock));
    };
    tick(&mut model);
    assert!(foot(&model).contains("nobody holds anything at this moment"), "{}", foot(&model));
    let waits = live(&between_samples()).world;
    model.world = waits;
    tick(&mut model);
    assert!(!foot(&model).contains("nobody holds") && foot(&model).contains("help"), "{}", foot(&model));
    // What was done stays said.
    assert!(matches!(update(&mut model, Msg::Command(Command::Mouse)), Some(Effect::Mouse(true))));
    tick(&mut model);
    assert!(foot(&model).contains("the mouse is listened to"), "{}", foot(&model));
}

#[test]
fn a_search_that_finds_nothing_leads_nowhere() {
    use crate::msg::PromptEdit;
    let mut model = live(&busy_shop());
    go(&mut model, &[Command::Screen(8)]);
    let stands = |model: &Model| {
        let list = model.ui.list(ListId::Log);
        (list.follow, model.selected())
    };
    let before = stands(&model);
    assert!(before.0 && before.1.is_some());
    let look_for = |model: &mut Model, text: &str, last| {
        go(model, &[Command::Search]);
        text.chars().for_each(|c| send(model, Msg::Prompt(PromptEdit::Type(c))));
        send(model, Msg::Prompt(last));
    };
    // It begins as other lines do, and goes on as none does.
    look_for(&mut model, "index 17", PromptEdit::Cancel);
    assert_eq!(stands(&model), before, "Esc goes back");
    look_for(&mut model, "index 17 zzz", PromptEdit::Accept);
    assert_eq!(stands(&model), before);
    look_for(&mut model, "index 17", PromptEdit::Accept);
    assert!(stands(&model) != before && !stands(&model).0, "there is such a line");
}

#[test]
fn advice_stays_in_its_place_while_counts_change() {
    let sections = |shop: &Session| {
        let mut model = live(shop);
        go(&mut model, &[Command::Screen(7)]);
        let (text, _) = frame(&model, 100, 400);
        let titles = text.lines().filter(|row| row.starts_with("── ") && row.contains(". "));
        titles.map(|row| row.trim_matches(['─', ' ']).to_owned()).collect::<Vec<_>>()
    };
    let mut shop = shop();
    let before = sections(&shop);
    assert!(before.len() > 1, "{before:#?}");
    for (id, at) in [(11, 9_960), (12, 9_970), (13, 9_980)] {
        shop.event(at, crate::testing::hazard(id, at));
    }
    assert_eq!(sections(&shop), before);
}

#[test]
fn screens_stay_in_their_places_when_somebody_waits() {
    for columns in [80, 160] {
        let ends = |model: &Model| frame(model, columns, 24).1.tabs;
        let mut quiet = Session::of_schema("1.5", 12, "/srv/shop");
        quiet.site(1, "src/main.rs", 10).site(2, "src/a.rs", 1).site(3, "src/a.rs", 2);
        quiet.map(1, mapwatch_event::MapKind::Mutex, "till", "Mutex<u64>", 1);
        let before = ends(&live(&quiet));
        quiet.hold(50, 1, 20);
        let after = live(&quiet);
        assert!(frame(&after, columns, 24).0.contains("(1)"));
        assert_eq!(ends(&after), before);
    }
}

#[test]
fn an_empty_list_of_tasks_says_what_t_numbers_are() {
    let mut model = live(Session::of_schema("1.5", 12, "/srv/shop").site(1, "src/main.rs", 10));
    go(&mut model, &[Command::Screen(2)]);
    let text = solid(&frame(&model, 80, 24).0);
    assert!(text.contains(&solid("only known by its number: conflicts call it task t21")), "{text}");
}

#[test]
fn times_are_told_by_the_clock_of_the_process() {
    use crate::model::moment::Wall;
    let mut model = live(&busy_shop());
    // The viewer hears of a program that it started before that watches itself.
    let msg = crate::msg::ProgramMsg::Started { pid: 4711, command: "shop".into() };
    crate::testing::program(&mut model, msg);
    assert_eq!(model.world.began, Some(Wall(1)));
    let session = model.world.foremost().expect("there is one");
    assert_eq!(model.world.since_start(model.world.until), session.last_at);
    // A line of its output comes later than what its pages tell.
    let shown = session.wall(session.last_at);
    let late = crate::source::arrival::Arrival::Program {
        at: shown.after(mapwatch_event::Nanos(85_000_000)),
        msg: crate::msg::ProgramMsg::Output(crate::model::program::Output::Stdout, "settled".into()),
    };
    model.world.take_in(crate::msg::StreamId(99), late);
    assert!(model.world.until > shown);
    let wanted = crate::model::tape::Stop::At(model.world.position);
    model.ui.travel = Some(crate::model::ui::Travel { wanted, under_way: None });
    assert_eq!(model.moment(), shown);
}
