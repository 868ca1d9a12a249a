//! The JSON report against its published schema, `docs/report.schema.json`: nothing is missing, nothing is wrong, and
//! nothing is told that the schema does not name.
#![allow(clippy::unwrap_used, reason = "a report that cannot be read has failed")]

use super::json;
use crate::baseline::Baseline;
use crate::export::Account;
use crate::model::Model;
use crate::model::program::Ending;
use crate::model::world::World;
use crate::msg::ProgramMsg;
use crate::testing::{Session, busy_shop, cancelled_request, live, program, recorded, shop};
use jsonschema::Validator;
use serde_json::{Value, json};

fn schema() -> Value {
    include_str!("../../../docs/report.schema.json").parse().unwrap()
}

/// The schema lets later versions add keys; our own report has none beside those that it names.
fn close(schema: &mut Value) {
    match schema {
        Value::Object(object) => {
            object.values_mut().for_each(close);
            if object.get("properties").is_some_and(Value::is_object) {
                object.entry("additionalProperties").or_insert(json!(false));
            }
        }
        Value::Array(parts) => parts.iter_mut().for_each(close),
        _ => {}
    }
}

fn closed() -> Validator {
    let mut schema = schema();
    close(&mut schema);
    jsonschema::draft202012::options().build(&schema).unwrap()
}

fn errors(schema: &Validator, report: &Value) -> Vec<String> {
    schema.iter_errors(report).map(|error| format!("{}: {error}", error.instance_path())).collect()
}

fn check(world: &World, schema: &Validator) {
    let account = Account::of(world);
    let baseline = Baseline::of(&account);
    for account in [account, Account { world, baseline: Some(&baseline) }] {
        let errors = errors(schema, &json::object(&account));
        assert!(errors.is_empty(), "{errors:#?}");
    }
}

#[test]
fn the_report_keeps_to_its_schema() {
    let schema = closed();
    check(&World::default(), &schema);
    check(&recorded(&shop()).world, &schema);
    check(&recorded(&busy_shop()).world, &schema);
    check(&live(&busy_shop()).world, &schema);
    check(&recorded(&cancelled_request("1.4")).world, &schema);
    check(&recorded(&cancelled_request("1.5")).world, &schema);
    check(&crate::export::tests::hostile(), &schema);
    let mut garbage = busy_shop();
    garbage.raw(b"no line\n").end(10_000);
    check(&recorded(&garbage).world, &schema);
    for ending in [Ending::Code(3), Ending::Signal(9, "SIGKILL".into()), Ending::Unknown] {
        let mut model = Model::default();
        program(&mut model, ProgramMsg::Started { pid: 9, command: "/bin/shop".into() });
        program(&mut model, ProgramMsg::Ended(ending));
        check(&model.world, &schema);
    }
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/recordings");
    for entry in std::fs::read_dir(folder).unwrap() {
        let mut session = Session::new(0, "");
        session.bytes = std::fs::read(entry.unwrap().path()).unwrap();
        check(&recorded(&session).world, &schema);
    }
}

/// A schema that takes anything would have passed all of the above.
#[test]
fn the_schema_refuses_what_is_no_report() {
    let schema = closed();
    let report = json::object(&Account::of(&recorded(&busy_shop()).world));
    let check = |spoil: &dyn Fn(&mut Value)| {
        let mut report = report.clone();
        spoil(&mut report);
        assert_eq!(errors(&schema, &report).len(), 1, "{:?}", errors(&schema, &report));
    };
    check(&|report| report["findings"][0]["grade"] = json!("sure"));
    check(&|report| report["findings"][0]["sites"][0]["line"] = json!("41"));
    check(&|report| report["findings"][0]["map"]["site"] = json!(null));
    check(&|report| report["panics"][0]["confidence"] = json!(101));
    check(&|report| report["maps"][0]["bytes"] = json!(-1));
    check(&|report| report["processes"][0]["more"] = json!(1));
    check(&|report| report["schema"] = json!("2.0"));
    check(&|report| {
        report.as_object_mut().unwrap().remove("lost");
    });
}

/// Everything that the schema names has an example in the tests above, or it would be a promise that nobody keeps.
#[test]
fn every_list_of_the_report_is_tried_with_something_in_it() {
    let mut garbage = busy_shop();
    garbage.raw(b"no line\n");
    let report = json::object(&Account::of(&recorded(&garbage).world));
    for list in ["findings", "panics", "lives", "ends", "unread", "processes", "maps"] {
        assert!(!report[list].as_array().unwrap().is_empty(), "{list}");
    }
    for list in ["sites", "history", "processes"] {
        assert!(!report["findings"][0][list].as_array().unwrap().is_empty(), "{list}");
    }
    let report = json::object(&Account::of(&recorded(&cancelled_request("1.5")).world));
    for list in ["waited", "gave_back", "sentences"] {
        assert!(!report["ends"][0][list].as_array().unwrap().is_empty(), "{list}");
    }
    let report = json::object(&Account::of(&recorded(&crate::testing::half_done_request()).world));
    for list in ["kept", "left"] {
        assert!(!report["ends"][0][list].as_array().unwrap().is_empty(), "{list}");
    }
}
