//! The reports of a whole session: the promised keys, and the text.
#![allow(clippy::unwrap_used, reason = "a test without its report has failed")]

use super::{json, text};
use crate::export::Account;
use crate::model::Model;
use crate::model::program::Ending;
use crate::msg::ProgramMsg;
use crate::testing::{check_snapshot, live, program, recorded, shop};
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
