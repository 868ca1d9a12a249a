//! Sessions for tests, written through the wire and read through the real reader; and frames as text.
#![allow(clippy::unwrap_used, reason = "a test whose scenario cannot be made has failed")]

use crate::model::Model;
use crate::model::session::Origin;
use crate::model::ui::Look;
use crate::msg::{Batch, Measured, Msg, ProgramMsg, StreamId, StreamMsg};
use crate::source::lines::Lines;
use crate::source::recording::Keep;
use crate::source::{Feed, Pump, Trust};
use crate::update::update;
use crate::view::view;
use mapwatch_event::event::{
    ActorSeen, End, EndReason, Growth, Holders, Holding, Loss, MapMade, MapTraffic, Recent, SiteSeen,
    SiteTime, SiteTraffic, Traffic,
};
use mapwatch_event::wire;
use mapwatch_event::{
    Actor, ActorId, ActorKind, Category, Conflict, ConflictId, Event, Frame, Header, HotKey, Lane, MapFacts,
    MapId, MapKind, Nanos, NearMiss, Operation, Outcome, PastOperation, Provocation, Role, Seq, Side, Site,
    SiteId, Spread, Stack,
};
use ratatui::Terminal;
use ratatui::backend::TestBackend;
use std::time::Duration;

/// A millisecond.
pub(crate) const MS: u64 = 1_000_000;

/// A session in the making: its bytes.
#[derive(Debug)]
pub(crate) struct Session {
    pub(crate) bytes: Vec<u8>,
    seq: u64,
}

impl Session {
    /// Of an older minor: what is added later must not show where it was not written.
    pub(crate) fn new(pid: u32, executable: &str) -> Session {
        Session::of_schema("1.0", pid, executable)
    }

    pub(crate) fn of_schema(schema: &str, pid: u32, executable: &str) -> Session {
        let header = Header {
            schema: schema.into(),
            writer: "0.1.0".into(),
            pid,
            executable: executable.into(),
            arguments: vec!["--port".into(), "8080".into()],
            started_unix_micros: 1_700_000_000_000_000,
            target: "linux-x86_64".into(),
            ..Header::default()
        };
        let mut bytes = Vec::new();
        wire::encode_header(&header, &mut bytes);
        Session { bytes, seq: 0 }
    }

    pub(crate) fn event(&mut self, at_ms: u64, event: Event) -> &mut Session {
        self.seq += 1;
        wire::encode_event(Seq(self.seq), Nanos(at_ms * MS), &event, &mut self.bytes);
        self
    }

    pub(crate) fn raw(&mut self, line: &[u8]) -> &mut Session {
        self.bytes.extend(line);
        self
    }

    pub(crate) fn site(&mut self, id: u64, file: &str, line: u32) -> &mut Session {
        let site = Site { file: file.into(), line, column: 9 };
        self.event(1, Event::Site(SiteSeen { id: SiteId(id), site }))
    }

    pub(crate) fn actor(&mut self, id: u64, kind: ActorKind, name: &str) -> &mut Session {
        self.event(1, Event::Actor(ActorSeen { id: ActorId(id), kind, name: name.into() }))
    }

    /// A task that tells its life, spawned at site 1 when everything begins.
    pub(crate) fn task(&mut self, id: u64, name: &str) -> &mut Session {
        let task = mapwatch_event::task::TaskSpawned {
            id: ActorId(id),
            kind: mapwatch_event::TaskKind::Future,
            name: name.into(),
            site: SiteId(1),
            parent: None,
            runtime_id: None,
            fields: Vec::new(),
        };
        self.event(3, Event::TaskSpawned(task))
    }

    pub(crate) fn map(
        &mut self,
        id: u64,
        kind: MapKind,
        name: &str,
        type_name: &str,
        made: u64,
    ) -> &mut Session {
        self.map_of(None, id, kind, name, type_name, made)
    }

    /// A map that tells the bytes of its entries.
    pub(crate) fn map_of(
        &mut self,
        entry_bytes: Option<u64>,
        id: u64,
        kind: MapKind,
        name: &str,
        type_name: &str,
        made: u64,
    ) -> &mut Session {
        let made = MapMade {
            entry_bytes,
            id: MapId(id),
            kind,
            name: name.into(),
            type_name: type_name.into(),
            made: SiteId(made),
        };
        self.event(2, Event::MapMade(made))
    }

    /// Traffic of 250 ms on one map: reads, writes, iterations.
    pub(crate) fn traffic(&mut self, at_ms: u64, map: u64, counts: [u64; 3], length: u64) -> &mut Session {
        let [reads, writes, iterations] = counts;
        let site = |site, operation, count| SiteTraffic { site: SiteId(site), operation, count };
        let recent = |actor, operation, site| Recent {
            at: Nanos((at_ms - 3) * MS),
            actor: ActorId(actor),
            operation,
            site: SiteId(site),
        };
        let time = |site, count, ms: u64| SiteTime {
            site: SiteId(site),
            count,
            total: Nanos(ms * MS),
            longest: Nanos(ms * MS / 3),
        };
        let traffic = MapTraffic {
            map: MapId(map),
            length: Some(length),
            capacity: Some(length * 8 / 7 + 3),
            reads,
            writes,
            iterations,
            sites: vec![site(2, Operation::Get, reads), site(3, Operation::Insert, writes)],
            held: vec![time(2, 12, 90), time(3, 40, 31)],
            waited: vec![time(3, 4, 8)],
            recent: vec![recent(1, Operation::Get, 2), recent(2, Operation::Insert, 3)],
        };
        self.event(at_ms, Event::Traffic(Traffic { span: Nanos(250 * MS), maps: vec![traffic] }))
    }

    pub(crate) fn growth(&mut self, at_ms: u64, map: u64, before: u64, after: u64) -> &mut Session {
        let growth = Growth {
            map: MapId(map),
            actor: ActorId(2),
            site: SiteId(3),
            before,
            after,
            moved: before,
            took: Nanos(38_000),
            iterators: 1,
        };
        self.event(at_ms, Event::Growth(growth))
    }

    pub(crate) fn hold(&mut self, at_ms: u64, map: u64, since_ms: u64) -> &mut Session {
        let holding = Holding {
            actor: ActorId(1),
            operation: Operation::Iter,
            site: SiteId(2),
            since: Nanos(since_ms * MS),
        };
        let waiting = Holding {
            actor: ActorId(2),
            operation: Operation::Insert,
            site: SiteId(3),
            since: Nanos(at_ms * MS),
        };
        self.event(
            at_ms,
            Event::Holders(Holders { map: MapId(map), holders: vec![holding], waiters: vec![waiting] }),
        )
    }

    /// Near misses of one map; one pair is ordered.
    pub(crate) fn nearly(&mut self, at_ms: u64, map: u64) -> &mut Session {
        let near = |sites: [u64; 2], count, chances, ordered| NearMiss {
            sites: sites.map(SiteId),
            count,
            chances,
            ordered,
        };
        let near_misses = vec![near([2, 3], 17, [1000, 900], false), near([3, 3], 4, [0, 0], true)];
        let told = Provocation {
            map: MapId(map),
            near_misses,
            delays: 3,
            fruitful: 1,
            spent: Nanos(217 * MS),
            in_vain: 4,
        };
        self.event(at_ms, Event::Provocation(told))
    }

    /// Shards of one map, of which one is crowded, and keys, of which one is hot.
    pub(crate) fn spread(&mut self, at_ms: u64, map: u64) -> &mut Session {
        let shards = (0..96).map(|shard| if shard == 41 { 4_800 } else { 100 + shard % 7 * 40 }).collect();
        let keys = vec![HotKey { hash: 0x00c0_ffee, count: 610 }, HotKey { hash: 0xbeef, count: 12 }];
        self.event(at_ms, Event::Spread(Spread { map: MapId(map), shards, keys, samples: 1_000 }))
    }

    pub(crate) fn loss(&mut self, at_ms: u64, lane: Lane, count: u64) -> &mut Session {
        self.event(at_ms, Event::Loss(Loss { lane, count, total: count, reason: "the ring was full".into() }))
    }

    pub(crate) fn end(&mut self, at_ms: u64) -> &mut Session {
        self.event(at_ms, Event::End(End { reason: EndReason::Exit }))
    }
}

pub(crate) fn side(role: Role, operation: Operation, id: u64, name: &str, file: &str, line: u32) -> Side {
    let frame = |function: &str, file: &str, line, user| Frame {
        function: function.into(),
        file: file.into(),
        line,
        column: 9,
        user,
    };
    Side {
        role,
        operation,
        actor: Actor {
            id: ActorId(id),
            kind: ActorKind::Task,
            name: name.into(),
            on_thread: format!("worker-{id}"),
        },
        site: Site { file: file.into(), line, column: 9 },
        held_for: match role {
            Role::Holder => Some(Nanos(3_200_000)),
            Role::Look => Some(Nanos(1_900_000)),
            Role::Between => Some(Nanos(600_000)),
            _ => None,
        },
        source: format!("let {name} = orders.{operation}(id);"),
        stack: Stack {
            frames: vec![
                frame("mapwatch::map::Checked<M>::enter", "", 0, false),
                frame(&format!("shop::{name}::run"), file, line, true),
                frame("tokio::runtime::task::poll", "/registry/tokio-1.50.0/src/task.rs", 77, false),
            ],
            note: String::new(),
        },
    }
}

pub(crate) fn conflict(
    id: u64,
    category: Category,
    map: u64,
    name: &str,
    at_ms: u64,
    sides: Vec<Side>,
) -> Conflict {
    let history = sides.iter().enumerate().map(|(index, side)| PastOperation {
        at: Nanos((at_ms - 5 + index as u64) * MS),
        actor: side.actor.clone(),
        operation: side.operation,
        site: side.site.clone(),
    });
    Conflict {
        id: ConflictId(id),
        category,
        grade: category.grade(),
        at: Nanos(at_ms * MS),
        map: MapFacts {
            id: MapId(map),
            kind: MapKind::HashMap,
            name: name.into(),
            type_name: "HashMap<OrderId, Order>".into(),
            made: Site { file: "src/main.rs".into(), line: 21, column: 17 },
            length: Some(1204),
        },
        history: history.collect(),
        sides,
        cause: "the iterator was alive when the other task inserted".into(),
        cure: category.cure().into(),
        context: Vec::new(),
        outcome: Outcome::Panicked,
    }
}

/// The iteration that met an insert.
pub(crate) fn iteration_write(id: u64, at_ms: u64) -> Event {
    let sides = vec![
        side(Role::Holder, Operation::Iter, 9, "report", "src/report.rs", 41),
        side(Role::Attempt, Operation::Insert, 17, "settle", "src/orders.rs", 88),
    ];
    Event::Conflict(Box::new(conflict(id, Category::ConcurrentIterationWrite, 1, "orders", at_ms, sides)))
}

/// A shop with four maps, three findings (one of them twice), a holder, growth and a loss; it runs on.
pub(crate) fn shop() -> Session {
    let mut shop = Session::new(4711, "/srv/shop/target/debug/shop");
    shop.site(1, "src/main.rs", 21).site(2, "src/report.rs", 41).site(3, "src/orders.rs", 88);
    shop.actor(1, ActorKind::Thread, "main").actor(2, ActorKind::Task, "settle");
    shop.map_of(Some(72), 1, MapKind::HashMap, "orders", "HashMap<OrderId, Order>", 1)
        .map_of(Some(32), 2, MapKind::SharedMap, "stock", "SharedMap<Item, u32>", 1)
        .map(3, MapKind::BTreeMap, "", "BTreeMap<u64, Session>", 3)
        .map(4, MapKind::HashSet, "seen", "HashSet<u64>", 1);
    for step in 1..=40 {
        if step == 40 {
            shop.hold(9_900, 1, 9_200).loss(9_950, Lane::Samples, 1234);
        }
        shop.traffic(step * 250, 1, [step * 40, 300, 1], 1000 + step * 5);
        shop.traffic(step * 250, 2, [900, step % 7 * 30, 0], 500);
        if step % 10 == 0 {
            shop.growth(step * 250 + 1, 1, step * 100, step * 200);
        }
        match step {
            24 => shop.event(6_000, iteration_write(1, 6_000)),
            28 => shop.event(7_000, check_then_act(2, 7_000)),
            32 => shop.event(8_000, hazard(3, 8_000)),
            36 => shop.event(9_000, iteration_write(4, 9_000)),
            _ => &mut shop,
        };
    }
    shop
}

fn look_and_act() -> [Side; 3] {
    [
        side(Role::Look, Operation::ContainsKey, 3, "reserve", "src/stock.rs", 12),
        side(Role::Between, Operation::Insert, 4, "restock", "src/stock.rs", 30),
        side(Role::Act, Operation::Insert, 3, "reserve", "src/stock.rs", 14),
    ]
}

fn check_then_act(id: u64, at_ms: u64) -> Event {
    let sides = look_and_act().to_vec();
    Event::Conflict(Box::new(conflict(id, Category::CheckThenAct, 2, "stock", at_ms, sides)))
}

pub(crate) fn hazard(id: u64, at_ms: u64) -> Event {
    let sides = look_and_act()[..2].to_vec();
    let mut hazard = conflict(id, Category::SelfDeadlockHazard, 1, "orders", at_ms, sides);
    hazard.outcome = Outcome::Reported;
    Event::Conflict(Box::new(hazard))
}

/// The shop with lives: one task is blocked, one was cancelled, one waits to be woken, one has panicked.
pub(crate) fn busy_shop() -> Session {
    use mapwatch_event::task::{Cancelled, Field, TaskEnded, TaskNow, TaskPolls, TaskSpawned, TaskStates};
    use mapwatch_event::{CancelKind, Ending, Panic, TaskKind, TaskState};
    let mut shop = shop();
    let id = ActorId;
    let spawned = |number: u64, name: &str, parent: Option<u64>, field: &str| TaskSpawned {
        id: id(number),
        kind: TaskKind::Future,
        name: name.into(),
        site: SiteId(1),
        parent: parent.map(id),
        runtime_id: None,
        fields: if field.is_empty() {
            Vec::new()
        } else {
            vec![Field { name: "id".into(), value: field.into() }]
        },
    };
    for (number, name, parent, field) in [
        (20, "gateway", None, ""),
        (2, "settle", Some(20), "6"),
        (21, "request", Some(20), "7"),
        (22, "audit", Some(20), ""),
        (23, "report", None, ""),
    ] {
        shop.event(9_000, Event::TaskSpawned(spawned(number, name, parent, field)));
    }
    let polls = |count| TaskPolls {
        count,
        busy: Nanos(count * MS),
        longest: Nanos(3 * MS),
        longest_at: Nanos(9_200 * MS),
        longest_site: Some(SiteId(3)),
        wakes: count,
    };
    let now = |number, state, since: u64, count| TaskNow {
        id: id(number),
        state,
        since: Nanos(since * MS),
        polls: polls(count),
        woken_by: Some(id(20)),
        thread: Some(id(1)),
    };
    let tasks = vec![
        now(20, TaskState::Running, 9_100, 40),
        now(2, TaskState::Running, 9_150, 3),
        now(22, TaskState::Idle, 9_300, 9),
        now(23, TaskState::Running, 9_300, 2),
    ];
    shop.event(9_400, Event::TaskStates(TaskStates { alive: 5, tasks }));
    let cancelled =
        Cancelled { kind: CancelKind::Timeout, actor: Some(id(20)), site: Some(SiteId(3)), through: None };
    let ended = |number, ending, cancelled| TaskEnded {
        id: id(number),
        ending,
        cancelled,
        polls: polls(5),
        holding: Vec::new(),
        waited: Vec::new(),
        gave_back: Vec::new(),
    };
    shop.event(9_500, Event::TaskEnded(ended(21, Ending::Cancelled, Some(cancelled))));
    for (number, message, conflict) in [
        (1, "concurrent map iteration and map write", Some(ConflictId(4))),
        (2, "index 17 out of range for 3", None),
        (3, "index 4 out of range for 12", None),
    ] {
        let line = if conflict.is_some() { 88 } else { 12 };
        let panic = Panic {
            id: number,
            actor: Actor { id: id(23), kind: ActorKind::Task, name: "report".into(), ..Actor::default() },
            message: message.into(),
            location: Site { file: "src/orders.rs".into(), line, column: 9 },
            stack: side(Role::Attempt, Operation::Insert, 23, "report", "src/orders.rs", line).stack,
            conflict,
            ..Panic::default()
        };
        shop.event(9_600, Event::Panic(Box::new(panic)));
    }
    shop.event(9_650, Event::TaskEnded(ended(23, Ending::Panicked, None)));
    // Whoever waits is a task that told its life.
    shop.hold(9_900, 1, 9_200);
    shop
}

/// Reads bytes through the real reader into a model.
pub(crate) fn play_into(model: &mut Model, bytes: &[u8], origin: Origin, trust: Trust) {
    let (feed, messages) = Feed::new();
    std::thread::scope(|scope| {
        scope.spawn(move || {
            let stream = feed.next_stream();
            feed.send(Msg::Stream(stream, StreamMsg::Opened(origin, None))).unwrap();
            Pump::new(stream, Lines::new(bytes), trust, Keep::Nowhere).run(&feed).unwrap();
        });
        for msg in &messages {
            assert!(update(model, msg).is_none());
        }
    });
}

/// A request that holds the till, waits for the carts behind a backup, and is cancelled, as a version of the schema
/// tells it; the backup goes on for a while, and the program then ends.
pub(crate) fn cancelled_request(schema: &str) -> Session {
    use mapwatch_event::task::{Cancelled, GivenUp, TaskEnded, TaskNow, TaskPolls, TaskStates};
    use mapwatch_event::{CancelKind, Ending, TaskState};
    let mut shop = Session::of_schema(schema, 12, "/srv/shop");
    shop.site(1, "src/main.rs", 10).site(2, "src/backup.rs", 41).site(3, "src/quote.rs", 50);
    shop.site(4, "src/quote.rs", 48).site(5, "src/gateway.rs", 54);
    shop.task(1, "gateway").task(2, "backup").task(3, "quote");
    shop.map(1, MapKind::RwLock, "carts", "RwLock<HashMap<u64, u64>>", 1);
    shop.map(2, MapKind::Mutex, "till", "Mutex<u64>", 1);
    let has = |actor, operation, site, since: u64| Holding {
        actor: ActorId(actor),
        operation,
        site: SiteId(site),
        since: Nanos(since * MS),
    };
    let till = vec![has(3, Operation::Lock, 4, 25)];
    shop.event(250, Event::Holders(Holders { map: MapId(2), holders: till, waiters: Vec::new() }));
    let backup = vec![has(2, Operation::Read, 2, 10)];
    let waits = vec![has(3, Operation::Write, 3, 30)];
    shop.event(250, Event::Holders(Holders { map: MapId(1), holders: backup.clone(), waiters: waits }));
    let polls = TaskPolls { count: 1, busy: Nanos(MS), longest: Nanos(MS), ..TaskPolls::default() };
    let idle = |id| TaskNow {
        id: ActorId(id),
        state: TaskState::Idle,
        since: Nanos(30 * MS),
        polls,
        woken_by: None,
        thread: None,
    };
    shop.event(250, Event::TaskStates(TaskStates { alive: 3, tasks: vec![idle(1), idle(2), idle(3)] }));
    let tells = !matches!(schema, "1.0" | "1.4");
    let let_go = |map, site, ms: u64| {
        let given_up = GivenUp { map: MapId(map), site: SiteId(site), span: Nanos(ms * MS) };
        if tells { vec![given_up] } else { Vec::new() }
    };
    let ended = TaskEnded {
        id: ActorId(3),
        ending: Ending::Cancelled,
        cancelled: Some(Cancelled {
            kind: CancelKind::Abort,
            actor: Some(ActorId(1)),
            site: Some(SiteId(5)),
            through: None,
        }),
        polls,
        holding: vec![MapId(2)],
        waited: let_go(1, 3, 400),
        gave_back: let_go(2, 4, 405),
    };
    shop.event(430, Event::TaskEnded(ended));
    shop.event(500, Event::Holders(Holders { map: MapId(1), holders: backup, waiters: Vec::new() }));
    for map in [1, 2] {
        let (holders, waiters) = Default::default();
        shop.event(1_000, Event::Holders(Holders { map: MapId(map), holders, waiters }));
    }
    shop.end(120_000);
    shop
}

/// The same, where the guard is forgotten and an entry of the till is left behind: each is known of once.
pub(crate) fn half_done_request() -> Session {
    let mut shop = cancelled_request("1.5");
    let bytes = String::from_utf8(shop.bytes).unwrap();
    shop.bytes = bytes.lines().filter(|line| !line.contains("\"kind\":\"end\"")).fold(
        Vec::new(),
        |mut bytes, line| {
            let line = match line.find("\"gave_back\"") {
                // What follows is its last list: the guard that went back.
                Some(at) => format!("{}\"gave_back\":[]}}}}", &line[..at]),
                None => line.to_owned(),
            };
            bytes.extend(line.as_bytes());
            bytes.push(b'\n');
            bytes
        },
    );
    let sides = vec![
        side(Role::Begun, Operation::Insert, 3, "quote", "src/quote.rs", 49),
        side(Role::Missing, Operation::Remove, 3, "quote", "src/quote.rs", 55),
    ];
    let found = conflict(1, Category::LeakedEntry, 2, "till", 119_000, sides);
    shop.event(119_000, Event::Conflict(Box::new(found))).end(120_000);
    shop
}

/// A recording, read to its end.
pub(crate) fn recorded(session: &Session) -> Model {
    let mut model = Model::default();
    play_into(&mut model, &session.bytes, Origin::File("run.jsonl".into()), Trust::File);
    model
}

/// A session that is still open: nothing says that its stream has ended.
pub(crate) fn live(session: &Session) -> Model {
    let mut model = Model::default();
    update(&mut model, Msg::Tick(Duration::from_secs(10)));
    update(&mut model, Msg::Stream(LIVE, StreamMsg::Opened(Origin::Attached(4711), None)));
    hear(&mut model, &session.bytes);
    model
}

/// The stream of [`live`].
const LIVE: StreamId = StreamId(1);

/// A model of [`live`] hears more of its session.
pub(crate) fn hear(model: &mut Model, bytes: &[u8]) {
    use crate::source::arrival::Arrival;
    let lines = bytes.split_inclusive(|byte| *byte == b'\n');
    let arrivals = lines.zip(1..).map(|(line, number)| Arrival::read(number, line)).collect();
    update(model, Msg::Stream(LIVE, StreamMsg::Arrived(Batch { arrivals, place: None })));
}

/// The frame as text, and what it measured.
pub(crate) fn frame(model: &Model, columns: u16, rows: u16) -> (String, Measured) {
    let mut terminal = Terminal::new(TestBackend::new(columns, rows)).unwrap();
    let mut measured = Measured::default();
    terminal.draw(|frame| measured = view(frame, model)).unwrap();
    let buffer = terminal.backend().buffer();
    let mut text = String::new();
    for row in 0..rows {
        let line: String = (0..columns).map(|column| buffer[(column, row)].symbol()).collect();
        text.push_str(line.trim_end());
        text.push('\n');
    }
    (text, measured)
}

/// The frame with its styles.
pub(crate) fn cells(model: &Model, columns: u16, rows: u16) -> ratatui::buffer::Buffer {
    let mut terminal = Terminal::new(TestBackend::new(columns, rows)).unwrap();
    terminal
        .draw(|frame| {
            view(frame, model);
        })
        .unwrap();
    terminal.backend().buffer().clone()
}

/// ASCII glyphs, no colours.
pub(crate) fn plain(model: &mut Model) {
    model.ui.look = Look { theme: crate::model::ui::ThemeName::Mono, ascii: true, mouse: false };
}

/// Compares with `src/snapshots/NAME.txt`; `MAPVIEW_BLESS=1` writes it anew.
pub(crate) fn check_snapshot(name: &str, text: &str) {
    let path =
        std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("src/snapshots").join(format!("{name}.txt"));
    if std::env::var_os("MAPVIEW_BLESS").is_some() {
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, text).unwrap();
        return;
    }
    let expected = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(
        expected == text,
        "{name} differs (MAPVIEW_BLESS=1 accepts it)\n-- expected\n{expected}-- is\n{text}"
    );
}

/// Tells something of the program that the viewer started.
pub(crate) fn program(model: &mut Model, msg: ProgramMsg) {
    use crate::source::arrival::Arrival;
    let arrivals = vec![Arrival::Program { at: crate::model::moment::Wall(1), msg }];
    let stream = StreamId(99);
    update(model, Msg::Stream(stream, StreamMsg::Opened(Origin::Program, None)));
    update(model, Msg::Stream(stream, StreamMsg::Arrived(Batch { arrivals, place: None })));
}

/// Opens recordings as `mapview open` does, and reads them to their end.
pub(crate) fn opened(folder: &std::path::Path, sessions: &[&Session]) -> Model {
    use crate::source::file::{Recording, play_all};
    let mut recordings = Vec::new();
    for (number, session) in sessions.iter().enumerate() {
        let path = folder.join(format!("{number}.jsonl"));
        std::fs::write(&path, &session.bytes).unwrap();
        recordings.push(Recording::open(&path).unwrap());
    }
    let (feed, messages) = Feed::new();
    play_all(recordings, feed).unwrap();
    let mut model = Model::default();
    for msg in &messages {
        assert!(update(&mut model, msg).is_none());
    }
    model
}

/// Sends a message, and carries out the journeys that follow from it; source is not found.
pub(crate) fn send(model: &mut Model, msg: Msg) {
    use crate::update::Effect;
    let mut effect = update(model, msg);
    loop {
        effect = match effect {
            None => return,
            Some(Effect::Travel(journey)) => {
                let sight = crate::source::player::play(*journey);
                update(model, Msg::Travelled(Box::new(sight)))
            }
            Some(Effect::Read(sites)) => {
                update(model, Msg::Source(sites.into_iter().map(|(site, _)| (site, None)).collect()))
            }
            Some(effect) => panic!("{effect:?}"),
        };
    }
}
