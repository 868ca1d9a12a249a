//! How a life ended: in plain words why it was cancelled, what it was doing, what it held, what it left half done.
//!
//! What the stream does not tell is said to be unknown: nobody should have to guess whether a blank means "no".

use super::doc::{Lines, labelled, labelled_path, rule};
use super::{View, tasks};
use crate::model::life::TaskRow;
use crate::model::spells::{Is, Over, Spell};
use mapwatch_event::task::Cancelled;
use mapwatch_event::{CancelKind, Category, Ending, MapId, TaskState};

const LABEL: usize = 10;

/// The lines about its end; none while it has not come.
#[must_use]
pub fn lines(view: &View<'_>, row: &TaskRow<'_>) -> Lines {
    let theme = view.theme;
    let Some((at, ending)) = row.known.ending else { return Vec::new() };
    let was_cut_short = matches!(ending, Ending::Cancelled | Ending::NeverPolled | Ending::Leaked);
    let title = match ending {
        Ending::Cancelled | Ending::NeverPolled => "End: why it was cancelled",
        _ => "End",
    };
    let mut lines = vec![rule(view, title)];
    let word = row.doing().word();
    lines.extend(labelled(view, "how", LABEL, &format!("{word} at {at}"), tasks::style(view, row.doing())));
    match &row.life.cancelled {
        Some(cancelled) => lines.extend(cancellation(view, row, cancelled)),
        None if was_cut_short && ending != Ending::Leaked => {
            lines.extend(labelled(
                view,
                "why",
                LABEL,
                "the stream does not say who or what dropped it",
                theme.text(),
            ));
        }
        None => {}
    }
    if was_cut_short {
        lines.extend(last_state(view, row));
        lines.extend(labelled(view, "left", LABEL, &left_behind(view, row), theme.text()));
    }
    lines
}

/// Why, by whom, and where.
fn cancellation(view: &View<'_>, row: &TaskRow<'_>, cancelled: &Cancelled) -> Lines {
    let theme = view.theme;
    let in_vain = matches!(row.known.ending, Some((_, Ending::Completed | Ending::Panicked)));
    let why =
        if in_vain { "somebody aborted it, which came too late to stop it" } else { reason(cancelled.kind) };
    let mut lines = labelled(view, "why", LABEL, why, theme.trouble());
    let by = cancelled.actor.map(|actor| row.session.actors.title(actor));
    lines.extend(labelled(view, "by", LABEL, by.as_deref().unwrap_or("not known"), theme.strong()));
    match cancelled.site {
        Some(site) => {
            lines.push(labelled_path(view, "where", LABEL, &row.session.site_text(site), theme.accent()));
        }
        None => lines.extend(labelled(
            view,
            "where",
            LABEL,
            "no line of your code is known for it",
            theme.quiet(),
        )),
    }
    lines
}

/// What a kind of cancellation is, as a sentence.
#[must_use]
pub fn reason(kind: CancelKind) -> &'static str {
    match kind {
        CancelKind::Abort => "somebody called abort on it, or dropped or shut down the set that it was in",
        CancelKind::Select => "it lost a race: another branch of a select! (or the like) was done first",
        CancelKind::Timeout => "its time was up: the timeout around it passed, and dropped it",
        CancelKind::Shutdown => "its runtime shut down while it was under way",
        _ => "whoever owned its future dropped it before it was done",
    }
}

/// What it was doing, and what it held.
fn last_state(view: &View<'_>, row: &TaskRow<'_>) -> Lines {
    let theme = view.theme;
    let broken = |is: Is| -> Vec<&Spell> {
        let all = row.life.spells().iter();
        all.filter(|spell| spell.is == is && matches!(spell.over, Some((_, Over::WithItsLife)))).collect()
    };
    let mut lines = Vec::new();
    let (waited, gave_back) = (broken(Is::Waiting), broken(Is::Holding));
    for spell in &waited {
        let behind = spell.behind.map(|id| format!(", behind {}", row.session.actors.title(id)));
        let operation = spell.operation.map_or_else(String::new, |operation| format!("to {operation} "));
        let text = format!(
            "it had waited {operation}{} for {}{}; that wait ended with it",
            row.map_title(spell.map),
            spell.length(row.now),
            behind.unwrap_or_default()
        );
        lines.extend(labelled(view, "was doing", LABEL, &text, theme.text()));
        lines.push(labelled_path(view, "", LABEL, &row.session.site_text(spell.site), theme.quiet()));
    }
    if waited.is_empty() {
        lines.extend(labelled(view, "was doing", LABEL, &unawaited(row), theme.text()));
    }
    for spell in &gave_back {
        let text = format!(
            "a guard of {}, for {}; it was given back as the task was dropped",
            row.map_title(spell.map),
            spell.length(row.now)
        );
        lines.extend(labelled(view, "held", LABEL, &text, theme.text()));
        lines.push(labelled_path(view, "", LABEL, &row.session.site_text(spell.site), theme.quiet()));
    }
    let told = |map: &MapId| gave_back.iter().any(|spell| spell.map == *map);
    let outlived = &row.life.spells().outlived;
    for map in row.life.holding.iter().filter(|map| !told(map)) {
        let fate = if outlived.contains(map) {
            "it outlived the task: it was forgotten, or given to somebody else"
        } else {
            "what became of it was not told before schema 1.5"
        };
        let text = format!("a guard of {}; {fate}", row.map_title(*map));
        lines.extend(labelled(view, "held", LABEL, &text, theme.trouble()));
    }
    if gave_back.is_empty() && row.life.holding.is_empty() {
        lines.extend(labelled(view, "held", LABEL, "no guard of a watched map or lock", theme.text()));
    }
    lines
}

/// What it was doing, where it waited for no guard.
fn unawaited(row: &TaskRow<'_>) -> String {
    if row.life.polls.count == 0 {
        return "nothing: no thread had begun with it".to_owned();
    }
    match row.life.state {
        TaskState::Running => {
            format!("it ran when it was last heard of, since {}", row.life.since)
        }
        TaskState::Woken => "it was woken, and no thread had gone on with it".to_owned(),
        TaskState::Stranded => {
            "it was suspended at an .await, and nobody was left who could wake it".to_owned()
        }
        _ => {
            "it was suspended at an .await that waits for no watched guard; for what, the stream does not say"
                .to_owned()
        }
    }
}

/// What was found half done behind it.
fn left_behind(view: &View<'_>, row: &TaskRow<'_>) -> String {
    let is_half = |category| {
        matches!(category, Category::LeakedEntry | Category::CancelledMidUpdate | Category::AccessAfterCancel)
    };
    let found = view.model.findings().filter(|finding| {
        finding.last_seen.session == row.session.id
            && is_half(finding.category())
            && finding.latest.sides.iter().any(|side| side.actor.id == row.id)
    });
    let found: Vec<String> = found.map(|finding| crate::model::findings::happened(&finding.latest)).collect();
    match (found.is_empty(), row.session.is_live()) {
        (false, _) => found.join("; "),
        (true, true) => {
            "nothing half done that is known so far; such updates are told when the program ends".to_owned()
        }
        (true, false) => "nothing half done that was found".to_owned(),
    }
}
