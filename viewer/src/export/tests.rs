//! Each format through something that reads it: a schema, a parser, the consumer's own types.
#![allow(clippy::unwrap_used, reason = "a document that cannot be read has failed")]

use super::{Account, Format, lnav, sarif, tell, write};
use crate::baseline::Baseline;
use crate::model::Model;
use crate::model::world::World;
use crate::testing::{cancelled_request, check_snapshot, conflict, recorded, shop, side};
use mapwatch_event::{Category, Event, Operation, Role, Stack};
use opentelemetry_proto::tonic::collector::logs::v1::ExportLogsServiceRequest;
use opentelemetry_proto::tonic::common::v1::any_value;
use serde_json::Value;

fn world() -> World {
    recorded(&shop()).world
}

/// A session of a program that names its maps to do harm, with sites and stacks that are not there.
pub(crate) fn hostile() -> World {
    let name = "</script><img src=x onerror=alert(1)> `|` & \"]]>\u{fffe}";
    let mut shop = shop();
    let mut sides = vec![
        side(Role::Holder, Operation::Iter, 9, name, "", 0),
        side(Role::Waiter, Operation::Lock, 10, name, "/abs path/src/#?.rs", 3),
        side(Role::Attempt, Operation::Insert, 17, name, "C:\\x\\y.rs", 88),
    ];
    sides[0].stack = Stack::absent("");
    sides[0].source.clear();
    let mut conflict = conflict(77, Category::Deadlock, 9, name, 9_500, sides);
    conflict.map.made.file.clear();
    conflict.cause = name.into();
    shop.event(9_500, Event::Conflict(Box::new(conflict)));
    recorded(&shop).world
}

/// What every format has to take: nothing, much, and rubbish.
fn worlds() -> [World; 3] {
    [World::default(), world(), hostile()]
}

fn check_sarif(log: &Value) {
    let text = include_str!("../../tests/schemas/sarif-2.1.0.json");
    // The published pattern of languages has a bracket too many, and so is none.
    let text = text.replace("-[a-zA-Z]{2}]?$", "-[a-zA-Z]{2}$");
    let schema: Value = text.parse().unwrap();
    let schema = jsonschema::draft7::options().should_validate_formats(true).build(&schema).unwrap();
    let errors: Vec<String> =
        schema.iter_errors(log).map(|error| format!("{}: {error}", error.instance_path())).collect();
    assert!(errors.is_empty(), "{errors:#?}");
}

#[test]
fn sarif_is_valid_and_has_both_sides_as_thread_flows() {
    for world in worlds() {
        check_sarif(&tell(Format::Sarif, &Account::of(&world)).parse().unwrap());
    }
    let world = world();
    let log = sarif::log(&Account::of(&world));
    let run = &log["runs"][0];
    let result = &run["results"][0];
    assert_eq!(result["ruleId"], "concurrent-iteration-write");
    let rule = &run["tool"]["driver"]["rules"][result["ruleIndex"].as_u64().unwrap() as usize];
    assert_eq!(rule["id"], result["ruleId"]);
    assert!(rule["help"]["text"].as_str().unwrap().contains("Cure: collect what the loop needs"), "{rule}");
    let flows = result["codeFlows"][0]["threadFlows"].as_array().unwrap();
    assert_eq!(flows.len(), 2);
    let last = |flow: &Value| flow["locations"].as_array().unwrap().last().unwrap().clone();
    let at = |step: &Value| step["location"]["physicalLocation"]["region"]["startLine"].clone();
    assert_eq!((at(&last(&flows[0])), at(&last(&flows[1]))), (41.into(), 88.into()));
    assert!(last(&flows[0])["executionOrder"].as_u64() < last(&flows[1])["executionOrder"].as_u64());
    assert_eq!(result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"], "src/orders.rs");
    assert_eq!(result["relatedLocations"][0]["physicalLocation"]["artifactLocation"]["uri"], "src/report.rs");
    assert_eq!((&result["level"], &result["occurrenceCount"]), (&"error".into(), &2.into()));
    assert_eq!(result["partialFingerprints"]["mapwatchSites/v1"].as_str().unwrap().len(), 16);
    assert!(result.get("baselineState").is_none());
    // Losses are told: what is missing may be missing for that reason.
    let notes = run["invocations"][0]["toolExecutionNotifications"].to_string();
    assert!(notes.contains("1,234 samples"), "{notes}");
}

#[test]
fn sarif_says_what_the_baseline_knows() {
    let world = world();
    let baseline = Baseline::of(&Account::of(&world));
    let log = sarif::log(&Account { world: &world, baseline: Some(&baseline) });
    check_sarif(&log);
    assert_eq!(log["runs"][0]["results"][0]["baselineState"], "unchanged");
    let none = Baseline::default();
    let log = sarif::log(&Account { world: &world, baseline: Some(&none) });
    assert_eq!(log["runs"][0]["results"][0]["baselineState"], "new");
}

/// The suite's cases as (name, what is in them), after the totals were held against them.
fn check_junit(text: &str) -> Vec<(String, Vec<String>)> {
    let document = roxmltree::Document::parse(text).unwrap_or_else(|error| panic!("{error}: {text}"));
    let suite = document.descendants().find(|node| node.has_tag_name("testsuite")).unwrap();
    let cases: Vec<_> = suite.children().filter(|node| node.has_tag_name("testcase")).collect();
    let holding = |tag: &str| {
        cases.iter().filter(|case| case.children().any(|node| node.has_tag_name(tag))).count().to_string()
    };
    assert_eq!(suite.attribute("tests"), Some(cases.len().to_string().as_str()));
    assert_eq!(suite.attribute("failures"), Some(holding("failure").as_str()));
    assert_eq!(suite.attribute("errors"), Some(holding("error").as_str()));
    let tags = |case: &roxmltree::Node<'_, '_>| {
        case.children()
            .filter(roxmltree::Node::is_element)
            .map(|node| node.tag_name().name().to_owned())
            .collect()
    };
    cases.iter().map(|case| (case.attribute("name").unwrap().to_owned(), tags(case))).collect()
}

#[test]
fn junit_fails_a_case_per_finding() {
    for world in worlds() {
        check_junit(&write(Format::Junit, &world));
    }
    let world = world();
    let cases = check_junit(&write(Format::Junit, &world));
    assert_eq!(cases.len(), 4);
    assert!(!cases[0].1.contains(&"failure".to_owned()));
    assert!(cases[1].0.contains("`insert` in src/orders.rs, `iter` in src/report.rs"), "{cases:?}");
    assert!(cases[1..].iter().all(|(_, tags)| tags == &["failure"]), "{cases:?}");
    let nobody = check_junit(&write(Format::Junit, &World::default()));
    assert!(nobody[0].1.contains(&"error".to_owned()));
    let baseline = Baseline::of(&Account::of(&world));
    let known = check_junit(&tell(Format::Junit, &Account { world: &world, baseline: Some(&baseline) }));
    assert!(known[1..].iter().all(|(_, tags)| tags.contains(&"skipped".to_owned())), "{known:?}");
}

#[test]
fn otlp_is_read_by_the_protocols_own_types() {
    for world in worlds() {
        let text = write(Format::Otlp, &world);
        serde_json::from_str::<ExportLogsServiceRequest>(&text)
            .unwrap_or_else(|error| panic!("{error}: {text}"));
    }
    let request: ExportLogsServiceRequest = serde_json::from_str(&write(Format::Otlp, &world())).unwrap();
    let [resource] = &request.resource_logs[..] else { panic!("one process") };
    let records = &resource.scope_logs[0].log_records;
    assert_eq!(records.len(), 4, "three findings and a loss");
    let first = &records[0];
    assert_eq!((first.time_unix_nano, first.severity_number), (1_700_000_006_000_000_000, 17));
    let attribute = |key: &str| {
        let found = first.attributes.iter().find(|attribute| attribute.key == key);
        found.and_then(|found| found.value.clone()?.value)
    };
    let text = |key: &str| match attribute(key) {
        Some(any_value::Value::StringValue(text)) => text,
        other => panic!("{key}: {other:?}"),
    };
    assert_eq!(text("exception.type"), "concurrent-iteration-write");
    assert!(text("exception.message").starts_with("concurrent map iteration and map write: `insert`"));
    assert!(text("exception.stacktrace").contains("shop::settle::run"));
    assert_eq!(text("code.file.path"), "src/orders.rs");
    assert_eq!(text("thread.name"), "worker-17");
    assert_eq!(attribute("code.line.number"), Some(any_value::Value::IntValue(88)));
    let Some(any_value::Value::ArrayValue(sides)) = attribute("mapwatch.sides") else { panic!("no sides") };
    assert_eq!(sides.values.len(), 2);
}

/// Reads a page as a browser's parser would at its strictest: every element closed, nothing loaded.
fn check_page(text: &str) {
    let body = text.strip_prefix("<!DOCTYPE html>").unwrap();
    let closed =
        ["<meta charset", "<meta name", "<meta http"].iter().fold(body.to_owned(), |body, tag| {
            body.split(tag)
                .enumerate()
                .map(|(index, part)| {
                    if index == 0 { part.to_owned() } else { format!("{tag}{}", part.replacen('>', "/>", 1)) }
                })
                .collect()
        });
    let closed = closed.replace("<br>", "<br/>");
    let page = roxmltree::Document::parse(&closed).unwrap_or_else(|error| panic!("{error}"));
    for node in page.descendants().filter(roxmltree::Node::is_element) {
        let name = node.tag_name().name();
        assert!(!matches!(name, "script" | "img" | "link" | "iframe" | "object"), "a <{name}> in the page");
        for attribute in node.attributes() {
            let (key, value) = (attribute.name(), attribute.value());
            assert!(!key.starts_with("on") && key != "src", "{key} in <{name}>");
            assert!(key != "href" || value.starts_with('#'), "{value} is elsewhere");
        }
    }
    assert!(!text.contains("url(") && !text.contains("@import"), "the style loads something");
}

#[test]
fn the_page_stands_alone_and_shows_everything() {
    for world in worlds() {
        check_page(&write(Format::Html, &world));
    }
    let page = write(Format::Html, &world());
    for part in
        ["src/report.rs:41:9", "src/orders.rs:88:9", "shop::settle::run", "task 9", "stock", "1,234 samples"]
    {
        assert!(page.contains(part), "{part}");
    }
    assert!(page.contains("class=\"attempt\"") && page.contains("class=\"arrow\""), "lanes with both sides");
    let waited = write(Format::Html, &recorded(&cancelled_request("1.5")).world);
    check_page(&waited);
    for part in ["waits for carts (write) at src/quote.rs:50", "holds till (lock) at src/quote.rs:48"] {
        assert_eq!(waited.matches(part).count(), 1, "{part}");
    }
    let hostile = write(Format::Html, &hostile());
    assert!(hostile.contains("&lt;img src=x") && !hostile.contains("<img"));
}

#[test]
fn the_format_file_knows_every_field_of_the_stream() {
    let file: Value = lnav::format_file().parse().unwrap();
    let format = &file["mapwatch_log"];
    let values = format["value"].as_object().unwrap();
    for field in format["line-format"].as_array().unwrap().iter().filter_map(|part| part["field"].as_str()) {
        assert!(field.starts_with("__") || values.contains_key(field), "{field} is no value");
    }
    // Every kind of event has one level.
    for kind in Event::KINDS {
        let levels = format["level"].as_object().unwrap().values();
        let named = levels.filter(|level| {
            level.as_str().unwrap().split(['^', '$', '(', ')', '|']).any(|word| word == *kind)
        });
        assert_eq!(named.count(), 1, "{kind}");
    }
}

#[test]
fn the_markdown_is_as_it_was() {
    check_snapshot("report-markdown", &write(Format::Markdown, &world()));
}

#[test]
fn every_format_ends_its_last_line_and_is_named() {
    let model = Model::default();
    for format in Format::ALL {
        assert!(write(format, &model.world).ends_with('\n'), "{format:?}");
        let word = clap::ValueEnum::to_possible_value(&format).unwrap();
        assert_eq!(word.get_name(), format.word());
    }
}
