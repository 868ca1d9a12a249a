//! The reports of a whole session: the promised keys, and the text.
#![allow(clippy::unwrap_used, reason = "a test without its report has failed")]

use super::{json, text};
use crate::export::Account;
use crate::model::Model;
use crate::model::program::Ending;
use crate::msg::ProgramMsg;
use crate::testing::{cancelled_request, check_snapshot, half_done_request, live, program, recorded, shop};
use serde_json::{Value, json};

fn keys(value: &Value) -> Vec<&str> {
    value.as_object().unwrap().keys().map(String::as_str).collect()
}

#[test]
fn the_object_has_the_promised_keys() {
    let report = json::object(&Account::of(&recorded(&shop()).world));
    for key in ["schema", "findings", "groups", "tasks", "unread", "lost", "processes"] {
        assert!(keys(&report).contains(&key), "{key}");
    }
    let finding = &report["findings"][0];
    for key in ["category", "grade", "title", "map", "sites", "count"] {
        assert!(keys(finding).contains(&key), "{key}");
    }
    assert_eq!(finding["category"], "concurrent-iteration-write");
    assert_eq!((&finding["grade"], &finding["count"]), (&json!("certain"), &json!(2)));
    assert_eq!(finding["map"]["name"], "orders");
    assert_eq!(finding["map"]["kind"], "hash-map");
    assert_eq!(finding["map"]["site"], json!({ "file": "src/main.rs", "line": 21, "column": 17 }));
    let site = &finding["sites"][1];
    for key in ["role", "file", "line", "column", "actor", "operation", "frames"] {
        assert!(keys(site).contains(&key), "{key}");
    }
    assert_eq!((&site["role"], &site["line"]), (&json!("attempt"), &json!(88)));
    assert_eq!(site["frames"][1]["function"], "shop::settle::run");
    assert_eq!(report["lost"]["samples"], 1234);
    // The recording is cut: its task may have ended since.
    assert_eq!((&report["tasks"]["alive"], &report["tasks"]["unknown"]), (&json!(0), &json!(1)));
    assert_eq!(report["processes"][0]["ended_early"], true);
}

#[test]
fn it_is_one_object_and_one_line_at_the_end() {
    let rendered = json::render(&recorded(&shop()).world);
    assert!(rendered.ends_with("}\n"));
    assert_eq!(rendered.parse::<Value>().unwrap(), json::object(&Account::of(&recorded(&shop()).world)));
}

#[test]
fn the_text_names_everything() {
    check_snapshot("report", &text::render(&recorded(&shop()).world));
}

/// The sentences of the page of a task are those of every report.
#[test]
fn a_cancelled_task_is_told_with_who_did_it_what_it_waited_for_and_what_it_held() {
    use crate::export::{Format, write};
    let model = recorded(&cancelled_request("1.5"));
    let text = text::render(&model.world);
    check_snapshot("report-cancelled", &text);
    let report = json::object(&Account::of(&model.world));
    let end = &report["ends"][0];
    assert_eq!((&end["task"]["name"], &end["count"]), (&json!("quote"), &json!(1)));
    let site = |file: &str, line: u32| json!({ "file": file, "line": line, "column": 9 });
    assert_eq!(end["cancelled"]["by"]["name"], "gateway");
    assert_eq!(end["cancelled"]["site"], site("src/gateway.rs", 54));
    let wait = &end["waited"][0];
    assert_eq!((&wait["title"], &wait["behind"]["name"]), (&json!("carts"), &json!("backup")));
    assert_eq!((&wait["site"], &wait["span"]), (&site("src/quote.rs", 50), &json!(400_000_000)));
    assert_eq!(end["gave_back"][0]["title"], "till");
    let markdown = write(Format::Markdown, &model.world);
    let flat = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ").replace(['`', '\\'], "");
    for sentence in end["sentences"].as_array().unwrap() {
        for said in [&sentence["text"], &sentence["place"]] {
            let said = flat(said.as_str().unwrap());
            assert!(flat(&text).contains(&said), "{said} in {text}");
            assert!(flat(&markdown).contains(&said), "{said} in {markdown}");
        }
    }
}

/// A hundred requests that end alike are one paragraph; the one that left something behind has its own, above.
#[test]
fn lives_that_ended_alike_are_told_once_and_those_that_broke_something_first() {
    use mapwatch_event::task::{Cancelled, TaskEnded, TaskPolls};
    use mapwatch_event::{ActorId, CancelKind, Ending as End, Event};
    let mut shop = half_done_request();
    for id in 100..200 {
        let cancelled =
            Cancelled { kind: CancelKind::Timeout, actor: Some(ActorId(1)), site: None, through: None };
        let ended = TaskEnded {
            id: ActorId(id),
            ending: End::Cancelled,
            cancelled: Some(cancelled),
            polls: TaskPolls::default(),
            holding: Vec::new(),
            waited: Vec::new(),
            gave_back: Vec::new(),
        };
        shop.task(id, "search").event(120_000 + id, Event::TaskEnded(ended));
    }
    let report = json::object(&Account::of(&recorded(&shop).world));
    let told: Vec<_> =
        report["ends"].as_array().unwrap().iter().map(|end| (&end["task"]["name"], &end["count"])).collect();
    assert_eq!(told, [(&json!("quote"), &json!(1)), (&json!("search"), &json!(100))]);
    assert_eq!(report["ends"][0]["kept"][0]["fate"], "outlived");
    assert_eq!(report["ends"][0]["left"][0]["fingerprint"], report["findings"][0]["fingerprint"]);
    assert_eq!(report["ends"][1]["last"]["at_ns"], 120_199_000_000_u64);
    let text = text::render(&recorded(&shop).world);
    let ended =
        "ended  task 3 `quote` was cancelled by abort at 0.430s, by task 1 `gateway`, at src/gateway.rs:54:9";
    assert!(text.contains(ended), "{text}");
    let markdown = crate::export::write(crate::export::Format::Markdown, &recorded(&shop).world);
    assert!(markdown.contains("**Ended:** task 3 `quote` was cancelled by abort"), "{markdown}");
    assert!(text.contains("99 others alike, the first at 2m0.100s"), "{text}");
}

/// What a stream does not tell leaves no hole in a sentence.
#[test]
fn a_wait_without_its_operation_and_a_runtime_without_a_name_are_told_in_words() {
    use mapwatch_event::task::{Cancelled, GivenUp, TaskEnded, TaskPolls};
    use mapwatch_event::{ActorId, CancelKind, Ending as End, Event, MapId, Nanos, SiteId};
    let mut shop = cancelled_request("1.5");
    let unknown = ActorId(ActorId::TASK | ActorId::RUNTIME | 16);
    for (id, kind) in [(100, CancelKind::Shutdown), (101, CancelKind::Timeout)] {
        let ended = TaskEnded {
            id: ActorId(id),
            ending: End::Cancelled,
            cancelled: Some(Cancelled { kind, actor: Some(unknown), site: None, through: None }),
            polls: TaskPolls { count: 1, ..TaskPolls::default() },
            holding: Vec::new(),
            waited: vec![GivenUp { map: MapId(1), site: SiteId(3), span: Nanos(197_000_000) }],
            gave_back: Vec::new(),
        };
        shop.task(id, kind.words()).event(120_000 + id, Event::TaskEnded(ended));
    }
    let text = text::render(&recorded(&shop).world);
    assert_eq!(text.matches("it had waited for carts for 197 ms; ").count(), 2, "{text}");
    assert!(text.contains("         by  its runtime\n"), "{text}");
    assert!(text.contains(&format!("         by  task {unknown}, which was not announced\n")), "{text}");
    assert!(!text.contains("actor "), "{text}");
}

/// Panics that no finding tells are neither nothing nor a finding.
#[test]
fn panics_alone_are_counted_in_the_first_line() {
    use mapwatch_event::{Event, Panic};
    let mut alone = crate::testing::Session::new(7, "/bin/shop");
    alone.map(1, mapwatch_event::MapKind::HashMap, "orders", "HashMap<u64, u64>", 1);
    let panic =
        |id, message: &str| Event::Panic(Box::new(Panic { id, message: message.into(), ..Panic::default() }));
    for (id, message) in [(1, "no such order"), (2, "no such order"), (3, "no stock")] {
        alone.event(id * 10, panic(id, message));
    }
    let world = recorded(&alone).world;
    assert_eq!(text::verdict(&world), "no finding, 3 panics in 1 map of 1 process");
    assert!(!Account::of(&world).any_problem());
    let mut shop = shop();
    let before = text::verdict(&recorded(&shop).world);
    shop.event(20_000, panic(99, "no stock"));
    let after = text::verdict(&recorded(&shop).world);
    assert_eq!(after, before.replace(" in ", " and 1 panic in "));
}

#[test]
fn who_was_not_heard_is_said() {
    let mut model = Model::default();
    program(&mut model, ProgramMsg::Started { pid: 9, command: "/bin/true".into() });
    program(&mut model, ProgramMsg::Ended(Ending::Code(0)));
    let text = text::render(&model.world);
    assert!(
        text.starts_with("mapview: could not look: true ended with exit code 0, and no watched"),
        "{text}"
    );
}

#[test]
fn tasks_are_counted_by_how_they_ended() {
    use mapwatch_event::task::{TaskEnded, TaskPolls, TaskSpawned};
    use mapwatch_event::{ActorId, Ending as End, Event, Panic, SiteId, TaskKind};
    let mut shop = crate::testing::Session::new(7, "/bin/shop");
    shop.site(1, "src/main.rs", 3);
    let endings =
        [End::Completed, End::Completed, End::Panicked, End::Cancelled, End::NeverPolled, End::Leaked];
    for id in (0..=endings.len() as u64).map(|id| ActorId(ActorId::TASK | id)) {
        let (kind, name) = (TaskKind::Future, String::new());
        let spawned = TaskSpawned {
            id,
            kind,
            name,
            site: SiteId(1),
            parent: None,
            runtime_id: None,
            fields: Vec::new(),
        };
        shop.event(1, Event::TaskSpawned(spawned));
        if let Some(ending) = endings.get(id.number() as usize).copied() {
            let ended = TaskEnded {
                id,
                ending,
                cancelled: None,
                polls: TaskPolls::default(),
                holding: Vec::new(),
                waited: Vec::new(),
                gave_back: Vec::new(),
            };
            shop.event(2, Event::TaskEnded(ended));
        }
    }
    shop.event(3, Event::Panic(Box::new(Panic { message: "boom".into(), ..Panic::default() })));
    let report = json::object(&Account::of(&live(&shop).world));
    let counts = [
        ("alive", 1),
        ("completed", 2),
        ("panicked", 1),
        ("cancelled", 1),
        ("never_polled", 1),
        ("leaked", 1),
    ];
    for (word, count) in counts {
        assert_eq!(report["tasks"][word], count, "{word}");
    }
    assert_eq!(report["processes"][0]["panics"], 1);
}
