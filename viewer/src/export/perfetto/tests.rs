//! A reader of traces that is stricter than Perfetto's: what the format's description says of each phase, as types
//! that know no other field, and what its importer would drop or warn of.
#![allow(clippy::unwrap_used, reason = "a trace that cannot be read has failed")]

use super::*;
use crate::model::world::World;
use crate::testing::{MS, Session, busy_shop, cancelled_request, half_done_request, recorded, shop};
use mapwatch_event::event::{Growth, Holders, Holding};
use mapwatch_event::{Event as Told, MapId, SiteId};
use serde::Deserialize;
use std::collections::BTreeSet;

/// The JSON object form of the format.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct File {
    trace_events: Vec<Event>,
    display_time_unit: Unit,
    #[serde(rename = "otherData")]
    _other: BTreeMap<String, Value>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Unit {
    Ms,
    Ns,
}

/// An event by its phase; which fields a phase has is the format's, not ours.
#[derive(Debug, Deserialize)]
#[serde(tag = "ph", deny_unknown_fields)]
enum Event {
    /// A slice with its length.
    X { name: String, cat: String, pid: u64, tid: u64, ts: f64, dur: f64, args: BTreeMap<String, Value> },
    /// An instant.
    #[serde(rename = "i")]
    Instant {
        name: String,
        cat: String,
        pid: u64,
        tid: u64,
        ts: f64,
        s: Scope,
        #[serde(rename = "args")]
        _args: BTreeMap<String, Value>,
    },
    /// A counter: all arguments are numbers, and belong to the process.
    C { name: String, pid: u64, ts: f64, args: BTreeMap<String, f64> },
    /// The name of a process or a thread.
    M { name: Metadata, pid: u64, tid: u64, args: Name },
    /// A flow begins.
    #[serde(rename = "s")]
    Start(End),
    /// A flow ends.
    #[serde(rename = "f")]
    Finish(End),
}

#[derive(Debug, Deserialize)]
enum Scope {
    /// The thread.
    #[serde(rename = "t")]
    Thread,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Metadata {
    ProcessName,
    ThreadName,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Name {
    name: String,
}

/// One end of a flow.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct End {
    id: u64,
    name: String,
    cat: String,
    pid: u64,
    tid: u64,
    ts: f64,
    /// Only of the last end: bind to the slice around it, not to the next one.
    bp: Option<Around>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
enum Around {
    #[serde(rename = "e")]
    Enclosing,
}

/// A thread of a process.
type Track = (u64, u64);

/// Times are microseconds; a nanosecond is told apart, half a one is rounding.
const ROUNDING: f64 = 0.000_5;

/// Reads the trace of a world, and holds it against the rules.
fn check(world: &World) -> File {
    let file: File = serde_json::from_str(&tell(&Account::of(world))).unwrap();
    let (processes, threads) = check_names(&file);
    let mut slices: BTreeMap<Track, Vec<(f64, f64)>> = BTreeMap::new();
    for event in &file.trace_events {
        let track = match event {
            Event::X { name, cat, pid, tid, ts, dur, args } => {
                assert!(!name.is_empty() && !cat.is_empty() && args.contains_key("site"), "{event:?}");
                assert!(*dur > 0.0, "a slice of no length is an instant: {event:?}");
                slices.entry((*pid, *tid)).or_default().push((*ts, ts + dur));
                (*pid, *tid)
            }
            Event::Instant { name, cat, pid, tid, s: Scope::Thread, .. } => {
                assert!(!name.is_empty() && !cat.is_empty(), "{event:?}");
                (*pid, *tid)
            }
            Event::C { name, args, pid, .. } => {
                assert!(!name.is_empty() && !args.is_empty(), "{event:?}");
                assert!(args.values().all(|value| value.is_finite() && *value >= 0.0), "{event:?}");
                assert!(processes.contains(pid), "{event:?}");
                continue;
            }
            Event::M { .. } => continue,
            Event::Start(end) | Event::Finish(end) => (end.pid, end.tid),
        };
        assert!(threads.contains(&track), "the track of {event:?} has no name");
        assert!(processes.contains(&track.0), "the process of {event:?} has no name");
    }
    for (track, slices) in &mut slices {
        check_nesting(*track, slices);
    }
    check_flows(&file, &slices);
    check_counters(&file);
    file
}

/// Every process and every track has one name; returned are those that have.
fn check_names(file: &File) -> (BTreeSet<u64>, BTreeSet<Track>) {
    let mut named = BTreeSet::new();
    for event in &file.trace_events {
        if let Event::M { name, pid, tid, args } = event {
            assert!(!args.name.is_empty() && *pid > 0, "{event:?}");
            assert!(named.insert((*name, *pid, *tid)), "named twice: {event:?}");
            assert_eq!(*name == Metadata::ThreadName, *tid > 0, "{event:?}");
        }
    }
    let of = |wanted| named.iter().filter(move |(name, ..)| *name == wanted);
    let processes = of(Metadata::ProcessName).map(|(_, pid, _)| *pid).collect();
    (processes, of(Metadata::ThreadName).map(|(_, pid, tid)| (*pid, *tid)).collect())
}

/// Slices of one track lie beside or inside each other.
fn check_nesting(track: Track, slices: &mut [(f64, f64)]) {
    slices.sort_by(|one, other| one.0.total_cmp(&other.0).then(other.1.total_cmp(&one.1)));
    let mut open: Vec<f64> = Vec::new();
    for (from, to) in slices.iter() {
        open.retain(|end| *end > from + ROUNDING);
        assert!(open.last().is_none_or(|end| *to <= end + ROUNDING), "slices of {track:?} overlap");
        open.push(*to);
    }
}

/// Every flow has one beginning and one end of the same name and category, in this order, each in a slice.
fn check_flows(file: &File, slices: &BTreeMap<Track, Vec<(f64, f64)>>) {
    let mut begun: BTreeMap<u64, End> = BTreeMap::new();
    let mut ended = BTreeSet::new();
    for event in &file.trace_events {
        let (Event::Start(end) | Event::Finish(end)) = event else { continue };
        let around = slices.get(&(end.pid, end.tid)).into_iter().flatten();
        let inside = |(from, to): &(f64, f64)| *from <= end.ts && end.ts < *to;
        assert!(around.copied().any(|slice| inside(&slice)), "{event:?} lies in no slice");
        if let Event::Start(start) = event {
            assert!(start.bp.is_none(), "{event:?}");
            assert!(begun.insert(start.id, start.clone()).is_none(), "begun twice: {event:?}");
            continue;
        }
        assert_eq!(end.bp, Some(Around::Enclosing), "{event:?}");
        assert!(ended.insert(end.id), "ended twice: {event:?}");
        let start = begun.get(&end.id).unwrap_or_else(|| panic!("{event:?} never began"));
        assert_eq!((&start.name, &start.cat), (&end.name, &end.cat));
        assert!(start.ts <= end.ts, "{event:?} ends before it begins, at {}", start.ts);
    }
    assert_eq!(begun.len(), ended.len(), "{begun:?}");
}

/// A counter's values come in order of time.
fn check_counters(file: &File) {
    let mut last: BTreeMap<(u64, &str), f64> = BTreeMap::new();
    for event in &file.trace_events {
        if let Event::C { name, pid, ts, .. } = event {
            let before = last.insert((*pid, name), *ts);
            assert!(before.is_none_or(|before| before < *ts), "{event:?} after {before:?}");
        }
    }
}

fn thread_names(file: &File) -> Vec<&str> {
    let named = file.trace_events.iter().filter_map(|event| match event {
        Event::M { name: Metadata::ThreadName, args, .. } => Some(&*args.name),
        _ => None,
    });
    named.collect()
}

#[test]
fn both_sides_have_a_lane_and_an_arrow_between() {
    let file = check(&recorded(&shop()).world);
    assert!(matches!(file.display_time_unit, Unit::Ns));
    let names = thread_names(&file);
    assert!(names.contains(&"task 9 `report`") && names.contains(&"task 17 `settle`"), "{names:?}");
    // Twice the iteration, twice two who looked before somebody acted, once one who did.
    let begun = file.trace_events.iter().filter(|event| matches!(event, Event::Start(_)));
    assert_eq!(begun.count(), 5);
    assert!(file.trace_events.iter().any(|event| matches!(
        event,
        Event::X { cat, name, ts: 5_996_800.0, dur: 3200.0, .. } if cat == "holder" && name == "iter orders"
    )));
    assert!(file.trace_events.iter().any(|event| matches!(
        event,
        Event::C { name, args, .. } if name == "stock operations/s" && args["operations"] > 0.0
    )));
}

#[test]
fn traces_of_nothing_of_much_and_of_every_recording_keep_to_the_format() {
    check(&World::default());
    check(&crate::export::tests::hostile());
    check(&recorded(&busy_shop()).world);
    check(&recorded(&half_done_request()).world);
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/recordings");
    let mut read = 0;
    for entry in std::fs::read_dir(folder).unwrap() {
        let mut session = Session::new(0, "");
        session.bytes = std::fs::read(entry.unwrap().path()).unwrap();
        let file = check(&recorded(&session).world);
        assert!(!thread_names(&file).is_empty());
        read += 1;
    }
    assert!(read >= 5, "{read}");
}

/// Several programs, each with a clock of its own, of which one lies in another century.
#[test]
fn programs_that_began_at_different_times_share_one_axis() {
    let folder = tempfile::tempdir().unwrap();
    let later = |micros: u64| {
        let mut shop = busy_shop();
        let text = String::from_utf8(shop.bytes).unwrap();
        shop.bytes = text.replace("1700000000000000", &micros.to_string()).into_bytes();
        shop
    };
    let sessions = [busy_shop(), later(1_700_000_000_250_001), later(1_700_086_400_000_000)];
    let model = crate::testing::opened(folder.path(), &sessions.each_ref());
    let file = check(&model.world);
    let first = |process| {
        let times = file.trace_events.iter().filter_map(|event| match event {
            Event::X { pid, ts, .. } if *pid == process => Some(*ts),
            _ => None,
        });
        times.fold(f64::INFINITY, f64::min)
    };
    assert_eq!(first(2) - first(1), 250_001.0);
    assert_eq!(first(3) - first(1), 86_400e6);
}

#[test]
fn what_the_first_and_the_last_moment_hold_has_times_of_its_own() {
    let mut shop = Session::new(7, "/bin/shop");
    shop.site(1, "src/main.rs", 3).site(2, "src/a.rs", 4).site(3, "src/b.rs", 5);
    shop.map(1, mapwatch_event::MapKind::HashMap, "early", "HashMap<u8, u8>", 1);
    shop.traffic(3, 1, [5, 5, 0], 3);
    // A growth that took longer than the session has lasted.
    let growth = Growth {
        map: MapId(1),
        actor: ActorId(2),
        site: SiteId(3),
        before: 3,
        after: 7,
        moved: 3,
        took: Nanos(u64::MAX),
        iterators: 0,
    };
    shop.event(4, Told::Growth(growth));
    let file = check(&recorded(&shop).world);
    let times = file.trace_events.iter().filter_map(|event| match event {
        Event::X { ts, .. } | Event::Instant { ts, .. } | Event::C { ts, .. } => Some(*ts),
        _ => None,
    });
    assert!(times.clone().count() > 3 && times.clone().all(|ts| (0.0..=4_000.0).contains(&ts)));
}

#[test]
fn what_a_life_waited_for_lies_inside_what_it_held() {
    let file = check(&recorded(&cancelled_request("1.5")).world);
    let slices = file.trace_events.iter().filter_map(|event| match event {
        Event::X { name, cat, tid, ts, dur, .. } => Some((&**name, &**cat, *tid, *ts, *dur)),
        _ => None,
    });
    let of = |wanted: &str| slices.clone().filter(|slice| slice.0 == wanted).collect::<Vec<_>>();
    let [(_, "holding", track, 25_000.0, 405_000.0)] = of("holds till")[..] else { panic!("{file:?}") };
    let [(_, "waiting", same, 30_000.0, 400_000.0)] = of("waits for carts")[..] else { panic!("{file:?}") };
    assert_eq!(track, same);
    assert_eq!(of("holds carts").len(), 1, "who was in the way, too");
}

#[test]
fn what_is_left_out_is_said_in_the_name_of_the_process() {
    let mut shop = Session::new(7, "/bin/shop");
    shop.site(1, "src/main.rs", 3).task(1, "poller");
    shop.map(1, mapwatch_event::MapKind::Mutex, "till", "Mutex<u8>", 1);
    let spells = crate::model::spells::KEPT as u64 + 3;
    for at in (0..spells).map(|index| 10 * (index + 1)) {
        let has = vec![Holding {
            actor: ActorId(1),
            operation: mapwatch_event::Operation::Lock,
            site: SiteId(1),
            since: Nanos((at - 5) * MS),
        }];
        for (at, holders) in [(at, has), (at + 2, Vec::new())] {
            shop.event(at, Told::Holders(Holders { map: MapId(1), holders, waiters: Vec::new() }));
        }
    }
    let file = check(&recorded(&shop).world);
    let said = file.trace_events.iter().any(|event| {
        matches!(
            event,
            Event::M { name: Metadata::ProcessName, args, .. }
                if args.name.ends_with("(3 shorter or earlier spells of waiting or holding left out)")
        )
    });
    assert!(said, "{file:?}");
}

#[test]
fn guards_that_do_not_nest_get_two_tracks() {
    let stretch = |from, to| Stretch {
        from: Nanos(from),
        to: Nanos(to),
        what: What::Holding,
        operation: Some(mapwatch_event::Operation::Get),
        map: "m".into(),
        site: "s".into(),
        finding: None,
    };
    let lane = Lane { title: "t".into(), stretches: vec![stretch(0, 10), stretch(2, 5), stretch(4, 12)] };
    let mut tracks = 0;
    let placed: Vec<u64> = place(&lane, &mut tracks).iter().map(|placed| placed.track).collect();
    assert_eq!((placed, tracks), (vec![1, 1, 2], 2));
}
