//! Journeys: what is seen at a moment is what was seen when it was the present.
#![allow(clippy::unwrap_used, reason = "a test without its files has failed")]

use super::{clock, moment};
use crate::keymap::Command;
use crate::model::Model;
use crate::model::moment::{Wall, duration};
use crate::model::tape::{Position, Sight, Stop};
use crate::model::world::World;
use crate::msg::{Msg, PromptEdit};
use crate::source::recording::Run;
use crate::source::socket::read_peer;
use crate::source::{Feed, player};
use crate::testing::{MS, Session, iteration_write, opened, send, shop};
use crate::update::update;
use mapwatch_event::Nanos;

/// What one can tell two worlds by.
fn face(world: &World) -> String {
    crate::report::json::render(world)
}

fn at(model: &Model, stop: Stop, seen: &World) -> World {
    let Sight { world, trouble, .. } = player::play(model.tape.journey(stop, seen));
    assert_eq!(trouble, None);
    world
}

/// Long enough for several kept worlds; two processes at once, one of them begun later.
fn long() -> [Session; 2] {
    let mut first = shop();
    let mut second = Session::new(5000, "/srv/other");
    second.site(1, "src/other.rs", 3);
    for step in 0..6000 {
        first.traffic(10_000 + step, 1, [step, 1, 0], step);
        if step % 1000 == 0 {
            first.event(10_000 + step, iteration_write(100 + step, 10_000 + step));
            second.traffic(step + 10, 9, [1, 1, 1], 7);
        }
    }
    [first, second]
}

#[test]
fn every_moment_is_as_it_was() {
    let folder = tempfile::tempdir().unwrap();
    let [first, second] = long();
    let model = opened(folder.path(), &[&first, &second]);
    let last = model.world.position.0;
    let mut seen = World::default();
    for position in [1, 2, 90, 4095, 4096, 4097, 5000, last - 1] {
        let straight = at(&model, Stop::At(Position(position)), &World::default());
        let fresh = Model { tape: model.tape.clone(), ..Model::default() };
        let stepped = at(&fresh, Stop::At(Position(position)), &seen);
        assert_eq!(straight.position, Position(position));
        assert_eq!(face(&straight), face(&stepped), "at {position}");
        seen = stepped;
    }
    // Backwards, over the kept worlds.
    let back = at(&model, Stop::At(Position(4000)), &seen);
    assert_eq!(back.position, Position(4000));
    let whole = at(&model, Stop::At(Position(last)), &World::default());
    assert_eq!(face(&whole), face(&model.world));
}

#[test]
fn who_steps_back_through_a_long_recording_plays_the_same_lines_once() {
    let folder = tempfile::tempdir().unwrap();
    let [first, second] = long();
    let mut model = opened(folder.path(), &[&first, &second]);
    let last = model.world.position.0;
    for step in 1..40 {
        let stop = Stop::At(Position(last - 100 * step));
        let journey = model.tape.journey(stop, model.seen());
        let (from, apart) = (journey.world.position.0, journey.apart);
        let sight = player::play(journey);
        assert!(sight.on_the_way.iter().all(|world| world.position < sight.world.position));
        let straight = at(&model, stop, &World::default());
        assert_eq!(face(&sight.world), face(&straight), "from {from}");
        model.tape.keep(sight.on_the_way, sight.world.position);
        // All but the first journey through a stretch begin at a world that an earlier one left there.
        let again = model.tape.journey(stop, &World::default()).world.position.0;
        assert!(last - 100 * step - again <= apart, "from {again} in steps of {apart}");
    }
}

#[test]
fn time_stops_before_what_is_later() {
    let folder = tempfile::tempdir().unwrap();
    let model = opened(folder.path(), &[&shop()]);
    let began = model.world.began.unwrap();
    let world = at(&model, Stop::Until(began.after(Nanos(7_500 * MS))), &World::default());
    assert_eq!(world.findings.sightings, 2);
    let world = at(&model, Stop::Until(began.after(Nanos(6_000 * MS))), &World::default());
    assert_eq!(world.findings.sightings, 1);
    let world = at(&model, Stop::Until(began.after(Nanos(5_999 * MS))), &World::default());
    assert_eq!((world.findings.sightings, world.sessions.len()), (0, 1));
}

#[test]
fn brackets_step_through_moments_of_interest_and_back_to_the_present() {
    let folder = tempfile::tempdir().unwrap();
    let mut model = opened(folder.path(), &[&shop()]);
    let mut sightings = Vec::new();
    for _ in 0..8 {
        send(&mut model, Msg::Command(Command::PreviousMoment));
        sightings.push(model.seen().findings.sightings);
    }
    // The end of the file is cut; before it a loss, four conflicts, the beginning.
    assert_eq!(sightings, [4, 4, 3, 2, 1, 0, 0, 0]);
    assert!(model.frozen.is_some() && model.world.findings.sightings == 4);
    send(&mut model, Msg::Command(Command::NextMoment));
    assert_eq!(model.seen().findings.sightings, 1);
    for _ in 0..5 {
        send(&mut model, Msg::Command(Command::NextMoment));
    }
    assert!(model.frozen.is_none() && model.ui.travel.is_none());
    send(&mut model, Msg::Command(Command::LineBack));
    assert_eq!(model.seen().position.0 + 1, model.world.position.0);
    send(&mut model, Msg::Command(Command::Pause));
    assert!(model.frozen.is_none());
}

#[test]
fn the_prompt_takes_times_and_the_scrubber_moves() {
    let folder = tempfile::tempdir().unwrap();
    let mut model = opened(folder.path(), &[&shop()]);
    let ask = |model: &mut Model, text: &str| {
        send(model, Msg::Command(Command::GoTo));
        for c in text.chars() {
            send(model, Msg::Prompt(PromptEdit::Type(c)));
        }
        send(model, Msg::Prompt(PromptEdit::Accept));
        model.seen().findings.sightings
    };
    assert_eq!(ask(&mut model, "6.5s"), 1);
    assert_eq!(ask(&mut model, "+1s"), 2);
    assert_eq!(ask(&mut model, "-2s"), 0);
    assert_eq!(ask(&mut model, "59%"), 0);
    assert_eq!(ask(&mut model, "nonsense"), 0);
    assert!(model.ui.note.as_ref().unwrap().text.contains("no time"));
    send(&mut model, Msg::Command(Command::Later));
    assert_eq!(model.seen().findings.sightings, 1);
    let frame = crate::testing::frame(&model, 80, 24).0;
    assert!(frame.contains(" 6.000s of 10.001s"), "{frame}");
    // What was not recorded is refused in the form in which it was asked for, and the moment stays.
    for (text, why) in [
        ("10:00:00", "`10:00:00` is outside what is recorded, 22:13:20 to 22:13:30 UTC"),
        ("22:13:31", "`22:13:31` is outside what is recorded, 22:13:20 to 22:13:30 UTC"),
        ("99s", "`99s` is outside what is recorded, 0s to 10.001s"),
        ("-1m", "`-1m` is outside what is recorded, 0s to 10.001s"),
        ("+1h", "`+1h` is outside what is recorded, 0s to 10.001s"),
        ("140%", "`140%` is no share of the whole: 0% to 100%"),
    ] {
        let moment = model.moment();
        assert_eq!(ask(&mut model, text), 1, "{text}");
        assert_eq!(model.ui.note.as_ref().map(|note| note.text.as_str()), Some(why));
        assert_eq!(model.moment(), moment, "{text}");
    }
    // From when to when there is one stands in the prompt, in the forms that it takes.
    send(&mut model, Msg::Command(Command::GoTo));
    let foot =
        |columns| crate::testing::frame(&model, columns, 24).0.lines().last().map(str::to_owned).unwrap();
    assert_eq!(foot(80), " go to (0s-10.001s, 22:13:20-22:13:30 UTC, -3s, 40%, end):");
    assert_eq!(foot(60), " go to (0s-10.001s):");
    send(&mut model, Msg::Prompt(PromptEdit::Cancel));
    assert_eq!(ask(&mut model, "22:13:26"), 1);
    assert_eq!(ask(&mut model, "end"), 4);
    assert!(model.frozen.is_none());
}

#[test]
fn only_the_last_wish_counts() {
    let folder = tempfile::tempdir().unwrap();
    let mut model = opened(folder.path(), &[&shop()]);
    let Some(crate::update::Effect::Travel(first)) = update(&mut model, Msg::Command(Command::Earlier))
    else {
        panic!("no journey")
    };
    for _ in 0..30 {
        assert!(update(&mut model, Msg::Command(Command::Earlier)).is_none());
    }
    let next = update(&mut model, Msg::Travelled(Box::new(player::play(*first))));
    let Some(crate::update::Effect::Travel(second)) = next else { panic!("the last wish is forgotten") };
    assert!(update(&mut model, Msg::Travelled(Box::new(player::play(*second)))).is_none());
    let gone = model.world.until.since(model.seen().until);
    assert!(gone > Nanos(2_500 * MS), "{gone}");
}

#[test]
fn what_a_process_sends_is_recorded_as_it_came_and_can_be_travelled() {
    let folder = tempfile::tempdir().unwrap();
    let (feed, messages) = Feed::new();
    let feed = feed.recorded(Some(Run::into_folder(folder.path())));
    let mut session = shop();
    session.raw(b"rubbish\n").event(9_990, iteration_write(77, 9_990)).raw(b"{\"kind\":\"cut");
    std::thread::scope(|scope| {
        scope.spawn(|| read_peer(&session.bytes[..], crate::model::session::Origin::Joined, &feed));
    });
    drop(feed);
    let mut model = Model::default();
    for msg in &messages {
        assert!(update(&mut model, msg).is_none());
    }
    let recorded = std::fs::read(folder.path().join("0001-process.jsonl")).unwrap();
    assert_eq!(recorded, [&session.bytes[..], b"\n"].concat());
    let all = at(&model, Stop::At(model.world.position), &World::default());
    assert_eq!(face(&all), face(&model.world));
    send(&mut model, Msg::Command(Command::PreviousMoment));
    send(&mut model, Msg::Command(Command::PreviousMoment));
    assert_eq!(model.seen().findings.sightings, 4);
}

#[test]
fn kept_worlds_are_few_however_long_it_goes_on() {
    let folder = tempfile::tempdir().unwrap();
    let mut session = Session::new(1, "x");
    for step in 0..40_000 {
        session.traffic(step + 5, 1, [1, 1, 0], step);
    }
    let mut model = opened(folder.path(), &[&session]);
    assert!(model.tape.kept() >= 8);
    for _ in 0..50 {
        send(&mut model, Msg::Command(Command::Earlier));
    }
    assert!(model.seen().until < model.world.until);
}

#[test]
fn a_vanished_file_is_said_not_feared() {
    let folder = tempfile::tempdir().unwrap();
    let mut model = opened(folder.path(), &[&shop()]);
    std::fs::remove_file(folder.path().join("0.jsonl")).unwrap();
    send(&mut model, Msg::Command(Command::PreviousMoment));
    assert!(model.ui.note.as_ref().unwrap().text.contains("could not be read again"));
    send(&mut model, Msg::Command(Command::Pause));
    assert_eq!(model.seen().findings.sightings, 4);
}

#[test]
fn times_are_read_as_people_write_them() {
    assert_eq!(duration("1m2.5s"), Some(Nanos(62_500_000_000)));
    assert_eq!(duration("300ms"), Some(Nanos(300 * MS)));
    assert_eq!(duration("12"), Some(Nanos(12_000_000_000)));
    for rubbish in ["", "s", "1x", "1..2s", "-1s", "1e9"] {
        assert_eq!(duration(rubbish), None, "{rubbish}");
    }
    let began = Wall(1_700_000_000_000_000_000);
    // 2023-11-14 22:13:20.
    assert_eq!(clock("22:14", began), Some(began.after(Nanos(40_000_000_000))));
    assert_eq!(clock("00:00:01", began).map(|wall| wall.since(began).0 / 1_000_000_000), Some(6401));
    assert_eq!(clock("25:00", began), None);
    assert!(moment("+x", began, began, began, began).is_err());
}

#[test]
fn a_plain_time_is_one_of_the_process() {
    let [began, zero, until] = [1, 500, 9_000].map(|ms| Wall(ms * 1_000_000));
    assert_eq!(moment("2s", began, zero, until, until), Ok(Wall(2_500_000_000)));
    let error = moment("9s", began, zero, until, until).expect_err("it is later");
    assert!(error.contains("0s to 8.500s"), "{error}");
}
