//! The model through the wire: bytes in, what is known out.
#![allow(clippy::unwrap_used, reason = "a test that finds nothing has failed")]

use super::Model;
use super::list::{ListId, RowKey};
use super::session::{Origin, SessionId, State};
use super::ui::{MapKey, Screen};
use crate::export::Format;
use crate::keymap::Command;
use crate::msg::{MenuStep, Msg, ProgramMsg, PromptEdit};
use crate::source::Trust;
use crate::testing::{
    MS, Session, busy_shop, iteration_write, live, play_into, program, recorded, send, shop,
};
use crate::update::{Effect, update};
use mapwatch_event::event::MapGone;
use mapwatch_event::{Event, Grade, Lane, MapId, MapKind, Nanos, Seq, wire};
use std::time::Duration;

fn press(model: &mut Model, commands: &[Command]) {
    for command in commands {
        send(model, Msg::Command(*command));
    }
}

fn typed(model: &mut Model, text: &str) {
    for c in text.chars() {
        update(model, Msg::Prompt(PromptEdit::Type(c)));
    }
}

#[test]
fn everything_told_is_known() {
    let model = live(&shop());
    let session = &model.world.sessions[&SessionId(1)];
    assert_eq!((session.maps.len(), session.conflicts, session.missed), (4, 4, 0));
    let orders = session.maps.get(MapId(1)).unwrap();
    assert_eq!((orders.length, orders.grown, orders.conflicts), (Some(1200), 4, 3));
    assert_eq!(orders.rates_at(Nanos(10_000 * MS)).writes, 1200.0);
    assert_eq!(orders.total.iterations, 40);
    assert_eq!(session.lost[&Lane::Samples].total, 1234);
    assert_eq!(session.actors.title(mapwatch_event::ActorId(2)), "task 2 `settle`");
    assert_eq!(orders.hot_sites()[0].2, 40 * 41 / 2 * 40);
}

#[test]
fn the_same_finding_is_counted_not_repeated() {
    let model = live(&shop());
    assert_eq!(model.world.findings.len(), 3);
    assert_eq!(
        model.world.findings.by_grade(),
        [(Grade::Certain, 1), (Grade::Hazard, 1), (Grade::Suspect, 1)]
    );
    let finding = model.world.findings.iter().next().unwrap();
    assert_eq!(
        (finding.count, finding.first_seen.at, finding.last_seen.at),
        (2, Nanos(6000 * MS), Nanos(9000 * MS))
    );
}

#[test]
fn a_snapshot_repeats_no_conflict_and_loses_nothing() {
    let mut session = shop();
    // A late viewer is told old facts with their old numbers first.
    wire::encode_event(Seq(3), Nanos(9000 * MS), &iteration_write(4, 9_000), &mut session.bytes);
    let model = live(&session);
    assert_eq!(model.world.findings.sightings, 4);
    assert_eq!(model.world.sessions[&SessionId(1)].missed, 0);
}

#[test]
fn a_gap_in_the_numbers_is_a_loss() {
    let mut session = shop();
    let gone = Event::MapGone(MapGone { id: MapId(4) });
    wire::encode_event(Seq(1_000_000), Nanos(1), &gone, &mut session.bytes);
    assert!(live(&session).world.sessions[&SessionId(1)].missed > 900_000);
}

#[test]
fn time_goes_on_between_two_events_of_a_live_session_only() {
    let mut model = live(&shop());
    update(&mut model, Msg::Tick(Duration::from_secs(15)));
    let key = MapKey { session: SessionId(1), map: MapId(1) };
    let row = model.map_row(key).unwrap();
    assert_eq!(row.held_for(), Some(Nanos((15_001 - 9_200) * MS)));
    assert_eq!(row.rates().reads, 0.0, "the pace of five seconds ago says nothing");
    let mut session = shop();
    let mut model = recorded(session.end(10_001));
    update(&mut model, Msg::Tick(Duration::from_secs(15)));
    let row = model.map_row(key).unwrap();
    assert_eq!(row.now, Nanos(10_001 * MS));
    assert!((row.rates().writes - 1200.0).abs() < 1.0, "{:?}", row.rates());
}

#[test]
fn a_stream_without_an_end_is_cut() {
    let model = recorded(&shop());
    let session = &model.world.sessions[&SessionId(1)];
    assert_eq!(session.state, State::Cut);
    assert_eq!(session.cut_words(), "the recording ends early");
    let mut model = Model::default();
    play_into(&mut model, &shop().bytes, Origin::Joined, Trust::Peer);
    assert!(model.world.log.iter().any(|line| line.text.contains("it was killed, or it crashed")));
}

#[test]
fn a_cut_line_is_said_with_its_place_and_nothing_else_is_lost() {
    let mut session = shop();
    let whole = session.bytes.len();
    session.traffic(10_000, 1, [1, 1, 1], 9);
    session.bytes.truncate(whole + 40);
    let model = recorded(&session);
    assert_eq!(model.world.findings.len(), 3);
    let [unread] = model.world.unread.lines.as_slice() else { panic!("{:?}", model.world.unread) };
    let lines = session.bytes.iter().filter(|byte| **byte == b'\n').count() as u64 + 1;
    assert_eq!(unread.to_string(), format!("run.jsonl:{lines}: the line is cut"));
}

#[test]
fn rubbish_and_strangers_are_counted_and_the_rest_is_read() {
    let mut session = Session::new(1, "x");
    session.raw(b"\xff\xfe\x00rubbish\n").raw(b"[]\n");
    session.raw(b"{\"seq\":1,\"t\":5,\"kind\":\"teleport\",\"data\":{}}\n");
    session.map(1, MapKind::HashMap, "orders", "T", 1).end(9);
    let model = recorded(&session);
    assert_eq!(model.world.unread.count, 3);
    assert_eq!(model.world.unread.lines[2].to_string(), "run.jsonl:4: unknown kind of event `teleport`");
    assert_eq!(model.all_maps().count(), 1);
}

#[test]
fn a_header_in_the_middle_begins_another_session() {
    let mut first = shop();
    first.end(10_000);
    let mut second = Session::new(4712, "/srv/shop/target/debug/shop");
    second.map(1, MapKind::HashMap, "orders", "T", 1).event(6_000, iteration_write(1, 6_000));
    first.raw(&second.bytes);
    let model = recorded(&first);
    let states: Vec<State> = model.world.sessions.values().map(|session| session.state).collect();
    assert_eq!(states.len(), 2);
    assert!(matches!(states[0], State::Ended(_)) && states[1] == State::Cut);
    let finding = model.world.findings.iter().next().unwrap();
    assert_eq!((finding.count, finding.sessions.len(), finding.maps.len()), (3, 2, 2));
}

#[test]
fn a_session_of_a_newer_major_is_skipped_with_a_sentence() {
    let header =
        br#"{"kind":"header","schema":"2.0","writer":"9","pid":5,"executable":"x","started_unix_micros":0}"#;
    let mut session = Session::new(1, "x");
    session.end(1).raw(header).raw(b"\n").map(1, MapKind::HashMap, "orders", "T", 1);
    let model = recorded(&session);
    assert_eq!((model.world.sessions.len(), model.all_maps().count()), (1, 0));
    let said = model.world.unread.lines[0].to_string();
    assert!(said.contains("schema 2.0") && said.contains("a newer mapview is needed"), "{said}");
}

#[test]
fn peers_that_talk_nonsense_are_dropped() {
    let mut model = Model::default();
    play_into(&mut model, b"GET / HTTP/1.1\r\n\r\n", Origin::Joined, Trust::Peer);
    assert!(model.world.heard_nobody() && model.world.unread.count == 1);
    let mut session = Session::new(1, "x");
    for _ in 0..5000 {
        session.raw(b"nonsense\n");
    }
    session.map(1, MapKind::HashMap, "orders", "T", 1);
    let mut model = Model::default();
    play_into(&mut model, &session.bytes, Origin::Joined, Trust::Peer);
    assert_eq!(model.all_maps().count(), 0, "it was dropped before its map came");
    play_into(&mut model, b"", Origin::Joined, Trust::Peer);
    assert_eq!(model.world.sessions.len(), 1, "who says nothing is nobody");
}

/// The number of the selected map.
fn selected_map(model: &Model) -> u64 {
    match model.selected() {
        Some(RowKey::Map(key)) => key.map.0,
        other => panic!("no map is selected: {other:?}"),
    }
}

fn menu(model: &mut Model, steps: &[MenuStep]) {
    for step in steps {
        assert!(update(model, Msg::Menu(*step)).is_none());
    }
}

#[test]
fn selection_stays_with_its_map_when_rows_move() {
    let mut model = live(&shop());
    press(&mut model, &[Command::Screen(1), Command::Down]);
    assert_eq!(selected_map(&model), 2);
    for _ in 0..9 {
        press(&mut model, &[Command::Sort]);
        menu(&mut model, &[MenuStep::By(1), MenuStep::Take]);
        assert_eq!(selected_map(&model), 2);
    }
    press(&mut model, &[Command::Sort]);
    menu(&mut model, &[MenuStep::By(-100), MenuStep::Take]);
    assert_eq!(model.ui.list(ListId::Maps).sort, 0, "the first entry is the order of the beginning");
    press(&mut model, &[Command::Invert, Command::Open]);
    let key = MapKey { session: SessionId(1), map: MapId(2) };
    assert_eq!(model.ui.screen(), Screen::Map(key));
}

#[test]
fn menus_choose_orders_columns_and_processes() {
    let mut model = live(&shop());
    press(&mut model, &[Command::Screen(1), Command::Sort]);
    menu(&mut model, &[MenuStep::By(1), MenuStep::Take]);
    assert!(model.ui.menu.is_none());
    let first = crate::testing::frame(&model, 160, 50).0;
    assert!(first.contains("by name") && first.contains("name▾"), "{first}");
    press(&mut model, &[Command::Columns]);
    menu(&mut model, &[MenuStep::By(2), MenuStep::Take, MenuStep::Close]);
    let second = crate::testing::frame(&model, 160, 50).0;
    assert!(first.contains("SharedMap") && !second.contains("SharedMap"), "{second}");
    press(&mut model, &[Command::Processes]);
    assert!(model.ui.menu.is_none(), "one process is no choice");
    play_into(&mut model, &Session::new(77, "/bin/other").bytes, Origin::Joined, Trust::Peer);
    press(&mut model, &[Command::Processes]);
    menu(&mut model, &[MenuStep::Take, MenuStep::Close]);
    assert_eq!((model.all_maps().count(), model.findings().count()), (0, 0));
    assert!(crate::testing::frame(&model, 80, 24).0.contains("1 process hidden"));
}

#[test]
fn marks_are_jumped_to() {
    let mut model = live(&shop());
    press(&mut model, &[Command::Screen(1), Command::Mark, Command::Down, Command::Mark]);
    press(&mut model, &[Command::First, Command::NextMark]);
    assert_eq!(selected_map(&model), 3);
    press(&mut model, &[Command::NextMark]);
    assert_eq!(selected_map(&model), 1);
    assert!(crate::testing::frame(&model, 80, 24).0.contains("2 marked"));
}

#[test]
fn a_long_list_is_worked_out_beforehand_and_stays_true() {
    let mut session = Session::new(1, "x");
    for id in 1..=3000 {
        session.map(id, MapKind::HashMap, &format!("map-{id}"), "T", 1);
    }
    let mut model = live(&session);
    press(&mut model, &[Command::Screen(1)]);
    let ready = model.rows(ListId::Maps);
    assert!(std::sync::Arc::ptr_eq(&ready, &model.rows(ListId::Maps)));
    press(&mut model, &[Command::Filter]);
    typed(&mut model, "map:map-12 -map-120");
    assert_eq!(model.rows(ListId::Maps).len(), 100);
    update(&mut model, Msg::Tick(Duration::from_secs(100)));
    assert_eq!(model.rows(ListId::Maps).len(), 100);
}

#[test]
fn search_steps_and_filter_hides() {
    let mut model = live(&shop());
    press(&mut model, &[Command::Screen(1), Command::Search]);
    typed(&mut model, "HASHMAP");
    assert_eq!(selected_map(&model), 1);
    update(&mut model, Msg::Prompt(PromptEdit::Cancel));
    assert_eq!(model.ui.list(ListId::Maps).search, "");
    press(&mut model, &[Command::Search]);
    typed(&mut model, "src/main.rs");
    assert!(crate::testing::frame(&model, 80, 24).0.contains("3 rows"));
    update(&mut model, Msg::Prompt(PromptEdit::Accept));
    let mut visited = Vec::new();
    for _ in 0..3 {
        press(&mut model, &[Command::NextMatch]);
        visited.push(selected_map(&model));
    }
    assert_eq!(visited, [2, 4, 1], "map 3 was made elsewhere");
    press(&mut model, &[Command::Filter]);
    typed(&mut model, "btree");
    assert_eq!(model.rows(ListId::Maps).len(), 1);
    update(&mut model, Msg::Prompt(PromptEdit::Accept));
    press(&mut model, &[Command::Back]);
    assert_eq!(model.rows(ListId::Maps).len(), 4, "escape drops the filter first");
}

#[test]
fn a_filter_is_completed_and_its_errors_shown_in_place() {
    let mut model = live(&shop());
    press(&mut model, &[Command::Screen(1), Command::Filter]);
    typed(&mut model, "map:or");
    assert!(crate::testing::frame(&model, 80, 24).0.contains("Tab: map:orders"));
    update(&mut model, Msg::Prompt(PromptEdit::Complete));
    assert_eq!(model.ui.prompt.as_ref().unwrap().text, "map:orders");
    typed(&mut model, " colour:red");
    let frame = crate::testing::frame(&model, 80, 24).0;
    // All of it, over the last rows: it is longer than what is left behind the prompt.
    let over: Vec<&str> = frame.lines().skip(21).map(str::trim).collect();
    let said = "no key `colour` here; there are map kind type site process state count entries capacity bytes \
                growths reads writes iters for age filter: map:orders colour:red";
    assert_eq!(over.join(" "), said, "{frame}");
    assert_eq!(model.rows(ListId::Maps).len(), 2, "one is named so, one was made in orders.rs");
    update(&mut model, Msg::Prompt(PromptEdit::Accept));
    press(&mut model, &[Command::Screen(3), Command::Filter]);
    typed(&mut model, "cat:check-then-act state:panicked site:stock.rs:14 age<1m");
    assert_eq!(model.rows(ListId::Conflicts).len(), 1);
}

#[test]
fn pausing_stops_the_picture_not_the_world() {
    let mut model = live(&Session::new(4711, "shop"));
    press(&mut model, &[Command::Pause]);
    play_into(&mut model, &shop().bytes, Origin::Joined, Trust::Peer);
    assert!(model.seen().findings.is_empty() && model.all_maps().next().is_none());
    let waiting = model.waiting().unwrap();
    assert!(waiting.conflicts == 4 && waiting.events > 90, "{waiting:?}");
    press(&mut model, &[Command::Pause]);
    assert_eq!((model.seen().findings.len(), model.waiting()), (3, None));
}

#[test]
fn problems_are_stepped_through_and_the_way_does_not_grow() {
    let mut model = live(&shop());
    press(&mut model, &[Command::NextProblem]);
    let Screen::Conflict(newest) = model.ui.screen() else { panic!("{:?}", model.ui.screen()) };
    assert_eq!(model.world.findings.get(newest).unwrap().count, 2);
    press(&mut model, &[Command::NextProblem, Command::NextProblem, Command::NextProblem]);
    assert_eq!(model.ui.note.as_ref().unwrap().text, "that was the last one");
    for _ in 0..10 {
        press(&mut model, &[Command::Open]);
    }
    assert!(model.ui.screens.len() <= 4, "{:?}", model.ui.screens);
}

#[test]
fn q_goes_back_and_then_out() {
    let mut model = live(&shop());
    press(&mut model, &[Command::Screen(3), Command::Open, Command::Leave]);
    assert_eq!(model.ui.screen(), Screen::Conflicts);
    assert!(matches!(update(&mut model, Msg::Command(Command::Leave)), Some(Effect::Quit)));
}

#[test]
fn effects_carry_what_is_on_the_screen() {
    let mut model = live(&shop());
    press(&mut model, &[Command::Screen(3), Command::Open, Command::Right]);
    let effect = update(&mut model, Msg::Command(Command::Edit));
    let Some(Effect::Edit { site, executable }) = effect else { panic!("no site") };
    assert_eq!(executable, "/srv/shop/target/debug/shop");
    assert_eq!(site.to_string(), "src/orders.rs:88:9");
    let Some(Effect::Copy(text)) = update(&mut model, Msg::Command(Command::Copy)) else { panic!("no text") };
    assert!(text.starts_with("mapwatch: concurrent map iteration and map write: `insert` on `orders`"));
}

#[test]
fn a_report_is_written_of_the_moment_that_is_shown_in_the_format_that_was_chosen() {
    let mut model = live(&shop());
    press(&mut model, &[Command::Pause, Command::Write]);
    play_into(&mut model, &Session::new(77, "/bin/other").bytes, Origin::Joined, Trust::Peer);
    let frame = crate::testing::frame(&model, 80, 24).0;
    assert!(Format::ALL.iter().all(|format| frame.contains(format.about())), "{frame}");
    menu(&mut model, &[MenuStep::By(3)]);
    let Some(Effect::Write(Format::Sarif, world)) = update(&mut model, Msg::Menu(MenuStep::Take)) else {
        panic!("no report")
    };
    assert!(model.ui.menu.is_none());
    assert_eq!((world.sessions.len(), model.world.sessions.len()), (1, 2));
}

#[test]
fn tasks_are_told_by_what_they_wait_for_and_who_ended_them() {
    let mut model = live(&busy_shop());
    press(&mut model, &[Command::Screen(2)]);
    let story = |model: &Model, word: &str| {
        let row = model.all_tasks().find(|row| row.doing().word() == word);
        row.unwrap_or_else(|| panic!("nobody is {word}")).story()
    };
    assert_eq!(story(&model, "blocked"), "waits to insert orders, behind thread 1 `main`");
    assert_eq!(story(&model, "cancelled"), "by a timeout, task 20 `gateway`");
    assert!(
        matches!(model.selected(), Some(RowKey::Task(key)) if key.actor.0 == 2),
        "the blocked one is first"
    );
    press(&mut model, &[Command::Filter]);
    typed(&mut model, "state:cancelled text:id=7");
    assert_eq!(model.rows(ListId::Tasks).len(), 1);
    update(&mut model, Msg::Prompt(PromptEdit::Accept));
    press(&mut model, &[Command::Open]);
    let frame = crate::testing::frame(&model, 160, 50).0;
    for text in [
        "cancelled at 9.500s",
        "the timeout around it passed",
        "task 20 `gateway`",
        "src/orders.rs:88:9",
        "id ",
    ] {
        assert!(frame.contains(text), "{text}: {frame}");
    }
    press(&mut model, &[Command::Open]);
    let gateway = super::ui::TaskKey { session: SessionId(1), actor: mapwatch_event::ActorId(20) };
    assert_eq!(model.ui.screen(), Screen::Task(gateway), "from a task one gets to who spawned it");
}

#[test]
fn tasks_come_in_the_order_of_their_names_and_then_of_their_numbers() {
    let mut shop = Session::new(4711, "/srv/shop");
    for (number, name) in [(3, "quote"), (9, "checkout"), (10, "backup"), (24, "quote"), (100, "worker 10")] {
        shop.task(number, name);
    }
    shop.task(101, "worker 9");
    let mut model = live(&shop);
    press(&mut model, &[Command::Screen(2)]);
    let name = ListId::Tasks.columns().iter().position(|column| column.title == "name");
    model.ui.list_mut(ListId::Tasks).sort = name.unwrap();
    let rows = model.rows(ListId::Tasks);
    let numbers: Vec<u64> = rows
        .iter()
        .filter_map(|row| match row {
            RowKey::Task(key) => Some(key.actor.0),
            _ => None,
        })
        .collect();
    assert_eq!(numbers, [10, 9, 3, 24, 101, 100]);
}

#[test]
fn the_living_come_before_the_ended_and_whoever_is_in_the_way_before_all() {
    // At the start the backup holds what the quote waits for; in the end the quote was cancelled.
    let story = crate::testing::cancelled_request("1.5");
    let lines: Vec<&[u8]> = story.bytes.split_inclusive(|byte| *byte == b'\n').collect();
    let until = |what: &str| {
        let at = lines.iter().position(|line| String::from_utf8_lossy(line).contains(what)).unwrap();
        let mut part = Session::new(12, "/srv/shop");
        part.bytes = lines[..at].concat();
        let model = live(&part);
        let rows = model.rows(ListId::Tasks);
        rows.iter()
            .map(|row| match row {
                RowKey::Task(key) => {
                    model.task_row(*key).map(|row| (key.actor.0, row.doing().word())).unwrap()
                }
                row => panic!("{row:?}"),
            })
            .collect::<Vec<_>>()
    };
    assert_eq!(until("task-ended"), [(2, "idle"), (3, "blocked"), (1, "idle")]);
    assert_eq!(until("\"end\""), [(1, "idle"), (2, "idle"), (3, "cancelled")]);
}

#[test]
fn a_page_opens_at_its_top_unless_one_comes_back_to_it() {
    let mut model = live(&busy_shop());
    press(&mut model, &[Command::Screen(3), Command::Open]);
    let down = |model: &mut Model| {
        let measured = crate::testing::frame(model, 80, 24).1;
        update(model, Msg::Measured(measured));
        press(model, &[Command::Down, Command::Down]);
    };
    down(&mut model);
    press(&mut model, &[Command::Open]);
    assert!(matches!(model.ui.screen(), Screen::Map(_)));
    press(&mut model, &[Command::Back]);
    assert_eq!(model.ui.scroll(), 2, "back where one was");
    press(&mut model, &[Command::Screen(6), Command::Screen(3), Command::Open]);
    assert_eq!(model.ui.scroll(), 0, "opened anew");
    press(&mut model, &[Command::Screen(7)]);
    down(&mut model);
    press(&mut model, &[Command::Screen(7)]);
    assert_eq!(model.ui.scroll(), 0);
}

#[test]
fn a_key_says_what_came_of_it_or_why_nothing_did() {
    let mut model = live(&busy_shop());
    let mut says = |commands: &[Command], sentence: &str| {
        press(&mut model, commands);
        let note = model.ui.note.as_ref().map_or("", |note| note.text.as_str());
        assert_eq!(note, sentence, "{commands:?}");
    };
    says(&[Command::Screen(2), Command::NextProblem], "problem 2 of 3");
    says(&[Command::NextProblem], "problem 3 of 3");
    says(&[Command::NextProblem], "problem 1 of 3");
    says(&[Command::PreviousProblem], "problem 3 of 3");
    says(&[Command::Screen(6), Command::NextProblem], "problem 2 of 4");
    says(&[Command::Screen(8), Command::NextProblem], "problem 1 of 3");
    says(&[Command::Screen(1), Command::Right], "only the page of a conflict has sides to choose from");
    says(&[Command::Frames], "no backtrace here; conflicts, panics and the Log have some");
    says(&[Command::Mark, Command::Up, Command::NextMark], "this is the only marked row");
    says(&[Command::Screen(3), Command::Open, Command::Frames], "all frames of each backtrace");
    update(&mut model, Msg::Unbound("x".into()));
    assert_eq!(model.ui.note.as_ref().unwrap().text, "x does nothing; ? shows what others do");
}

#[test]
fn a_panic_was_when_the_conflict_was_that_started_it() {
    let model = live(&busy_shop());
    let group = model.world.panics.iter().find(|group| group.of_conflicts > 0).unwrap();
    assert_eq!(group.first_seen.at, Nanos(9_000 * MS), "told at 9.6 s");
}

#[test]
fn panics_lead_to_the_conflict_that_started_them() {
    let mut model = live(&busy_shop());
    assert_eq!(model.world.panics.len(), 2);
    press(&mut model, &[Command::Screen(4), Command::Search]);
    typed(&mut model, "iteration");
    update(&mut model, Msg::Prompt(PromptEdit::Accept));
    press(&mut model, &[Command::Open, Command::Open]);
    assert!(matches!(model.ui.screen(), Screen::Conflict(_)), "{:?}", model.ui.screen());
    press(&mut model, &[Command::Screen(6)]);
    let rows = model.rows(ListId::Findings).len();
    assert_eq!(rows, 4, "three findings, and the panics that are the end of none of them");
}

#[test]
fn memory_is_bounded() {
    let mut session = Session::new(1, "x");
    for id in 0..super::maps::MAPS as u64 + 500 {
        session.map(id + 1, MapKind::HashMap, "", "T", 1);
    }
    let model = recorded(&session);
    assert_eq!(model.all_maps().count(), super::maps::MAPS);
    assert_eq!(model.world.sessions[&SessionId(1)].maps.dropped, 500);
    let mut many = Session::new(0, "x");
    for pid in 1..400 {
        many.raw(&Session::new(pid, "x").bytes);
    }
    let model = recorded(&many);
    assert_eq!(model.world.sessions.len(), super::world::SESSIONS);
    assert_eq!(model.world.sessions_dropped, 400 - super::world::SESSIONS as u64);
}

#[test]
fn output_of_the_program_is_a_log_line_without_its_colours() {
    let mut model = Model::default();
    let line = crate::text::output_line(b"\x1b[31mred\x1b[0m\n");
    let output = ProgramMsg::Output(super::program::Output::Stderr, line);
    program(&mut model, ProgramMsg::Started { pid: 7, command: "/bin/shop --x".into() });
    program(&mut model, output);
    program(&mut model, ProgramMsg::Ended(super::program::Ending::Signal(9, "SIGKILL".into())));
    let texts: Vec<&str> = model.world.log.iter().map(|line| line.text.as_str()).collect();
    assert_eq!(texts, ["started 7: /bin/shop --x", "red", "shop was ended by SIGKILL"]);
}

/// Numbers and bytes that no honest program sends: nothing panics, and every screen can be drawn.
#[test]
fn hostile_streams_are_survived() {
    let mut honest = busy_shop();
    honest.nearly(9_900, 1).spread(9_910, 1).spread(9_920, 1);
    let honest = honest.bytes;
    let mut state = 0x2545_f491_4f6c_dd1d_u64;
    let mut random = move || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state
    };
    for _ in 0..60 {
        let mut bytes = honest.clone();
        for _ in 0..random() % 40 {
            let at = (random() % bytes.len() as u64) as usize;
            match random() % 3 {
                0 => bytes[at] = (random() % 256) as u8,
                1 => {
                    let digits = bytes[at..].iter().position(u8::is_ascii_digit).map(|offset| at + offset);
                    if let Some(at) = digits {
                        bytes.splice(at..=at, *b"18446744073709551615");
                    }
                }
                _ => bytes.truncate(bytes.len() - (bytes.len() - at) / 8),
            }
        }
        let mut model = Model::default();
        play_into(&mut model, &bytes, Origin::File("x".into()), Trust::File);
        for screen in 0..9 {
            press(&mut model, &[Command::Screen(screen), Command::Open]);
            crate::testing::frame(&model, 120, 40);
        }
        let _ = crate::report::text::render(&model.world);
        let _ = crate::report::json::render(&model.world);
    }
}
