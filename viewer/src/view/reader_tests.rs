//! What a first reader looks for, and finds where he looks.

use super::tests::{go, solid};
use crate::keymap::Command;
use crate::model::Model;
use crate::model::list::{ListId, Order};
use crate::model::ui::{Screen, TaskKey};
use crate::msg::Msg;
use crate::testing::{Session, busy_shop, conflict, frame, hear, live, side};
use crate::update::{Effect, update};
use mapwatch_event::event::{Holders, Holding, MapTraffic, Recent, Traffic};
use mapwatch_event::panic::ScopeSeen;
use mapwatch_event::task::{Field, TaskEnded, TaskNow, TaskPolls, TaskSpawned, TaskStates};
use mapwatch_event::{
    Actor, ActorId, ActorKind, Category, Ending, Event, MapId, MapKind, Nanos, Operation, Panic, Role, Site,
    SiteId, TaskKind, TaskState,
};

/// Two tasks that meet in one map, at places with long paths; one holds it, the other waits.
fn meeting(names: [&str; 2]) -> Session {
    const FILE: &str = "services/warehouse/src/orders/settlement/worker.rs";
    let mut shop = Session::new(4711, "/srv/shop");
    shop.site(1, FILE, 21).site(2, FILE, 141).site(3, FILE, 388);
    shop.map(1, MapKind::Mutex, "open_orders", "Mutex<HashMap<OrderId, Vec<(Item, Quantity)>>>", 1);
    for (id, name) in (141..).zip(names) {
        shop.actor(id, ActorKind::Task, name).task(id, name);
    }
    let sides = vec![
        side(Role::Holder, Operation::Lock, 141, names[0], FILE, 141),
        side(Role::Attempt, Operation::Lock, 142, names[1], FILE, 388),
    ];
    let met = conflict(1, Category::GuardAcrossAwait, 1, "open_orders", 1_000, sides);
    shop.event(1_000, Event::Conflict(Box::new(met)));
    let holding = |id, site| Holding {
        actor: ActorId(id),
        operation: Operation::Lock,
        site: SiteId(site),
        since: Nanos(500_000_000),
    };
    let (holders, waiters) = (vec![holding(141, 2)], vec![holding(142, 3)]);
    shop.event(1_200, Event::Holders(Holders { map: MapId(1), holders, waiters }));
    shop
}

#[test]
fn who_it_was_is_not_cut_at_eighty_columns() {
    let long = ["reprice-catalogue", "settle-invoices"];
    for (way, names) in [
        (&[Command::Screen(3)][..], ["reprice-all", "settle-cart"]),
        (&[Command::Screen(5)], long),
        (&[Command::Screen(1), Command::Open], long),
        (&[Command::Screen(3), Command::Open], long),
    ] {
        let mut model = live(&meeting(names));
        go(&mut model, way);
        let (text, _) = frame(&model, 80, 24);
        for name in names {
            assert!(text.contains(name), "{way:?}: {name}\n{text}");
        }
    }
}

/// A task that was spawned, and panicked with these words at this line of `src/import.rs`.
fn panics(shop: &mut Session, id: u64, name: &str, message: &str, line: u32) {
    let actor = Actor { id: ActorId(id), kind: ActorKind::Task, name: name.into(), on_thread: String::new() };
    let panic = Panic {
        id,
        thread: actor.clone(),
        actor,
        message: message.into(),
        location: Site { file: "src/import.rs".into(), line, column: 5 },
        ..Panic::default()
    };
    shop.task(id, name).event(500 + id, Event::Panic(Box::new(panic)));
    shop.event(600 + id, Event::TaskEnded(ended(id, Ending::Panicked)));
}

fn ended(id: u64, ending: Ending) -> TaskEnded {
    let polls = TaskPolls { count: 1, ..TaskPolls::default() };
    let (holding, waited, gave_back) = (Vec::new(), Vec::new(), Vec::new());
    TaskEnded { id: ActorId(id), ending, cancelled: None, polls, holding, waited, gave_back }
}

fn page_of(model: &mut Model, actor: u64) -> String {
    let session = model.world.sessions.keys().next().copied().expect("there is a session");
    model.ui.screens = vec![Screen::Task(TaskKey { session, actor: ActorId(actor) })];
    frame(model, 80, 40).0
}

#[test]
fn a_task_that_panicked_says_where_and_with_which_words_also_when_others_did_since() {
    let mut shop = Session::new(4711, "/srv/shop");
    shop.site(1, "src/main.rs", 21);
    // One group: numbers do not part panics.
    panics(&mut shop, 31, "import", "row 7 has no price\nnote: as always", 31);
    panics(&mut shop, 32, "import", "row 8 has no price", 31);
    panics(&mut shop, 33, "export", "", 77);
    let mut model = live(&shop);
    let [first, second, silent] = [31, 32, 33].map(|id| page_of(&mut model, id));
    assert!(first.contains("message     row 7 has no price\n"), "{first}");
    assert!(second.contains("message     row 8 has no price\n"), "{second}");
    assert!(
        silent.contains("message     (no message)\n") && silent.contains("src/import.rs:77:5"),
        "{silent}"
    );
    assert!(first.contains("panic at    src/import.rs:31:5"), "{first}");
    assert!(!first.contains("Found with it"), "it is said once: {first}");
    page_of(&mut model, 31);
    go(&mut model, &[Command::Open]);
    assert!(matches!(model.ui.screen(), Screen::Panic(_)), "Enter opens it");
}

#[test]
fn a_scope_that_panicked_is_known_by_what_it_carries() {
    let mut shop = Session::new(4711, "/srv/shop");
    shop.site(1, "src/main.rs", 21).task(20, "gateway");
    let field = |value: &str| vec![Field { name: "id".into(), value: value.into() }];
    for (id, request) in [(21, "7"), (22, "8"), (23, "")] {
        shop.event(
            100,
            Event::TaskSpawned(TaskSpawned {
                id: ActorId(id),
                kind: TaskKind::Scope,
                name: "request".into(),
                site: SiteId(1),
                parent: Some(ActorId(20)),
                runtime_id: None,
                fields: if request.is_empty() { Vec::new() } else { field(request) },
            }),
        );
    }
    let gateway =
        Actor { id: ActorId(20), kind: ActorKind::Task, name: "gateway".into(), ..Actor::default() };
    for (number, request, line) in [(1, "7", 70), (2, "8", 80)] {
        let scope = ScopeSeen { kind: TaskKind::Scope, name: "request".into(), fields: field(request) };
        shop.event(
            200,
            Event::Panic(Box::new(Panic {
                id: number,
                actor: gateway.clone(),
                scopes: vec![scope],
                message: format!("no price for {request}"),
                location: Site { file: "src/price.rs".into(), line, column: 5 },
                ..Panic::default()
            })),
        );
    }
    for id in 21..24 {
        shop.event(300, Event::TaskEnded(ended(id, Ending::Panicked)));
    }
    let mut model = live(&shop);
    let [seven, eight, any] = [21, 22, 23].map(|id| page_of(&mut model, id));
    assert!(seven.contains("no price for 7") && seven.contains("src/price.rs:70:5"), "{seven}");
    assert!(eight.contains("no price for 8") && eight.contains("src/price.rs:80:5"), "{eight}");
    assert!(any.contains("does not say which panic it was"), "it could be either: {any}");
}

#[test]
fn a_label_without_a_value_is_left_out() {
    let mut shop = Session::new(4711, "/srv/shop");
    shop.site(1, "src/main.rs", 21);
    let grows = conflict(1, Category::UnboundedGrowth, 1, "orders", 1_000, Vec::new());
    shop.event(1_000, Event::Conflict(Box::new(grows)));
    let mut model = live(&shop);
    go(&mut model, &[Command::Screen(3), Command::Open]);
    let (text, _) = frame(&model, 80, 24);
    assert!(text.contains(" map ") && !text.contains(" what "), "{text}");
}

fn is(id: u64, state: TaskState, since_ms: u64) -> Event {
    let polls = TaskPolls { count: 1, ..TaskPolls::default() };
    let since = Nanos(since_ms * 1_000_000);
    let now = TaskNow { id: ActorId(id), state, since, polls, woken_by: None, thread: None };
    Event::TaskStates(TaskStates { alive: 1, tasks: vec![now] })
}

fn reads(access: Recent) -> Event {
    let traffic = MapTraffic {
        map: MapId(1),
        length: None,
        capacity: None,
        reads: 1,
        writes: 0,
        iterations: 0,
        sites: Vec::new(),
        held: Vec::new(),
        waited: Vec::new(),
        recent: vec![access],
    };
    Event::Traffic(Traffic { span: Nanos(1_000_000), maps: vec![traffic] })
}

#[test]
fn a_stranded_task_says_where_it_was_seen_last_however_long_ago_and_whichever_was_told_first() {
    for is_state_first in [true, false] {
        let mut shop = Session::new(4711, "/srv/shop");
        shop.site(1, "src/main.rs", 21).site(2, "src/report.rs", 41).site(3, "src/orders.rs", 88);
        shop.map(1, MapKind::HashMap, "orders", "HashMap<OrderId, Order>", 1);
        shop.task(2, "settle").task(3, "audit");
        if is_state_first {
            shop.event(300, is(2, TaskState::Stranded, 260)).event(300, is(3, TaskState::Stranded, 260));
        }
        // The last access of task 2 is an insertion at site 3, at 247 ms.
        shop.traffic(250, 1, [1, 1, 0], 5);
        if !is_state_first {
            shop.event(300, is(2, TaskState::Stranded, 260)).event(300, is(3, TaskState::Stranded, 260));
        }
        // Others go on, until the map has forgotten it.
        for step in 0..90 {
            let access = Recent {
                at: Nanos((400 + step) * 1_000_000),
                actor: ActorId(9),
                operation: Operation::Get,
                site: SiteId(2),
            };
            shop.event(400 + step, reads(access));
        }
        let mut model = live(&shop);
        let [seen, unseen] = [2, 3].map(|id| page_of(&mut model, id));
        assert!(seen.contains("last seen   `insert` on orders, 13 ms before"), "{is_state_first}: {seen}");
        assert!(seen.contains("at          src/orders.rs:88:9"), "{is_state_first}: {seen}");
        assert!(unseen.contains("last seen   no access of a watched map"), "{unseen}");
    }
}

/// The same two places meet, this time by these two.
fn met_again(number: u64, names: [&str; 2]) -> Event {
    let sides = vec![
        side(Role::Holder, Operation::Iter, 10 * number, names[0], "src/report.rs", 41),
        side(Role::Attempt, Operation::Insert, 10 * number + 1, names[1], "src/orders.rs", 88),
    ];
    let at = 1_000 * number;
    Event::Conflict(Box::new(conflict(number, Category::ConcurrentIterationWrite, 1, "orders", at, sides)))
}

#[test]
fn what_is_read_of_a_conflict_stays_until_the_newest_is_asked_for() {
    let mut shop = Session::new(4711, "/srv/shop");
    shop.site(1, "src/main.rs", 21);
    shop.event(1_000, met_again(1, ["morning", "early"]));
    let mut model = live(&shop);
    go(&mut model, &[Command::Screen(3), Command::Open]);
    let (before, _) = frame(&model, 80, 24);
    let heard = shop.bytes.len();
    shop.event(2_000, met_again(2, ["noon", "lunch"])).event(3_000, met_again(3, ["evening", "late"]));
    hear(&mut model, &shop.bytes[heard..]);
    let (after, _) = frame(&model, 80, 24);
    let boxes =
        |text: &str| text.lines().filter(|line| line.contains('│')).map(str::to_owned).collect::<Vec<_>>();
    assert_eq!(boxes(&after), boxes(&before), "{after}");
    assert_eq!(
        before.lines().position(|line| line.contains('╭')),
        after.lines().position(|line| line.contains('╭')),
        "nothing moves: {after}"
    );
    assert!(after.contains("2 more since; F shows the newest") && after.contains(" F newest "), "{after}");
    // What is copied is what is read.
    let copied = update(&mut model, Msg::Command(Command::Copy));
    assert!(matches!(&copied, Some(Effect::Copy(text)) if text.contains("`morning`")), "{copied:?}");
    // Whoever comes back to the page finds it as it was.
    go(&mut model, &[Command::Help, Command::Back]);
    assert!(frame(&model, 80, 24).0.contains("`morning`"));
    go(&mut model, &[Command::Follow]);
    let (newest, _) = frame(&model, 80, 24);
    assert!(newest.contains("`evening`") && !newest.contains("more since"), "{newest}");
    assert!(newest.contains("the newest of 3"), "{newest}");
    // Whoever opens it anew reads the newest.
    let heard = shop.bytes.len();
    shop.event(4_000, met_again(4, ["night", "last"]));
    hear(&mut model, &shop.bytes[heard..]);
    go(&mut model, &[Command::Back, Command::Open]);
    assert!(frame(&model, 80, 24).0.contains("`night`"));
}

#[test]
fn a_row_of_holders_opens_whose_it_is_and_the_last_line_says_so() {
    let mut shop = meeting(["reprice-all", "settle-cart"]);
    let holder =
        Holding { actor: ActorId(7), operation: Operation::Lock, site: SiteId(2), since: Nanos(600_000_000) };
    shop.map(2, MapKind::Mutex, "prices", "Mutex<u64>", 1).actor(7, ActorKind::Thread, "main");
    shop.event(1_200, Event::Holders(Holders { map: MapId(2), holders: vec![holder], waiters: Vec::new() }));
    let mut model = live(&shop);
    let foot = |model: &Model| frame(model, 80, 24).0.lines().last().map(str::to_owned).unwrap_or_default();
    let mut opened = |steps: usize, last: Command| {
        go(&mut model, &[Command::Screen(5), Command::First]);
        go(&mut model, &vec![Command::Down; steps]);
        let said = foot(&model);
        go(&mut model, &[last]);
        (said, model.ui.screen())
    };
    // Who waits stands first, then who holds: the longest first.
    for (steps, actor) in [(0, 142), (1, 141)] {
        let (said, screen) = opened(steps, Command::Open);
        assert!(said.contains("Enter its task") && said.contains("v map"), "{said}");
        assert!(matches!(screen, Screen::Task(key) if key.actor == ActorId(actor)), "{screen:?}");
    }
    let (_, screen) = opened(1, Command::OpenMap);
    assert!(matches!(screen, Screen::Map(key) if key.map == MapId(1)), "{screen:?}");
    // A thread that tells no life has no page.
    let (said, screen) = opened(2, Command::Open);
    assert!(said.contains("Enter its map") && !said.contains("v map"), "{said}");
    assert!(matches!(screen, Screen::Map(key) if key.map == MapId(2)), "{screen:?}");
}

#[test]
fn the_column_that_orders_a_list_is_seen_with_its_mark() {
    for (number, id) in [
        (1, ListId::Maps),
        (2, ListId::Tasks),
        (3, ListId::Conflicts),
        (4, ListId::Panics),
        (5, ListId::Holders),
        (6, ListId::Findings),
    ] {
        for (sort, column) in id.columns().iter().enumerate().filter(|(_, column)| column.order != Order::No)
        {
            let mut model = live(&busy_shop());
            model.ui.list_mut(id).sort = sort;
            go(&mut model, &[Command::Screen(number)]);
            // With one process, there is no column of them.
            let is_there = column.title != "process";
            for columns in [40, 80, 160] {
                let (text, _) = frame(&model, columns, 24);
                let mark = format!("{}▾", column.title);
                assert!(solid(&text).contains(&solid(&format!("by {mark}"))), "{id:?} at {columns}\n{text}");
                // The order that nobody chose may give way to what a row is understood by.
                let in_head = text.matches(&mark).count() > 1;
                assert!(sort == 0 || in_head == is_there, "{id:?} by {} at {columns}\n{text}", column.title);
            }
        }
    }
}

/// Whether it is a moment as they are all written: `9.950s`, `1m59.123s`.
fn is_moment(word: &str) -> bool {
    let Some((front, milliseconds)) = word.strip_suffix('s').and_then(|word| word.split_once('.')) else {
        return false;
    };
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    milliseconds.len() == 3 && digits(milliseconds) && front.split(['h', 'm']).all(digits)
}

#[test]
fn moments_are_written_in_one_way_and_spans_in_another() {
    let mut shop = busy_shop();
    shop.end(200_000);
    let model = || crate::testing::recorded(&shop);
    let mut moments = 0;
    for (name, way) in super::tests::WAYS {
        let mut model = model();
        go(&mut model, way);
        for columns in [80, 160] {
            let (text, _) = frame(&model, columns, 90);
            assert!(!text.contains(" min "), "{name}: {text}");
            let of_moments = [" at ", " from ", " since "];
            for after in of_moments.iter().flat_map(|word| text.split(word).skip(1)) {
                let mut words = after.split([' ', ',', ';', '\n']);
                let (word, unit) = (words.next().unwrap_or_default(), words.next().unwrap_or_default());
                let is_span = word.parse::<f64>().is_ok() && ["s", "ms", "µs", "ns", "min"].contains(&unit);
                assert!(!is_span, "{name}: {word} {unit}\n{text}");
                moments += usize::from(is_moment(word));
            }
        }
    }
    assert!(moments > 10, "{moments}");
}
