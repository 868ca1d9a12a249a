//! JUnit XML: what CI servers show as a list of tests.
//!
//! One suite; its first case says whether anybody was heard at all. A finding is a case of its own that fails;
//! one that the baseline knows is skipped, and a note passes. Names hold no line and no number of an actor, so
//! that a server recognises the case in the next run.

use super::{Account, Standing, Told};
use crate::report::text;
use mapwatch_event::{Grade, Report as Words};
use quick_junit::{NonSuccessKind, Report, TestCase, TestCaseStatus, TestSuite};

/// The whole document, newline at its end.
#[must_use]
pub fn tell(account: &Account<'_>) -> String {
    let mut suite = TestSuite::new("mapwatch");
    suite.add_test_case(looked(account));
    for told in account.findings() {
        suite.add_test_case(case(account, &told));
    }
    let mut report = Report::new("mapview");
    report.add_test_suite(suite);
    // Writing to a string does not fail.
    report.to_string().unwrap_or_default()
}

/// Whether somebody was there to look at.
fn looked(account: &Account<'_>) -> TestCase {
    let verdict = text::verdict(account.world);
    let mut status = TestCaseStatus::success();
    if account.world.heard_nobody() {
        status = TestCaseStatus::non_success(NonSuccessKind::Error);
        status.set_type("could-not-look").set_message(verdict.as_str());
    } else if account.world.findings.dropped > 0 {
        status = TestCaseStatus::non_success(NonSuccessKind::Failure);
        status.set_type("too-many-findings").set_message(verdict.as_str());
    }
    let mut case = TestCase::new("a watched program was heard", status);
    let processes: Vec<String> =
        account.world.sessions.values().map(|session| text::process(session)).collect();
    case.set_classname("mapwatch").set_system_out(format!("{verdict}\n{}", processes.join("\n")));
    case
}

fn case(account: &Account<'_>, told: &Told<'_>) -> TestCase {
    let conflict = told.conflict();
    let headline = told.headline();
    let body =
        format!("{}      seen  {}\n", Words::new(conflict), text::sightings(account.world, told.finding));
    let passes = told.finding.grade == Grade::Note;
    let mut status = match told.standing {
        Standing::Known => TestCaseStatus::skipped(),
        Standing::New if passes => TestCaseStatus::success(),
        Standing::New => TestCaseStatus::non_success(NonSuccessKind::Failure),
    };
    match &status {
        TestCaseStatus::Success { .. } => {}
        TestCaseStatus::Skipped { .. } => {
            status.set_message(format!("known: in the baseline as {}", told.fingerprint));
        }
        TestCaseStatus::NonSuccess { .. } => {
            status.set_message(headline).set_type(conflict.category.code()).set_description(body.as_str());
        }
    }
    let failed = matches!(status, TestCaseStatus::NonSuccess { .. });
    let mut case = TestCase::new(format!("{} [{}]", told.name(), told.fingerprint), status);
    case.set_classname(format!("mapwatch.{}", conflict.category.code()));
    if let Some(attempt) = conflict.attempt() {
        case.extra.insert("file".into(), attempt.site.file.as_str().into());
        case.extra.insert("line".into(), attempt.site.line.to_string().into());
    }
    if !failed {
        case.set_system_out(body);
    }
    case
}
