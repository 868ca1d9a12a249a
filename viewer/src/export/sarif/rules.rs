//! A category as a rule: what goes on, and what cures it.

use mapwatch_event::{Category, Grade};
use serde_json::{Value, json};

/// A `reportingDescriptor`.
pub(super) fn rule(category: Category) -> Value {
    let grade = category.grade();
    let help =
        format!("{}.\n\nCure: {}.\n\nGrade {grade}: {}.", describe(category), cure(category), meaning(grade));
    let markdown = format!(
        "**{}**\n\n{}.\n\n**Cure:** {}.\n\n*Grade {grade}:* {}.",
        category.title(),
        describe(category),
        cure(category),
        meaning(grade)
    );
    json!({
        "id": category.code(),
        "name": pascal(category.code()),
        "shortDescription": { "text": category.title() },
        "fullDescription": { "text": format!("{}.", describe(category)) },
        "help": { "text": help, "markdown": markdown },
        "defaultConfiguration": { "level": level(grade) },
        "properties": {
            "tags": ["concurrency", "reliability", grade.word()],
            "precision": precision(grade),
            "problem.severity": severity(grade),
        },
    })
}

/// SARIF's word for a grade.
pub(super) fn level(grade: Grade) -> &'static str {
    match grade {
        Grade::Certain | Grade::Logged => "error",
        Grade::Hazard | Grade::Suspect => "warning",
        Grade::Note => "note",
    }
}

fn precision(grade: Grade) -> &'static str {
    match grade {
        Grade::Certain | Grade::Logged => "very-high",
        Grade::Hazard => "high",
        Grade::Suspect | Grade::Note => "medium",
    }
}

fn severity(grade: Grade) -> &'static str {
    match grade {
        Grade::Certain | Grade::Logged => "error",
        Grade::Hazard | Grade::Suspect => "warning",
        Grade::Note => "recommendation",
    }
}

fn meaning(grade: Grade) -> &'static str {
    match grade {
        Grade::Certain => "what was seen cannot be right, with any luck",
        Grade::Hazard => "nothing failed this time; with other luck it would",
        Grade::Suspect => "a logical race that was seen to happen; whether it matters depends on the program",
        Grade::Note => "worth knowing; nothing is wrong yet",
        Grade::Logged => "seen in a log, not by a watched map",
    }
}

fn cure(category: Category) -> &'static str {
    if category.cure().is_empty() { "depends on the program" } else { category.cure() }
}

/// What happens, in a sentence without its full stop.
fn describe(category: Category) -> &'static str {
    match category {
        Category::ConcurrentWrites => "Two actors changed one map that nothing synchronises at the same time",
        Category::ConcurrentReadWrite => {
            "One actor read a map that nothing synchronises while another one changed it"
        }
        Category::ConcurrentIterationWrite => {
            "A map was changed while somebody iterated over it; the iterator would have walked a table that moved"
        }
        Category::ReentrantBorrow => {
            "A cell was borrowed again while a borrow that excludes it was alive, by the same thread"
        }
        Category::SelfDeadlock => "An actor waits for a guard that it holds itself: it would wait forever",
        Category::SelfDeadlockHazard => {
            "An actor called into a sharded map while it held a guard of the same map on another shard: had the \
             keys shared a shard, it would have waited forever"
        }
        Category::RecursiveRead => {
            "A read lock was taken again while the same actor held it: a writer that comes between waits for the \
             first, and the second waits for the writer"
        }
        Category::Deadlock => "Actors wait for each other in a circle; none of them can go on",
        Category::LockOrderInversion => {
            "Two locks were taken in one order here and in the other there: with other timing, both wait forever"
        }
        Category::GuardAcrossAwait => {
            "A guard stayed alive while its task was suspended: whoever needs it on the same executor thread waits \
             for a task that cannot run"
        }
        Category::CheckThenAct => {
            "An actor looked and acted on what it saw, and another one changed that in between"
        }
        Category::LostUpdate => "A value was read, and written back after somebody else had written it",
        Category::InitRace => "Two actors found an entry missing, and both made it",
        Category::StaleSnapshot => "A decision was made on a snapshot that was no longer the current one",
        Category::CancelledMidUpdate => "A task was cancelled between two steps that belong together",
        Category::LeakedEntry => "A task that always removes its entry ended without doing so",
        Category::AccessAfterCancel => "A task went on using a map after it was told to stop",
        Category::DanglingReference => "A reference into a map was used after the map had moved its entries",
        Category::HeaderCorruption => "Something wrote over the words before or in a map",
        Category::UninitialisedMap => "A map was written to before it was made",
        Category::Stall => "A call waited longer than the limit for a guard",
        Category::ShardSkew => "Most keys fall into few shards, so that their locks are contended",
        Category::UnboundedGrowth => "A map only ever grew",
        Category::WeakIteration => "Entries came or went while a map was iterated over, which it allows",
        _ => "A failure seen in a log",
    }
}

/// `concurrent-writes` as `ConcurrentWrites`.
fn pascal(code: &str) -> String {
    let word = |word: &str| {
        let mut chars = word.chars();
        let first = chars.next().map(|c| c.to_ascii_uppercase());
        first.into_iter().chain(chars).collect::<String>()
    };
    code.split('-').map(word).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_map_sees_itself_has_a_description() {
        for category in Category::ALL.iter().filter(|category| category.grade() != Grade::Logged) {
            assert_ne!(describe(*category), "A failure seen in a log", "{category}");
        }
        assert_eq!(pascal("check-then-act"), "CheckThenAct");
    }
}
