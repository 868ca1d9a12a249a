//! The viewer's budgets, measured: `cargo bench -p mapview`.
//!
//! A generated session of a million events is opened, scrubbed and drawn. Figures are printed, not judged: they
//! depend on the machine, and a loaded one doubles them.
#![allow(missing_docs, reason = "a program, not a library")]
#![allow(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a bench that cannot measure has failed, and says"
)]

use crossbeam_channel::Receiver;
use mapview::keymap::Command;
use mapview::model::Model;
use mapview::model::session::Origin;
use mapview::msg::{Batch, Msg, StreamId, StreamMsg};
use mapview::source::arrival::Arrival;
use mapview::source::file::{Recording, play_all};
use mapview::source::{Feed, player, socket};
use mapview::update::{Effect, update};
use mapview::view::view;
use mapwatch_event::event::{
    ActorGone, ActorSeen, Growth, Holders, Holding, MapMade, MapTraffic, SiteSeen, SiteTraffic, Traffic,
};
use mapwatch_event::task::TaskSpawned;
use mapwatch_event::wire::{self, Schema};
use mapwatch_event::{
    ActorId, ActorKind, Ending, Event, Header, MapId, MapKind, Nanos, Operation, Seq, Site, SiteId, TaskKind,
};
use ratatui::Terminal;
use ratatui::backend::TestBackend;
use std::io::{Read as _, Write as _};
use std::path::Path;
use std::time::{Duration, Instant};

/// As in the binary.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

const EVENTS: u64 = 1_000_000;
const MAPS: u64 = 10_000;

fn main() {
    let folder = tempfile::tempdir().unwrap();
    println!("{EVENTS} events, {MAPS} maps; a mixed session:");
    measure(&folder.path().join("mixed.jsonl"), mixed);
    println!("{EVENTS} tasks, all of them alive:");
    measure(&folder.path().join("tasks.jsonl"), tasks);
    #[cfg(unix)]
    attach(&folder.path().join("program"));
    println!("a program that goes on:");
    memory();
}

fn measure(path: &Path, make: fn(u64) -> Event) {
    let mut bytes = Vec::new();
    let header = Header {
        schema: Schema::CURRENT.to_string(),
        pid: 1,
        executable: "/srv/shop".into(),
        started_unix_micros: 1_700_000_000_000_000,
        ..Header::default()
    };
    wire::encode_header(&header, &mut bytes);
    for number in 0..EVENTS {
        wire::encode_event(Seq(number + 1), Nanos(number * 50_000), &make(number), &mut bytes);
    }
    std::fs::write(path, &bytes).unwrap();
    println!("  file           {} MB", bytes.len() / 1_000_000);
    let began = Instant::now();
    let lines = bytes.split_inclusive(|byte| *byte == b'\n');
    let arrivals: Vec<Arrival> = lines.zip(1..).map(|(line, number)| Arrival::read(number, line)).collect();
    println!("  decoding       {:?} on one thread, of {} lines", began.elapsed(), arrivals.len());
    let mut model = Model::default();
    update(&mut model, Msg::Stream(StreamId(1), StreamMsg::Opened(Origin::Joined, None)));
    let began = Instant::now();
    update(&mut model, Msg::Stream(StreamId(1), StreamMsg::Arrived(Batch { arrivals, place: None })));
    println!("  taking in      {:?} on one thread", began.elapsed());
    drop((model, bytes));
    let before = resident();
    let began = Instant::now();
    let (mut model, first) = open(path);
    let took = began.elapsed();
    println!("  first paint    {first:?}");
    println!("  opened         {took:?}, {:.0} events/s", EVENTS as f64 / took.as_secs_f64());
    println!(
        "  memory         {} MB more, {} worlds kept",
        resident().saturating_sub(before) >> 20,
        model.tape.kept()
    );
    scrub(&mut model);
    frames(&mut model);
}

/// From the wish to attach to a program that has ten thousand maps to the first frame, and to the one that has them all.
#[cfg(unix)]
fn attach(path: &Path) {
    let listener = std::os::unix::net::UnixListener::bind(path).unwrap();
    let mut told = Vec::new();
    wire::encode_header(
        &Header { schema: Schema::CURRENT.to_string(), pid: 7, ..Header::default() },
        &mut told,
    );
    for number in 0..MAPS {
        wire::encode_event(Seq(number + 1), Nanos(number), &mixed(number), &mut told);
    }
    let program = std::thread::spawn(move || {
        let (mut viewer, _) = listener.accept().unwrap();
        viewer.write_all(&told).unwrap();
        // It runs until nobody looks any more.
        let _ = viewer.read(&mut [0]);
    });
    let began = Instant::now();
    let (feed, messages) = Feed::new();
    socket::attach(&[(7, path.to_owned())], &feed).unwrap();
    let (model, first) = take_in(&messages, began, |model| model.world.events == MAPS);
    draw(&model, 160, 50);
    println!("attached to {MAPS} maps: {first:?} to the first frame, {:?} to all", began.elapsed());
    // The reading thread hears that nobody listens when the program says one thing more, or ends.
    drop((messages, feed, program));
}

/// Ten times as many events as every other session has, as they come from a socket that nobody records: tasks begin and
/// end, maps are used. Memory is to be flat.
fn memory() {
    const BATCH: u64 = 1_000;
    let mut model = Model::default();
    let stream = StreamId(1);
    update(&mut model, Msg::Stream(stream, StreamMsg::Opened(Origin::Joined, None)));
    let mut bytes = Vec::new();
    for batch in 0..10 * EVENTS / BATCH {
        let arrivals = (batch * BATCH..(batch + 1) * BATCH).map(|number| {
            bytes.clear();
            wire::encode_event(Seq(number + 1), Nanos(number * 50_000), &mixed(number), &mut bytes);
            Arrival::read(number + 1, &bytes)
        });
        let batch_of = Batch { arrivals: arrivals.collect(), place: None };
        update(&mut model, Msg::Tick(Duration::from_millis(batch * 50)));
        update(&mut model, Msg::Stream(stream, StreamMsg::Arrived(batch_of)));
        if (batch + 1).is_multiple_of(EVENTS / BATCH) {
            let million = (batch + 1) * BATCH / EVENTS;
            println!(
                "  after {million:>2} million  {} MB, {} worlds kept",
                resident() >> 20,
                model.tape.kept()
            );
        }
    }
}

fn open(path: &Path) -> (Model, Duration) {
    let (feed, messages) = Feed::new();
    let began = Instant::now();
    play_all(vec![Recording::open(path).unwrap()], feed).unwrap();
    take_in(&messages, began, |_| false)
}

/// Takes messages in until there are no more, or enough; also told is when the first frame was drawn that shows
/// something.
fn take_in(
    messages: &Receiver<Msg>,
    began: Instant,
    is_enough: impl Fn(&Model) -> bool,
) -> (Model, Duration) {
    let mut model = Model::default();
    let mut first = None;
    for msg in messages {
        update(&mut model, msg);
        if first.is_none() && model.world.events > 0 {
            draw(&model, 160, 50);
            first = Some(began.elapsed());
        }
        if is_enough(&model) {
            break;
        }
    }
    (model, first.unwrap())
}

fn scrub(model: &mut Model) {
    let mut times = Vec::new();
    for command in std::iter::repeat_n(Command::Earlier, 60).chain(std::iter::repeat_n(Command::Later, 30)) {
        let began = Instant::now();
        let mut effect = update(model, Msg::Command(command));
        while let Some(Effect::Travel(journey)) = effect {
            effect = update(model, Msg::Travelled(Box::new(player::play(*journey))));
        }
        times.push(began.elapsed());
    }
    print("scrub, 1 %", &mut times);
    update(model, Msg::Command(Command::Pause));
}

fn frames(model: &mut Model) {
    for screen in 0..mapview::model::ui::Screen::TABS.len() {
        update(model, Msg::Command(Command::Screen(screen)));
        update(model, Msg::Tick(Duration::from_secs(1)));
        let mut times: Vec<Duration> = (0..20)
            .map(|_| {
                let began = Instant::now();
                draw(model, 160, 50);
                began.elapsed()
            })
            .collect();
        print(&format!("frame, {}", model.ui.screen().title()), &mut times);
    }
}

fn draw(model: &Model, columns: u16, rows: u16) {
    let mut terminal = Terminal::new(TestBackend::new(columns, rows)).unwrap();
    terminal
        .draw(|frame| {
            view(frame, model);
        })
        .unwrap();
}

fn print(what: &str, times: &mut [Duration]) {
    times.sort();
    println!("  {what:<20} median {:?}, worst {:?}", times[times.len() / 2], times[times.len() - 1]);
}

/// Resident memory in bytes, where the system says.
fn resident() -> u64 {
    let pages = std::fs::read_to_string("/proc/self/statm").unwrap_or_default();
    pages.split(' ').nth(1).and_then(|pages| pages.parse::<u64>().ok()).unwrap_or(0) * 4096
}

fn tasks(number: u64) -> Event {
    Event::TaskSpawned(TaskSpawned {
        id: ActorId(number + 1),
        kind: TaskKind::Future,
        name: format!("request-{}", number % 100),
        site: SiteId(number % 50 + 1),
        parent: Some(ActorId(number / 100)),
        runtime_id: None,
        fields: Vec::new(),
    })
}

fn mixed(number: u64) -> Event {
    let map = MapId(number % MAPS + 1);
    if number < MAPS {
        let name = if number.is_multiple_of(3) { format!("map-{number}") } else { String::new() };
        let type_name = "HashMap<OrderId, Order>".into();
        return Event::MapMade(MapMade {
            id: map,
            kind: MapKind::HashMap,
            name,
            type_name,
            entry_bytes: Some(24),
            made: SiteId(1),
        });
    }
    let site = SiteId(number % 500 + 1);
    let actor = ActorId(number / 10 + 1);
    match number % 10 {
        0 => Event::Site(SiteSeen {
            id: site,
            site: Site { file: "src/orders.rs".into(), line: number as u32 % 500, column: 9 },
        }),
        1 | 2 => Event::Actor(ActorSeen { id: actor, kind: ActorKind::Task, name: "request".into() }),
        3 | 4 => Event::ActorGone(ActorGone { id: actor, ending: Ending::Completed }),
        5 => Event::Growth(Growth {
            map,
            actor,
            site,
            before: 100,
            after: 200,
            moved: 100,
            took: Nanos(3000),
            iterators: 0,
        }),
        6 => {
            let holding = Holding { actor, operation: Operation::Iter, site, since: Nanos(number * 49_000) };
            Event::Holders(Holders { map, holders: vec![holding], waiters: Vec::new() })
        }
        _ => Event::Traffic(Traffic { span: Nanos(250_000_000), maps: vec![traffic(map, site)] }),
    }
}

fn traffic(map: MapId, site: SiteId) -> MapTraffic {
    MapTraffic {
        map,
        length: Some(100),
        capacity: Some(200),
        reads: 10,
        writes: 3,
        iterations: 1,
        sites: vec![
            SiteTraffic { site, operation: Operation::Get, count: 10 },
            SiteTraffic { site, operation: Operation::Insert, count: 3 },
        ],
        held: Vec::new(),
        waited: Vec::new(),
        recent: Vec::new(),
    }
}
