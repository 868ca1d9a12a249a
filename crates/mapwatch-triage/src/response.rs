//! What to do next about a group, as a person on call would want it, and how that was decided.

use crate::group::Group;
use crate::knowledge;
use crate::report::Kind;
use crate::summary::{AlarmKind, State, Summary};
use mapwatch_event::Category;

/// The next step for a group.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Response {
    /// What to do, in a sentence.
    pub step: String,
    /// The questions that were asked and their answers, in order: what `--explain` shows.
    pub flow: Vec<String>,
}

/// Decides the next step for a group of a summary.
#[must_use]
pub fn to(group: &Group, summary: &Summary) -> Response {
    let mut response = Response::default();
    let mut ask = |question: &str, answer: &str| response.flow.push(format!("{question} {answer}"));
    let alarm = |kind| {
        summary
            .alarms
            .iter()
            .find(|alarm| alarm.kind == kind && alarm.fingerprint.as_deref() == Some(&group.fingerprint))
    };
    let looping = alarm(AlarmKind::RestartLoop);
    ask(
        "does the process die of it again and again?",
        looping.map_or("not seen", |alarm| alarm.text.as_str()),
    );
    if looping.is_some() {
        response.step =
            format!("stop the restart loop first (roll back, or scale to zero), then {}", look(group));
        return response;
    }
    let rising = alarm(AlarmKind::Rate);
    let rate = match (rising, group.peak_per_minute) {
        (Some(alarm), _) => alarm.text.clone(),
        (None, Some(peak)) => format!("no, {peak} a minute at most"),
        (None, None) => "unknown, the reports have no stamps".to_owned(),
    };
    ask("is it above the rate of the alarm?", &rate);
    if rising.is_some() {
        response.step = format!("page the owner and freeze deployments; {}", look(group));
        return response;
    }
    if group.kind == Kind::Exit {
        ask("is there a report beside it?", "no, only the end of the process");
        response.step = first_sentence(knowledge::of(group.category).confirm).to_owned();
        return response;
    }
    let known = summary.known.get(&group.fingerprint);
    if let Some(known) = known {
        let since = known.first_seen.map(crate::time::iso).unwrap_or_default();
        let answer = match known.state {
            State::New => "no, it is new".to_owned(),
            state => format!("{}, {} in all since {since}", state.word(), known.count),
        };
        ask("was it seen before?", &answer);
    }
    ask(
        "where does it come from?",
        if group.location.is_some() { "the report names a place" } else { "the report names no place" },
    );
    let sure = if group.confidence >= 80 { "yes" } else { "no, its words alone are known" };
    ask("is its category sure?", &format!("{sure} ({} %: {})", group.confidence, group.reason));
    let prefix = match known.map(|known| known.state) {
        Some(State::New) => "it is new, so ask what changed; ",
        Some(State::Regressed) => "it is back, so ask what undid the fix; ",
        _ => "",
    };
    response.step = prefix.to_owned()
        + &match group.category {
            Category::ExplicitPanic | Category::AppInvariant => {
                format!("{}: the program's own words say what was expected", look(group))
            }
            category => format!("{}; {}", look(group), lower(knowledge::of(category).cure)),
        };
    response
}

/// Where to look, as an instruction.
fn look(group: &Group) -> String {
    let frame = crate::parse::frames::last_segment(&group.top_frame);
    match (&group.location, frame) {
        (Some(_), "") => format!("look at {}", group.place()),
        (Some(_), frame) => format!("look at `{frame}` ({})", group.place()),
        (None, "") => "run it again with RUST_BACKTRACE=1 (or GOTRACEBACK=all) to learn where".to_owned(),
        (None, frame) => format!("look at `{frame}`"),
    }
}

fn first_sentence(text: &str) -> &str {
    text.split_inclusive(". ").next().unwrap_or(text).trim()
}

fn lower(text: &str) -> String {
    let mut chars = text.chars();
    let first = chars.next().map(|c| c.to_lowercase().to_string()).unwrap_or_default();
    first + chars.as_str()
}
